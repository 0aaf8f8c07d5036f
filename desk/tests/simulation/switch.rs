//! One instance of the switch: a process with its desk, its links, what is on its way between it and the store, and its lease.

use std::collections::{BTreeSet, VecDeque};

use desk::{Desk, Serials};
use payment::{Delivery, InstanceNo, Phase, Serial};
use store::{Batch, Lookup, Owner, Saved, Stored, Unsaved};

use crate::{
    agenda::{Happening, Inside},
    checker::Invariant,
    clock::Clock,
    corners::Incident,
    flaw::Flaw,
    links::Links,
    sample::{instant, since_start},
    terminals::Asked,
    world::World,
};

/// How long a lease lasts; it is renewed three times as often.
pub(crate) const LEASE_MS: u64 = 10_000;
/// The lease of one that runs: nobody sees it end.
const WHILE_IT_RUNS_MS: u64 = 1_000_000_000;

#[derive(Debug)]
pub(crate) struct Switch {
    pub(crate) no: InstanceNo,
    /// As the store knows this start of it.
    pub(crate) owner: Owner,
    /// `None` while it is dead.
    pub(crate) desk: Option<Desk>,
    /// What it takes for the time.
    pub(crate) clock: Clock,
    pub(crate) links: Links,
    pub(crate) pipe: Pipe,
    /// This start of it, counted over all instances.
    pub(crate) run: u32,
    pub(crate) tick_at_ms: Option<u64>,
    /// Until when it is stopped.
    pub(crate) stopped_until_ms: Option<u64>,
    /// Whether another has taken over what this start had open.
    pub(crate) is_fenced: bool,
    /// After this instant nothing it sends may leave.
    pub(crate) lease_until_ms: u64,
    died_at_ms: u64,
}

/// What is on its way between a switch and the store: one writer that commits batch after batch, and the way of the results back.
#[derive(Debug, Default)]
pub(crate) struct Pipe {
    pub(crate) waiting: Batch,
    waiting_since: VecDeque<u64>,
    pub(crate) in_hand: Option<(Batch, Vec<u64>)>,
    pub(crate) results: VecDeque<Vec<Saved>>,
}

impl Pipe {
    pub(crate) fn put(&mut self, unsaved: Unsaved, now_ms: u64) {
        self.waiting.saves.push(unsaved);
        self.waiting_since.push_back(now_ms);
    }

    /// Takes the next batch in hand, if the writer is idle and something waits.
    pub(crate) fn takes_batch(&mut self, most: usize) -> bool {
        if self.in_hand.is_some() || self.waiting.is_empty() {
            return false;
        }
        let count = self.waiting.saves.len().min(most);
        let saves = self.waiting.saves.drain(..count).collect();
        let notes = std::mem::take(&mut self.waiting.notes);
        self.in_hand = Some((Batch { saves, notes }, self.waiting_since.drain(..count).collect()));
        true
    }
}

impl Switch {
    pub(crate) fn new(no: InstanceNo, owner: Owner) -> Self {
        Self {
            no,
            owner,
            desk: None,
            clock: Clock::default(),
            links: Links::default(),
            pipe: Pipe::default(),
            run: 0,
            tick_at_ms: None,
            stopped_until_ms: None,
            is_fenced: false,
            lease_until_ms: u64::MAX,
            died_at_ms: 0,
        }
    }

    pub(crate) fn listens(&self) -> bool {
        self.stopped_until_ms.is_none() && self.desk.as_ref().is_some_and(Desk::is_recovered)
    }
}

impl World {
    pub(crate) fn starts(&mut self, at: usize) {
        let now_ms = self.now_ms;
        self.runs += 1;
        let (run, no) = (self.runs, self.switches[at].no);
        let owner = self.storage.begin(no);
        self.storage.renew_lease(owner, now_ms + WHILE_IT_RUNS_MS).unwrap();
        let first = self.storage.reserve(owner, self.settings.block).unwrap();
        let serials = Serials::new(no, first, self.settings.block);
        let mut desk = Desk::new(serials, self.settings.limits);
        if self.switches.len() > 1 {
            desk.share_store();
        }
        let open = if self.switches.len() == 1 {
            self.storage.open_payments()
        } else {
            self.storage.open_payments_of(no)
        };
        self.trace(|| format!("switch {at} starts with {} open payments", open.len()));
        let stale = self.settings.flaw == Some(Flaw::StartsWithStaleLastByte);
        let last_byte_ms = if stale { 0 } else { self.switches[at].died_at_ms };
        let mut out = Vec::new();
        self.sets_clock(at);
        let clock = self.switches[at].clock;
        desk.recover(open, clock.reads(last_byte_ms), clock.reads(now_ms), &mut out);
        let switch = &mut self.switches[at];
        (switch.owner, switch.run, switch.is_fenced) = (owner, run, false);
        switch.lease_until_ms = u64::MAX;
        switch.desk = Some(desk);
        self.act(at, out);
    }

