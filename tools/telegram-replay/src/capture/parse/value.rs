//! What stands behind the `=` of a field, and other texts, bytes and times.

use std::time::Duration;

use nom::branch::alt;
use nom::bytes::complete::{tag, take_while1};
use nom::character::complete::{char, digit1, none_of, one_of, space0};
use nom::combinator::{cut, map, map_opt, opt, peek, value, verify};
use nom::error::context;
use nom::multi::{fold_many0, many0};
use nom::sequence::{delimited, preceded, terminated};
use nom::{IResult, Parser};

use super::word::{Trouble, end_of_word, gap, name};
use crate::capture::{Part, Reference, Slice, Value};
use crate::hidden::Hidden;

/// How far a date may be from today, in days.
const MAX_DAYS: i32 = 3660;

pub(super) fn field_value(input: &str) -> IResult<&str, Value, Trouble<'_>> {
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
                today,
                reference,
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

/// `today`, `today-1d`, `today+30d`.
fn today(input: &str) -> IResult<&str, Value, Trouble<'_>> {
    let (input, _) = tag("today").parse(input)?;
    let shift = (one_of("+-"), cut(context("a number of days such as 1d", days)));
    let (input, shift) = opt(shift).parse(input)?;
    peek(end_of_word).parse(input)?;
    let days = match shift {
        Some(('-', days)) => -days,
        Some((_, days)) => days,
        None => 0,
    };
    Ok((input, Value::Today(days)))
}

/// `1d`; at most ten years.
fn days(input: &str) -> IResult<&str, i32, Trouble<'_>> {
    let digits =
        map_opt(digit1, |digits: &str| digits.parse().ok().filter(|days| (0..=MAX_DAYS).contains(days)));
    terminated(digits, (char('d'), end_of_word)).parse(input)
}

/// `@LABEL.FIELD`, `@LABEL.reply.FIELD`, either with `[FROM..TO]` behind it.
fn reference(input: &str) -> IResult<&str, Value, Trouble<'_>> {
    let form = context(
        "a field of a telegram above such as @first.trace_no, @first.reply.approval_no or @first.sent_at[..8]",
        map_opt(terminated(name, end_of_word), Reference::read),
    );
    map(preceded(char('@'), cut(form)), Value::Of).parse(input)
}

impl Reference {
    /// A reference without its `@`.
    fn read(text: &str) -> Option<Self> {
        let (label, rest) = text.split_once('.')?;
        let (part, rest) = match rest.strip_prefix("reply.") {
            Some(rest) => (Part::Reply, rest),
            None => (Part::Sent, rest),
        };
        let (field, slice) = match rest.strip_suffix(']').and_then(|rest| rest.rsplit_once('[')) {
            Some((field, range)) if range.contains("..") => (field, Some(Slice::read(range)?)),
            Some(_) | None => (rest, None),
        };
        let named = !label.is_empty() && !field.is_empty();
        named.then(|| Self { label: label.to_owned(), part, field: field.to_owned(), slice })
    }
}

impl Slice {
    /// `4..`, `..8` or `4..8`.
    fn read(range: &str) -> Option<Self> {
        let (from, to) = range.split_once("..")?;
        let from = if from.is_empty() { 0 } else { from.parse().ok()? };
        let to = if to.is_empty() { None } else { Some(to.parse().ok()?) };
        to.is_none_or(|to| from < to).then_some(Self { from, to })
    }
}

fn whole_seconds(input: &str) -> IResult<&str, i64, Trouble<'_>> {
    map_opt(duration, |time| (time.subsec_nanos() == 0).then(|| i64::try_from(time.as_secs()).ok()).flatten())
        .parse(input)
}

fn bare(input: &str) -> IResult<&str, &str, Trouble<'_>> {
    take_while1(bare_char).parse(input)
}

/// Characters of a value that needs no quotes.
pub(in crate::capture) fn bare_char(c: char) -> bool {
    !c.is_whitespace() && !c.is_control() && !matches!(c, '"' | '#' | '\\')
}

/// A quoted text where one must stand.
pub(super) fn quoted(input: &str) -> IResult<&str, String, Trouble<'_>> {
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

pub(super) fn hex_bytes(input: &str) -> IResult<&str, Vec<u8>, Trouble<'_>> {
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
pub(super) fn duration(input: &str) -> IResult<&str, Duration, Trouble<'_>> {
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
