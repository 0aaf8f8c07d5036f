//! One line behind the header.

use nom::branch::alt;
use nom::character::complete::{char, space1};
use nom::combinator::{cut, map, opt, value};
use nom::error::context;
use nom::multi::many0;
use nom::sequence::preceded;
use nom::{IResult, Parser};

use super::value::{duration, field_value, hex_bytes, quoted};
use super::word::{Trouble, another_word, gap, label, layout, name, word};
use crate::capture::{Assignment, Expect, Quirk, Send, Statement};
use crate::hidden::Hidden;

pub(super) fn statement(input: &str) -> IResult<&str, Statement, Trouble<'_>> {
    context(
        "default, say, wait, next, close, > or <",
        alt((
            preceded(word("default"), cut(default)),
            preceded(word("say"), cut(map(preceded(gap, quoted), Statement::Say))),
            preceded(word("wait"), cut(map(preceded(gap, duration), Statement::Wait))),
            preceded(word("next"), cut(map(preceded(gap, quirk), Statement::Next))),
            value(Statement::Close, word("close")),
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

fn quirk(input: &str) -> IResult<&str, Quirk, Trouble<'_>> {
    context(
        "wrong-lrc, wrong-lrc-always or no-ack",
        alt((
            value(Quirk::WrongLrc, word("wrong-lrc")),
            value(Quirk::WrongLrcAlways, word("wrong-lrc-always")),
            value(Quirk::NoAck, word("no-ack")),
        )),
    )
    .parse(input)
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
        value(Expect::Eot, word("eot")),
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
