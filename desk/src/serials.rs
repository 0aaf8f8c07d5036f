//! Serials for the attempts of new payments, from durably reserved blocks.

use std::ops::Range;

use payment::{InstanceNo, Serial};

/// The serials this instance may use. While one block is used up the next one is being reserved.
#[derive(Clone, Debug)]
pub struct Serials {
    instance: InstanceNo,
    block: u64,
    current: Range<u64>,
    next: Option<Range<u64>>,
    reserving: bool,
    /// Somebody asked for more than there were.
    short: bool,
}

impl Serials {
    /// Begins with the block `first .. first + count`, which is durably reserved; later blocks have the same size.
    pub fn new(instance: InstanceNo, first: u64, count: u64) -> Self {
        Self {
            instance,
            block: count,
            current: first..first + count,
            next: None,
            reserving: false,
            short: false,
        }
    }

    /// The instance whose serials they are.
    pub(crate) fn instance(&self) -> InstanceNo {
        self.instance
    }

    /// `count` serials in a row, by the first of them; `None` while none are left.
    pub(crate) fn take(&mut self, count: u64) -> Option<Serial> {
        if self.left() < count {
            let Some(next) = self.next.take() else {
                self.short = true;
                return None;
            };
            self.current = next;
        }
        if self.left() < count {
            return None;
        }
        let serial = Serial::new(self.instance, self.current.start);
        self.current.start += count;
        serial
    }

    fn left(&self) -> u64 {
        self.current.end - self.current.start
    }

    /// How many serials to reserve now, if any.
    pub(crate) fn reserve_next(&mut self) -> Option<u64> {
        let is_enough = self.left() > self.block / 2 && !self.short;
        if self.reserving || self.next.is_some() || is_enough {
            return None;
        }
        self.short = false;
        self.reserving = true;
        Some(self.block)
    }

    pub(crate) fn reserved(&mut self, first: u64, count: u64) {
        self.reserving = false;
        self.next = Some(first..first + count);
    }
}
