//! The world around one desk: virtual time, terminals, links, acquirers, the store, and crashes between any two inputs.

use std::collections::{BTreeMap, BTreeSet};

use desk::{Asker, Desk, Input, Output, Serials};
use payment::{
    AcquirerName, Alarm, Delivery, InstanceNo, PaymentId, Phase, ResponseCode, Serial, TelegramKey,
    TerminalAnswer,
};
use store::{Lookup, Memory};

use crate::{
    acquirer::Acquirer,
    agenda::{Agenda, Happening},
    checker::{Invariant, Violation},
    corners::Incident,
    flaw::Flaw,
    links::{Links, Telegram},
    rng::Rng,
    sample::{instant, since_start},
    settings::{NAMES, Settings},
    storage::Storage,
    tampering,
    terminals::{Ask, Terminals, What},
};

/// More happenings than any run needs: beyond them it does not come to rest.
const ENDLESS: u32 = 200_000;

#[derive(Debug)]
pub(crate) struct World {
    pub(crate) settings: Settings,
    pub(crate) now_ms: u64,
    pub(crate) desk: Option<Desk>,
    pub(crate) storage: Storage,
    pub(crate) terminals: Terminals,
    pub(crate) acquirers: BTreeMap<AcquirerName, Acquirer>,
    /// Net-cancels that were said to be stuck.
    pub(crate) alarms: BTreeSet<(PaymentId, u8)>,
    /// Cancels that were said to need a person.
    pub(crate) cancel_alarms: BTreeSet<(PaymentId, u8)>,
    /// Approvals that were told, as a flawed session keeps them.
    pub(crate) told_approvals: BTreeMap<TelegramKey, TerminalAnswer>,
    /// Approvals that were durable but read by no terminal when the switch died.
    pub(crate) left_to_terminal: BTreeSet<PaymentId>,
    pub(crate) violations: Vec<Violation>,
    /// What happened that leaves no other trace.
    pub(crate) incidents: BTreeSet<Incident>,
    /// Every input and output, when the run is being looked at.
    pub(crate) trace: Option<Vec<String>>,
    /// Runs of the switch so far.
    pub(crate) run: u32,
    pub(crate) rng: Rng,
    pub(crate) agenda: Agenda,
    pub(crate) links: Links,
    crashes_left: u32,
    crashed_at_ms: u64,
    tick_at_ms: Option<u64>,
    pub(crate) sent: BTreeSet<Serial>,
    /// The serial each cancel was sent under.
    pub(crate) cancels_sent: BTreeMap<(PaymentId, u8), Serial>,
}

impl World {
    pub(crate) fn new(seed: u64, flaw: Option<Flaw>, traced: bool) -> Self {
        let mut rng = Rng::new(seed);
        let settings = Settings::new(flaw, &mut rng);
        let mut agenda = Agenda::default();
        Terminals::plan(&mut agenda, &mut rng);
        agenda.add(0, Happening::Starts, &mut rng);
        for _ in 0..settings.touches {
            let at_ms = rng.below(120_000);
            agenda.add(at_ms, Happening::PeerTouches, &mut rng);
        }
        let acquirers = NAMES.iter().zip(&settings.characters).map(|(name, character)| {
            let way = settings.ways.iter().find(|way| way.acquirer.as_str() == *name).unwrap();
            let acquirer = Acquirer::new(name, character.clone(), way.partial_cancel);
            (acquirer.name.clone(), acquirer)
        });
        Self {
            now_ms: 0,
            desk: None,
            storage: Storage::new(Memory::new(InstanceNo::new(1).unwrap()), settings.batch),
            terminals: Terminals::default(),
            acquirers: acquirers.collect(),
            alarms: BTreeSet::new(),
            cancel_alarms: BTreeSet::new(),
            told_approvals: BTreeMap::new(),
            left_to_terminal: BTreeSet::new(),
            violations: Vec::new(),
            incidents: BTreeSet::new(),
            trace: traced.then(Vec::new),
            run: 0,
            rng,
            agenda,
            links: Links::default(),
            crashes_left: settings.crashes,
            crashed_at_ms: 0,
            tick_at_ms: None,
            sent: BTreeSet::new(),
            cancels_sent: BTreeMap::new(),
            settings,
        }
    }

