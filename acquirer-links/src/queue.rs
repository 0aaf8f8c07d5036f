use std::collections::VecDeque;

use crate::outbox::{Cargo, Parcel};
use crate::{Key, Purpose};

/// Telegrams that wait to be written: what undoes goes before what asks, each in its order.
#[derive(Default)]
pub(crate) struct Queue {
    undoing: VecDeque<Parcel>,
    asking: VecDeque<Parcel>,
}

impl Queue {
    pub(crate) fn push(&mut self, parcel: Parcel) {
        self.line(parcel.purpose).push_back(parcel);
    }

    /// Puts back what was taken out last.
    pub(crate) fn put_back(&mut self, parcel: Parcel) {
        self.line(parcel.purpose).push_front(parcel);
    }

    pub(crate) fn pop(&mut self) -> Option<Parcel> {
        self.undoing.pop_front().or_else(|| self.asking.pop_front())
    }

    /// The next that undoes.
    pub(crate) fn pop_undoing(&mut self) -> Option<Parcel> {
        self.undoing.pop_front()
    }

    /// What `pop` would take.
    pub(crate) fn first(&self) -> Option<&Parcel> {
        self.undoing.front().or_else(|| self.asking.front())
    }

    /// Takes out the one with that key; whether it was there.
    pub(crate) fn remove(&mut self, key: Key) -> bool {
        [&mut self.undoing, &mut self.asking].into_iter().any(|line| {
            let place = line.iter().position(|parcel| parcel.cargo == Cargo::Request(key));
            place.is_some_and(|place| line.remove(place).is_some())
        })
    }

    /// Takes out all that asks.
    pub(crate) fn take_asking(&mut self) -> impl Iterator<Item = Parcel> + use<> {
        std::mem::take(&mut self.asking).into_iter()
    }

    pub(crate) fn len(&self) -> usize {
        self.undoing.len() + self.asking.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub(crate) fn clear(&mut self) {
        self.undoing.clear();
        self.asking.clear();
    }

    fn line(&mut self, purpose: Purpose) -> &mut VecDeque<Parcel> {
        match purpose {
            Purpose::Request => &mut self.asking,
            Purpose::Undo => &mut self.undoing,
        }
    }
}
