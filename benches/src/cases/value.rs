//! What a field holds, whoever read it: for comparing.

use codec::{Code, Digits, Korean, MonthDayTime, Secret, Text};
use encoding_rs::EUC_KR;
use jiff::civil::{Date, DateTime, Time};
use zeroize::Zeroize;

/// What was read of a telegram, field by field.
pub type Values = Vec<(&'static str, Value)>;

/// One field's value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// An amount, a count.
    Number(u64),
    /// Text without its padding; nothing is the empty text.
    Text(String),
    /// A day.
    Date(Date),
    /// A time of day.
    Time(Time),
    /// A day and a time of day.
    Stamp(DateTime),
    /// A day of some year and a time of day.
    Moment(MonthDayTime),
    /// Bytes without meaning.
    Nothing,
}

/// A field's value as somebody's code gives it.
pub(super) trait Shown {
    fn shown(&self) -> Value;
}

/// Text in EUC-KR, without its padding.
#[derive(Clone, Copy, Debug)]
pub(super) struct EucKr<'a>(pub(super) &'a [u8]);

impl Shown for EucKr<'_> {
    fn shown(&self) -> Value {
        Value::Text(EUC_KR.decode(self.0).0.into_owned())
    }
}

impl<const N: usize> Shown for Korean<N> {
    fn shown(&self) -> Value {
        Value::Text(self.to_string())
    }
}

impl Shown for () {
    fn shown(&self) -> Value {
        Value::Nothing
    }
}

impl<T: Shown> Shown for Option<T> {
    fn shown(&self) -> Value {
        self.as_ref().map_or(Value::Text(String::new()), Shown::shown)
    }
}

impl<T: Shown + Zeroize> Shown for Secret<T> {
    fn shown(&self) -> Value {
        self.expose().shown()
    }
}

macro_rules! shown {
    ($($type:ty [$($generics:tt)*] $value:ident => $shown:expr;)*) => {
        $(impl<$($generics)*> Shown for $type {
            fn shown(&self) -> Value {
                let $value = self;
                $shown
            }
        })*
    };
}

shown! {
    u8 [] number => Value::Number(u64::from(*number));
    u16 [] number => Value::Number(u64::from(*number));
    u64 [] number => Value::Number(*number);
    &str [] text => Value::Text((*text).to_owned());
    String [] text => Value::Text(text.clone());
    Text<N> [const N: usize] text => Value::Text(text.as_str().to_owned());
    Code<N> [const N: usize] text => Value::Text(text.as_str().to_owned());
    Digits<N> [const N: usize] text => Value::Text(text.as_str().to_owned());
    Date [] date => Value::Date(*date);
    Time [] time => Value::Time(*time);
    DateTime [] stamp => Value::Stamp(*stamp);
    MonthDayTime [] moment => Value::Moment(*moment);
}
