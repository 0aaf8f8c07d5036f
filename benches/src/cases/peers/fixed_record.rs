//! fixed-record: its zero-copy view of the telegram, whose fields are arrays; numbers and dates are made of them, text is checked to be UTF-8 and borrowed,
//! Korean text is borrowed unchecked. It writes by `write_bytes` into fields that begin as blanks.

use std::hint::black_box;

use codec::MonthDayTime;
use fixed_record::prelude::*;
use jiff::civil::DateTime;

use crate::cases::layouts::{card450, kovan, wide};
use crate::cases::plain::Ascii;
use crate::cases::samples::Telegrams;
use crate::cases::value::{EucKr, Shown as _, Values};
use crate::cases::{Case, Operation, Proof, plain, reading, writing};

/// How a kind is made of its field, and put into it.
trait Kind<'a> {
    type Value;
    fn read<const N: usize>(field: &'a Fixed<N>) -> Option<Self::Value>;
    fn write<const N: usize>(value: &Self::Value, field: &mut Fixed<N>);
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
    fn read<const N: usize>(field: &'a Fixed<N>) -> Option<&'a str> {
        Some(field.as_str().ok()?.trim_end())
    }
    fn write<const N: usize>(value: &&'a str, field: &mut Fixed<N>) {
        field.write_bytes(value.as_bytes());
    }
}

impl<'a> Kind<'a> for Number {
    type Value = u64;
    fn read<const N: usize>(field: &'a Fixed<N>) -> Option<u64> {
        field.as_str().ok()?.parse().ok()
    }
    fn write<const N: usize>(value: &u64, field: &mut Fixed<N>) {
        field.fill(b'0');
        write_right(&Ascii::decimal(*value), field);
    }
}

impl<'a> Kind<'a> for Amount {
    type Value = u64;
    fn read<const N: usize>(field: &'a Fixed<N>) -> Option<u64> {
        field.as_str().ok()?.trim_start().parse().ok()
    }
    fn write<const N: usize>(value: &u64, field: &mut Fixed<N>) {
        write_right(&Ascii::decimal(*value), field);
    }
}

impl<'a> Kind<'a> for Korean {
    type Value = EucKr<'a>;
    fn read<const N: usize>(field: &'a Fixed<N>) -> Option<EucKr<'a>> {
        Some(EucKr(field.as_bytes().trim_ascii_end()))
    }
    fn write<const N: usize>(value: &EucKr<'a>, field: &mut Fixed<N>) {
        field.write_bytes(value.0);
    }
}

macro_rules! moments {
    ($($kind:ident: $value:ty = $read:path, $write:path;)*) => {
        $(impl<'a> Kind<'a> for $kind {
            type Value = $value;
            fn read<const N: usize>(field: &'a Fixed<N>) -> Option<$value> {
                $read(field.as_str().ok()?)
            }
            fn write<const N: usize>(value: &$value, field: &mut Fixed<N>) {
                field.write_bytes($write(*value).as_bytes());
            }
        })*
    };
}

moments! {
    Date: jiff::civil::Date = plain::date, Ascii::date;
    Time: jiff::civil::Time = plain::time, Ascii::time;
    Moment: MonthDayTime = plain::moment, Ascii::moment;
    Stamp: DateTime = plain::stamp, Ascii::stamp;
}

impl<'a> Kind<'a> for Filler {
    type Value = ();
    fn read<const N: usize>(_: &'a Fixed<N>) -> Option<()> {
        Some(())
    }
    fn write<const N: usize>((): &(), _: &mut Fixed<N>) {}
}

/// Over padding that is already there.
fn write_right<const N: usize>(content: &Ascii, field: &mut Fixed<N>) {
    let mut bytes = *field.as_bytes().first_chunk::<N>().expect("a field has its own length");
    let content = content.as_bytes();
    bytes[N - content.len()..].copy_from_slice(content);
    *field = Fixed::from(bytes);
}

macro_rules! record {
    ($record:ident, $length:literal, $($name:ident: $kind:ident[$at:literal, $len:tt],)*) => {
        #[fixed_record]
        struct Fields {
            $($name: Fixed<$len>,)*
        }

        pub(in crate::cases::peers) struct $record<'a> {
            $($name: <$kind as Kind<'a>>::Value,)*
        }

        impl<'a> $record<'a> {
            fn decode(bytes: &'a [u8]) -> Option<Self> {
                let fields = Fields::ref_from_bytes(bytes).ok()?;
                Some(Self { $($name: $kind::read(&fields.$name)?,)* })
            }

            fn encode(&self, out: &mut [u8]) {
                let mut fields = Fields::spaced();
                $($kind::write(&self.$name, &mut fields.$name);)*
                out.copy_from_slice(fields.as_bytes());
            }

            fn values(&self) -> Values {
                vec![$((stringify!($name), self.$name.shown()),)*]
            }
        }

        impl $record<'static> {
            pub(in crate::cases::peers) fn cases(telegrams: &Telegrams) -> Vec<Case> {
                let proven = telegrams.clone();
                let proof = Proof::Reads(Box::new(move || {
                    let values = |bytes| $record::decode(bytes).expect("samples fit their layout").values();
                    proven.different().map(values).collect()
                }));
                // The records to write borrow from telegrams that live as long as the process.
                let decode = |bytes: &[u8]| $record::decode(bytes.to_vec().leak()).expect("samples fit their layout");
                let records = telegrams.different().map(decode).collect();
                vec![
                    reading(telegrams, Operation::Eager, "fixed-record", proof, |bytes| {
                        black_box(&$record::decode(bytes));
                    }),
                    writing(telegrams, "fixed-record", records, |record: &$record<'_>, out| record.encode(out)),
                ]
            }
        }
    };
}

macro_rules! module {
    ($layout:ident, $record:ident) => {
        #[allow(
            dead_code,
            missing_docs,
            unreachable_pub,
            unused_qualifications,
            clippy::pedantic,
            clippy::wrong_self_convention,
            reason = "the attribute makes more of a struct than is used here, and not to our taste"
        )]
        mod $layout {
            use super::*;

            $layout!(record);
        }

        pub(super) use $layout::$record;
    };
}

module!(card450, Card450);
module!(kovan, Kovan);
module!(wide, Wide);
