//! Terminals at work.

use std::{
    net::SocketAddr,
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use telegram_replay::{
    layout::Layouts,
    load::{Report, Settings, load},
};

use crate::{
    party::runtime,
    world::{Merchant, TERMINALS},
};

/// Trace numbers of one terminal that no other measurement uses.
const TRACES: u32 = 10_000;
static BEGUN: AtomicU32 = AtomicU32::new(0);

/// How the terminals of a merchant work.
#[derive(Clone, Copy)]
pub(crate) struct Work {
    pub(crate) to: SocketAddr,
    pub(crate) merchant: Merchant,
    pub(crate) connections: u32,
    /// Telegrams on the way at once on each of them.
    pub(crate) pipeline: u32,
    /// Telegrams a second altogether; `None`: as many as are answered.
    pub(crate) rate: Option<f64>,
    pub(crate) time: Duration,
}

impl Work {
    /// Some hundred telegrams a second: what a busy afternoon is.
    pub(crate) fn steady(to: SocketAddr, merchant: Merchant, time: Duration) -> Self {
        Self { to, merchant, connections: 32, pipeline: 4, rate: Some(300.0), time }
    }

    /// Works on this thread, and tells how it went.
    pub(crate) fn done(self) -> Report {
        let settings = Settings {
            to: self.to,
            connections: self.connections,
            pipeline: self.pipeline,
            rate: self.rate,
            time: self.time,
            answer_timeout: Duration::from_secs(30),
            first_terminal: self.merchant.first_terminal,
            terminals: TERMINALS,
            merchant_no: self.merchant.no.to_owned(),
            first_trace: 1 + TRACES * BEGUN.fetch_add(1, Ordering::Relaxed),
            amount: 10_000,
            cards: "541230".parse().expect("six digits"),
        };
        let report = runtime().block_on(load(&settings, &Layouts::embedded(), |_, _| {}));
        report.expect("the switch listens")
    }

    /// As [`Work::done`], of work in which nothing is refused or lost.
    pub(crate) fn done_well(self) -> Report {
        let report = self.done();
        assert_eq!((report.refused, report.errors), (0, 0), "{report:?}");
        report
    }
}
