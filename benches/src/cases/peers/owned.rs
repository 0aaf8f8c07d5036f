//! Values of the peers that read through a reader and so own what they read: text as an array of its field's length, checked to be ASCII, Korean text as an
//! array unchecked.
#![expect(clippy::trivially_copy_pass_by_ref, reason = "what all kinds have")]

use codec::MonthDayTime;
use jiff::civil::DateTime;

use crate::cases::plain::{self, Ascii};
use crate::cases::value::{EucKr, Shown, Value};

/// Text with its padding.
pub(super) struct Padded<const N: usize>([u8; N]);

/// Text in EUC-KR with its padding.
pub(super) struct PaddedKorean<const N: usize>([u8; N]);

impl<const N: usize> Shown for Padded<N> {
    fn shown(&self) -> Value {
        Value::Text(String::from_utf8_lossy(self.0.trim_ascii_end()).into_owned())
    }
}

impl<const N: usize> Shown for PaddedKorean<N> {
    fn shown(&self) -> Value {
        EucKr(self.0.trim_ascii_end()).shown()
    }
}

pub(super) fn read_text<const N: usize>(bytes: [u8; N]) -> Option<Padded<N>> {
    bytes.is_ascii().then_some(Padded(bytes))
}

pub(super) fn read_number<const N: usize>(bytes: [u8; N]) -> Option<u64> {
    std::str::from_utf8(&bytes).ok()?.trim_start().parse().ok()
}

#[expect(clippy::unnecessary_wraps, reason = "what all kinds have")]
pub(super) fn read_korean<const N: usize>(bytes: [u8; N]) -> Option<PaddedKorean<N>> {
    Some(PaddedKorean(bytes))
}

pub(super) fn read_date<const N: usize>(bytes: [u8; N]) -> Option<jiff::civil::Date> {
    plain::date(std::str::from_utf8(&bytes).ok()?)
}

pub(super) fn read_time<const N: usize>(bytes: [u8; N]) -> Option<jiff::civil::Time> {
    plain::time(std::str::from_utf8(&bytes).ok()?)
}

pub(super) fn read_moment<const N: usize>(bytes: [u8; N]) -> Option<MonthDayTime> {
    plain::moment(std::str::from_utf8(&bytes).ok()?)
}

pub(super) fn read_stamp<const N: usize>(bytes: [u8; N]) -> Option<DateTime> {
    plain::stamp(std::str::from_utf8(&bytes).ok()?)
}

#[expect(clippy::unnecessary_wraps, reason = "what all kinds have")]
pub(super) fn read_filler<const N: usize>(_: [u8; N]) -> Option<()> {
    Some(())
}

pub(super) fn write_text<const N: usize>(value: &Padded<N>) -> [u8; N] {
    value.0
}

pub(super) fn write_number<const N: usize>(value: &u64) -> [u8; N] {
    right(b'0', &Ascii::decimal(*value))
}

pub(super) fn write_amount<const N: usize>(value: &u64) -> [u8; N] {
    right(b' ', &Ascii::decimal(*value))
}

pub(super) fn write_korean<const N: usize>(value: &PaddedKorean<N>) -> [u8; N] {
    value.0
}

pub(super) fn write_date<const N: usize>(value: &jiff::civil::Date) -> [u8; N] {
    right(b' ', &Ascii::date(*value))
}

pub(super) fn write_time<const N: usize>(value: &jiff::civil::Time) -> [u8; N] {
    right(b' ', &Ascii::time(*value))
}

pub(super) fn write_moment<const N: usize>(value: &MonthDayTime) -> [u8; N] {
    right(b' ', &Ascii::moment(*value))
}

pub(super) fn write_stamp<const N: usize>(value: &DateTime) -> [u8; N] {
    right(b' ', &Ascii::stamp(*value))
}

pub(super) fn write_filler<const N: usize>((): &()) -> [u8; N] {
    [b' '; N]
}

fn right<const N: usize>(pad: u8, content: &Ascii) -> [u8; N] {
    let mut field = [pad; N];
    let content = content.as_bytes();
    field[N - content.len()..].copy_from_slice(content);
    field
}
