//! What of a configuration people are shown: reports show the lines around a problem, and secrets stand in such a file, also under misspelled names, at
//! wrong places, in comments, or behind a quote that is missing. So values are shown of keys that are known and no secrets, and of nothing else;
//! and what may be a card number, or a URL with a password in it, is shown nowhere.

use std::ops::Range;

use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use super::card_numbers::may_be_in;

/// Where keys stand (`*`: any name) and which of them may be shown with their values (`*`: any with a number).
const SHOWN: &[(&[&str], &[&str])] = &[
    (
        &["listen", "*"],
        &[
            "address",
            "framing",
            "confirm",
            "handshake",
            "ack_timeout_ms",
            "max_connections",
            "idle_timeout_s",
            "clock_tolerance_s",
            "frame_timeout_ms",
            "write_timeout_ms",
            "telegrams_per_s",
        ],
    ),
    (&["limits"], &["payments", "queue_ms", "descriptors_reserved"]),
    (&["store"], &["path", "instance", "lease_s"]),
    (&["keys"], &["file"]),
    (
        &["acquirers", "*"],
        &[
            "dialect",
            "addresses",
            "links",
            "max_in_flight",
            "connect_timeout_ms",
            "answer_timeout_ms",
            "settle_after_ms",
            "heartbeat_s",
            "sign_on",
            "net_cancels_in_flight",
        ],
    ),
    (&["acquirers", "*", "breaker"], &["failures", "slow_ms", "pause_ms", "max_pause_ms"]),
    (&["acquirers", "*", "tls"], &["ca", "server_name", "certificate", "key"]),
    (&["routing"], &["failover_when_unanswered", "terminal_deadline_ms"]),
    (&["routing", "van_weights"], &["*"]),
    (&["routing", "direct"], &["bins", "acquirer", "fallback"]),
    (
        &["net_cancel"],
        &["first_delay_ms", "max_delay_ms", "alarm_after_s", "give_up_after_s", "undelivered_grace_ms"],
    ),
    (&["duplicates"], &["window_ms", "fingerprint"]),
    (&["merchants"], &["no", "name", "direct"]),
    (&["merchants", "van_weights"], &["*"]),
    (&["merchants", "*"], &["cat_id", "merchant_no", "store_id", "terminal_id"]),
    (&["terminals"], &["id", "merchant_no"]),
    (&["admin"], &["address", "socket"]),
];

/// Names that may be shown although what they stand for may not.
const NAMES: &[&str] =
    &["params", "card_key", "host", "institution", "partial_cancel", "timeout_s", "clock_skew_s"];

/// The text with stars, byte for byte, for what nobody may be shown.
pub(super) fn shown(text: &str) -> String {
    let (root, errors) = DeTable::parse_recoverable(text);
    let mut shown = text.as_bytes().to_vec();
    if errors.is_empty() {
        let mut hide = |bytes: Range<usize>| shown.get_mut(bytes).into_iter().flatten().for_each(star);
        let mut literals = Vec::new();
        walk(root.get_ref(), &mut Vec::new(), &mut |path, literal| match literal {
            Literal::Name(span) => {
                if may_be_in(&text[span.clone()]) {
                    hide(span.clone());
                }
                literals.push(span);
            }
            Literal::Value(value) => {
                literals.push(value.span());
                let is_url = value.get_ref().as_str().is_some_and(|text| text.contains("://"));
                let is_card =
                    may_be_in(&text[value.span()]) || value.get_ref().as_str().is_some_and(may_be_in);
                if is_url || is_card || !may_be_shown(path, value.get_ref()) {
                    hide(value.span());
                }
            }
        });
        comments(text, literals).into_iter().for_each(hide);
    } else {
        // What is a value and what a name cannot be told.
        strange_words(&mut shown);
    }
    // Whole characters became stars, or all of them that are not ASCII.
    String::from_utf8(shown).unwrap_or_default()
}

