//! A payment among acquirers that tell the truth over lines that lose, delay and repeat it, a switch that crashes, and a terminal
//! that may never read its answer. Whatever happens, no approval is left that nobody answers for.
//!
//! One seed is one life; a failure prints the seed, and `a_life(seed)` replays it.

mod acquirer;
mod cancels;
mod chance;
mod ends;
mod terminal;

use std::collections::BTreeMap;

use payment::{
    Alarm, Answer, CancelAnswer, CancelOrder, Effect, Event, Failover, NetCancelAnswer, NetCancelOrder,
    NotSent, PartialCancel, Payment, Question, RequestOrder, Route, StuckCancel, TerminalAnswer, Terms,
    Unanswered,
};

use self::{acquirer::AtAcquirer, cancels::CancelLink, chance::Chance, ends::Ends, terminal::Terminal};
use crate::{
    describe,
    fixture::{M, S, START, at, route, sealed_card, started, terms},
    happening::{in_doubt_answer, of_another_amount},
    record,
};

/// How many lives are lived. Every other request goes through smoothly, so that there is something to cancel.
const LIVES: u64 = 18_000;

#[test]
fn no_approval_is_left_that_nobody_answers_for() {
    let mut ends = Ends::default();
    for seed in 0..LIVES {
        a_life(seed, &mut ends);
    }
    // The world is only worth its lives when everything in it happens.
    for (what, times) in ends.0 {
        assert!(times >= LIVES / 200, "{what} happened {times} times in {LIVES} lives");
    }
}

/// Something under way. What belongs to a process dies with it.
#[derive(Clone)]
enum Message {
    /// The request of an attempt reaches its acquirer.
    RequestArrives { attempt: u8 },
    /// A net-cancel reaches the acquirer.
    NetCancelArrives { attempt: u8, life: u32 },
    /// An answer to a request reaches the switch.
    Answer { attempt: u8, life: u32, answer: Answer },
    /// An answer to a net-cancel reaches the switch.
    NetCancelAnswer { attempt: u8, life: u32, answer: NetCancelAnswer },
    /// The link gives a request up.
    GiveUp { attempt: u8, life: u32, why: Unanswered },
    /// The link gives a try of a net-cancel up.
    GiveUpTry { attempt: u8, life: u32, number: u32 },
    /// The link or the session tells the payment something.
    Tell { life: u32, event: Event },
    /// A try of a cancel reaches the acquirer.
    CancelArrives { order: CancelOrder, life: u32, decided_ms: i64 },
    /// An answer to a cancel reaches the switch.
    CancelAnswer { cancel: u8, life: u32, answer: CancelAnswer },
    /// The link gives a try of a cancel up.
    GiveUpCancel { cancel: u8, life: u32, number: u32 },
    /// The terminal asks something, and asks again this often.
    Ask { question: Question, patience: u32 },
    /// The terminal repeats its request.
    Repeat,
    /// The process dies.
    Crash,
    /// The process starts again.
    Start { last_byte_ms: i64 },
}

struct World<'a> {
    chance: Chance,
    now: i64,
    payment: Payment,
    acquirers: Vec<AtAcquirer>,
    under_way: BTreeMap<(i64, u64), Message>,
    sent: u64,
    /// Which process it is; `None` while none runs.
    life: Option<u32>,
    lives: u32,
    cancelling: BTreeMap<u8, CancelLink>,
    terminal: Terminal,
    seed: u64,
    /// Whether the request is approved and answered, whatever comes then.
    is_smooth: bool,
    ends: &'a mut Ends,
}

fn a_life(seed: u64, ends: &mut Ends) {
    let mut chance = Chance::new(seed);
    let failover = [Failover::Never, Failover::AfterNetCancel, Failover::AtOnce][chance.up_to(2)];
    let terms = Terms {
        failover,
        net_cancel_give_up_after_ms: 7_200_000,
        acknowledged_within_ms: chance.one_in(3).then_some(10_000),
        ..terms()
    };
    let partial_cancel = [PartialCancel::No, PartialCancel::Once, PartialCancel::Repeatable][chance.up_to(2)];
    let routes = (0..=chance.up_to(2)).zip(["card450", "kovan", "kspay"]);
    let routes = routes.map(|(nth, name)| route(nth as u64, name, [2_000, 10_000][chance.up_to(1)]));
    let routes = routes.map(|way| Route { partial_cancel, ..Route::clone(&way) }.into()).collect();
    let (payment, effects) = Payment::start(&started(routes, terms), Some(sealed_card()), at(0));
    let mut world = World {
        chance,
        now: 0,
        payment,
        acquirers: Vec::new(),
        under_way: BTreeMap::new(),
        sent: 0,
        life: Some(0),
        lives: 0,
        cancelling: BTreeMap::new(),
        terminal: Terminal::default(),
        seed,
        is_smooth: seed.is_multiple_of(2),
        ends,
    };
    for _ in 0..world.chance.up_to(2) {
        let when = world.chance.instant(2 * M);
        world.post(when, Message::Crash);
    }
    world.know_attempts();
    world.plan();
    world.act(effects);
    world.run(seed);
    world.check(seed);
}

