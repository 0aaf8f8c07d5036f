//! The time as telegrams write it.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::{self, TimeZone};

/// The present in Korea (UTC+9, no daylight saving time).
pub fn kst_now() -> DateTime {
    Timestamp::now().to_zoned(TimeZone::fixed(tz::offset(9))).datetime()
}
