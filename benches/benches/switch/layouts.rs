//! Telegrams and the places of their fields, by the layout files.

use std::ops::Range;

use codec::frame::{FrameFormat, Framing};
use switch::clock::korea_now;
use telegram_replay::{
    capture::{Assignment, Value},
    layout::Layout,
};

/// Everybody's frames: four digits and a telegram.
pub(crate) const FRAME: FrameFormat = FrameFormat::new(Framing::Ascii4, 1, 9999);

pub(crate) fn layout(name: &str) -> Layout {
    Layout::embedded(name).expect("a layout of this workspace")
}

pub(crate) fn build(layout: &Layout, fields: &[(&str, &str)]) -> Vec<u8> {
    let assign =
        |(field, value): &(&str, &str)| Assignment { field: (*field).to_owned(), value: Value::text(*value) };
    let values: Vec<_> = fields.iter().map(assign).collect();
    layout.build(&values, korea_now()).expect("values that fit their fields")
}

/// Where a field is, behind so many bytes of a frame.
pub(crate) fn framed(layout: &Layout, field: &str, head: usize) -> Range<usize> {
    let at = layout.field(field).expect("a field of the layout").range();
    at.start + head..at.end + head
}
