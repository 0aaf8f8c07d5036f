//! deku: a derived struct of field types that implement its reader and writer, each of which takes its bytes in one piece (an array of its own takes them one
//! by one).

use std::hint::black_box;

use codec::MonthDayTime;
use deku::ctx::Order;
use deku::no_std_io::{Read, Seek, Write};
use deku::prelude::*;
use jiff::civil::DateTime;

use super::owned;
use crate::cases::layouts::{card450, kovan, wide};
use crate::cases::samples::Telegrams;
use crate::cases::value::{Shown, Value, Values};
use crate::cases::{Case, Operation, Proof, reading, writing};

macro_rules! kinds {
    ($($kind:ident($value:ty) = $read:path, $write:path;)*) => {
        $(
            struct $kind<const N: usize>($value);

            impl<const N: usize> DekuReader<'_> for $kind<N> {
                fn from_reader_with_ctx<R: Read + Seek>(reader: &mut Reader<R>, (): ()) -> Result<Self, DekuError> {
                    let mut bytes = [0; N];
                    reader.read_bytes_const(&mut bytes, Order::Msb0)?;
                    $read(bytes).map(Self).ok_or(DekuError::Assertion("no such value".into()))
                }
            }

            impl<const N: usize> DekuWriter for $kind<N> {
                fn to_writer<W: Write + Seek>(&self, writer: &mut Writer<W>, (): ()) -> Result<(), DekuError> {
                    let bytes: [u8; N] = $write(&self.0);
                    writer.write_bytes(&bytes)
                }
            }

            impl<const N: usize> Shown for $kind<N> {
                fn shown(&self) -> Value {
                    self.0.shown()
                }
            }
        )*
    };
}

kinds! {
    Text(owned::Padded<N>) = owned::read_text, owned::write_text;
    Number(u64) = owned::read_number, owned::write_number;
    Amount(u64) = owned::read_number, owned::write_amount;
    Korean(owned::PaddedKorean<N>) = owned::read_korean, owned::write_korean;
    Date(jiff::civil::Date) = owned::read_date, owned::write_date;
    Time(jiff::civil::Time) = owned::read_time, owned::write_time;
    Moment(MonthDayTime) = owned::read_moment, owned::write_moment;
    Stamp(DateTime) = owned::read_stamp, owned::write_stamp;
    Filler(()) = owned::read_filler, owned::write_filler;
}

macro_rules! record {
    ($record:ident, $length:literal, $($name:ident: $kind:ident[$at:literal, $len:literal],)*) => {
        #[derive(DekuRead, DekuWrite)]
        pub(super) struct $record {
            $($name: $kind<$len>,)*
        }

        impl $record {
            fn decode(bytes: &[u8]) -> Result<Self, DekuError> {
                Self::from_bytes((bytes, 0)).map(|(_, record)| record)
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
                    reading(telegrams, Operation::Eager, "deku", proof, |bytes| {
                        black_box(&Self::decode(bytes));
                    }),
                    writing(telegrams, "deku", records, |record, out| {
                        record.to_slice(out).expect("there is room for all fields");
                    }),
                ]
            }
        }
    };
}

card450!(record);
kovan!(record);
wide!(record);
