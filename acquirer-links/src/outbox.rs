use std::time::Instant;

use bytes::{Buf, Bytes, BytesMut};
use codec::frame::{FrameError, FrameFormat};

use crate::{Key, Purpose};

/// Frames are gathered for one write up to this many bytes.
const BATCH_BYTES: usize = 64 * 1024;

/// A telegram that waits to be written.
#[derive(Clone)]
pub(crate) struct Parcel {
    pub(crate) cargo: Cargo,
    pub(crate) telegram: Bytes,
    pub(crate) purpose: Purpose,
    /// After this instant no byte of it may be handed to a socket (an echo may be at any time).
    pub(crate) not_after: Option<Instant>,
}

/// Whose a telegram is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cargo {
    /// That of an accepted request, by the key of its answer.
    Request(Key),
    /// The link's own, to prove itself alive.
    Echo,
}

impl Cargo {
    /// The key of its answer.
    pub(crate) fn key(self) -> Option<Key> {
        match self {
            Self::Request(key) => Some(key),
            Self::Echo => None,
        }
    }
}

/// What is offered to one socket in the next write.
///
/// Between writes it holds at most the rest of one frame whose beginning has left. Frames of which the write
/// took nothing are handed back, so that whatever is not in here is provably unsent.
pub(crate) struct Outbox {
    format: FrameFormat,
    bytes: BytesMut,
    /// The frame whose beginning has left; `bytes` is then its rest and nothing else.
    begun: Option<(Cargo, Option<Instant>)>,
    /// Otherwise the whole frames in `bytes`, each with the offset of its end.
    whole: Vec<(Parcel, usize)>,
    /// The earliest instant after which nothing may be handed on of what was begun, or was taken and has not left the stream.
    rest_by: Option<Instant>,
}

/// How far a write brought one frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Written {
    /// Its first byte was taken, its last was not.
    Begun,
    /// Its last byte was taken.
    Handed,
}

impl Outbox {
    pub(crate) fn new(format: FrameFormat) -> Self {
        Self { format, bytes: BytesMut::new(), begun: None, whole: Vec::new(), rest_by: None }
    }

    /// Whether another frame may join the next write. The rest of a begun frame goes out alone, so that a
    /// socket that takes nothing costs no copying.
    pub(crate) fn has_room(&self) -> bool {
        self.begun.is_none() && self.bytes.len() < BATCH_BYTES
    }

    /// Adds one frame.
    pub(crate) fn push(&mut self, parcel: Parcel) -> Result<(), FrameError> {
        let before = self.bytes.len();
        if let Err(error) = self.format.encode(&parcel.telegram, &mut self.bytes) {
            self.bytes.truncate(before);
            return Err(error);
        }
        self.whole.push((parcel, self.bytes.len()));
        Ok(())
    }

    /// What to write.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Whether some of a telegram has been taken whose rest may be handed on no more.
    pub(crate) fn is_too_late(&self, now: Instant) -> bool {
        self.rest_by.is_some_and(|rest_by| rest_by <= now)
    }

    /// Whether some of a telegram that was taken has not left the stream, or is begun.
    pub(crate) fn is_behind(&self) -> bool {
        self.rest_by.is_some()
    }

    /// All the stream took has left it for the kernel.
    pub(crate) fn flushed(&mut self) {
        self.rest_by = self.begun.and_then(|(_, not_after)| not_after);
    }

    /// Settles a write that took `count` bytes (0 if it failed): tells `moved` how far it brought each
    /// frame it touched, and `back` each frame it did not, the last one first.
    pub(crate) fn settle(
        &mut self,
        count: usize,
        mut moved: impl FnMut(Cargo, Written),
        mut back: impl FnMut(Parcel),
    ) {
        self.bytes.advance(count);
        if let Some((cargo, _)) = self.begun {
            if self.bytes.is_empty() {
                self.begun = None;
                moved(cargo, Written::Handed);
            }
            return;
        }
        let mut start = 0;
        let mut rest = 0;
        let mut untouched = Vec::new();
        for (parcel, end) in self.whole.drain(..) {
            if start < count {
                self.rest_by = self.rest_by.into_iter().chain(parcel.not_after).min();
            }
            if end <= count {
                moved(parcel.cargo, Written::Handed);
            } else if start < count {
                rest = end - count;
                self.begun = Some((parcel.cargo, parcel.not_after));
                moved(parcel.cargo, Written::Begun);
            } else {
                untouched.push(parcel);
            }
            start = end;
        }
        self.bytes.truncate(rest);
        while let Some(parcel) = untouched.pop() {
            back(parcel);
        }
    }
}

