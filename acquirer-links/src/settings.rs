use std::sync::Arc;
use std::time::Duration;

use crate::Backoff;

/// The limits and times of one pool. Every one of them is a bound; none can be switched off.
#[derive(Clone, Debug)]
pub struct PoolSettings {
    /// The acquirer's name, for logs.
    pub name: Arc<str>,
    /// `host:port` of each address; the links are spread over all of them.
    pub addresses: Vec<String>,
    /// Persistent sockets. A one-in-flight pool may hold as many again that wait for late answers.
    pub links: usize,
    /// Requests accepted and without an outcome yet, queued ones included.
    pub max_in_flight: usize,
    /// Requests that wait for a socket to take them. On a multiplexed pool they are those not yet
    /// written, so it should hold the largest burst; on a one-in-flight pool those no idle socket could take.
    pub queue: usize,
    /// How long one attempt to connect may take, name resolution included.
    pub connect_timeout: Duration,
    /// How long an answer is still recognised after its request was given up, and how long a
    /// one-in-flight socket waits for it.
    pub late_window: Duration,
    /// How many given-up requests are remembered at most; the oldest is forgotten first.
    pub late_keys: usize,
    /// How long bytes handed to the kernel may stay undelivered before the connection is given up
    /// (`TCP_USER_TIMEOUT`; on systems without it the system's own limit stands).
    /// It bounds the last instant at which a byte of a request can leave.
    pub stall_timeout: Duration,
    /// How long to wait between attempts to connect.
    pub backoff: Backoff,
}

impl PoolSettings {
    /// Settings with the usual limits: 4 links, 1,000 in flight, 1,000 queued, 2 s to connect, a late
    /// window of 60 s with 100,000 keys, 5 s of stall, and at most 5 s between attempts to connect.
    pub fn new(name: impl Into<Arc<str>>, addresses: Vec<String>) -> Self {
        Self {
            name: name.into(),
            addresses,
            links: 4,
            max_in_flight: 1_000,
            queue: 1_000,
            connect_timeout: Duration::from_secs(2),
            late_window: Duration::from_mins(1),
            late_keys: 100_000,
            stall_timeout: Duration::from_secs(5),
            backoff: Backoff::default(),
        }
    }

    /// Whether a pool can be started with these settings.
    ///
    /// # Errors
    /// The first setting that would leave the pool unable to carry anything.
    pub fn check(&self) -> Result<(), BadSettings> {
        if self.addresses.is_empty() {
            return Err(BadSettings::NoAddress);
        }
        if self.links == 0 {
            return Err(BadSettings::Zero("links"));
        }
        if self.max_in_flight == 0 {
            return Err(BadSettings::Zero("max_in_flight"));
        }
        if self.queue == 0 {
            return Err(BadSettings::Zero("queue"));
        }
        if self.connect_timeout.is_zero() {
            return Err(BadSettings::Zero("connect_timeout"));
        }
        if self.stall_timeout.is_zero() {
            return Err(BadSettings::Zero("stall_timeout"));
        }
        Ok(())
    }
}

/// Why a pool cannot start with its settings. The configuration's fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadSettings {
    /// There is no address to connect to.
    #[error("an acquirer needs at least one address")]
    NoAddress,
    /// The named setting is zero and must not be.
    #[error("{0} must not be zero")]
    Zero(&'static str),
}
