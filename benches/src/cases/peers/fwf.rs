//! fwf 0.2: a schema, and one reader and one writer over it that go from record to record, as its page teaches. A record's fields are slices of the
//! reader's buffer, their padding already stripped; numbers and dates are made of them, text is checked to be UTF-8 and borrowed, Korean text is borrowed
//! unchecked. It is given what it writes as bytes; decimals are made without an allocation.

use std::hint::black_box;
use std::io::{self, Read, Write};
use std::rc::Rc;

use codec::MonthDayTime;
use fwf::{
    Alignment, ByteRecord, FwReader, FwReaderField, FwReaderSchema, FwWriter, FwWriterField, FwWriterSchema,
};
use jiff::civil::DateTime;

use crate::cases::layouts::{card450, kovan, wide};
use crate::cases::plain::Ascii;
use crate::cases::samples::{DIFFERENT, Telegrams};
use crate::cases::value::{EucKr, Shown as _, Values};
use crate::cases::{Case, Operation, Proof, plain};

/// How a kind is declared, read from what its padding was stripped off, and written.
trait Kind<'a> {
    const ALIGNMENT: Alignment = Alignment::Left;
    const PADDING: u8 = b' ';
    type Value;
    type Written: AsRef<[u8]>;
    fn read(bytes: &'a [u8]) -> Option<Self::Value>;
    fn write(value: &Self::Value) -> Self::Written;
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
    type Written = &'a [u8];
    fn read(bytes: &'a [u8]) -> Option<&'a str> {
        std::str::from_utf8(bytes).ok()
    }
    fn write(value: &&'a str) -> &'a [u8] {
        value.as_bytes()
    }
}

impl<'a> Kind<'a> for Number {
    const ALIGNMENT: Alignment = Alignment::Right;
    const PADDING: u8 = b'0';
    type Value = u64;
    type Written = Ascii;
    fn read(bytes: &'a [u8]) -> Option<u64> {
        // All zeros are all padding to it.
        if bytes.is_empty() { Some(0) } else { std::str::from_utf8(bytes).ok()?.parse().ok() }
    }
    fn write(value: &u64) -> Ascii {
        Ascii::decimal(*value)
    }
}

impl<'a> Kind<'a> for Amount {
    const ALIGNMENT: Alignment = Alignment::Right;
    type Value = u64;
    type Written = Ascii;
    fn read(bytes: &'a [u8]) -> Option<u64> {
        std::str::from_utf8(bytes).ok()?.parse().ok()
    }
    fn write(value: &u64) -> Ascii {
        Ascii::decimal(*value)
    }
}

impl<'a> Kind<'a> for Korean {
    type Value = EucKr<'a>;
    type Written = &'a [u8];
    fn read(bytes: &'a [u8]) -> Option<EucKr<'a>> {
        Some(EucKr(bytes))
    }
    fn write(value: &EucKr<'a>) -> &'a [u8] {
        value.0
    }
}

macro_rules! moments {
    ($($kind:ident: $value:ty = $read:path, $write:path;)*) => {
        $(impl<'a> Kind<'a> for $kind {
            type Value = $value;
            type Written = Ascii;
            fn read(bytes: &'a [u8]) -> Option<$value> {
                $read(std::str::from_utf8(bytes).ok()?)
            }
            fn write(value: &$value) -> Ascii {
                $write(*value)
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
    type Written = [u8; 0];
    fn read(_: &'a [u8]) -> Option<()> {
        Some(())
    }
    fn write((): &()) -> [u8; 0] {
        []
    }
}

/// The telegrams in turn, without an end.
struct Turn {
    bytes: Rc<[u8]>,
    at: usize,
}

impl Turn {
    fn of(telegrams: &Telegrams) -> Self {
        Self { bytes: Rc::clone(&telegrams.bytes), at: 0 }
    }
}

impl Read for Turn {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let rest = &self.bytes[self.at..];
        let len = out.len().min(rest.len());
        out[..len].copy_from_slice(&rest[..len]);
        self.at = (self.at + len) % self.bytes.len();
        Ok(len)
    }
}

/// Where records are written: one over the other.
struct Slot {
    bytes: Vec<u8>,
    at: usize,
}

impl Write for Slot {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let end = self.at + bytes.len();
        self.bytes[self.at..end].copy_from_slice(bytes);
        self.at = end % self.bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

macro_rules! fwf {
    ($record:ident, $length:literal, $($name:ident: $kind:ident[$at:literal, $len:literal],)*) => {
        pub(super) struct $record<'a> {
            $($name: <$kind as Kind<'a>>::Value,)*
        }

        impl<'a> $record<'a> {
            fn of(record: &'a ByteRecord<'_>) -> Option<Self> {
                let mut fields = 0..;
                Some(Self { $($name: $kind::read(&record[fields.next()?])?,)* })
            }

            fn write(&self, writer: &mut FwWriter<Slot>) -> fwf::Result<()> {
                $(let $name = $kind::write(&self.$name);)*
                writer.write_byte_record(&[$($name.as_ref()),*])
            }

            fn values(&self) -> Values {
                vec![$((stringify!($name), self.$name.shown()),)*]
            }
        }

        impl $record<'static> {
            fn reader(telegrams: &Telegrams) -> FwReader<Turn> {
                let schema = FwReaderSchema::builder($length)
                    $(.field(
                        FwReaderField::builder($at..$at + $len)
                            .alignment(<$kind as Kind<'_>>::ALIGNMENT)
                            .padding(<$kind as Kind<'_>>::PADDING)
                            .build(),
                    ))*
                    .build()
                    .expect("the fields are within the record");
                FwReader::options(schema).from_reader(Turn::of(telegrams))
            }

            fn writer() -> FwWriter<Slot> {
                let schema = FwWriterSchema::builder()
                    $(.field(
                        FwWriterField::builder($len)
                            .alignment(<$kind as Kind<'_>>::ALIGNMENT)
                            .padding(<$kind as Kind<'_>>::PADDING)
                            .build(),
                    ))*
                    .build();
                FwWriter::options(schema).from_writer(Slot { bytes: vec![0; $length], at: 0 })
            }

            /// The different telegrams' records; they live as long as the process.
            fn records(telegrams: &Telegrams) -> Vec<Self> {
                let records = Self::reader(telegrams).byte_records().take(DIFFERENT);
                let records = records.map(|record| &*Box::leak(Box::new(record.expect("a record is whole"))));
                records.map(|record| $record::of(record).expect("samples fit their layout")).collect()
            }

            pub(super) fn cases(telegrams: &Telegrams) -> Vec<Case> {
                let proven = telegrams.clone();
                let reads = Proof::Reads(Box::new(move || {
                    Self::records(&proven).iter().map($record::values).collect()
                }));
                let mut reader = Self::reader(telegrams);
                let read = move |count| {
                    for _ in 0..count {
                        let record = reader.read_byte_record().expect("a record is whole").expect("there is no end");
                        black_box(&$record::of(&record));
                    }
                };
                let records: Rc<[Self]> = Self::records(telegrams).into();
                let proven = Rc::clone(&records);
                let writes = Proof::Writes(Box::new(move || {
                    let written = |record: &Self| {
                        let mut writer = Self::writer();
                        record.write(&mut writer).expect("samples fit their layout");
                        writer.into_inner().bytes
                    };
                    proven.iter().map(written).collect()
                }));
                let mut writer = Self::writer();
                let mut next = records.len();
                let write = move |count| {
                    for _ in 0..count {
                        next = if next + 1 < records.len() { next + 1 } else { 0 };
                        black_box(&black_box(&records[next]).write(&mut writer));
                    }
                };
                vec![
                    Case::new(telegrams, Operation::Eager, "fwf", reads, Box::new(read)),
                    Case::new(telegrams, Operation::Encode, "fwf", writes, Box::new(write)),
                ]
            }
        }
    };
}

card450!(fwf);
kovan!(fwf);
wide!(fwf);
