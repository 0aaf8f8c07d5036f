//! Fixed-width telegrams: layouts, views, EUC-KR, frames, errors.

mod binary;
mod conform;
mod datetime;
mod digits;
mod error;
pub mod frame;
mod inline;
mod korean;
mod layout;
mod month_day_time;
mod number;
mod secret;
mod telegram;
mod text;
mod value;

pub use codec_derive::Telegram;

pub use binary::Binary;
pub use digits::Digits;
pub use error::{Error, Rule};
pub use inline::ValueError;
pub use korean::Korean;
pub use layout::{Align, Field, Format, Kind, Layout};
pub use month_day_time::MonthDayTime;
pub use secret::Secret;
pub use telegram::Telegram;
pub use text::{Code, Text};

/// What the derive macro's output calls. Not for people.
#[doc(hidden)]
pub mod derived {
    pub use crate::conform::conforms;
    pub use crate::error::Misfit;
    pub use crate::telegram::append;
    pub use crate::value::Value;
    pub use bytes::BufMut;

    /// Whether two layouts have the same name, at compile time.
    pub const fn same_name(a: &str, b: &str) -> bool {
        let (a, b) = (a.as_bytes(), b.as_bytes());
        let mut index = 0;
        while index < a.len() && index < b.len() && a[index] == b[index] {
            index += 1;
        }
        a.len() == b.len() && index == a.len()
    }
}