#[cfg(test)]
mod tests {
    use codec::frame::{FrameFormat, Framing, LengthPad};
    use proptest::prelude::*;

    use super::*;

    fn format() -> FrameFormat {
        FrameFormat {
            framing: Framing::Ascii4,
            length_pad: LengthPad::Zero,
            length_in_telegram: false,
            min: 1,
            max: 9_999,
        }
    }

    fn parcel(serial: u64, length: usize) -> Parcel {
        let cargo = Cargo::Request(Key { kind: 1, serial });
        Parcel {
            cargo,
            telegram: Bytes::from(vec![b'x'; length]),
            purpose: Purpose::Request,
            not_after: None,
        }
    }

    fn serial(cargo: Cargo) -> u64 {
        match cargo {
            Cargo::Request(key) => key.serial,
            Cargo::Echo => panic!("there is no echo here"),
        }
    }

    fn settle(outbox: &mut Outbox, count: usize) -> (Vec<(u64, Written)>, Vec<Parcel>) {
        let (mut moved, mut back) = (Vec::new(), Vec::new());
        outbox.settle(count, |cargo, how| moved.push((serial(cargo), how)), |parcel| back.push(parcel));
        (moved, back)
    }

    #[test]
    fn a_frame_of_which_nothing_was_taken_is_handed_back() {
        let mut outbox = Outbox::new(format());
        for serial in 1..=3 {
            outbox.push(parcel(serial, 6)).unwrap();
        }
        let (moved, back) = settle(&mut outbox, 11);
        assert_eq!(moved, [(1, Written::Handed), (2, Written::Begun)]);
        assert_eq!(back.iter().map(|parcel| serial(parcel.cargo)).collect::<Vec<_>>(), [3]);
        assert_eq!(outbox.bytes().len(), 9);
        assert!(!outbox.has_room());
        assert_eq!(settle(&mut outbox, 8).0, []);
        assert_eq!(settle(&mut outbox, 1).0, [(2, Written::Handed)]);
        assert!(outbox.has_room() && outbox.bytes().is_empty());
    }

    #[test]
    fn a_write_on_the_edge_of_a_frame_begins_no_other() {
        let mut outbox = Outbox::new(format());
        outbox.push(parcel(1, 6)).unwrap();
        outbox.push(parcel(2, 6)).unwrap();
        let (moved, back) = settle(&mut outbox, 10);
        assert_eq!(moved, [(1, Written::Handed)]);
        assert_eq!(back.len(), 1);
        assert!(outbox.bytes().is_empty());
    }

    #[test]
    fn a_telegram_that_does_not_fit_leaves_nothing_behind() {
        let mut outbox = Outbox::new(format());
        outbox.push(parcel(1, 6)).unwrap();
        assert!(outbox.push(parcel(2, 10_000)).is_err());
        assert_eq!(outbox.bytes(), b"0006xxxxxx");
    }

    proptest! {
        #[test]
        fn every_byte_goes_out_once_and_in_order(
            lengths in prop::collection::vec(1usize..40, 1..12),
            takes in prop::collection::vec(0usize..60, 1..60),
        ) {
            let mut queue: std::collections::VecDeque<Parcel> = lengths
                .iter()
                .enumerate()
                .map(|(serial, length)| Parcel {
                    cargo: Cargo::Request(Key { kind: 1, serial: serial as u64 }),
                    telegram: Bytes::from(vec![b'a' + u8::try_from(serial).unwrap(); *length]),
                    purpose: Purpose::Request,
                    not_after: None,
                })
                .collect();
            let mut expected = BytesMut::new();
            for parcel in &queue {
                format().encode(&parcel.telegram, &mut expected).unwrap();
            }
            let mut outbox = Outbox::new(format());
            let (mut wire, mut handed) = (Vec::new(), Vec::new());
            for take in takes.into_iter().chain(std::iter::repeat_n(1_000, 2)) {
                while outbox.has_room() && let Some(parcel) = queue.pop_front() {
                    outbox.push(parcel).unwrap();
                }
                let take = take.min(outbox.bytes().len());
                wire.extend_from_slice(&outbox.bytes()[..take]);
                let (moved, back) = settle(&mut outbox, take);
                handed.extend(moved.into_iter().filter(|(_, how)| *how == Written::Handed).map(|(s, _)| s));
                for parcel in back {
                    queue.push_front(parcel);
                }
            }
            prop_assert_eq!(&wire[..], &expected[..]);
            prop_assert_eq!(handed, (0..lengths.len() as u64).collect::<Vec<_>>());
        }
    }
}
