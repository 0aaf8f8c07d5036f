//! The world around the desks: virtual time, terminals, acquirers, the store, and one switch or two that die and are stopped between any
//! two inputs.

use std::collections::{BTreeMap, BTreeSet};

use desk::{Asker, Desk, Input, Output};
use payment::{
    AcquirerName, Alarm, InstanceNo, PaymentId, ResponseCode, Serial, TelegramKey, TerminalAnswer,
};
use store::{Lookup, Memory};

use crate::{
    acquirer::Acquirer,
    agenda::{Agenda, Happening, Inside},
    checker::{Invariant, Violation},
    clock::Wrong,
    corners::Incident,
    flaw::Flaw,
    links::{Sender, Telegram},
    rng::Rng,
    settings::{NAMES, Settings},
    storage::Storage,
    switch::Switch,
    tampering,
    terminals::{Ask, Terminals, What},
};

/// More happenings than any run needs: beyond them it does not come to rest.
const ENDLESS: u32 = 200_000;

#[derive(Debug)]
pub(crate) struct World {
    pub(crate) settings: Settings,
    pub(crate) wrong: Wrong,
    pub(crate) now_ms: u64,
    pub(crate) switches: Vec<Switch>,
    /// Which of them the terminals ask, where they do not ask any.
    pub(crate) front: usize,
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
    /// Starts of all switches so far.
    pub(crate) runs: u32,
    /// Inputs given to desks so far.
    pub(crate) inputs: u64,
    /// Orders people gave so far.
    pub(crate) orders_given: u64,
    pub(crate) rng: Rng,
    pub(crate) agenda: Agenda,
    /// How often a switch may still die or be stopped.
    pub(crate) crashes_left: u32,
    /// How often one may still be stopped while something it sends has not left.
    pub(crate) stops_left: u32,
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
        let mut memory = Memory::new(InstanceNo::new(1).unwrap());
        let switches = (1..=settings.switches).map(|no| {
            let no = InstanceNo::new(u8::try_from(no).unwrap()).unwrap();
            Switch::new(no, memory.begin(no))
        });
        let switches: Vec<_> = switches.collect();
        for at in 0..switches.len() {
            agenda.add(0, Happening::Starts(at), &mut rng);
        }
        for _ in 0..settings.stops {
            let at_ms = 5_000 + rng.below(100_000);
            let for_ms = rng.pick(&[300, 5_000, 12_000, 30_000, 120_000]);
            let at = usize::try_from(rng.below(switches.len() as u64)).unwrap();
            agenda.add(at_ms, Happening::Stops(at, for_ms), &mut rng);
        }
        for _ in 0..settings.touches {
            let at_ms = rng.below(120_000);
            agenda.add(at_ms, Happening::PeerTouches, &mut rng);
        }
        let wrong = Wrong::new(seed, settings.switches);
        let acquirers = NAMES.iter().zip(&settings.characters).map(|(name, character)| {
            // What is proved too early shows where much is still to come.
            let character = if wrong.steps { character.clone().slow() } else { character.clone() };
            let way = settings.ways.iter().find(|way| way.acquirer.as_str() == *name).unwrap();
            let acquirer = Acquirer::new(name, character, way.partial_cancel);
            (acquirer.name.clone(), acquirer)
        });
        let mut world = Self {
            wrong,
            now_ms: 0,
            switches,
            front: 0,
            storage: Storage::new(memory),
            terminals: Terminals::default(),
            acquirers: acquirers.collect(),
            alarms: BTreeSet::new(),
            cancel_alarms: BTreeSet::new(),
            told_approvals: BTreeMap::new(),
            left_to_terminal: BTreeSet::new(),
            violations: Vec::new(),
            incidents: BTreeSet::new(),
            trace: traced.then(Vec::new),
            runs: 0,
            inputs: 0,
            orders_given: 0,
            rng,
            agenda,
            crashes_left: settings.crashes + 2 * settings.stops,
            stops_left: settings.stops,
            sent: BTreeSet::new(),
            cancels_sent: BTreeMap::new(),
            settings,
        };
        world.plan_interference();
        world.plan_clocks();
        world
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
        self.last_words();
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

