use std::sync::Arc;

use jiff::{
    Timestamp,
    civil::{Date, DateTime},
};
use payment::{
    Answer, Event, HostCodes, InstanceNo, PaymentId, Request, Route, Serial, Started, TelegramKey,
    TelegramKind, TerminalAnswer, TerminalId, TraceNo, Verdict,
};
use store::{Batch, Lookup, Saved, Sqlite, Stored, Unsaved, look_up, save};

use super::{Approval, Home};

/// Saves of one commit.
const BATCH: u32 = 2_000;
/// Counts of serials that no test reaches.
const FAR: u64 = 900_000_000;

/// The store of a switch that does not run, and what its past is made of.
pub(crate) struct Past {
    engine: Sqlite,
}

impl Past {
    pub(crate) fn of(home: &Home) -> Self {
        Self { engine: Sqlite::open(home.database(), instance()).unwrap() }
    }

    /// The same approval once more, sent on another day; it is the acquirer's very one.
    pub(crate) fn repeat_on(&mut self, approval: &Approval, day: Date) {
        let stored = look_up(&mut self.engine, Lookup::Key(key(approval))).unwrap().expect("it is stored");
        let payment = stored.payment();
        let Some(TerminalAnswer::Approved { approval, .. }) = payment.answer() else {
            panic!("it is not approved")
        };
        let answer =
            Answer { amount: None, codes: HostCodes::default(), verdict: Verdict::Approved(approval) };
        let route = payment.attempts()[0].route();
        let started =
            on(payment.request(), payment.request().key.trace_no, day, vec![route.clone()], &stored);
        let at = started.request.received_at;
        let sent = self.save(vec![Unsaved::start(started, None, Vec::new(), at)]).remove(0);
        let answered = sent.step(Event::Answered { attempt: 0, answer }, at).expect("it has one attempt");
        self.save(vec![answered]);
    }

    /// So many others of that day, refused for want of a route.
    pub(crate) fn crowd(&mut self, like: &Approval, day: Date, count: u32) {
        let stored = look_up(&mut self.engine, Lookup::Key(key(like))).unwrap().expect("it is stored");
        let request = stored.payment().request().clone();
        let started = |number: u32| {
            let trace = TraceNo::new(100_000 + number).unwrap();
            let serial = Serial::new(instance(), FAR + u64::from(number)).unwrap();
            Started { id: PaymentId::new(day, serial), ..on(&request, trace, day, Vec::new(), &stored) }
        };
        let numbers: Vec<u32> = (0..count).collect();
        for batch in numbers.chunks(BATCH as usize) {
            let start = |number: &u32| {
                let started = started(*number);
                let at = started.request.received_at;
                Unsaved::start(started, None, Vec::new(), at)
            };
            self.save(batch.iter().map(start).collect());
        }
    }

    fn save(&mut self, saves: Vec<Unsaved>) -> Vec<Stored> {
        let committed = save(&mut self.engine, Batch { saves, notes: Vec::new() }).unwrap();
        let done = |saved: Saved| match saved {
            Saved::Done(stored, _) => stored,
            Saved::LostRace(id) => panic!("nobody else saves {id}"),
            Saved::Claimed { claim, .. } => panic!("nobody else claims {claim:?}"),
        };
        committed.into_iter().map(done).collect()
    }
}

fn instance() -> InstanceNo {
    InstanceNo::new(0).unwrap()
}

fn key(approval: &Approval) -> TelegramKey {
    TelegramKey {
        terminal: TerminalId::new(&approval.terminal_id()).unwrap(),
        business_date: approval.date(),
        trace_no: TraceNo::new(approval.trace_no().parse().unwrap()).unwrap(),
        kind: TelegramKind::Approval,
    }
}

fn on(request: &Request, trace_no: TraceNo, day: Date, routes: Vec<Arc<Route>>, like: &Stored) -> Started {
    let sent_at: DateTime = request.sent_at.time().on(day.year(), day.month(), day.day());
    let received_at: Timestamp = jiff::tz::Offset::constant(9).to_timestamp(sent_at).unwrap();
    let key = TelegramKey { business_date: day, trace_no, ..request.key };
    let (serial, _) = like.payment().serials().expect("an attempt");
    Started {
        id: PaymentId::new(day, serial),
        request: Arc::new(Request { key, sent_at, received_at, ..request.clone() }),
        routes,
        terms: *like.payment().terms(),
    }
}
