//! Values taken from an earlier telegram or its answer.

use specs::Kind;

use super::key::reply_layout;
use super::prepare::PrepareError;
use crate::capture::{Part, Reference, Slice, Value};
use crate::hidden::Hidden;
use crate::layout::{Layout, Layouts};

/// Whether the reference names a field, and a part within it; `sent` is the layout of the telegram it refers to.
pub(super) fn check(
    line: usize,
    reference: &Reference,
    sent: &str,
    layouts: &Layouts,
) -> Result<(), PrepareError> {
    let name = layout_name(reference.part, sent)
        .ok_or_else(|| PrepareError::NoReply { line, layout: sent.to_owned() })?;
    let layout = layouts.get(&name).map_err(|findings| PrepareError::Layout { line, findings })?;
    let field =
        layout.field(&reference.field).map_err(|error| PrepareError::Field { line, error: error.into() })?;
    let end = reference.slice.map_or(0, |slice| slice.to.unwrap_or(slice.from));
    if end > field.len {
        let (layout, field, expected) = (name, field.path.clone(), field.len);
        return Err(PrepareError::Part { line, layout, field, expected, found: end });
    }
    Ok(())
}

/// The layout of the telegram that a reference looks at.
pub(super) fn layout_name(part: Part, sent: &str) -> Option<String> {
    match part {
        Part::Sent => Some(sent.to_owned()),
        Part::Reply => reply_layout(sent),
    }
}

/// What the reference finds in a telegram, without padding.
pub(super) fn held(reference: &Reference, layout: &Layout, telegram: &[u8]) -> Option<Value> {
    let decoded = layout.decode(telegram);
    let reading = decoded.reading(&reference.field)?;
    let slice = reference.slice.unwrap_or(Slice { from: 0, to: None });
    let length = slice.to.map_or(usize::MAX, |to| to - slice.from);
    Some(match reading.field().kind {
        Kind::Binary => {
            let kept = reading.raw().trim_ascii_end().iter().skip(slice.from).take(length);
            Value::Bytes(Hidden(kept.copied().collect()))
        }
        Kind::Number
        | Kind::Digits
        | Kind::Text
        | Kind::Korean
        | Kind::Datetime
        | Kind::Code
        | Kind::Filler
        | Kind::Group => {
            Value::text(reading.text().chars().skip(slice.from).take(length).collect::<String>())
        }
    })
}