    /// Lets everything happen that will.
    pub(crate) fn run_until_rest(&mut self) {
        for _ in 0..ENDLESS {
            let Some((at_ms, happening)) = self.agenda.next() else { return };
            self.now_ms = self.now_ms.max(at_ms);
            self.happens(happening);
        }
        self.violated(Invariant::I4NothingStaysOpen, "the run does not come to rest".to_owned());
    }

    /// Nobody dies any more, and each terminal asks again until it has a final answer to all it wants to undo.
    pub(crate) fn finish_undoing(&mut self) {
        self.crashes_left = 0;
        self.ask_all(self.terminals.unfinished());
    }

    /// Each terminal asks once more for everything the store knows, and inquires after it.
    pub(crate) fn final_read(&mut self) {
        let mut asks = Vec::new();
        for id in self.storage.payments() {
            let Some(stored) = self.storage.read(Lookup::Id(id)) else { continue };
            let request = stored.payment().request();
            let known = self.terminals.about(request.key).next().map(|asked| asked.ask.clone());
            asks.extend(self.terminals.once_more(request.key, request.digest));
            asks.extend(known.map(|ask| Ask { what: What::Inquiry, vanishes: false, more_tries: 0, ..ask }));
        }
        asks.extend(self.terminals.unfinished());
        self.ask_all(asks);
    }

    /// One after the other, and again where the switch had no serials left.
    fn ask_all(&mut self, asks: Vec<Ask>) {
        for ask in asks {
            for pause_ms in [1, 5_000, 5_000, 5_000] {
                self.agenda.add(self.now_ms + pause_ms, Happening::TerminalAsks(ask.clone()), &mut self.rng);
                self.run_until_rest();
                let answer = self.terminals.all().last().and_then(|asked| asked.answer());
                if answer.map(TerminalAnswer::code) != Some(ResponseCode::OVERLOADED) {
                    break;
                }
            }
        }
    }

    pub(crate) fn violated(&mut self, invariant: Invariant, what: String) {
        self.violations.push(Violation { invariant, what });
    }

    pub(crate) fn trace(&mut self, what: impl FnOnce() -> String) {
        let now_ms = self.now_ms;
        if let Some(trace) = &mut self.trace {
            trace.push(format!("{now_ms:>8} {}", what()));
        }
    }

    fn happens(&mut self, happening: Happening) {
        match happening {
            Happening::TerminalAsks(ask) => self.terminal_asks(ask),
            Happening::Arrives(input) => self.give(*input),
            Happening::Tick => {
                self.tick_at_ms = None;
                self.give(Input::Time);
            }
            Happening::Commit => {
                self.storage.commit(self.settings.flaw);
                let at_ms = self.now_ms + self.rng.delay();
                self.agenda.add(at_ms, Happening::SavesArrive, &mut self.rng);
                self.start_batch();
            }
            Happening::SavesArrive => {
                let run = self.run;
                for saved in self.storage.results() {
                    // After a crash halfway nobody hears of the rest.
                    if self.run == run && self.desk.is_some() {
                        self.give(Input::Saved(saved));
                    } else if let store::Saved::Done(stored, _) = saved {
                        self.storage.unheard.insert(stored.id());
                    }
                }
            }
            Happening::Read(lookup) => {
                let found = self.storage.read(lookup);
                self.bring(Input::Found(lookup, found));
            }
            Happening::Reserve(count) => {
                let first = self.storage.reserve(count);
                self.bring(Input::Serials { first, count });
            }
            Happening::Leaves(identity) => self.leaves(identity),
            Happening::LinkLost(identity) => self.ends(identity, true),
            Happening::GivenUp(identity) => self.ends(identity, false),
            Happening::Reaches(telegram) => self.reaches(telegram),
            Happening::Processed(telegram, behaviour) => {
                self.trace(|| format!("{} {behaviour:?} {telegram:?}", telegram.acquirer));
                let acquirer = self.acquirers.get_mut(&telegram.acquirer).unwrap();
                let flaw = self.settings.flaw;
                for (at_ms, reply) in acquirer.does(&telegram, behaviour, self.now_ms, flaw, &mut self.rng) {
                    self.agenda.add(at_ms, Happening::Answers(reply), &mut self.rng);
                }
            }
            Happening::Answers(reply) => self.answers(&reply),
            Happening::Writes { asker, answer, report } => {
                self.writes(asker, &answer, report);
            }
            Happening::Starts => self.starts(),
            Happening::PeerTouches => {
                let payments: Vec<_> = self.storage.payments().into_iter().collect();
                if !payments.is_empty() {
                    let id = self.rng.pick(&payments);
                    let touched = self.storage.touch(id, self.now_ms);
                    self.trace(|| format!("a peer touches {id}: {touched}"));
                }
            }
        }
    }