/// Whether the value that stands at these bytes may be shown.
pub(super) fn is_shown(root: &DeTable<'_>, at: &Range<usize>) -> bool {
    let mut is_shown = false;
    walk(root, &mut Vec::new(), &mut |path, literal| {
        if let Literal::Value(value) = literal
            && value.span() == *at
        {
            is_shown = may_be_shown(path, value.get_ref());
        }
    });
    is_shown
}

/// What stands in a file besides its structure.
enum Literal<'a, 'text> {
    Name(Range<usize>),
    /// Neither a table nor an array.
    Value(&'a Spanned<DeValue<'text>>),
}

fn walk<'a, 'text>(
    table: &'a DeTable<'text>,
    path: &mut Vec<&'a str>,
    visit: &mut impl FnMut(&[&str], Literal<'a, 'text>),
) {
    for (name, value) in table {
        path.push(name.get_ref());
        visit(path, Literal::Name(name.span()));
        walk_value(value, path, visit);
        path.pop();
    }
}

fn walk_value<'a, 'text>(
    value: &'a Spanned<DeValue<'text>>,
    path: &mut Vec<&'a str>,
    visit: &mut impl FnMut(&[&str], Literal<'a, 'text>),
) {
    match value.get_ref() {
        DeValue::Table(table) => walk(table, path, visit),
        DeValue::Array(array) => array.iter().for_each(|element| walk_value(element, path, visit)),
        DeValue::String(_)
        | DeValue::Integer(_)
        | DeValue::Float(_)
        | DeValue::Boolean(_)
        | DeValue::Datetime(_) => visit(path, Literal::Value(value)),
    }
}

fn may_be_shown(path: &[&str], value: &DeValue<'_>) -> bool {
    let Some((key, section)) = path.split_last() else { return false };
    let is_there = |pattern: &[&str]| {
        let same = |(pattern, name): (&&str, &&str)| *pattern == "*" || pattern == name;
        pattern.len() == section.len() && pattern.iter().zip(section).all(same)
    };
    let is_number = matches!(value, DeValue::Integer(_));
    SHOWN.iter().filter(|(pattern, _)| is_there(pattern)).any(|(pattern, keys)| {
        // A row of a merchant is no place for his own keys.
        let is_own = *pattern == ["merchants", "*"] && section.get(1) == Some(&"van_weights");
        !is_own && keys.iter().any(|known| known == key || (*known == "*" && is_number))
    })
}

/// What stands behind a `#` that is no part of a name or a value.
fn comments(text: &str, mut literals: Vec<Range<usize>>) -> Vec<Range<usize>> {
    literals.sort_by_key(|literal| literal.start);
    let mut literals = literals.into_iter().peekable();
    let mut comments: Vec<Range<usize>> = Vec::new();
    for (at, _) in text.match_indices('#') {
        while literals.next_if(|literal| literal.end <= at).is_some() {}
        let is_inside = literals.peek().is_some_and(|literal| literal.contains(&at));
        if !is_inside && comments.last().is_none_or(|comment| comment.end <= at) {
            let end = text[at..].find('\n').map_or(text.len(), |length| at + length);
            comments.push(at + 1..end);
        }
    }
    comments
}

/// Leaves the words that are names of keys and sections, spaces, and the signs between them.
fn strange_words(text: &mut [u8]) {
    let is_word = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
    for word in text.chunk_by_mut(|one, next| is_word(one) == is_word(next)) {
        let is_known = SHOWN
            .iter()
            .flat_map(|(section, keys)| section.iter().chain(*keys))
            .chain(NAMES)
            .any(|name| name.as_bytes() == word);
        let is_strange = |byte: &&mut u8| is_word(byte) || !byte.is_ascii();
        if !is_known {
            word.iter_mut().filter(is_strange).for_each(star);
        }
    }
}

fn star(byte: &mut u8) {
    if !matches!(byte, b'\n' | b'\r') {
        *byte = b'*';
    }
}