    /// The switch that the next one who may choose talks with.
    pub(crate) fn any_front(&mut self) -> usize {
        if self.settings.all_active {
            return usize::try_from(self.rng.below(self.switches.len() as u64)).unwrap();
        }
        self.front
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
            Happening::Inside(at, inside) => match self.switches[at].stopped_until_ms {
                Some(wakes_ms) => self.inside(at, wakes_ms, inside),
                None if self.is_held_back(at, &inside) => self.inside(at, self.now_ms + 50, inside),
                None => self.happens_inside(at, inside),
            },
            Happening::Reaches(telegram) => self.reaches(telegram),
            Happening::Processed(telegram, behaviour) => {
                self.trace(|| format!("{} {behaviour:?} {telegram:?}", telegram.acquirer));
                let acquirer = self.acquirers.get_mut(&telegram.acquirer).unwrap();
                let flaw = self.settings.flaw;
                for (at_ms, reply) in acquirer.does(&telegram, behaviour, self.now_ms, flaw, &mut self.rng) {
                    self.agenda.add(at_ms, Happening::Answers(reply), &mut self.rng);
                }
            }
            Happening::Answers(reply) => self.answers(reply),
            Happening::Starts(at) => self.starts(at),
            Happening::Ends(at) => self.ends_to_set_clock(at),
            Happening::Stops(at, for_ms) => self.stops(at, for_ms),
            Happening::Wakes(at) => self.wakes(at),
            Happening::TakesOver { from } => self.takes_over(from),
            Happening::Orders => self.orders(),
            Happening::Gate(name, gate) => self.gate(name, gate),
            Happening::PeerTouches => {
                let payments: Vec<_> = self.storage.payments().into_iter().collect();
                if !payments.is_empty() {
                    let id = self.rng.pick(&payments);
                    let (owner, clock) = (self.switches[0].owner, self.switches[0].clock);
                    let touched = self.storage.touch(owner, id, self.now_ms, clock.reads(self.now_ms));
                    self.trace(|| format!("a peer touches {id}: {touched}"));
                }
            }
        }
    }

    /// A switch that wakes after its lease has ended hears and answers nobody before it is renewed: another may know better by now.
    fn is_held_back(&self, at: usize, inside: &Inside) -> bool {
        let speaks = match inside {
            Inside::Reads(_)
            | Inside::Arrives(_)
            | Inside::Tick
            | Inside::SavesArrive
            | Inside::Writes { .. } => true,
            Inside::Commit
            | Inside::Looks(_)
            | Inside::Reserve(_)
            | Inside::Renews
            | Inside::Leaves(_)
            | Inside::LinkLost(_)
            | Inside::GivenUp(_) => false,
        };
        speaks && self.now_ms >= self.switches[at].lease_until_ms
    }

    fn happens_inside(&mut self, at: usize, inside: Inside) {
        match inside {
            Inside::Reads(ask) => self.hears(at, ask),
            Inside::Arrives(input) => self.give(at, *input),
            Inside::Tick => {
                self.switches[at].tick_at_ms = None;
                self.give(at, Input::Time);
            }
            Inside::Commit => self.commit(at),
            Inside::SavesArrive => {
                let run = self.switches[at].run;
                for saved in self.switches[at].pipe.results.pop_front().unwrap_or_default() {
                    // After a crash halfway nobody hears of the rest.
                    if self.switches[at].run == run && self.switches[at].desk.is_some() {
                        self.give(at, Input::Saved(saved));
                    } else if let store::Saved::Done(stored, _) = saved {
                        self.storage.unheard.insert(stored.id());
                    }
                }
            }
            Inside::Looks(lookup) => {
                let found = self.storage.read(lookup);
                self.incidents.extend(Incident::of_read(found.as_ref(), self.switches[at].no));
                self.bring(at, Input::Found(lookup, found));
            }
            Inside::Reserve(count) => match self.storage.reserve(self.switches[at].owner, count) {
                Ok(first) => self.bring(at, Input::Serials { first, count }),
                Err(_) => self.dies(at),
            },
            Inside::Renews => self.renews(at),
            Inside::Leaves(identity) => self.leaves(at, identity),
            Inside::LinkLost(identity) => self.ends(at, identity, true),
            Inside::GivenUp(identity) => self.ends(at, identity, false),
            Inside::Writes { asker, answer, report } => self.writes(at, asker, &answer, report),
        }
    }

    fn dies_now(&mut self) -> bool {
        self.crashes_left > 0 && self.rng.per_mille(self.settings.crash_per_mille)
    }

    /// Gives a desk an input and does what it says.
    pub(crate) fn give(&mut self, at: usize, input: Input) {
        if self.dies_now() {
            if let Input::Saved(store::Saved::Done(stored, _)) = &input {
                self.storage.unheard.insert(stored.id());
            }
            return self.crash(at);
        }
        self.trace(|| format!("-> {at} {input:?}"));
        self.inputs += 1;
        self.incidents.extend(Incident::of_input(&input));
        let now = self.switches[at].clock.reads(self.now_ms);
        let Some(desk) = &mut self.switches[at].desk else { return };
        let mut out = Vec::new();
        desk.handle(input, now, &mut out);
        self.act(at, out);
    }

    pub(crate) fn bring(&mut self, at: usize, input: Input) {
        let at_ms = self.now_ms + self.rng.delay();
        self.inside(at, at_ms, Inside::Arrives(Box::new(input)));
    }

    pub(crate) fn inside(&mut self, at: usize, at_ms: u64, what: Inside) {
        self.agenda.add(at_ms, Happening::Inside(at, what), &mut self.rng);
    }

    pub(crate) fn act(&mut self, at: usize, out: Vec<Output>) {
        let mut out = out.into_iter();
        while let Some(output) = out.next() {
            if self.dies_now() {
                let undone = std::iter::once(output).chain(out);
                for output in undone {
                    if let Output::Alarm(id, _) = output {
                        self.storage.unheard.insert(id);
                    }
                }
                return self.crash(at);
            }
            self.trace(|| format!("<- {at} {output:?}"));
            self.incidents.extend(Incident::of_output(&output));
            self.does(at, output);
        }
        self.ask_for_time(at);
    }

    fn does(&mut self, at: usize, output: Output) {
        let sender = Sender { switch: at, run: self.switches[at].run };
        let clock = self.switches[at].clock;
        match output {
            Output::Cancel(id, order) => {
                self.check_cancel(id, &order);
                self.send(at, Telegram::cancel(id, &order, sender, clock));
            }
            Output::Save(unsaved) => {
                self.switches[at].pipe.put(unsaved, self.now_ms);
                self.start_batch(at);
            }
            Output::Note(note) => {
                self.switches[at].pipe.waiting.notes.push(note);
                self.start_batch(at);
            }
            Output::LookUp(lookup) => {
                let at_ms = self.now_ms + self.rng.delay();
                self.inside(at, at_ms, Inside::Looks(lookup));
            }
            Output::ReserveSerials(count) => {
                let at_ms = self.now_ms + self.rng.delay();
                self.inside(at, at_ms, Inside::Reserve(count));
            }
            Output::Send(id, order) => {
                self.check_send(id, &order);
                self.send(at, Telegram::request(id, &order, sender, clock));
            }
            Output::NetCancel(id, order) => {
                self.check_net_cancel(id, &order);
                self.send(at, Telegram::net_cancel(id, &order, sender, clock));
            }
            Output::Reply { asker, question, answer, report } => {
                let answer = tampering::answer(self, &question, answer);
                let mut asker = asker;
                if self.settings.flaw == Some(Flaw::RepliesToAnother) {
                    asker = Asker(1 + self.rng.below(self.terminals.all().len() as u64));
                }
                self.check_reply(at, asker, &question, &answer, report);
                let times = 1 + u32::from(self.settings.flaw == Some(Flaw::RepliesTwice));
                for _ in 0..times {
                    let at_ms = self.now_ms + self.rng.delay();
                    self.inside(at, at_ms, Inside::Writes { asker, answer: answer.clone(), report });
                }
            }
            Output::Alarm(id, Alarm::NetCancelStuck { attempt, .. }) => {
                self.alarms.insert((id, attempt));
            }
            Output::Alarm(id, Alarm::CancelStuck { cancel, .. }) => {
                self.cancel_alarms.insert((id, cancel));
            }
            Output::Alarm(
                _,
                Alarm::EveryRouteFailed(_) | Alarm::NetCancelOverdue { .. } | Alarm::CancelOverdue { .. },
            )
            | Output::NotSent { .. } => {}
            Output::Operated { token, result } => self.check_operated(token, result.is_ok()),
        }
    }

    fn ask_for_time(&mut self, at: usize) {
        let switch = &mut self.switches[at];
        let Some(due) = switch.desk.as_ref().and_then(Desk::next_due) else { return };
        let due_ms = switch.clock.when(due).max(self.now_ms);
        if switch.tick_at_ms.is_none_or(|tick_at_ms| due_ms < tick_at_ms) {
            switch.tick_at_ms = Some(due_ms);
            let at_ms = due_ms + self.rng.below(3);
            self.inside(at, at_ms, Inside::Tick);
        }
    }

    pub(crate) fn start_batch(&mut self, at: usize) {
        if self.switches[at].pipe.takes_batch(self.settings.batch) {
            let stall_ms = if self.rng.per_mille(3) { 4_000 } else { 0 };
            let at_ms = self.now_ms + stall_ms + self.rng.delay();
            self.inside(at, at_ms, Inside::Commit);
        }
    }
}
