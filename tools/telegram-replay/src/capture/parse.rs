//! The grammar, line by line, with nom.

use std::borrow::Cow;
use std::collections::HashSet;
use std::time::Duration;

use codec::frame::Framing;
use nom::branch::alt;
use nom::bytes::complete::{tag, take_while1};
use nom::character::complete::{char, digit1, none_of, one_of, space0, space1};
use nom::combinator::{
    all_consuming, cut, eof, map, map_opt, not, opt, peek, recognize, rest, value, verify,
};
use nom::error::{ContextError, ErrorKind, ParseError, context};
use nom::multi::{fold_many0, many0, many1};
use nom::sequence::{delimited, preceded, terminated};
use nom::{Finish, IResult, Parser};

use super::{Assignment, Capture, CaptureError, Expect, Send, Statement, Step, Value};
use super::{MAX_FILE_BYTES, MAX_LINE_BYTES};
use crate::hidden::Hidden;

/// Words that cannot be labels, because they open another form.
const RESERVED_LABELS: [&str; 4] = ["again", "text", "hex", "raw"];

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
    let mut framing = None;
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
        if framing.is_none() {
            framing = Some(whole(header, line).map_err(at)?);
            continue;
        }
        let statement = whole(statement, line).map_err(at)?;
        check_label(&statement, &mut labels).map_err(|(label, expected, found)| {
            fail(line_number, column_of(line, &label), expected, found)
        })?;
        steps.push(Step { line: line_number, statement });
    }
    let framing = framing.ok_or_else(|| {
        fail(line_number.max(1), 1, "the line `telegram-capture 1 …`", "the end of the file")
    })?;
    Ok(Capture { framing, steps })
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

/// A label is defined once, and named only after that.
fn check_label(
    statement: &Statement,
    labels: &mut HashSet<String>,
) -> Result<(), (String, &'static str, &'static str)> {
    match statement {
        Statement::Send(Send::Fields { label, .. }) => {
            if labels.insert(label.clone()) {
                return Ok(());
            }
            Err((label.clone(), "a label not used above", "one that is"))
        }
        Statement::Send(Send::Again { label })
        | Statement::Expect(Expect::Answer { of: Some(label), .. }) => {
            if labels.contains(label) {
                return Ok(());
            }
            Err((label.clone(), "a label defined above", "an unknown one"))
        }
        Statement::Send(Send::Text(_) | Send::Hex(_) | Send::Raw(_))
        | Statement::Expect(Expect::Answer { of: None, .. } | Expect::Closed | Expect::Nothing(_))
        | Statement::Default { .. }
        | Statement::Say(_)
        | Statement::Wait(_) => Ok(()),
    }
}

/// The column of a label in its line: the first word equal to it behind the opening word.
fn column_of(line: &str, label: &str) -> usize {
    let mut searched = 0;
    while let Some(found) = line[searched..].find(label) {
        let start = searched + found;
        let end = start + label.len();
        let before = line[..start].chars().next_back().is_none_or(char::is_whitespace);
        let after = line[end..].chars().next().is_none_or(|c| c.is_whitespace() || c == '#');
        if before && after {
            return line[..start].chars().count() + 1;
        }
        searched = end;
    }
    1
}

fn header(input: &str) -> IResult<&str, Framing, Trouble<'_>> {
    let (input, _) = context("the line `telegram-capture 1 …`", tag("telegram-capture")).parse(input)?;
    let (input, ()) = gap(input)?;
    let (input, _) = context("format version 1", terminated(char('1'), end_of_word)).parse(input)?;
    let option = preceded(
        another_word,
        cut(context(
            "framing= or charset=",
            alt((
                map(preceded(tag("framing="), cut(framing)), Some),
                map(preceded(tag("charset="), cut(charset)), |()| None),
            )),
        )),
    );
    fold_many0(option, || Framing::Ascii4, |chosen, option| option.unwrap_or(chosen)).parse(input)
}

fn framing(input: &str) -> IResult<&str, Framing, Trouble<'_>> {
    context(
        "ascii4, ascii4-inclusive, binary2, binary2-inclusive or stx-lrc",
        map_opt(name, |name: &str| name.parse().ok()),
    )
    .parse(input)
}

fn charset(input: &str) -> IResult<&str, (), Trouble<'_>> {
    context("utf-8 or euc-kr", value((), verify(name, |name: &str| matches!(name, "utf-8" | "euc-kr"))))
        .parse(input)
}

fn statement(input: &str) -> IResult<&str, Statement, Trouble<'_>> {
    context(
        "default, say, wait, > or <",
        alt((
            preceded(word("default"), cut(default)),
            preceded(word("say"), cut(map(preceded(gap, quoted), Statement::Say))),
            preceded(word("wait"), cut(map(preceded(gap, duration), Statement::Wait))),
            preceded(char('>'), cut(map(preceded(gap, send), Statement::Send))),
            preceded(char('<'), cut(map(preceded(gap, expect), Statement::Expect))),
        )),
    )
    .parse(input)
}

