//! Nothing on the way of a telegram allocates. A program of its own and without the test harness, because the counter counts for
//! all threads, those of a harness among them.
#![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]

#[path = "codec/everything.rs"]
mod everything;
#[path = "codec/full"]
mod full {
    pub(crate) mod golden;
    pub(crate) mod layout;
    pub(crate) mod shown;
}

use std::alloc::System;
use std::fmt::Write;
use std::hint::black_box;

use bytes::Bytes;
use codec::{Owned, Telegram};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

use crate::everything::{Everything, example, example_bytes};
use crate::full::golden::{full, full_bytes};
use crate::full::layout::{Full, LineView};
use crate::full::shown::{Fields as _, Settable};

#[global_allocator]
static COUNTING: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// Takes what is displayed and keeps nothing.
struct Nowhere(usize);

impl Write for Nowhere {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        self.0 += text.len();
        Ok(())
    }
}

#[track_caller]
fn allocates_nothing(what: &str, run: impl FnOnce()) {
    let region = Region::new(COUNTING);
    run();
    let change = region.change();
    assert_eq!((change.allocations, change.reallocations), (0, 0), "{what}");
}

fn main() {
    views_decoding_encoding_patches_and_errors_allocate_nothing();
}

fn views_decoding_encoding_patches_and_errors_allocate_nothing() {
    let bytes = full_bytes();
    let value = full();
    // Bytes of one owner begin to count their owners, in an allocation of theirs, with the second; a socket's buffer has two.
    let buffer = Bytes::from(bytes.clone());
    let shared = buffer.clone();
    let mut values = std::collections::BTreeMap::new();
    Full::view(&bytes).unwrap().add_to("", &mut values);
    assert!(values.len() > 100, "the telegram has something in every field");
    // The counter counts.
    let region = Region::new(COUNTING);
    black_box(vec![0_u8; black_box(10)]);
    assert_eq!(region.change().allocations, 1);

    allocates_nothing("a view and all its accessors", || {
        let view = Full::view(&bytes).unwrap();
        write!(Nowhere(0), "{view:?} {:?} {:?}", view.parse_track2(), view.parse_emv()).unwrap();
        assert_eq!(view.lines().into_iter().map(LineView::price).sum::<i32>(), 0);
    });
    allocates_nothing("decoding", || drop(black_box(Full::decode(&bytes).unwrap())));
    let (mut out, mut appended) = (vec![0; Full::LENGTH], Vec::with_capacity(Full::LENGTH));
    allocates_nothing("encoding", || {
        value.encode_into(&mut out).unwrap();
        value.encode(&mut appended).unwrap();
    });
    assert_eq!((&out, &appended), (&bytes, &bytes));
    allocates_nothing("a patch", || {
        for setter in Full::SETTERS {
            (setter.set)(&mut out, &value).unwrap_or_else(|error| panic!("{}: {error}", setter.field));
        }
        Full::patch(&mut out).unwrap().lines(0).unwrap().set_price(7).unwrap();
    });
    allocates_nothing("an owned telegram, its clone and its view", || {
        let owned = Owned::<Full>::new(shared.clone()).unwrap();
        assert_eq!(owned.clone().view().odd_padding(), 77);
        drop(owned.into_bytes());
    });

    assert_eq!(buffer, bytes);

    let mut faulty = bytes.clone();
    for byte in faulty.iter_mut().step_by(5) {
        *byte = 0xff;
    }
    let mut too_large = full();
    too_large.numbers.n20 = u128::MAX;
    allocates_nothing("errors, copied, compared and displayed", || {
        let mut shown = Nowhere(0);
        let error = Full::view(&faulty).unwrap_err();
        let copied = error;
        assert_eq!(Full::decode(&faulty).unwrap_err(), copied);
        for error in Full::validate_all(&faulty) {
            write!(shown, "{error} {error:?} {} {:?}", error.expected(), error.found()).unwrap();
        }
        for error in [Full::view(&faulty[1..]).unwrap_err(), too_large.encode_into(&mut out).unwrap_err()] {
            write!(shown, "{error}").unwrap();
        }
        assert!(shown.0 > 10_000);
    });

    let (bytes, value) = (example_bytes(), example());
    let mut out = vec![0; Everything::LENGTH];
    allocates_nothing("a telegram without groups that repeat", || {
        assert!(Everything::decode(&bytes).unwrap() == value);
        value.encode_into(&mut out).unwrap();
    });
}