    /// It dies by chance.
    pub(crate) fn crash(&mut self, at: usize) {
        self.crashes_left -= 1;
        self.dies(at);
    }

    /// The process ends, and with it all that was under way inside it. It starts again after a while.
    pub(crate) fn dies(&mut self, at: usize) {
        self.trace(|| format!("switch {at} dies"));
        if self.switches[at].desk.as_ref().is_some_and(|desk| !desk.is_recovered()) {
            self.incidents.insert(Incident::DiedWhileRecovering);
        }
        self.ends_lease(at);
        let run = self.switches[at].run;
        self.agenda.dies(at);
        self.commits_or_not(at);
        let now_ms = self.now_ms;
        let switch = &mut self.switches[at];
        (switch.died_at_ms, switch.desk, switch.tick_at_ms) = (now_ms, None, None);
        switch.stopped_until_ms = None;
        switch.links.crash();
        for ask in self.terminals.crash(run, &mut self.rng) {
            let at_ms = self.now_ms + self.rng.between(1, 20_000);
            self.agenda.add(at_ms, Happening::TerminalAsks(ask), &mut self.rng);
        }
        for id in self.storage.payments() {
            let Some(stored) = self.storage.read(Lookup::Id(id)) else { continue };
            if self.is_released(&stored) {
                self.left_to_terminal.insert(id);
            }
        }
        let down_ms = self.rng.pick(&[1, 100, 20_000]);
        let at_ms = self.now_ms + self.rng.between(1, down_ms);
        self.agenda.add(at_ms, Happening::Starts(at), &mut self.rng);
    }

    /// Whether it is approved and no terminal knows it.
    fn is_released(&self, stored: &Stored) -> bool {
        let released =
            matches!(stored.payment().phase(), Phase::Approved { delivery: Delivery::Released, .. });
        released && !self.terminals.knows_approval(stored.payment().request().key)
    }

    /// What waits is gone; what is in hand is committed whole or not at all, and nobody hears of it.
    fn commits_or_not(&mut self, at: usize) {
        let mut unheard = BTreeSet::new();
        let mut pipe = std::mem::take(&mut self.switches[at].pipe);
        if self.rng.percent(50)
            && let Some((batch, times)) = pipe.in_hand.take()
            && let Ok(results) = self.storage.save(self.switches[at].owner, batch, &times, self.now_ms, None)
        {
            pipe.results.push_back(results);
        }
        for saved in pipe.results.into_iter().flatten() {
            if let Saved::Done(stored, _) = saved {
                unheard.insert(stored.id());
            }
        }
        self.storage.unheard.extend(unheard);
    }

    /// It cannot renew its lease any more: it ends within the time it was last renewed for. What it has queued carries that instant.
    fn ends_lease(&mut self, at: usize) {
        if self.switches.len() == 1 || self.switches[at].is_fenced {
            return;
        }
        let until_ms = self.now_ms + LEASE_MS - self.rng.below(LEASE_MS / 3);
        if self.storage.renew_lease(self.switches[at].owner, until_ms).is_ok() {
            self.switches[at].links.not_after(until_ms);
            self.switches[at].lease_until_ms = until_ms;
            let at_ms = until_ms + self.rng.below(5_000);
            self.agenda.add(at_ms, Happening::TakesOver { from: at }, &mut self.rng);
        }
    }

    /// SIGSTOP: nothing happens inside it until it wakes; what it handed to sockets is on its way.
    pub(crate) fn stops(&mut self, at: usize, for_ms: u64) {
        let switch = &self.switches[at];
        if switch.desk.is_none() || switch.stopped_until_ms.is_some() || self.crashes_left == 0 {
            return;
        }
        self.crashes_left -= 1;
        self.trace(|| format!("switch {at} is stopped for {for_ms} ms"));
        self.incidents.insert(Incident::Stopped);
        self.ends_lease(at);
        let wakes_ms = self.now_ms + for_ms;
        self.switches[at].stopped_until_ms = Some(wakes_ms);
        self.agenda.stops(at, wakes_ms, &mut self.rng);
        self.agenda.add(wakes_ms, Happening::Wakes(at), &mut self.rng);
    }

    /// It does not know that it was stopped; its lease is to be renewed.
    pub(crate) fn wakes(&mut self, at: usize) {
        let switch = &mut self.switches[at];
        if switch.stopped_until_ms.is_some_and(|until_ms| until_ms <= self.now_ms) {
            switch.stopped_until_ms = None;
            if switch.is_fenced {
                self.incidents.insert(Incident::WokeFenced);
            }
            let at_ms = self.now_ms + self.rng.delay();
            self.agenda.add(at_ms, Happening::Inside(at, Inside::Renews), &mut self.rng);
        }
    }

