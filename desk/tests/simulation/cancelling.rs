//! The checker's part about cancels: the acquirers' books against the payments and what their terminals were told.

use std::collections::{BTreeMap, BTreeSet};

use payment::{CancelState, PaymentId, Question, ResponseCode, Serial, TerminalAnswer};
use store::Lookup;

use crate::{
    checker::{Invariant, given},
    world::World,
};

/// What the settled world's cancels break.
pub(crate) fn check(world: &mut World) {
    let mut broken = Vec::new();
    sums(world, &mut broken);
    heard(world, &mut broken);
    states(world, &mut broken);
    for (invariant, what) in broken {
        world.violated(invariant, what);
    }
}

fn sums(world: &World, broken: &mut Vec<(Invariant, String)>) {
    for (serial, given) in given(world) {
        let sum = given.cancelled_sum();
        if sum > given.total.get() || (sum > 0 && given.cancelled) {
            let what = format!("{sum} of {:?} is cancelled of {serial}, {given:?}", given.total);
            broken.push((Invariant::CancelsNeverExceedTheApproval, what));
        }
    }
}

/// Every cancel an acquirer heard is one of the payment it names.
fn heard(world: &mut World, broken: &mut Vec<(Invariant, String)>) {
    let heard: BTreeSet<_> = world.acquirers.values().flat_map(|it| it.cancels.iter().copied()).collect();
    for (serial, original, amount) in heard {
        let stored = world.storage.read(Lookup::Serial(original));
        let is_its = stored.is_some_and(|stored| {
            let mut cancels = stored.payment().cancels().iter();
            cancels.any(|cancel| cancel.serial() == serial && cancel.amounts().total() == amount)
        });
        if !is_its {
            let what = format!("cancel {serial} of {original} is none of its payment");
            broken.push((Invariant::CancelsKeepTheirIdentity, what));
        }
    }
}

/// What stands in the books of the acquirers is done, or a person knows; what is done stands in the books.
fn states(world: &mut World, broken: &mut Vec<(Invariant, String)>) {
    let mut books: BTreeMap<Serial, u64> = BTreeMap::new();
    for (_, given) in given(world) {
        books.extend(given.book);
    }
    for stored in world.storage.all() {
        for (index, cancel) in stored.payment().cancels().iter().enumerate() {
            let stands = books.get(&cancel.serial()) == Some(&cancel.amounts().total().get());
            let a_person_knows = knows(world, stored.id(), index);
            let is_so = match cancel.state() {
                CancelState::Done { .. } => stands,
                CancelState::Declined { .. } | CancelState::Refused { .. } => !stands || a_person_knows,
                CancelState::Stuck { .. } => a_person_knows,
                CancelState::InFlight | CancelState::Unconfirmed(_) => false,
            };
            if !is_so {
                let what = format!("{} in the books: {stands}, {cancel:?}", stored.id());
                broken.push((Invariant::WhatIsToldOfCancelsIsSo, what));
            }
        }
    }
}

/// Whether it was said that this cancel needs a person.
fn knows(world: &World, id: PaymentId, index: usize) -> bool {
    let cancel = u8::try_from(index).unwrap();
    world.cancel_alarms.contains(&(id, cancel)) || world.storage.unheard.contains(&id)
}

/// What terminals were told of their cancels, against the books.
pub(crate) fn told(world: &mut World, broken: &mut Vec<(Invariant, String)>) {
    let mut books = BTreeSet::new();
    for (_, given) in given(world) {
        books.extend(given.book.iter().map(|(serial, _)| *serial));
    }
    let mut told = Vec::new();
    for asked in world.terminals.all() {
        let Question::Cancel(request) = &asked.question else { continue };
        for (_, answer) in &asked.released {
            let is_done = matches!(answer, TerminalAnswer::Cancelled { .. });
            let unsettled = [
                ResponseCode::CANCEL_UNCONFIRMED,
                ResponseCode::IN_PROGRESS,
                ResponseCode::OVERLOADED,
                ResponseCode::NO_ORIGINAL,
                ResponseCode::OTHER_CONTENT,
                ResponseCode::FORMAT_ERROR,
            ];
            if !unsettled.contains(&answer.code()) {
                told.push((request.clone(), is_done, answer.code()));
            }
        }
    }
    for (request, is_done, code) in told {
        let Some(stored) = world.storage.read(Lookup::Key(request.original)) else { continue };
        let cancels = stored.payment().cancels();
        let index = cancels.iter().position(|cancel| cancel.request().key == request.key);
        let stands = index.is_some_and(|index| books.contains(&cancels[index].serial()));
        let a_person_knows = index.is_some_and(|index| knows(world, stored.id(), index));
        if stands != is_done && !(stands && a_person_knows) {
            let what = format!("{} was told {code}, in the books: {stands}", request.key);
            broken.push((Invariant::WhatIsToldOfCancelsIsSo, what));
        }
    }
}
