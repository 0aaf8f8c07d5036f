//! Reads a file to its end in spite of what is wrong with it, so that everything is told at once, or as much of it as anybody mends.

use std::ops::Range;

use serde::Deserialize as _;
use toml::{
    Spanned,
    de::{DeArray, DeTable, DeValue, Deserializer, Error},
};

use super::{Problem, file::File, problem::TOLD, shown::is_shown};

/// As much of a file as could be read.
pub(super) struct Read {
    /// What is left of it without what is wrong; `None` where that is no configuration.
    pub(super) file: Option<File>,
    /// What is wrong with its form.
    pub(super) problems: Vec<Problem>,
    /// What something was taken out of, as bytes of the file: what is amiss with its rest may follow from that.
    pub(super) incomplete: Vec<Range<usize>>,
    /// The names of all sections of acquirers, those that could not be read among them.
    pub(super) acquirers: Vec<String>,
}

/// Takes out what is wrong, and reads again, until nothing is.
pub(super) fn read(text: &str) -> Read {
    let (root, errors) = DeTable::parse_recoverable(text);
    let acquirers = root.get_ref().get("acquirers").and_then(|acquirers| match acquirers.get_ref() {
        DeValue::Table(table) => Some(table.keys().map(|name| name.get_ref().to_string()).collect()),
        DeValue::String(_)
        | DeValue::Integer(_)
        | DeValue::Float(_)
        | DeValue::Boolean(_)
        | DeValue::Datetime(_)
        | DeValue::Array(_) => None,
    });
    let mut read = Read {
        file: None,
        problems: Vec::new(),
        incomplete: Vec::new(),
        acquirers: acquirers.unwrap_or_default(),
    };
    if !errors.is_empty() {
        read.problems = errors.iter().map(|error| problem(error, true)).collect();
        read.problems.sort_by_key(|problem| problem.span.start);
        // What follows on the same line follows from the first.
        let between =
            |from: usize, to: usize| text.as_bytes().get(from..to.min(text.len())).unwrap_or_default();
        read.problems.dedup_by(|later, first| !between(first.span.start, later.span.start).contains(&b'\n'));
        return read;
    }
    let mut root = root;
    // No more of them would be told, and the file is read anew for each.
    while read.problems.len() < TOLD {
        let error = match File::deserialize(Deserializer::from(root.clone())) {
            Ok(file) => {
                read.file = Some(file);
                break;
            }
            Err(error) => error,
        };
        let at = error.span().unwrap_or(0..0);
        // What was taken out may be what is missing, by another name or in another form.
        let is_incomplete = read.incomplete.contains(&at);
        let follows = is_incomplete && error.message().starts_with("missing field");
        if !follows {
            read.problems.push(problem(&error, is_shown(root.get_ref(), &at)));
        }
        let whole = root.span();
        let Some(parent) = take_out_of_table(root.get_mut(), &whole, &at) else { break };
        read.incomplete.push(parent);
    }
    read
}

/// What an error says, without the value it may have found where that is nobody's to see.
fn problem(error: &Error, shows_value: bool) -> Problem {
    let message = error.message();
    let message = if shows_value { message.to_owned() } else { without_value(message) };
    // The names of our types mean nothing to whoever wrote the file.
    let in_words = [
        ("expected usize", "expected a whole number from 0"),
        ("expected u64", "expected a whole number from 0"),
        ("expected u32", "expected a whole number from 0 to 4294967295"),
        ("expected u8", "expected a whole number from 0 to 255"),
    ];
    let words = in_words.into_iter().find_map(|(ours, words)| Some((message.strip_suffix(ours)?, words)));
    let message = words.map(|(found, words)| format!("{found}{words}")).unwrap_or(message);
    Problem::new(error.span().unwrap_or(0..0), message)
}

/// ``invalid type: string "…", expected a map`` without what stands between its quotes.
fn without_value(message: &str) -> String {
    let wrong = ["invalid type: ", "invalid value: "].into_iter().find(|wrong| message.starts_with(wrong));
    let found = wrong.and_then(|wrong| Some((wrong, message[wrong.len()..].rsplit_once(", expected ")?)));
    let Some((wrong, (found, expected))) = found else { return message.to_owned() };
    let kind = found.split(['"', '`']).next().unwrap_or_default().trim_end();
    format!("{wrong}{kind}, expected {expected}")
}

/// Takes out the entry that stands at these bytes, by its key or its value. Tells what it was taken out of.
fn take_out_of_table(
    table: &mut DeTable<'_>,
    span: &Range<usize>,
    at: &Range<usize>,
) -> Option<Range<usize>> {
    for (_, value) in table.iter_mut() {
        if let Some(taken) = take_out_of_value(value, at) {
            return Some(taken);
        }
    }
    let stands_there = |(key, value): &(&Spanned<_>, &Spanned<_>)| key.span() == *at || value.span() == *at;
    let key = table.iter().find(stands_there).map(|(key, _)| key.get_ref().to_string())?;
    table.remove(key.as_str());
    Some(span.clone())
}

fn take_out_of_value(value: &mut Spanned<DeValue<'_>>, at: &Range<usize>) -> Option<Range<usize>> {
    let span = value.span();
    match value.get_mut() {
        DeValue::Table(table) => take_out_of_table(table, &span, at),
        DeValue::Array(array) => {
            for element in array.iter_mut() {
                if let Some(taken) = take_out_of_value(element, at) {
                    return Some(taken);
                }
            }
            let index = array.iter().position(|element| element.span() == *at)?;
            let mut left = DeArray::new();
            for (_, element) in array.iter().enumerate().filter(|(place, _)| *place != index) {
                left.push(element.clone());
            }
            *array = left;
            Some(span)
        }
        DeValue::String(_)
        | DeValue::Integer(_)
        | DeValue::Float(_)
        | DeValue::Boolean(_)
        | DeValue::Datetime(_) => None,
    }
}
