//! Dates and times of the civil calendar, in the forms telegrams use.

use jiff::civil::{Date, DateTime, Time};

use crate::error::Rule;
use crate::layout::{Field, Format};
use crate::month_day_time::MonthDayTime;
use crate::value::Value;

/// Whether digits, as many as the form has, are a date or time that exists.
#[inline(always)]
#[allow(clippy::inline_always, reason = "the form is a constant only where it is inlined")]
pub(crate) fn exists(digits: &[u8], format: Format) -> bool {
    match format {
        Format::DateTime => is_day(year(digits), digits, 4) && is_clock(digits, 8),
        Format::ShortDateTime => is_day(short_year(digits), digits, 2) && is_clock(digits, 6),
        // Without a year any day that some year has is real.
        Format::MonthDayTime => is_day(2000, digits, 0) && is_clock(digits, 4),
        Format::Date => is_day(year(digits), digits, 4),
        Format::ShortDate => is_day(short_year(digits), digits, 2),
        Format::Time => is_clock(digits, 0),
    }
}

#[inline(always)]
#[allow(clippy::inline_always, reason = "a handful of instructions between others")]
fn pair(digits: &[u8], at: usize) -> u8 {
    10 * (digits[at] & 0x0f) + (digits[at + 1] & 0x0f)
}

#[inline(always)]
#[allow(clippy::inline_always, reason = "a handful of instructions between others")]
fn year(digits: &[u8]) -> u16 {
    100 * u16::from(pair(digits, 0)) + u16::from(pair(digits, 2))
}

#[inline(always)]
#[allow(clippy::inline_always, reason = "a handful of instructions between others")]
fn short_year(digits: &[u8]) -> u16 {
    2000 + u16::from(pair(digits, 0))
}

#[inline(always)]
#[allow(clippy::inline_always, reason = "a handful of instructions between others")]
fn is_day(year: u16, digits: &[u8], at: usize) -> bool {
    let (month, day) = (pair(digits, at), pair(digits, at + 2));
    let days = [0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31, 0, 0, 0][usize::from(month & 15)];
    // The year is looked at on one day of four years.
    (month < 13 && day != 0 && day <= days) && (month != 2 || day != 29 || is_leap(year))
}

#[inline(always)]
#[allow(clippy::inline_always, reason = "a handful of instructions between others")]
fn is_clock(digits: &[u8], at: usize) -> bool {
    pair(digits, at) < 24 && pair(digits, at + 2) < 60 && pair(digits, at + 4) < 60
}

fn is_leap(year: u16) -> bool {
    year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
}

/// Whether the bytes are a date or time that exists.
pub(crate) fn is_real(bytes: &[u8], format: Format) -> bool {
    match format {
        Format::DateTime | Format::ShortDateTime => datetime(bytes).is_some(),
        Format::MonthDayTime => month_day_time(bytes).is_some(),
        Format::Date | Format::ShortDate => date(bytes).is_some(),
        Format::Time => time(bytes).is_some(),
    }
}

fn datetime(bytes: &[u8]) -> Option<DateTime> {
    let (day, clock) = bytes.split_at_checked(bytes.len().checked_sub(6)?)?;
    Some(DateTime::from_parts(date(day)?, time(clock)?))
}

fn date(bytes: &[u8]) -> Option<Date> {
    let (year, month_day) = bytes.split_at_checked(bytes.len().checked_sub(4)?)?;
    let year = match year.len() {
        4 => 100 * i16::from(two(&year[..2])?) + i16::from(two(&year[2..])?),
        2 => 2000 + i16::from(two(year)?),
        _ => return None,
    };
    Date::new(year, two(&month_day[..2])?, two(&month_day[2..])?).ok()
}

fn time(bytes: &[u8]) -> Option<Time> {
    let [hour, minute, second] = *bytes.as_chunks::<2>().0 else { return None };
    // Sixty seconds are refused rather than bent to 59: no terminal clock has them.
    Time::new(two(&hour)?, two(&minute)?, two(&second)?, 0).ok()
}

fn month_day_time(bytes: &[u8]) -> Option<MonthDayTime> {
    let (month_day, clock) = bytes.split_at_checked(4)?;
    MonthDayTime::new(two(&month_day[..2])?, two(&month_day[2..])?, time(clock)?).ok()
}

/// Two digits as a number.
fn two(bytes: &[u8]) -> Option<i8> {
    let [tens, ones] = *bytes else { return None };
    let both = tens.is_ascii_digit() && ones.is_ascii_digit();
    both.then(|| (10 * (tens & 0x0f) + (ones & 0x0f)).cast_signed())
}

/// Writes a number from 0 to 99 in two digits.
fn put_two(out: &mut [u8], number: i16) {
    if let ([tens, ones], Ok(number)) = (out, u8::try_from(number)) {
        *tens = b'0' + number / 10;
        *ones = b'0' + number % 10;
    }
}

fn put_date(out: &mut [u8], date: Date) {
    let (year, month_day) = out.split_at_mut(out.len() - 4);
    if let [_, _, _, _] = year {
        put_two(&mut year[..2], date.year() / 100);
        put_two(&mut year[2..], date.year() % 100);
    } else {
        put_two(year, date.year() % 100);
    }
    put_two(&mut month_day[..2], i16::from(date.month()));
    put_two(&mut month_day[2..], i16::from(date.day()));
}

fn put_time(out: &mut [u8], time: Time) {
    put_two(&mut out[..2], i16::from(time.hour()));
    put_two(&mut out[2..4], i16::from(time.minute()));
    put_two(&mut out[4..], i16::from(time.second()));
}

/// The year can be written in the form.
fn year_fits(year: i16, four_digits: bool) -> Result<(), Rule> {
    let years = if four_digits { 0..=9999 } else { 2000..=2099 };
    if years.contains(&year) { Ok(()) } else { Err(Rule::Year) }
}

impl Value for DateTime {
    fn read(bytes: &[u8], _field: &Field) -> Self {
        datetime(bytes).expect("the bytes conform to the layout")
    }

    fn fits(&self, field: &Field) -> Result<(), Rule> {
        year_fits(self.year(), field.len == 14)
    }

    fn write(&self, out: &mut [u8], _field: &Field) {
        let (day, clock) = out.split_at_mut(out.len() - 6);
        put_date(day, self.date());
        put_time(clock, self.time());
    }
}

impl Value for Date {
    fn read(bytes: &[u8], _field: &Field) -> Self {
        date(bytes).expect("the bytes conform to the layout")
    }

    fn fits(&self, field: &Field) -> Result<(), Rule> {
        year_fits(self.year(), field.len == 8)
    }

    fn write(&self, out: &mut [u8], _field: &Field) {
        put_date(out, *self);
    }
}

impl Value for Time {
    fn read(bytes: &[u8], _field: &Field) -> Self {
        time(bytes).expect("the bytes conform to the layout")
    }

    fn fits(&self, _field: &Field) -> Result<(), Rule> {
        Ok(())
    }

    fn write(&self, out: &mut [u8], _field: &Field) {
        put_time(out, *self);
    }
}

impl Value for MonthDayTime {
    fn read(bytes: &[u8], _field: &Field) -> Self {
        month_day_time(bytes).expect("the bytes conform to the layout")
    }

    fn fits(&self, _field: &Field) -> Result<(), Rule> {
        Ok(())
    }

    fn write(&self, out: &mut [u8], _field: &Field) {
        put_two(&mut out[..2], i16::from(self.month()));
        put_two(&mut out[2..4], i16::from(self.day()));
        put_time(&mut out[4..], self.time());
    }
}
