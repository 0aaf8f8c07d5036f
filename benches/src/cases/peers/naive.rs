//! As people write it first: a slice per field, a `String` per text, `format!` per number.

use std::hint::black_box;

use codec::MonthDayTime;
use encoding_rs::EUC_KR;
use jiff::civil::DateTime;

use crate::cases::layouts::{card450, kovan, wide};
use crate::cases::samples::Telegrams;
use crate::cases::value::{Shown, Values};
use crate::cases::{Case, Operation, Proof, making, plain, reading};

/// How a kind is read and written.
trait Kind {
    type Value: Shown;
    fn read(bytes: &[u8]) -> Option<Self::Value>;
    fn write(value: &Self::Value, len: usize) -> Vec<u8>;
}

struct Text;
struct Number;
struct Amount;
struct Korean;
struct Date;
struct Time;
struct Moment;
struct Stamp;
struct Filler;

impl Kind for Text {
    type Value = String;
    fn read(bytes: &[u8]) -> Option<String> {
        Some(std::str::from_utf8(bytes).ok()?.trim_end().to_string())
    }
    fn write(value: &String, len: usize) -> Vec<u8> {
        format!("{value:<len$}").into_bytes()
    }
}

impl Kind for Number {
    type Value = u64;
    fn read(bytes: &[u8]) -> Option<u64> {
        std::str::from_utf8(bytes).ok()?.parse().ok()
    }
    fn write(value: &u64, len: usize) -> Vec<u8> {
        format!("{value:0len$}").into_bytes()
    }
}

impl Kind for Amount {
    type Value = u64;
    fn read(bytes: &[u8]) -> Option<u64> {
        std::str::from_utf8(bytes).ok()?.trim_start().parse().ok()
    }
    fn write(value: &u64, len: usize) -> Vec<u8> {
        format!("{value:>len$}").into_bytes()
    }
}

impl Kind for Korean {
    type Value = String;
    fn read(bytes: &[u8]) -> Option<String> {
        let (text, _, wrong) = EUC_KR.decode(bytes);
        (!wrong).then(|| text.trim_end().to_string())
    }
    fn write(value: &String, len: usize) -> Vec<u8> {
        let mut bytes = EUC_KR.encode(value).0.into_owned();
        bytes.resize(len, b' ');
        bytes
    }
}

impl Kind for Date {
    type Value = jiff::civil::Date;
    fn read(bytes: &[u8]) -> Option<Self::Value> {
        plain::date(std::str::from_utf8(bytes).ok()?)
    }
    fn write(value: &Self::Value, _: usize) -> Vec<u8> {
        format!("{:02}{:02}{:02}", value.year() % 100, value.month(), value.day()).into_bytes()
    }
}

impl Kind for Time {
    type Value = jiff::civil::Time;
    fn read(bytes: &[u8]) -> Option<Self::Value> {
        plain::time(std::str::from_utf8(bytes).ok()?)
    }
    fn write(value: &Self::Value, _: usize) -> Vec<u8> {
        format!("{:02}{:02}{:02}", value.hour(), value.minute(), value.second()).into_bytes()
    }
}

impl Kind for Moment {
    type Value = MonthDayTime;
    fn read(bytes: &[u8]) -> Option<Self::Value> {
        plain::moment(std::str::from_utf8(bytes).ok()?)
    }
    fn write(value: &Self::Value, _: usize) -> Vec<u8> {
        let time = value.time();
        format!(
            "{:02}{:02}{:02}{:02}{:02}",
            value.month(),
            value.day(),
            time.hour(),
            time.minute(),
            time.second()
        )
        .into_bytes()
    }
}

impl Kind for Stamp {
    type Value = DateTime;
    fn read(bytes: &[u8]) -> Option<Self::Value> {
        plain::stamp(std::str::from_utf8(bytes).ok()?)
    }
    fn write(value: &Self::Value, _: usize) -> Vec<u8> {
        value.strftime("%Y%m%d%H%M%S").to_string().into_bytes()
    }
}

impl Kind for Filler {
    type Value = ();
    fn read(_: &[u8]) -> Option<()> {
        Some(())
    }
    fn write((): &(), len: usize) -> Vec<u8> {
        " ".repeat(len).into_bytes()
    }
}

macro_rules! naive {
    ($record:ident, $length:literal, $($name:ident: $kind:ident[$at:literal, $len:literal],)*) => {
        pub(super) struct $record {
            $($name: <$kind as Kind>::Value,)*
        }

        impl $record {
            fn decode(bytes: &[u8]) -> Option<Self> {
                if bytes.len() != $length {
                    return None;
                }
                Some(Self { $($name: $kind::read(&bytes[$at..$at + $len])?,)* })
            }

            fn encode(&self) -> Vec<u8> {
                let mut out = Vec::new();
                $(out.extend($kind::write(&self.$name, $len));)*
                out
            }

            fn values(&self) -> Values {
                vec![$((stringify!($name), self.$name.shown()),)*]
            }

            pub(super) fn cases(telegrams: &Telegrams) -> Vec<Case> {
                let decode = |bytes: &[u8]| Self::decode(bytes).expect("samples fit their layout");
                let proven = telegrams.clone();
                let proof =
                    Proof::Reads(Box::new(move || proven.different().map(|bytes| decode(bytes).values()).collect()));
                let records = telegrams.different().map(decode).collect();
                vec![
                    reading(telegrams, Operation::Eager, "naive", proof, |bytes| {
                        black_box(&Self::decode(bytes));
                    }),
                    making(telegrams, "naive", records, Self::encode),
                ]
            }
        }
    };
}

card450!(naive);
kovan!(naive);
wide!(naive);