    fn starts(&mut self) {
        self.run += 1;
        let first = self.storage.reserve(self.settings.block);
        let serials = Serials::new(InstanceNo::new(1).unwrap(), first, self.settings.block);
        let mut desk = Desk::new(serials, self.settings.limits);
        let mut out = Vec::new();
        let open = self.storage.open_payments();
        self.trace(|| format!("the switch starts with {} open payments", open.len()));
        let stale = self.settings.flaw == Some(Flaw::StartsWithStaleLastByte);
        let last_byte_ms = if stale { 0 } else { self.crashed_at_ms };
        desk.recover(open, instant(last_byte_ms), instant(self.now_ms), &mut out);
        self.desk = Some(desk);
        self.act(out);
    }

    fn crash(&mut self) {
        self.trace(|| "the switch dies".to_owned());
        if self.desk.as_ref().is_some_and(|desk| !desk.is_recovered()) {
            self.incidents.insert(Incident::DiedWhileRecovering);
        }
        self.crashes_left -= 1;
        self.crashed_at_ms = self.now_ms;
        self.desk = None;
        self.tick_at_ms = None;
        self.agenda.crash();
        self.links.crash();
        self.storage.crash(&mut self.rng);
        for ask in self.terminals.crash(self.run, &mut self.rng) {
            let at_ms = self.now_ms + self.rng.between(1, 20_000);
            self.agenda.add(at_ms, Happening::TerminalAsks(ask), &mut self.rng);
        }
        for id in self.storage.payments() {
            let Some(stored) = self.storage.read(Lookup::Id(id)) else { continue };
            let released =
                matches!(stored.payment().phase(), Phase::Approved { delivery: Delivery::Released, .. });
            if released && !self.terminals.knows_approval(stored.payment().request().key) {
                self.left_to_terminal.insert(id);
            }
        }
        let down_ms = self.rng.pick(&[1, 100, 20_000]);
        let at_ms = self.now_ms + self.rng.between(1, down_ms);
        self.agenda.add(at_ms, Happening::Starts, &mut self.rng);
    }

    fn dies_now(&mut self) -> bool {
        self.crashes_left > 0 && self.rng.per_mille(self.settings.crash_per_mille)
    }

    /// Gives the desk an input and does what it says.
    pub(crate) fn give(&mut self, input: Input) {
        if self.dies_now() {
            if let Input::Saved(store::Saved::Done(stored, _)) = &input {
                self.storage.unheard.insert(stored.id());
            }
            return self.crash();
        }
        self.trace(|| format!("-> {input:?}"));
        self.incidents.extend(Incident::of_input(&input));
        let Some(desk) = &mut self.desk else { return };
        let mut out = Vec::new();
        desk.handle(input, instant(self.now_ms), &mut out);
        self.act(out);
    }