fn default(input: &str) -> IResult<&str, Statement, Trouble<'_>> {
    let (input, layout) = preceded(gap, layout).parse(input)?;
    let (input, fields) = assignments(input)?;
    Ok((input, Statement::Default { layout, fields }))
}

fn send(input: &str) -> IResult<&str, Send, Trouble<'_>> {
    alt((
        preceded(word("again"), cut(map(preceded(gap, label), |label| Send::Again { label }))),
        preceded(word("text"), cut(map(preceded(gap, quoted), |text| Send::Text(Hidden(text))))),
        preceded(word("hex"), cut(map(hex_bytes, |bytes| Send::Hex(Hidden(bytes))))),
        preceded(
            (word("raw"), cut(gap), cut(context("the word `hex`", word("hex")))),
            cut(map(hex_bytes, |bytes| Send::Raw(Hidden(bytes)))),
        ),
        send_fields,
    ))
    .parse(input)
}

fn send_fields(input: &str) -> IResult<&str, Send, Trouble<'_>> {
    let (input, label) = label(input)?;
    let (input, layout) = preceded(gap, layout).parse(input)?;
    let (input, fields) = assignments(input)?;
    Ok((input, Send::Fields { label, layout, fields }))
}

fn expect(input: &str) -> IResult<&str, Expect, Trouble<'_>> {
    alt((
        value(Expect::Closed, word("closed")),
        preceded(word("none"), cut(map(preceded(gap, duration), Expect::Nothing))),
        expect_answer,
    ))
    .parse(input)
}

fn expect_answer(input: &str) -> IResult<&str, Expect, Trouble<'_>> {
    let (input, layout) = layout(input)?;
    let (input, of) = opt(preceded((space1, word("for")), cut(preceded(gap, label)))).parse(input)?;
    let (input, fields) = assignments(input)?;
    Ok((input, Expect::Answer { layout, of, fields }))
}

fn assignments(input: &str) -> IResult<&str, Vec<Assignment>, Trouble<'_>> {
    many0(preceded(another_word, cut(assignment))).parse(input)
}

fn assignment(input: &str) -> IResult<&str, Assignment, Trouble<'_>> {
    let (input, field) = context("a field's name", name).parse(input)?;
    let (input, _) = context("=", char('=')).parse(input)?;
    let (input, value) = field_value(input)?;
    Ok((input, Assignment { field: field.to_owned(), value }))
}

fn field_value(input: &str) -> IResult<&str, Value, Trouble<'_>> {
    context(
        "a value",
        terminated(
            alt((
                preceded(
                    tag("hex\""),
                    cut(terminated(
                        map(hex_digits, |bytes| Value::Bytes(Hidden(bytes))),
                        context("two hex digits or a closing quote", char('"')),
                    )),
                ),
                preceded(tag("raw"), map(quoted_now, |text| Value::Unchecked(Hidden(text)))),
                map(quoted_now, Value::text),
                now,
                map(bare, Value::text),
            )),
            end_of_word,
        ),
    )
    .parse(input)
}

/// `now`, `now-40m`, `now+1h`; only whole seconds make sense in a telegram.
fn now(input: &str) -> IResult<&str, Value, Trouble<'_>> {
    let (input, _) = tag("now").parse(input)?;
    let shift = (one_of("+-"), cut(context("a time in whole seconds such as 90s or 40m", whole_seconds)));
    let (input, shift) = opt(shift).parse(input)?;
    peek(end_of_word).parse(input)?;
    let seconds = match shift {
        Some(('-', seconds)) => -seconds,
        Some((_, seconds)) => seconds,
        None => 0,
    };
    Ok((input, Value::Now(seconds)))
}

fn whole_seconds(input: &str) -> IResult<&str, i64, Trouble<'_>> {
    map_opt(duration, |time| (time.subsec_nanos() == 0).then(|| i64::try_from(time.as_secs()).ok()).flatten())
        .parse(input)
}

fn bare(input: &str) -> IResult<&str, &str, Trouble<'_>> {
    take_while1(bare_char).parse(input)
}

/// Characters of a value that needs no quotes.
pub(super) fn bare_char(c: char) -> bool {
    !c.is_whitespace() && !c.is_control() && !matches!(c, '"' | '#' | '\\')
}

/// A quoted text where one must stand.
fn quoted(input: &str) -> IResult<&str, String, Trouble<'_>> {
    context("a quoted text", quoted_now).parse(input)
}

/// A quoted text, once its opening quote is seen.
fn quoted_now(input: &str) -> IResult<&str, String, Trouble<'_>> {
    let piece = alt((none_of("\"\\"), preceded(char('\\'), cut(context("\\\" or \\\\", one_of("\"\\"))))));
    let content = fold_many0(piece, String::new, |mut text, c| {
        text.push(c);
        text
    });
    delimited(char('"'), content, cut(context("a closing quote", char('"')))).parse(input)
}

