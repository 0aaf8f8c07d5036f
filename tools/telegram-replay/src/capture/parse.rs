//! The grammar, line by line, with nom.

mod statement;
mod value;
mod word;

use std::borrow::Cow;
use std::collections::HashSet;

use codec::frame::Framing;
use nom::branch::alt;
use nom::bytes::complete::tag;
use nom::character::complete::{char, space0};
use nom::combinator::{all_consuming, cut, map, map_opt, value as constant, verify};
use nom::error::context;
use nom::multi::fold_many0;
use nom::sequence::{delimited, preceded, terminated};
use nom::{Finish, IResult, Parser};

use super::{Assignment, Capture, CaptureError, Expect, Send, Statement, Step, Value};
use super::{MAX_FILE_BYTES, MAX_LINE_BYTES};
use statement::statement;
pub(super) use value::bare_char;
use word::{Trouble, another_word, end_of_word, gap, name, tail};

pub(super) fn capture(file: &str, bytes: &[u8]) -> Result<Capture, CaptureError> {
    let fail = |line: usize, column: usize, expected: &str, found: &str| CaptureError {
        file: file.to_owned(),
        line,
        column,
        expected: expected.to_owned(),
        found: found.to_owned(),
    };
    if bytes.len() > MAX_FILE_BYTES {
        return Err(fail(1, 1, "a capture of at most 16 MiB", "a longer file"));
    }
    let text =
        readable(bytes).ok_or_else(|| fail(1, 1, "text in the charset that line 1 names", "other bytes"))?;
    let mut header = None;
    let mut steps = Vec::new();
    let mut labels = HashSet::new();
    let mut line_number = 0;
    for line in text.lines() {
        line_number += 1;
        let at = |trouble: Trouble<'_>| {
            let column = line[..line.len() - trouble.rest.len()].chars().count() + 1;
            let found =
                trouble.rest.chars().next().map_or("the end of the line".to_owned(), |c| format!("{c:?}"));
            fail(line_number, column, trouble.expected, &found)
        };
        if line.len() > MAX_LINE_BYTES {
            return Err(fail(line_number, 1, "a line of at most 64 KiB", "a longer line"));
        }
        if tail(line).finish().is_ok() {
            continue;
        }
        let Some(Header { handshake, .. }) = header else {
            let read = whole(first_line, line).map_err(at)?;
            if read.handshake && read.framing != Framing::StxLrc {
                return Err(fail(line_number, 1, "framing=stx-lrc with handshake=true", "another framing"));
            }
            header = Some(read);
            continue;
        };
        let statement = whole(statement, line).map_err(at)?;
        if !handshake && let Some(word) = only_with_handshake(&statement) {
            let column = column_of(line, word);
            return Err(fail(line_number, column, "handshake=true in the first line for this", "none"));
        }
        check_labels(&statement, &mut labels).map_err(|(label, expected, found)| {
            fail(line_number, column_of(line, &label), expected, found)
        })?;
        steps.push(Step { line: line_number, statement });
    }
    let Header { framing, handshake } = header.ok_or_else(|| {
        fail(line_number.max(1), 1, "the line `telegram-capture 1 …`", "the end of the file")
    })?;
    Ok(Capture { framing, handshake, steps })
}

/// The file as text: its header is ASCII in either charset, so it can be looked at first.
fn readable(bytes: &[u8]) -> Option<Cow<'_, str>> {
    let header = bytes.split(|&b| b == b'\n').find(|line| line.starts_with(b"telegram-capture"));
    let euc_kr = header.is_some_and(|line| line.windows(14).any(|w| w == b"charset=euc-kr"));
    if euc_kr {
        encoding_rs::EUC_KR.decode_without_bom_handling_and_without_replacement(bytes)
    } else {
        std::str::from_utf8(bytes).ok().map(Cow::Borrowed)
    }
}

fn whole<'a, T>(
    parser: impl FnMut(&'a str) -> IResult<&'a str, T, Trouble<'a>>,
    line: &'a str,
) -> Result<T, Trouble<'a>> {
    all_consuming(delimited(space0, parser, tail)).parse(line).finish().map(|(_, parsed)| parsed)
}

/// The word of a statement that means nothing without the handshake.
fn only_with_handshake(statement: &Statement) -> Option<&'static str> {
    match statement {
        Statement::Next(_) => Some("next"),
        Statement::Expect(Expect::Eot) => Some("eot"),
        Statement::Expect(Expect::Answer { .. } | Expect::Closed | Expect::Nothing(_))
        | Statement::Send(_)
        | Statement::Default { .. }
        | Statement::Say(_)
        | Statement::Close
        | Statement::Wait(_) => None,
    }
}

