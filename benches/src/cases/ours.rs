//! Our own cases: derived code over the layout files.

mod card450;
mod kovan;
mod wide;

use std::hint::black_box;

use bytes::BytesMut;
use codec::Telegram;
use codec::frame::FrameFormat;

use super::samples::{DIFFERENT, Telegrams};
use super::value::Values;
use super::{BASELINE, Case, OURS, Operation, Place, Proof, READING_BASELINE, Source, reading, writing};

pub(super) use card450::Card450;
pub(super) use kovan::Kovan;
pub(super) use wide::Wide;

/// Frames that one read of a socket brings.
const FRAMES_A_READ: usize = 32;

/// A layout that is measured.
pub(super) trait Measured: Telegram + 'static {
    /// The frame it travels in.
    const FRAME: FrameFormat;

    /// One of the different telegrams.
    fn sample(number: u8) -> Self;

    /// What its fields hold.
    fn values(&self) -> Values;

    /// The telegrams that all cases of this layout read.
    fn telegrams(source: Source) -> Telegrams {
        let different = samples::<Self>().into_iter().map(|sample| {
            let mut bytes = vec![0; Self::LENGTH];
            sample.encode_into(&mut bytes).expect("samples fit their layout");
            bytes
        });
        Telegrams::new(Self::LAYOUT.name, source, &different.collect::<Vec<_>>())
    }

    /// Everything the codec does to a telegram, and the copy of its bytes.
    fn cases(telegrams: &Telegrams) -> Vec<Case> {
        let mut cases = copies(telegrams);
        cases.extend([
            view::<Self>(telegrams),
            eager::<Self>(telegrams),
            writing(telegrams, OURS, samples::<Self>(), |sample, out| {
                sample.encode_into(out).expect("samples fit their layout");
            }),
            unframe::<Self>(telegrams),
            frame::<Self>(telegrams),
        ]);
        cases
    }
}

fn samples<T: Measured>() -> Vec<T> {
    (0..u8::try_from(DIFFERENT).expect("a few")).map(T::sample).collect()
}

/// From memory there are two.
fn copies(telegrams: &Telegrams) -> Vec<Case> {
    match telegrams.source {
        Source::Cache => vec![copy_into_one_buffer(telegrams, BASELINE)],
        Source::Memory => {
            vec![copy_into_memory(telegrams, BASELINE), copy_into_one_buffer(telegrams, READING_BASELINE)]
        }
    }
}

fn copy_into_one_buffer(telegrams: &Telegrams, who: &'static str) -> Case {
    let turn = telegrams.clone();
    let mut place = Place::new(telegrams.length);
    let run = move |count| {
        let out = place.next();
        turn.for_each(count, |bytes| {
            out.copy_from_slice(black_box(bytes));
            black_box(&mut *out);
        });
    };
    Case::new(telegrams, Operation::Copy, who, Proof::Accepts(Box::new(|| true)), Box::new(run))
}

/// Each telegram to the next place of a buffer as large as all of them.
fn copy_into_memory(telegrams: &Telegrams, who: &'static str) -> Case {
    let length = telegrams.length;
    let mut out = vec![0; telegrams.bytes.len()];
    let mut at = 0;
    let proof = Proof::Accepts(Box::new(|| true));
    reading(telegrams, Operation::Copy, who, proof, move |bytes| {
        let place = &mut out[at..at + length];
        place.copy_from_slice(bytes);
        black_box(place);
        at = if at + length < out.len() { at + length } else { 0 };
    })
}

fn view<T: Measured>(telegrams: &Telegrams) -> Case {
    let proven = telegrams.clone();
    let proof = Proof::Accepts(Box::new(move || proven.different().all(|bytes| T::view(bytes).is_ok())));
    reading(telegrams, Operation::View, OURS, proof, |bytes| {
        black_box(&T::view(bytes));
    })
}

fn eager<T: Measured>(telegrams: &Telegrams) -> Case {
    let proven = telegrams.clone();
    let proof = Proof::Reads(Box::new(move || {
        let values = |bytes| T::decode(bytes).expect("samples fit their layout").values();
        proven.different().map(values).collect()
    }));
    reading(telegrams, Operation::Eager, OURS, proof, |bytes| {
        black_box(&T::decode(bytes));
    })
}

fn frame<T: Measured>(telegrams: &Telegrams) -> Case {
    let proven = telegrams.clone();
    let proof = Proof::Accepts(Box::new(move || {
        proven.different().all(|bytes| T::FRAME.encode(bytes, &mut BytesMut::new()).is_ok())
    }));
    let mut out = BytesMut::with_capacity(T::FRAME.max_frame());
    reading(telegrams, Operation::Frame, OURS, proof, move |bytes| {
        out.clear();
        black_box(&T::FRAME.encode(bytes, &mut out));
        black_box(&mut out);
    })
}

fn unframe<T: Measured>(telegrams: &Telegrams) -> Case {
    let mut read = BytesMut::new();
    for bytes in telegrams.different().cycle().take(FRAMES_A_READ) {
        T::FRAME.encode(bytes, &mut read).expect("samples fit their frame");
    }
    let read = read.freeze();
    let proven = read.clone();
    let proof =
        Proof::Accepts(Box::new(move || unframe_all::<T>(&mut BytesMut::from(&*proven)) == FRAMES_A_READ));
    let mut buffer = BytesMut::with_capacity(read.len());
    let run = move |count: usize| {
        // Whole reads only, one at least: the harness counts by thousands.
        for _ in 0..count.div_ceil(FRAMES_A_READ) {
            buffer.reserve(read.len());
            buffer.extend_from_slice(black_box(&read));
            unframe_all::<T>(&mut buffer);
        }
    };
    Case::new(telegrams, Operation::Unframe, OURS, proof, Box::new(run))
}

fn unframe_all<T: Measured>(buffer: &mut BytesMut) -> usize {
    let mut telegrams = 0;
    while let Some(telegram) = T::FRAME.decode(buffer).expect("our own frames are whole") {
        black_box(&telegram);
        telegrams += 1;
    }
    telegrams
}

/// The values of some fields, under their names.
macro_rules! values {
    ($record:ident, $($field:ident)*) => {
        vec![$((stringify!($field), $crate::cases::value::Shown::shown(&$record.$field))),*]
    };
}
use values;
