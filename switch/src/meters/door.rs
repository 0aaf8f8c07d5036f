//! What is measured where terminals come in.

use metrics::{counter, describe_counter, describe_gauge, gauge};

const SHED: &str = "switch_shed_total";
const SESSIONS_ENDED: &str = "switch_sessions_ended_total";
const ACCEPT_FAILURES: &str = "switch_accept_failures_total";
const CONNECTIONS: &str = "switch_connections_limit";

/// Why a telegram was not let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shed {
    /// Its terminal sends too many.
    Rate,
    /// Too many payments have no outcome.
    Payments,
    /// It would wait too long for the loop.
    Queue,
    /// It would wait too long to be durable.
    Store,
}

impl Shed {
    const ALL: [Self; 4] = [Self::Rate, Self::Payments, Self::Queue, Self::Store];

    /// For the journal.
    pub(crate) fn why(self) -> &'static str {
        match self {
            Self::Rate => "the terminal sends too many telegrams",
            Self::Payments => "too many payments have no outcome yet",
            Self::Queue => "too many telegrams wait for the switch",
            Self::Store => "too much waits to be durable",
        }
    }

    fn label(self) -> &'static str {
        match self {
            Self::Rate => "rate",
            Self::Payments => "payments",
            Self::Queue => "queue",
            Self::Store => "store",
        }
    }
}

/// How a terminal's socket came to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SessionEnd {
    /// Its terminal closed it.
    Closed,
    /// It brought nothing for too long.
    Idle,
    /// A telegram was begun and did not become whole in time.
    Unfinished,
    /// Its terminal took no answer for too long.
    NotTaken,
    /// It was idle the longest when another needed its place.
    MadeRoom,
    /// What it brought cannot be read.
    Unreadable,
    /// It broke.
    Broken,
    /// Its handshake ended before its time.
    Handshake,
    /// The switch is closing.
    Closing,
}

impl SessionEnd {
    const ALL: [Self; 9] = [
        Self::Closed,
        Self::Idle,
        Self::Unfinished,
        Self::NotTaken,
        Self::MadeRoom,
        Self::Unreadable,
        Self::Broken,
        Self::Handshake,
        Self::Closing,
    ];

    fn label(self) -> &'static str {
        match self {
            Self::Closed => "closed",
            Self::Idle => "idle",
            Self::Unfinished => "unfinished",
            Self::NotTaken => "not-taken",
            Self::MadeRoom => "made-room",
            Self::Unreadable => "unreadable",
            Self::Broken => "broken",
            Self::Handshake => "handshake",
            Self::Closing => "closing",
        }
    }
}

/// Tells what each metric means.
pub(super) fn describe() {
    describe_counter!(SHED, "Telegrams answered 9040 at the door, by reason");
    describe_counter!(SESSIONS_ENDED, "Terminals' sockets that came to their end, by reason");
    describe_counter!(
        ACCEPT_FAILURES,
        "Terminals that could not be accepted, for want of descriptors above all"
    );
    describe_gauge!(CONNECTIONS, "Connections a listener may have, by listener");
}

/// Each begins at 0.
pub(super) fn start() {
    for shed in Shed::ALL {
        counter!(SHED, "reason" => shed.label()).increment(0);
    }
    for end in SessionEnd::ALL {
        counter!(SESSIONS_ENDED, "reason" => end.label()).increment(0);
    }
    counter!(ACCEPT_FAILURES).increment(0);
}

pub(crate) fn shed(shed: Shed) {
    debug_assert!(Shed::ALL.contains(&shed), "{shed:?} begins at 0 too");
    counter!(SHED, "reason" => shed.label()).increment(1);
}

pub(crate) fn session_ended(end: SessionEnd) {
    debug_assert!(SessionEnd::ALL.contains(&end), "{end:?} begins at 0 too");
    counter!(SESSIONS_ENDED, "reason" => end.label()).increment(1);
}

pub(crate) fn accept_failed() {
    counter!(ACCEPT_FAILURES).increment(1);
}

pub(crate) fn connections(listener: &str, limit: usize) {
    gauge!(CONNECTIONS, "listener" => listener.to_owned()).set(u32::try_from(limit).unwrap_or(u32::MAX));
}