fn hex_bytes(input: &str) -> IResult<&str, Vec<u8>, Trouble<'_>> {
    context(
        "bytes as pairs of hex digits",
        preceded(gap, verify(hex_digits, |bytes: &Vec<u8>| !bytes.is_empty())),
    )
    .parse(input)
}

/// Pairs of hex digits with blanks between them where one likes.
fn hex_digits(input: &str) -> IResult<&str, Vec<u8>, Trouble<'_>> {
    many0(preceded(space0, hex_pair)).parse(input)
}

fn hex_pair(input: &str) -> IResult<&str, u8, Trouble<'_>> {
    let (input, high) = hex_digit(input)?;
    let (input, low) = cut(context("the second digit of a byte", hex_digit)).parse(input)?;
    Ok((input, high << 4 | low))
}

fn hex_digit(input: &str) -> IResult<&str, u8, Trouble<'_>> {
    map_opt(nom::character::complete::anychar, |c| c.to_digit(16).and_then(|digit| u8::try_from(digit).ok()))
        .parse(input)
}

/// `200ms`, `3s`, `40m`, `1h`; at most a day.
fn duration(input: &str) -> IResult<&str, Duration, Trouble<'_>> {
    let unit = alt((
        value(1, tag("ms")),
        value(1000, tag("s")),
        value(60_000, tag("m")),
        value(3_600_000, tag("h")),
    ));
    context(
        "a time such as 200ms, 3s, 40m or 1h",
        terminated(
            map_opt((digit1, unit), |(digits, unit): (&str, u64)| {
                let millis = digits.parse::<u64>().ok()?.checked_mul(unit)?;
                (millis <= 86_400_000).then(|| Duration::from_millis(millis))
            }),
            end_of_word,
        ),
    )
    .parse(input)
}

fn label(input: &str) -> IResult<&str, String, Trouble<'_>> {
    context("a label", map(verify(name_word, |label: &str| !RESERVED_LABELS.contains(&label)), str::to_owned))
        .parse(input)
}

fn layout(input: &str) -> IResult<&str, String, Trouble<'_>> {
    context("a layout's name", map(name_word, str::to_owned)).parse(input)
}

fn name_word(input: &str) -> IResult<&str, &str, Trouble<'_>> {
    terminated(name, end_of_word).parse(input)
}

/// A name: letters, digits, `_`, `.`, `-` and the brackets of a repeat.
fn name(input: &str) -> IResult<&str, &str, Trouble<'_>> {
    recognize(many1(one_char_of_name)).parse(input)
}

fn one_char_of_name(input: &str) -> IResult<&str, char, Trouble<'_>> {
    nom::character::complete::satisfy(|c| {
        c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-' | '[' | ']')
    })
    .parse(input)
}

/// The blanks before a further word: neither a comment nor the end of the line follows them.
fn another_word(input: &str) -> IResult<&str, (), Trouble<'_>> {
    value((), (space1, not(char('#')), not(eof))).parse(input)
}

fn word<'a>(word: &'static str) -> impl Parser<&'a str, Output = (), Error = Trouble<'a>> {
    value((), terminated(tag(word), end_of_word))
}

fn gap(input: &str) -> IResult<&str, (), Trouble<'_>> {
    context("a blank", value((), space1)).parse(input)
}

/// Nothing that would lengthen the word follows.
fn end_of_word(input: &str) -> IResult<&str, (), Trouble<'_>> {
    context("a blank", peek(alt((value((), space1), value((), eof), value((), char('#')))))).parse(input)
}

/// What may end a line: blanks and a comment.
fn tail(input: &str) -> IResult<&str, (), Trouble<'_>> {
    context("the end of the line", value((), all_consuming((space0, opt((char('#'), rest)))))).parse(input)
}

/// Where parsing stopped and what was expected there.
#[derive(Debug)]
struct Trouble<'a> {
    rest: &'a str,
    expected: &'static str,
}

impl<'a> ParseError<&'a str> for Trouble<'a> {
    fn from_error_kind(rest: &'a str, _: ErrorKind) -> Self {
        Self { rest, expected: "" }
    }

    fn append(_: &'a str, _: ErrorKind, other: Self) -> Self {
        other
    }

    /// Of two alternatives the one that got further explains the failure.
    fn or(self, other: Self) -> Self {
        if self.rest.len() < other.rest.len() { self } else { other }
    }
}

impl<'a> ContextError<&'a str> for Trouble<'a> {
    /// The innermost name is the most exact one; an outer one counts where nothing was consumed.
    fn add_context(input: &'a str, expected: &'static str, other: Self) -> Self {
        if other.expected.is_empty() || other.rest.len() == input.len() {
            Self { expected, ..other }
        } else {
            other
        }
    }
}