impl World<'_> {
    fn run(&mut self, seed: u64) {
        for _ in 0..50_000 {
            let due = self.payment.due().filter(|_| self.life.is_some());
            let due =
                due.map(|due| i64::try_from(due.duration_since(START).as_millis()).unwrap().max(self.now));
            let next = self.under_way.first_key_value().map(|((ms, _), _)| *ms);
            match (due, next) {
                (None, None) => return,
                (Some(due), next) if next.is_none_or(|next| due <= next) => {
                    self.now = due;
                    self.step(&Event::Due);
                }
                (_, _) => {
                    let ((ms, _), message) = self.under_way.pop_first().expect("something is under way");
                    self.now = ms;
                    self.take(message);
                }
            }
        }
        panic!("seed {seed}: no end after {}: {}", self.now, describe::payment(&self.payment));
    }

    fn post(&mut self, delay: i64, message: Message) {
        self.sent += 1;
        self.under_way.insert((self.now + delay, self.sent), message);
    }

    fn take(&mut self, message: Message) {
        match message {
            Message::RequestArrives { attempt } => self.request_arrives(attempt),
            Message::NetCancelArrives { attempt, life } => self.net_cancel_arrives(attempt, life),
            Message::Answer { attempt, life, answer } if self.life == Some(life) => {
                let at_acquirer = &mut self.acquirers[usize::from(attempt)];
                let in_time = std::mem::replace(&mut at_acquirer.link_waits, false);
                let event = if in_time {
                    Event::Answered { attempt, answer }
                } else {
                    Event::Late { attempt, answer }
                };
                self.step(&event);
            }
            Message::NetCancelAnswer { attempt, life, answer } if self.life == Some(life) => {
                // The link cannot tell which try it answers: the one under way takes it.
                self.acquirers[usize::from(attempt)].try_under_way = None;
                self.step(&Event::NetCancelAnswered { attempt, answer });
            }
            Message::GiveUp { attempt, life, why } if self.life == Some(life) => {
                let at_acquirer = &mut self.acquirers[usize::from(attempt)];
                if std::mem::replace(&mut at_acquirer.link_waits, false) {
                    let last_byte_by = at(at_acquirer.last_byte_ms);
                    self.step(&Event::Unanswered { attempt, why, last_byte_by });
                }
            }
            Message::GiveUpTry { attempt, life, number } if self.life == Some(life) => {
                let at_acquirer = &mut self.acquirers[usize::from(attempt)];
                if at_acquirer.try_under_way.take_if(|under_way| *under_way == number).is_some() {
                    self.step(&Event::NetCancelUnanswered { attempt });
                }
            }
            Message::Tell { life, event } if self.life == Some(life) => self.step(&event),
            Message::CancelArrives { order, life, decided_ms } => {
                self.cancel_arrives(&order, life, decided_ms);
            }
            Message::CancelAnswer { cancel, life, answer } if self.life == Some(life) => {
                self.cancel_answered(cancel, answer);
            }
            Message::GiveUpCancel { cancel, life, number } if self.life == Some(life) => {
                self.give_up_cancel(cancel, number);
            }
            Message::Ask { question, patience } => self.asked(question, patience),
            Message::Repeat if self.life.is_some() => self.repeat(),
            Message::Crash if self.life.is_some() => self.crash(),
            Message::Start { last_byte_ms } => {
                self.lives += 1;
                self.life = Some(self.lives);
                self.payment = record::round_trip(&self.payment);
                self.step(&Event::Restarted { last_byte_by: at(last_byte_ms) });
            }
            // What belonged to a process that died, or would have reached it.
            Message::Answer { .. }
            | Message::NetCancelAnswer { .. }
            | Message::GiveUp { .. }
            | Message::GiveUpTry { .. }
            | Message::CancelAnswer { .. }
            | Message::GiveUpCancel { .. }
            | Message::Tell { .. }
            | Message::Repeat
            | Message::Crash => {}
        }
    }

    /// The state is saved, and the process may die before it acts on it.
    fn step(&mut self, event: &Event) {
        let (payment, effects) =
            self.payment.clone().step(event, at(self.now)).expect("the attempt was made");
        self.payment = payment;
        self.know_attempts();
        if self.chance.one_in(60) { self.crash() } else { self.act(effects) }
    }

    fn know_attempts(&mut self) {
        while self.acquirers.len() < self.payment.attempts().len() {
            self.acquirers.push(AtAcquirer::new(&mut self.chance));
        }
    }

    fn crash(&mut self) {
        self.life = None;
        let last_byte_ms = self.now;
        let pause = self.chance.instant(30 * S);
        self.post(pause, Message::Start { last_byte_ms });
    }

    fn act(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::Send(order) => self.send(&order),
                Effect::NetCancel(order) => self.net_cancel(&order),
                Effect::Reply(answer) => self.reply(&answer),
                Effect::Cancel(order) => self.cancel(order),
                Effect::Alarm(Alarm::CancelStuck { why: StuckCancel::Contradicted, .. }) => {
                    panic!("seed {}: refused and done: {}", self.seed, describe::payment(&self.payment))
                }
                Effect::Alarm(_) => {}
            }
        }
    }

    fn send(&mut self, order: &RequestOrder) {
        let (attempt, life) = (order.attempt, self.life.expect("only a process acts"));
        self.acquirers[usize::from(attempt)].last_byte_ms = self.now;
        if !self.is_smooth && self.chance.one_in(5) {
            let delay = self.chance.instant(500);
            return self
                .post(delay, Message::Tell { life, event: Event::NotSent { attempt, why: NotSent::Full } });
        }
        self.acquirers[usize::from(attempt)].link_waits = true;
        // The acquirer decides within the minute that it promises, or never gets the request.
        if self.is_smooth {
            self.post(0, Message::RequestArrives { attempt });
        } else if !self.chance.one_in(5) {
            let delay =
                if self.chance.one_in(3) { self.chance.instant(60 * S) } else { self.chance.instant(S) };
            self.post(delay, Message::RequestArrives { attempt });
        }
        let deadline = ms(order.deadline) - self.now;
        self.post(deadline, Message::GiveUp { attempt, life, why: Unanswered::TimedOut });
        if self.chance.one_in(10) {
            let delay = self.chance.instant(deadline);
            self.post(delay, Message::GiveUp { attempt, life, why: Unanswered::ConnectionLost });
        }
    }

    fn request_arrives(&mut self, attempt: u8) {
        if self.is_smooth {
            let answer = self.acquirers[usize::from(attempt)].approve(attempt);
            if let Some(life) = self.life {
                self.post(0, Message::Answer { attempt, life, answer });
            }
            return;
        }
        let answer = self.acquirers[usize::from(attempt)].decide(attempt, &mut self.chance);
        let Some(life) = self.life else { return };
        for _ in 0..[1, 1, 1, 0, 0, 2][self.chance.up_to(5)] {
            let delay =
                if self.chance.one_in(3) { self.chance.instant(2 * M) } else { self.chance.instant(S) };
            let answer = match self.chance.up_to(19) {
                0 => in_doubt_answer(),
                1 => of_another_amount(answer.clone()),
                _ => answer.clone(),
            };
            self.post(delay, Message::Answer { attempt, life, answer });
        }
    }

    fn net_cancel(&mut self, order: &NetCancelOrder) {
        let (attempt, life) = (order.attempt, self.life.expect("only a process acts"));
        let at_acquirer = &mut self.acquirers[usize::from(attempt)];
        at_acquirer.tries += 1;
        let number = at_acquirer.tries;
        if self.chance.one_in(6) {
            let event = Event::NetCancelNotSent { attempt, why: NotSent::NotConnected };
            let delay = self.chance.instant(200);
            return self.post(delay, Message::Tell { life, event });
        }
        at_acquirer.try_under_way = Some(number);
        if !at_acquirer.is_down && !self.chance.one_in(4) {
            let delay = self.chance.instant(2 * S);
            self.post(delay, Message::NetCancelArrives { attempt, life });
        }
        let deadline = ms(order.deadline) - self.now;
        self.post(deadline, Message::GiveUpTry { attempt, life, number });
    }

    fn net_cancel_arrives(&mut self, attempt: u8, life: u32) {
        let answer = self.acquirers[usize::from(attempt)].undo(&mut self.chance);
        if !self.chance.one_in(4) {
            let delay =
                if self.chance.one_in(3) { self.chance.instant(90 * S) } else { self.chance.instant(S) };
            self.post(delay, Message::NetCancelAnswer { attempt, life, answer });
        }
    }

    fn reply(&mut self, answer: &TerminalAnswer) {
        if self.chance.one_in(4) {
            let life = self.life.expect("only a process acts");
            self.post(0, Message::Tell { life, event: Event::Undelivered });
            if self.chance.one_in(2) {
                let delay = self.chance.instant(M);
                self.post(delay, Message::Repeat);
            }
        } else {
            self.terminal_reads(answer.code());
        }
    }
}

fn ms(instant: jiff::Timestamp) -> i64 {
    i64::try_from(instant.duration_since(START).as_millis()).unwrap()
}
