//! Dates and decimals for the peers that have none: written once, so that no peer's figure depends on them more than another's.

use codec::MonthDayTime;
use jiff::civil::{Date, DateTime, Time};

/// `yyMMdd`
pub(super) fn date(text: &str) -> Option<Date> {
    Date::new(2000 + part::<i16>(text, 0, 2)?, part(text, 2, 4)?, part(text, 4, 6)?).ok()
}

/// `HHmmss`
pub(super) fn time(text: &str) -> Option<Time> {
    Time::new(part(text, 0, 2)?, part(text, 2, 4)?, part(text, 4, 6)?, 0).ok()
}

/// `MMddHHmmss`
pub(super) fn moment(text: &str) -> Option<MonthDayTime> {
    MonthDayTime::new(part(text, 0, 2)?, part(text, 2, 4)?, time(text.get(4..)?)?).ok()
}

/// `yyyyMMddHHmmss`
pub(super) fn stamp(text: &str) -> Option<DateTime> {
    let date = Date::new(part(text, 0, 4)?, part(text, 4, 6)?, part(text, 6, 8)?).ok()?;
    Some(date.to_datetime(time(text.get(8..)?)?))
}

fn part<T: std::str::FromStr>(text: &str, from: usize, to: usize) -> Option<T> {
    text.get(from..to)?.parse().ok()
}

/// A few ASCII bytes without an allocation.
pub(super) struct Ascii {
    bytes: [u8; 20],
    start: usize,
}

impl Ascii {
    /// The decimal digits of a number, without leading zeros.
    pub(super) fn decimal(mut number: u64) -> Self {
        let mut ascii = Self { bytes: [b'0'; 20], start: 20 };
        while number > 0 || ascii.start == 20 {
            ascii.start -= 1;
            ascii.bytes[ascii.start] =
                b'0' + u8::try_from(number % 10).expect("a remainder of ten is one digit");
            number /= 10;
        }
        ascii
    }

    /// Numbers of two digits, one behind the other; a year is two of them.
    pub(super) fn pairs<const N: usize>(numbers: [i16; N]) -> Self {
        let mut ascii = Self { bytes: [b'0'; 20], start: 20 - 2 * N };
        for (pair, number) in ascii.bytes[20 - 2 * N..].as_chunks_mut().0.iter_mut().zip(numbers) {
            let number = u8::try_from(number).expect("parts of a date are positive");
            *pair = [b'0' + number / 10, b'0' + number % 10];
        }
        ascii
    }

    /// `yyMMdd`
    pub(super) fn date(date: Date) -> Self {
        Self::pairs([date.year() % 100, date.month().into(), date.day().into()])
    }

    /// `HHmmss`
    pub(super) fn time(time: Time) -> Self {
        Self::pairs([time.hour().into(), time.minute().into(), time.second().into()])
    }

    /// `MMddHHmmss`
    pub(super) fn moment(moment: MonthDayTime) -> Self {
        let time = moment.time();
        let [hour, minute, second] = [time.hour(), time.minute(), time.second()].map(i16::from);
        Self::pairs([moment.month().into(), moment.day().into(), hour, minute, second])
    }

    /// `yyyyMMddHHmmss`
    pub(super) fn stamp(stamp: DateTime) -> Self {
        let [hour, minute, second] = [stamp.hour(), stamp.minute(), stamp.second()].map(i16::from);
        let year = stamp.year();
        Self::pairs([year / 100, year % 100, stamp.month().into(), stamp.day().into(), hour, minute, second])
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        &self.bytes[self.start..]
    }

    pub(super) fn as_str(&self) -> &str {
        std::str::from_utf8(self.as_bytes()).expect("digits are ASCII")
    }
}

impl AsRef<[u8]> for Ascii {
    fn as_ref(&self) -> &[u8] {
        self.as_bytes()
    }
}
