//! `fixed_width`: a serde struct of `String`s and numbers. Korean text is kept as bytes, unchecked. Twice:
//! - `fixed_width` as its README and its derive crate's page have it: `from_bytes` of a struct whose `FixedWidth` is what
//!   the derive macro writes (written out here, because the rows of a layout cannot become the strings of its attribute). The list of fields is made anew
//!   for every telegram, each with its name.
//! - `fixed_width, bare list` is the fastest form that its interface allows: the list, without names, is made once and cloned for every telegram,
//!   because it is taken by value.

use std::hint::black_box;

use codec::MonthDayTime;
use fixed_width::{FieldSet, FixedWidth};
use jiff::civil::DateTime;
use serde::de::{Deserialize, Deserializer, Error as _, Visitor};
use serde::ser::{Serialize, Serializer};

use crate::cases::layouts::{card450, kovan, wide};
use crate::cases::plain::{self, Ascii};
use crate::cases::samples::Telegrams;
use crate::cases::value::{EucKr, Shown, Value, Values};
use crate::cases::{Case, Operation, Proof, making, reading};

type Text = String;
type Number = u64;
type Amount = u64;
type Filler = ();

/// The padding and the side of each kind, under the kind's name.
#[expect(non_upper_case_globals, reason = "named as the kinds")]
mod declared {
    pub(super) const Text: (char, &str) = (' ', "left");
    pub(super) const Number: (char, &str) = ('0', "right");
    pub(super) const Amount: (char, &str) = (' ', "right");

    pub(super) use {
        Text as Korean, Text as Date, Text as Time, Text as Moment, Text as Stamp, Text as Filler,
    };
}

macro_rules! kinds {
    ($($kind:ident($value:ty) = $read:path, $write:path;)*) => {
        $(
            struct $kind($value);

            impl<'de> Deserialize<'de> for $kind {
                fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                    let text = <&str>::deserialize(deserializer)?;
                    $read(text).map(Self).ok_or_else(|| D::Error::custom("no such value"))
                }
            }

            impl Serialize for $kind {
                fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                    serializer.serialize_str($write(self.0).as_str())
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
    Date(jiff::civil::Date) = plain::date, Ascii::date;
    Time(jiff::civil::Time) = plain::time, Ascii::time;
    Moment(MonthDayTime) = plain::moment, Ascii::moment;
    Stamp(DateTime) = plain::stamp, Ascii::stamp;
}

struct Korean(Vec<u8>);

impl<'de> Deserialize<'de> for Korean {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Bytes;
        impl Visitor<'_> for Bytes {
            type Value = Korean;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("bytes")
            }
            fn visit_bytes<E>(self, bytes: &[u8]) -> Result<Korean, E> {
                Ok(Korean(bytes.trim_ascii_end().to_vec()))
            }
        }
        deserializer.deserialize_bytes(Bytes)
    }
}

impl Serialize for Korean {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(&self.0)
    }
}

impl Shown for Korean {
    fn shown(&self) -> Value {
        EucKr(&self.0).shown()
    }
}

macro_rules! record {
    ($record:ident, $length:literal, $($name:ident: $kind:ident[$at:literal, $len:literal],)*) => {
        #[derive(serde::Deserialize, serde::Serialize)]
        pub(super) struct $record {
            $($name: $kind,)*
        }

        impl FixedWidth for $record {
            fn fields() -> FieldSet {
                fixed_width::field_seq![$(
                    FieldSet::new_field($at..$at + $len)
                        .name(stringify!($name))
                        .pad_with(declared::$kind.0)
                        .justify(declared::$kind.1.to_string())
                ),*]
            }
        }

        impl $record {
            fn bare_list() -> FieldSet {
                let field = |range, (pad, justify): (char, &str)| {
                    FieldSet::new_field(range).pad_with(pad).justify(justify)
                };
                FieldSet::Seq(vec![$(field($at..$at + $len, declared::$kind)),*])
            }

            fn values(&self) -> Values {
                vec![$((stringify!($name), self.$name.shown()),)*]
            }

            pub(super) fn cases(telegrams: &Telegrams) -> Vec<Case> {
                let decode = |bytes: &[u8]| fixed_width::from_bytes::<Self>(bytes).expect("samples fit their layout");
                let proven = telegrams.clone();
                let proof =
                    Proof::Reads(Box::new(move || proven.different().map(|bytes| decode(bytes).values()).collect()));
                let proven = telegrams.clone();
                let fields = Self::bare_list();
                let bare = move |bytes: &[u8]| fixed_width::from_bytes_with_fields::<Self>(bytes, fields.clone());
                let read_bare = bare.clone();
                let bare_proof = Proof::Reads(Box::new(move || {
                    let values = |bytes| bare(bytes).expect("samples fit their layout").values();
                    proven.different().map(values).collect()
                }));
                let records = telegrams.different().map(decode).collect();
                vec![
                    reading(telegrams, Operation::Eager, "fixed_width", proof, |bytes| {
                        black_box(&fixed_width::from_bytes::<Self>(bytes));
                    }),
                    reading(telegrams, Operation::Eager, "fixed_width, bare list", bare_proof, move |bytes| {
                        black_box(&read_bare(bytes));
                    }),
                    making(telegrams, "fixed_width", records, |record| {
                        fixed_width::to_bytes(record).expect("samples fit their layout")
                    }),
                ]
            }
        }
    };
}

card450!(record);
kovan!(record);
wide!(record);
