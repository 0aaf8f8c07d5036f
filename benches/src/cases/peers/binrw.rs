//! binrw: a derived struct of field types, each made of its bytes with `try_map` and turned into them with `map`.

use std::hint::black_box;
use std::io::Cursor;

use binrw::{BinRead, BinWrite};
use codec::MonthDayTime;
use jiff::civil::DateTime;

use super::owned;
use crate::cases::layouts::{card450, kovan, wide};
use crate::cases::samples::Telegrams;
use crate::cases::value::{Shown, Value, Values};
use crate::cases::{Case, Operation, Proof, reading, writing};

macro_rules! kinds {
    ($($kind:ident($value:ty) = $read:path, $write:path;)*) => {
        $(
            #[derive(BinRead, BinWrite)]
            #[br(try_map = |bytes: [u8; N]| $read(bytes).map(Self).ok_or("no such value"))]
            #[bw(map = |field: &Self| -> [u8; N] { $write(&field.0) })]
            struct $kind<const N: usize>($value);

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
        #[derive(BinRead, BinWrite)]
        pub(super) struct $record {
            $($name: $kind<$len>,)*
        }

        impl $record {
            fn decode(bytes: &[u8]) -> binrw::BinResult<Self> {
                Self::read_be(&mut Cursor::new(bytes))
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
                    reading(telegrams, Operation::Eager, "binrw", proof, |bytes| {
                        black_box(&Self::decode(bytes));
                    }),
                    writing(telegrams, "binrw", records, |record, out| {
                        record.write_be(&mut Cursor::new(out)).expect("there is room for all fields");
                    }),
                ]
            }
        }
    };
}

card450!(record);
kovan!(record);
wide!(record);