    pub(crate) fn bring(&mut self, input: Input) {
        let at_ms = self.now_ms + self.rng.delay();
        self.agenda.add(at_ms, Happening::Arrives(Box::new(input)), &mut self.rng);
    }

    fn act(&mut self, out: Vec<Output>) {
        let mut out = out.into_iter();
        while let Some(output) = out.next() {
            if self.dies_now() {
                let undone = std::iter::once(output).chain(out);
                for output in undone {
                    if let Output::Alarm(id, _) = output {
                        self.storage.unheard.insert(id);
                    }
                }
                return self.crash();
            }
            self.trace(|| format!("<- {output:?}"));
            self.incidents.extend(Incident::of_output(&output));
            match output {
                Output::Cancel(id, order) => {
                    self.check_cancel(id, &order);
                    self.send(Telegram::cancel(id, &order, self.run));
                }
                Output::Save(unsaved) => {
                    self.storage.put(unsaved, self.now_ms);
                    self.start_batch();
                }
                Output::Note(note) => {
                    self.storage.note(note);
                    self.start_batch();
                }
                Output::LookUp(lookup) => {
                    let at_ms = self.now_ms + self.rng.delay();
                    self.agenda.add(at_ms, Happening::Read(lookup), &mut self.rng);
                }
                Output::ReserveSerials(count) => {
                    let at_ms = self.now_ms + self.rng.delay();
                    self.agenda.add(at_ms, Happening::Reserve(count), &mut self.rng);
                }
                Output::Send(id, order) => {
                    self.check_send(id, &order);
                    self.send(Telegram::request(id, &order, self.run));
                }
                Output::NetCancel(id, order) => {
                    self.check_net_cancel(id, &order);
                    self.send(Telegram::net_cancel(id, &order, self.run));
                }
                Output::Reply { asker, question, answer, report } => {
                    let answer = tampering::answer(self, &question, answer);
                    let mut asker = asker;
                    if self.settings.flaw == Some(Flaw::RepliesToAnother) {
                        asker = Asker(1 + self.rng.below(self.terminals.all().len() as u64));
                    }
                    self.check_reply(asker, &question, &answer, report);
                    let times = 1 + u32::from(self.settings.flaw == Some(Flaw::RepliesTwice));
                    for _ in 0..times {
                        let at_ms = self.now_ms + self.rng.delay();
                        let writes = Happening::Writes { asker, answer: answer.clone(), report };
                        self.agenda.add(at_ms, writes, &mut self.rng);
                    }
                }
                Output::Operated { .. } => {}
                Output::Alarm(id, Alarm::NetCancelStuck { attempt, .. }) => {
                    self.alarms.insert((id, attempt));
                }
                Output::Alarm(id, Alarm::CancelStuck { cancel, .. }) => {
                    self.cancel_alarms.insert((id, cancel));
                }
                Output::Alarm(
                    _,
                    Alarm::EveryRouteFailed(_) | Alarm::NetCancelOverdue { .. } | Alarm::CancelOverdue { .. },
                ) => {}
            }
        }
        self.ask_for_time();
    }

    fn ask_for_time(&mut self) {
        let Some(due) = self.desk.as_ref().and_then(Desk::next_due) else { return };
        let due_ms = since_start(due).max(self.now_ms);
        if self.tick_at_ms.is_none_or(|tick_at_ms| due_ms < tick_at_ms) {
            self.tick_at_ms = Some(due_ms);
            let at_ms = due_ms + self.rng.below(3);
            self.agenda.add(at_ms, Happening::Tick, &mut self.rng);
        }
    }

    fn start_batch(&mut self) {
        if self.storage.takes_batch() {
            let stall_ms = if self.rng.per_mille(3) { 4_000 } else { 0 };
            let at_ms = self.now_ms + stall_ms + self.rng.delay();
            self.agenda.add(at_ms, Happening::Commit, &mut self.rng);
        }
    }
}