    pub(crate) fn renews(&mut self, at: usize) {
        let renewed = self.storage.renew_lease(self.switches[at].owner, self.now_ms + WHILE_IT_RUNS_MS);
        match renewed {
            Ok(()) => self.switches[at].lease_until_ms = u64::MAX,
            Err(_) => self.dies(at),
        }
    }

    /// The other one sees that the lease has ended.
    pub(crate) fn takes_over(&mut self, from: usize) {
        let by = 1 - from;
        let now_ms = self.now_ms;
        let switch = &self.switches[by];
        if !switch.listens() || switch.is_fenced {
            // It may itself be dead or stopped; it looks again as long as there is something to see.
            if self.switches[from].desk.is_none() || self.switches[from].stopped_until_ms.is_some() {
                self.agenda.add(now_ms + 1_000, Happening::TakesOver { from }, &mut self.rng);
            }
            return;
        }
        let (owner, from_no) = (switch.owner, self.switches[from].no);
        let taken = match self.storage.take_over(owner, from_no, now_ms) {
            Ok(Some(taken)) => taken,
            Ok(None) => return,
            Err(_) => return self.dies(by),
        };
        self.trace(|| format!("switch {by} takes over {} open payments", taken.open.len()));
        self.incidents.insert(Incident::TookOver);
        self.switches[from].is_fenced = true;
        self.front = by;
        let mut last_byte_ms = since_start(taken.last_byte_by(instant(now_ms), instant(now_ms)));
        if self.settings.flaw == Some(Flaw::StartsWithStaleLastByte) {
            last_byte_ms = 0;
        }
        let mut out = Vec::new();
        let run = self.switches[by].run;
        let waits = |asked: &&Asked| asked.run == run && asked.released.is_empty();
        let waited_for: Vec<_> = self.terminals.all().iter().filter(waits).map(Asked::key).collect();
        if taken.open.iter().any(|stored| waited_for.contains(&stored.payment().request().key)) {
            self.incidents.insert(Incident::TookOverWhatIsWaitedFor);
        }
        let Some(desk) = &mut self.switches[by].desk else { return };
        desk.recover(taken.open, instant(last_byte_ms), instant(now_ms), &mut out);
        self.act(by, out);
    }

    /// Commits what is in hand. Where that fails nobody knows whether it is durable: the switch ends without a word, and its start finds out.
    pub(crate) fn commit(&mut self, at: usize) {
        let Some((batch, times)) = self.switches[at].pipe.in_hand.take() else { return };
        let owner = self.switches[at].owner;
        let fails = self.crashes_left > 0 && self.rng.per_mille(self.settings.disk_trouble);
        if fails {
            self.crashes_left -= 1;
            if self.rng.percent(50) {
                self.incidents.insert(Incident::CommitFailed);
            } else {
                self.incidents.insert(Incident::CommitUnknown);
                for saved in self.storage.save(owner, batch, &times, self.now_ms, None).unwrap_or_default() {
                    if let Saved::Done(stored, _) = saved {
                        self.storage.unheard.insert(stored.id());
                    }
                }
            }
            return self.dies(at);
        }
        let Ok(results) = self.storage.save(owner, batch, &times, self.now_ms, self.settings.flaw) else {
            return self.dies(at);
        };
        self.check_fence(at, &results);
        self.check_owners(at, &results);
        self.switches[at].pipe.results.push_back(results);
        let at_ms = self.now_ms + self.rng.delay();
        self.inside(at, at_ms, Inside::SavesArrive);
        self.start_batch(at);
    }

    /// Nobody but its owner steps what is bound.
    fn check_owners(&mut self, at: usize, saved: &[Saved]) {
        if self.switches.len() == 1 {
            return;
        }
        let no = self.switches[at].no;
        for saved in saved {
            let Saved::Done(stored, _) = saved else { continue };
            let (id, version) = (stored.id(), stored.version());
            if stored.owner() != no && self.storage.was_bound(id, version - 1) {
                let what = format!("switch {at} steps {id}, which is bound to {:?}", stored.owner());
                self.violated(Invariant::OnlyItsOwnerStepsABoundPayment, what);
            }
            // Told by two switches: neither knows what became of the other's reply.
            let starts = stored
                .payment()
                .attempts()
                .iter()
                .all(|of| of.route().serial.get() / Serial::PER_INSTANCE == u64::from(no.get()));
            if !starts && self.is_released(stored) {
                self.left_to_terminal.insert(id);
            }
        }
    }

    /// What a start writes after another has taken over is written by nobody.
    pub(crate) fn check_fence(&mut self, at: usize, saved: &[Saved]) {
        let writes = saved.iter().any(|saved| matches!(saved, Saved::Done(..)));
        if self.switches[at].is_fenced && writes {
            let what = format!("run {} of switch {at} saves", self.switches[at].run);
            self.violated(Invariant::AFencedInstanceWritesNothing, what);
        }
    }
}
