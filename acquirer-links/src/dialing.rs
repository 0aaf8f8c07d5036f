use std::time::{Duration, Instant};

use crate::Backoff;

/// So many links connect to one address at a time when it is well.
const MOST_AT_A_TIME: usize = 8;

/// Which address a persistent link may connect to, and when. Pure: time and chance are arguments.
///
/// The links share what they find out. A dead address costs one attempt a pause, however many links belong to it; one
/// that comes back is tried by one link, and only when that one was spoken to, or has lived through its trial, do the
/// others follow, two, four, eight at a time and spread over time.
pub(crate) struct Dialing {
    backoff: Backoff,
    doors: Vec<Door>,
}

/// What is known of one address.
#[derive(Clone, Copy)]
struct Door {
    /// How often in a row connecting led nowhere. Only a connection that proves to be of use ends the row.
    failures: u32,
    failed_at: Option<Instant>,
    /// Nobody tries before.
    not_before: Option<Instant>,
    /// Until when the first connection after failures must live, unless it is spoken to.
    trial: Option<Instant>,
    under_way: usize,
    /// So many may try at a time.
    room: usize,
    /// Whether links were lost, so that they come back spread over time.
    is_returning: bool,
}

/// What a link that wants a connection is to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Turn {
    /// Connect to that address, and tell what came of it.
    Dial(usize),
    /// Wait, and ask again at that instant, or when something has changed.
    Wait(Option<Instant>, Prospect),
}

/// What a waiting link waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Prospect {
    /// Its turn.
    Turn,
    /// A pause to be over: no address can be reached.
    Recovery,
}

impl Dialing {
    pub(crate) fn new(addresses: usize, backoff: Backoff) -> Self {
        let door = Door {
            failures: 0,
            failed_at: None,
            not_before: None,
            trial: None,
            under_way: 0,
            room: 1,
            is_returning: false,
        };
        Self { backoff, doors: vec![door; addresses] }
    }

    /// Where a link that belongs to `home` connects to: there, if that is well, or to the next address that is; or to
    /// any whose pause is over. `of_use` says of which addresses more than a connection is to be hoped for.
    pub(crate) fn turn(&mut self, home: usize, now: Instant, of_use: impl Fn(usize) -> bool) -> Turn {
        self.end_trials(now);
        let count = self.doors.len();
        let around = || (0..count).map(|step| (home + step) % count);
        let well = around().find(|address| self.doors[*address].failures == 0 && of_use(*address));
        if let Some(address) = well {
            return self.take(address, now).map_or_else(
                || Turn::Wait(self.doors[address].not_before.filter(|at| *at > now), Prospect::Turn),
                Turn::Dial,
            );
        }
        let mut by_failures: Vec<usize> = around().collect();
        by_failures.sort_by_key(|address| self.doors[*address].failures > 0);
        if let Some(address) = by_failures.into_iter().find_map(|address| self.take(address, now)) {
            return Turn::Dial(address);
        }
        let paused = self.doors.iter().filter(|door| door.has_room()).filter_map(|door| door.not_before);
        Turn::Wait(paused.filter(|at| *at > now).min(), Prospect::Recovery)
    }

    /// Leave to connect to that one address, if it may be tried now.
    pub(crate) fn take(&mut self, address: usize, now: Instant) -> Option<usize> {
        self.end_trials(now);
        let door = &mut self.doors[address];
        let is_open = door.has_room() && door.not_before.is_none_or(|at| at <= now);
        is_open.then(|| {
            door.under_way += 1;
            address
        })
    }

    /// Whether the last attempt at that address was the first in a row to fail, or none was.
    pub(crate) fn is_first_failure(&self, address: usize) -> bool {
        self.doors[address].failures == 0
    }

    /// When that address may be tried, as far as time decides.
    pub(crate) fn not_before(&self, address: usize) -> Option<Instant> {
        self.doors[address].not_before
    }

    /// A connection taken leave for was made.
    pub(crate) fn connected(&mut self, address: usize, now: Instant, random: u64) {
        let Self { backoff, doors } = self;
        let door = &mut doors[address];
        door.under_way -= 1;
        if door.failures > 0 {
            let until = now + backoff.delay(door.failures, u64::MAX);
            (door.trial, door.not_before) = (Some(until), Some(until));
        } else {
            door.widen(*backoff, now, random);
        }
    }

    /// A connection taken leave for at `since` was not made.
    pub(crate) fn missed(&mut self, address: usize, since: Instant, now: Instant, random: u64) {
        self.doors[address].under_way -= 1;
        self.failed(address, since, now, random);
    }

    /// A connection there was spoken to for the first time.
    pub(crate) fn proven(&mut self, address: usize, now: Instant, random: u64) {
        let Self { backoff, doors } = self;
        let door = &mut doors[address];
        if door.failures > 0 {
            (door.failures, door.trial) = (0, None);
            door.widen(*backoff, now, random);
        }
    }

    /// A connection made at `since` was lost after it had been of use.
    pub(crate) fn lost(&mut self, address: usize) {
        let door = &mut self.doors[address];
        (door.room, door.is_returning) = (1, true);
    }

    /// Connecting led nowhere: not to a connection, or to one that was lost before it was of any use.
    pub(crate) fn failed(&mut self, address: usize, since: Instant, now: Instant, random: u64) {
        let Self { backoff, doors } = self;
        let door = &mut doors[address];
        // What was begun before the last failure was known tells nothing new.
        if door.failed_at.is_some_and(|failed_at| since < failed_at) && door.failures > 0 {
            return;
        }
        door.failures = door.failures.saturating_add(1);
        let pause = backoff.delay(door.failures, random).max(Duration::from_millis(1));
        (door.failed_at, door.not_before, door.trial) = (Some(now), Some(now + pause), None);
        (door.room, door.is_returning) = (1, true);
    }

    /// How long a connection must live to have been of use without a word.
    pub(crate) fn shortest_life(&self) -> Duration {
        self.backoff.max
    }

    fn end_trials(&mut self, now: Instant) {
        for door in &mut self.doors {
            if door.trial.is_some_and(|until| until <= now) {
                (door.failures, door.trial, door.room) = (0, None, 2);
            }
        }
    }
}

impl Door {
    fn has_room(&self) -> bool {
        self.under_way < self.room
    }

    /// Lets one more at a time follow for each that got through, so twice as many in each round; after a random while
    /// if they come back.
    fn widen(&mut self, backoff: Backoff, now: Instant, random: u64) {
        self.room = (self.room + 1).min(MOST_AT_A_TIME);
        self.is_returning &= self.room < MOST_AT_A_TIME;
        self.not_before = self.is_returning.then(|| now + backoff.delay(1, random));
    }
}

#[cfg(test)]
mod tests;
