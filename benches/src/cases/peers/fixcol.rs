//! fixcol: a derived struct of `String`s, numbers and field types of our own for dates, as its page teaches, not strict (strict refuses the blanks before
//! a number whose alignment is not declared). It reads UTF-8 only and reads through `&str`, so the telegram is checked to be UTF-8 first. Its writing is
//! experimental and knows no zeros before a number; it is left out.

use std::hint::black_box;

use codec::MonthDayTime;
use fixcol::error::DataError;
use fixcol::{FieldDescription, FixedDeserializer, ReadFixed};

use crate::cases::layouts::{card450, kovan};
use crate::cases::samples::Telegrams;
use crate::cases::value::{Shown, Value, Values};
use crate::cases::{Case, Operation, Proof, plain, reading};

type Text = String;
type Number = u64;
type Amount = u64;

macro_rules! kinds {
    ($($kind:ident($value:ty) = $read:path;)*) => {
        $(
            struct $kind($value);

            impl FixedDeserializer for $kind {
                fn parse_fixed(text: &str, field: &FieldDescription) -> Result<Self, DataError> {
                    let text = &text[field.skip..field.skip + field.len];
                    $read(text).map(Self).ok_or_else(|| DataError::custom(text, "no such value"))
                }
            }

            impl Shown for $kind {
                fn shown(&self) -> Value {
                    self.0.shown()
                }
            }
        )*
    };
}

kinds! {
    Date(jiff::civil::Date) = plain::date;
    Time(jiff::civil::Time) = plain::time;
    Moment(MonthDayTime) = plain::moment;
    Filler(()) = nothing;
}

#[expect(clippy::unnecessary_wraps, reason = "what all kinds have")]
fn nothing(_: &str) -> Option<()> {
    Some(())
}

macro_rules! record {
    ($record:ident, $length:literal, $($name:ident: $kind:ident[$at:literal, $len:tt],)*) => {
        #[derive(ReadFixed)]
        #[fixcol(strict = false)]
        pub(super) struct $record {
            $(#[fixcol(width = $len)] $name: $kind,)*
        }

        impl $record {
            fn decode(bytes: &[u8]) -> Option<Self> {
                Self::read_fixed_str(std::str::from_utf8(bytes).ok()?).ok()
            }

            fn values(&self) -> Values {
                vec![$((stringify!($name), self.$name.shown()),)*]
            }

            pub(super) fn cases(telegrams: &Telegrams) -> Vec<Case> {
                let proven = telegrams.clone();
                let proof = Proof::Reads(Box::new(move || {
                    let values = |bytes| Self::decode(bytes).expect("samples fit their layout").values();
                    proven.different().map(values).collect()
                }));
                vec![reading(telegrams, Operation::Eager, "fixcol", proof, |bytes| {
                    black_box(&Self::decode(bytes));
                })]
            }
        }
    };
}

card450!(record);
kovan!(record);
