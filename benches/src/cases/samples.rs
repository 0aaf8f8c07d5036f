//! The telegrams that are read.

use std::cell::Cell;
use std::rc::Rc;

use super::{STREAMED_BYTES, Source};

/// How many different telegrams of a layout there are.
pub(super) const DIFFERENT: usize = 8;

/// Telegrams of one layout, one behind the other, and which comes next.
///
/// Clones share what comes next: when telegrams come from memory, none is read before all others were, whoever reads them.
#[derive(Clone)]
pub(super) struct Telegrams {
    pub(super) layout: &'static str,
    pub(super) source: Source,
    pub(super) length: usize,
    pub(super) bytes: Rc<[u8]>,
    next: Rc<Cell<usize>>,
}

impl Telegrams {
    /// The different telegrams, or as many repeats of them as fill the memory that no cache holds.
    pub(super) fn new(layout: &'static str, source: Source, different: &[Vec<u8>]) -> Self {
        let length = different[0].len();
        let repeats = match source {
            Source::Cache => 1,
            Source::Memory => STREAMED_BYTES / (length * different.len()),
        };
        let bytes = different.concat().repeat(repeats).into();
        Self { layout, source, length, bytes, next: Rc::default() }
    }

    /// The different telegrams.
    pub(super) fn different(&self) -> impl Iterator<Item = &[u8]> + Clone {
        self.bytes.chunks_exact(self.length).take(DIFFERENT)
    }

    /// Hands out the next telegrams in turn, beginning again after the last.
    #[inline]
    pub(super) fn for_each(&self, count: usize, mut each: impl FnMut(&[u8])) {
        let mut left = count;
        while left > 0 {
            let next = self.next.get();
            let from = &self.bytes[next..];
            let run = left.min(from.len() / self.length);
            for telegram in from.chunks_exact(self.length).take(run) {
                each(telegram);
            }
            left -= run;
            self.next.set((next + run * self.length) % self.bytes.len());
        }
    }
}
