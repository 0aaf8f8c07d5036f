//! nom by hand: `take`, `map_res` and `parse`, one field after the other. Text is borrowed from the telegram and only checked to be UTF-8; Korean text is
//! borrowed unchecked. nom reads only.

use std::hint::black_box;

use codec::MonthDayTime;
use jiff::civil::DateTime;
use nom::bytes::complete::take;
use nom::combinator::{all_consuming, map, map_opt, map_res};
use nom::{IResult, Parser as _};

use crate::cases::layouts::{card450, kovan, wide};
use crate::cases::samples::Telegrams;
use crate::cases::value::{EucKr, Shown as _, Values};
use crate::cases::{Case, Operation, Proof, plain, reading};

/// How a kind is parsed.
trait Kind<'a> {
    type Value;
    fn parse<const N: usize>(input: &'a [u8]) -> IResult<&'a [u8], Self::Value>;
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

impl<'a> Kind<'a> for Text {
    type Value = &'a str;
    fn parse<const N: usize>(input: &'a [u8]) -> IResult<&'a [u8], &'a str> {
        map(map_res(take(N), std::str::from_utf8), str::trim_end).parse(input)
    }
}

impl<'a> Kind<'a> for Number {
    type Value = u64;
    fn parse<const N: usize>(input: &'a [u8]) -> IResult<&'a [u8], u64> {
        map_res(map_res(take(N), std::str::from_utf8), str::parse).parse(input)
    }
}

impl<'a> Kind<'a> for Amount {
    type Value = u64;
    fn parse<const N: usize>(input: &'a [u8]) -> IResult<&'a [u8], u64> {
        map_res(map_res(take(N), std::str::from_utf8), |text: &str| text.trim_start().parse()).parse(input)
    }
}

impl<'a> Kind<'a> for Korean {
    type Value = EucKr<'a>;
    fn parse<const N: usize>(input: &'a [u8]) -> IResult<&'a [u8], EucKr<'a>> {
        map(take(N), |bytes: &[u8]| EucKr(bytes.trim_ascii_end())).parse(input)
    }
}

macro_rules! moments {
    ($($kind:ident: $value:ty = $read:path;)*) => {
        $(impl<'a> Kind<'a> for $kind {
            type Value = $value;
            fn parse<const N: usize>(input: &'a [u8]) -> IResult<&'a [u8], $value> {
                map_opt(map_res(take(N), std::str::from_utf8), $read).parse(input)
            }
        })*
    };
}

moments! {
    Date: jiff::civil::Date = plain::date;
    Time: jiff::civil::Time = plain::time;
    Moment: MonthDayTime = plain::moment;
    Stamp: DateTime = plain::stamp;
}

impl<'a> Kind<'a> for Filler {
    type Value = ();
    fn parse<const N: usize>(input: &'a [u8]) -> IResult<&'a [u8], ()> {
        map(take(N), |_| ()).parse(input)
    }
}

macro_rules! nom {
    ($record:ident, $length:literal, $($name:ident: $kind:ident[$at:literal, $len:literal],)*) => {
        pub(super) struct $record<'a> {
            $($name: <$kind as Kind<'a>>::Value,)*
        }

        impl<'a> $record<'a> {
            fn parse(input: &'a [u8]) -> IResult<&'a [u8], Self> {
                $(let (input, $name) = $kind::parse::<$len>(input)?;)*
                Ok((input, Self { $($name,)* }))
            }

            fn decode(bytes: &'a [u8]) -> Option<Self> {
                all_consuming(Self::parse).parse(bytes).ok().map(|(_, record)| record)
            }

            fn values(&self) -> Values {
                vec![$((stringify!($name), self.$name.shown()),)*]
            }
        }

        impl $record<'static> {
            pub(super) fn cases(telegrams: &Telegrams) -> Vec<Case> {
                let proven = telegrams.clone();
                let proof = Proof::Reads(Box::new(move || {
                    let values = |bytes| $record::decode(bytes).expect("samples fit their layout").values();
                    proven.different().map(values).collect()
                }));
                vec![reading(telegrams, Operation::Eager, "nom", proof, |bytes| {
                    black_box(&$record::decode(bytes));
                })]
            }
        }
    };
}

card450!(nom);
kovan!(nom);
wide!(nom);
