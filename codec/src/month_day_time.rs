//! A point in time whose year the telegram leaves out.

use std::fmt;

use jiff::civil::{Date, DateTime, Time};

use crate::inline::ValueError;

/// Month, day and time of day, to the second. 29 February is legal: the year is not known.
///
/// ```
/// use codec::MonthDayTime;
/// use jiff::civil::{datetime, time};
/// let leap = MonthDayTime::new(2, 29, time(12, 0, 0, 0))?;
/// assert_eq!(leap.in_year(2028), Some(datetime(2028, 2, 29, 12, 0, 0, 0)));
/// assert_eq!(leap.in_year(2027), None);
/// # Ok::<(), codec::ValueError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MonthDayTime {
    month: i8,
    day: i8,
    time: Time,
}

impl MonthDayTime {
    /// Month 1 to 12, a day the month has in some year, and a time whose fraction of a second is dropped.
    ///
    /// # Errors
    /// No year has such a day.
    pub fn new(month: i8, day: i8, time: Time) -> Result<Self, ValueError> {
        // A leap year has every day that any year has.
        Date::new(2000, month, day).map_err(|_| ValueError::NotADate)?;
        let time = time.with().subsec_nanosecond(0).build().map_err(|_| ValueError::NotADate)?;
        Ok(Self { month, day, time })
    }

    /// Month, 1 to 12.
    pub fn month(&self) -> i8 {
        self.month
    }

    /// Day of the month, 1 to 31.
    pub fn day(&self) -> i8 {
        self.day
    }

    /// Time of day.
    pub fn time(&self) -> Time {
        self.time
    }

    /// The same point in a year, if the year has the day.
    pub fn in_year(&self, year: i16) -> Option<DateTime> {
        let date = Date::new(year, self.month, self.day).ok()?;
        Some(date.to_datetime(self.time))
    }
}

impl From<DateTime> for MonthDayTime {
    fn from(datetime: DateTime) -> Self {
        Self::new(datetime.month(), datetime.day(), datetime.time()).expect("a datetime's day exists")
    }
}

impl fmt::Display for MonthDayTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}-{:02} {}", self.month, self.day, self.time)
    }
}
