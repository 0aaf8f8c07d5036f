//! The words of a line, and where reading one failed.

use nom::branch::alt;
use nom::bytes::complete::tag;
use nom::character::complete::{char, space0, space1};
use nom::combinator::{all_consuming, eof, map, not, opt, peek, recognize, rest, value, verify};
use nom::error::{ContextError, ErrorKind, ParseError, context};
use nom::multi::many1;
use nom::sequence::terminated;
use nom::{IResult, Parser};

/// Words that cannot be labels, because they open another form.
const RESERVED_LABELS: [&str; 4] = ["again", "text", "hex", "raw"];

pub(super) fn label(input: &str) -> IResult<&str, String, Trouble<'_>> {
    context("a label", map(verify(name_word, |label: &str| !RESERVED_LABELS.contains(&label)), str::to_owned))
        .parse(input)
}

pub(super) fn layout(input: &str) -> IResult<&str, String, Trouble<'_>> {
    context("a layout's name", map(name_word, str::to_owned)).parse(input)
}

fn name_word(input: &str) -> IResult<&str, &str, Trouble<'_>> {
    terminated(name, end_of_word).parse(input)
}

/// A name: letters, digits, `_`, `.`, `-` and the brackets of a repeat.
pub(super) fn name(input: &str) -> IResult<&str, &str, Trouble<'_>> {
    recognize(many1(one_char_of_name)).parse(input)
}

fn one_char_of_name(input: &str) -> IResult<&str, char, Trouble<'_>> {
    nom::character::complete::satisfy(|c| {
        c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-' | '[' | ']')
    })
    .parse(input)
}

/// The blanks before a further word: neither a comment nor the end of the line follows them.
pub(super) fn another_word(input: &str) -> IResult<&str, (), Trouble<'_>> {
    value((), (space1, not(char('#')), not(eof))).parse(input)
}

pub(super) fn word<'a>(word: &'static str) -> impl Parser<&'a str, Output = (), Error = Trouble<'a>> {
    value((), terminated(tag(word), end_of_word))
}

pub(super) fn gap(input: &str) -> IResult<&str, (), Trouble<'_>> {
    context("a blank", value((), space1)).parse(input)
}

/// Nothing that would lengthen the word follows.
pub(super) fn end_of_word(input: &str) -> IResult<&str, (), Trouble<'_>> {
    context("a blank", peek(alt((value((), space1), value((), eof), value((), char('#')))))).parse(input)
}

/// What may end a line: blanks and a comment.
pub(super) fn tail(input: &str) -> IResult<&str, (), Trouble<'_>> {
    context("the end of the line", value((), all_consuming((space0, opt((char('#'), rest)))))).parse(input)
}

/// Where parsing stopped and what was expected there.
#[derive(Debug)]
pub(super) struct Trouble<'a> {
    pub(super) rest: &'a str,
    pub(super) expected: &'static str,
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