/// A label is defined once, and named only after that.
fn check_labels(
    statement: &Statement,
    labels: &mut HashSet<String>,
) -> Result<(), (String, &'static str, &'static str)> {
    let defined = |label: &str, word: String| {
        if labels.contains(label) {
            return Ok(());
        }
        Err((word, "a label defined above", "an unknown one"))
    };
    for Assignment { value, .. } in fields(statement) {
        if let Value::Of(reference) = value {
            defined(&reference.label, format!("@{}", reference.label))?;
        }
    }
    match statement {
        Statement::Send(Send::Fields { label, .. }) => {
            if labels.insert(label.clone()) {
                return Ok(());
            }
            Err((label.clone(), "a label not used above", "one that is"))
        }
        Statement::Send(Send::Again { label })
        | Statement::Expect(Expect::Answer { of: Some(label), .. }) => defined(label, label.clone()),
        Statement::Send(Send::Text(_) | Send::Hex(_) | Send::Raw(_))
        | Statement::Expect(
            Expect::Answer { of: None, .. } | Expect::Closed | Expect::Eot | Expect::Nothing(_),
        )
        | Statement::Default { .. }
        | Statement::Say(_)
        | Statement::Next(_)
        | Statement::Close
        | Statement::Wait(_) => Ok(()),
    }
}

/// The values that a statement gives or expects.
fn fields(statement: &Statement) -> &[Assignment] {
    match statement {
        Statement::Default { fields, .. }
        | Statement::Send(Send::Fields { fields, .. })
        | Statement::Expect(Expect::Answer { fields, .. }) => fields,
        Statement::Send(Send::Again { .. } | Send::Text(_) | Send::Hex(_) | Send::Raw(_))
        | Statement::Expect(Expect::Closed | Expect::Eot | Expect::Nothing(_))
        | Statement::Say(_)
        | Statement::Next(_)
        | Statement::Close
        | Statement::Wait(_) => &[],
    }
}

/// The column of a word in its line: a label, or `@` and the label of a reference.
fn column_of(line: &str, word: &str) -> usize {
    let mut searched = 0;
    while let Some(found) = line[searched..].find(word) {
        let start = searched + found;
        let end = start + word.len();
        let (before, after) = (line[..start].chars().next_back(), line[end..].chars().next());
        let stands = if word.starts_with('@') {
            before == Some('=') && after == Some('.')
        } else {
            before.is_none_or(char::is_whitespace) && after.is_none_or(|c| c.is_whitespace() || c == '#')
        };
        if stands {
            return line[..start].chars().count() + 1;
        }
        searched = end;
    }
    1
}

/// What the first line says of the wire.
#[derive(Debug, Clone, Copy)]
struct Header {
    framing: Framing,
    handshake: bool,
}

fn first_line(input: &str) -> IResult<&str, Header, Trouble<'_>> {
    let (input, _) = context("the line `telegram-capture 1 …`", tag("telegram-capture")).parse(input)?;
    let (input, ()) = gap(input)?;
    let (input, _) = context("format version 1", terminated(char('1'), end_of_word)).parse(input)?;
    let option = preceded(
        another_word,
        cut(context(
            "framing=, handshake= or charset=",
            alt((
                map(preceded(tag("framing="), cut(framing)), HeaderOption::Framing),
                map(preceded(tag("handshake="), cut(truth)), HeaderOption::Handshake),
                map(preceded(tag("charset="), cut(charset)), |()| HeaderOption::Charset),
            )),
        )),
    );
    let silent = || Header { framing: Framing::Ascii4, handshake: false };
    let apply = |header: Header, option| match option {
        HeaderOption::Framing(framing) => Header { framing, ..header },
        HeaderOption::Handshake(handshake) => Header { handshake, ..header },
        // The file was decoded by it before anything was parsed.
        HeaderOption::Charset => header,
    };
    fold_many0(option, silent, apply).parse(input)
}

enum HeaderOption {
    Framing(Framing),
    Handshake(bool),
    Charset,
}

fn truth(input: &str) -> IResult<&str, bool, Trouble<'_>> {
    context("true or false", map_opt(name, |name: &str| name.parse().ok())).parse(input)
}

fn framing(input: &str) -> IResult<&str, Framing, Trouble<'_>> {
    context(
        "ascii4, ascii4-inclusive, binary2, binary2-inclusive or stx-lrc",
        map_opt(name, |name: &str| name.parse().ok()),
    )
    .parse(input)
}

fn charset(input: &str) -> IResult<&str, (), Trouble<'_>> {
    context("utf-8 or euc-kr", constant((), verify(name, |name: &str| matches!(name, "utf-8" | "euc-kr"))))
        .parse(input)
}
