use std::sync::Arc;
use std::time::Duration;

use crate::{Backoff, BreakerSettings, LinkProfile, Mode, Tls};

/// No time of a pool may be longer, so that none of them can overflow a clock.
const LONGEST: Duration = Duration::from_hours(24);

/// The limits and times of one pool. Every one of them is a bound; none can be switched off.
#[derive(Clone, Debug)]
pub struct PoolSettings {
    /// The acquirer's name, for logs.
    pub name: Arc<str>,
    /// `host:port` of each address; the links are spread over all of them. Those of an address that cannot be reached
    /// serve at the others, and go home one after the other once it can, each when it is idle.
    pub addresses: Vec<String>,
    /// Sockets at a time: persistent ones, or as many as a per-request pool may open. A one-in-flight or
    /// per-request pool may hold as many again that wait for late answers; when there are more, the oldest of
    /// them is closed.
    pub links: usize,
    /// Requests accepted and without an outcome yet, queued ones included.
    pub max_in_flight: usize,
    /// Requests that wait for a socket to take them. On a multiplexed pool they are those not yet
    /// written, so it should hold the largest burst; on the others those no idle link could take.
    pub queue: usize,
    /// How long one attempt to connect may take, name resolution included; on a per-request pool all the
    /// attempts for one request, one address after the other.
    pub connect_timeout: Duration,
    /// How long an answer is still recognised after its request was given up.
    pub late_window: Duration,
    /// How long a one-in-flight or per-request socket waits for its late answer, within the late window.
    pub late_reading: Duration,
    /// How many given-up requests are remembered at most; the oldest is forgotten first.
    pub late_keys: usize,
    /// How long bytes handed to the kernel may stay undelivered before the connection is given up
    /// (`TCP_USER_TIMEOUT`; on systems without it the system's own limit stands).
    /// It bounds the last instant at which a byte of a request can leave.
    pub stall_timeout: Duration,
    /// How long an address that could not be reached is left alone: one attempt a pause, however many links there
    /// are. Links that come back after failures are spread over its `base`, and one that said nothing before its `max`
    /// was of no use.
    pub backoff: Backoff,
    /// How long a persistent link may have heard nothing before it is asked for a sign of life; when none comes for
    /// as long again, its socket is reset. `None`: idle links are never asked.
    pub heartbeat: Option<Duration>,
    /// Whether each connection is opened by the acquirer's sign-on telegram.
    pub sign_on: bool,
    /// When an address takes no more requests for a while. The pool takes none when that is so of all addresses it has a
    /// link to.
    pub breaker: BreakerSettings,
    /// TLS on every socket, if any; its handshake is part of connecting.
    pub tls: Option<Tls>,
}

impl PoolSettings {
    /// Settings with the usual limits: 4 links, 1,000 in flight, 1,000 queued, 2 s to connect, a late
    /// window of 60 s with 100,000 keys and 30 s of reading, 5 s of stall, at most 5 s between attempts to
    /// connect, the usual breaker, and neither heartbeat, sign-on nor TLS.
    pub fn new(name: impl Into<Arc<str>>, addresses: Vec<String>) -> Self {
        Self {
            name: name.into(),
            addresses,
            links: 4,
            max_in_flight: 1_000,
            queue: 1_000,
            connect_timeout: Duration::from_secs(2),
            late_window: Duration::from_mins(1),
            late_reading: Duration::from_secs(30),
            late_keys: 100_000,
            stall_timeout: Duration::from_secs(5),
            backoff: Backoff::default(),
            heartbeat: None,
            sign_on: false,
            breaker: BreakerSettings::default(),
            tls: None,
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
        let counts = [("links", self.links), ("max_in_flight", self.max_in_flight), ("queue", self.queue)];
        if let Some((name, _)) = counts.into_iter().find(|(_, count)| *count == 0) {
            return Err(BadSettings::Zero(name));
        }
        bounded("connect_timeout", self.connect_timeout)?;
        bounded("stall_timeout", self.stall_timeout)?;
        not_too_long("late_window", self.late_window)?;
        not_too_long("late_reading", self.late_reading)?;
        not_too_long("backoff.base", self.backoff.base)?;
        not_too_long("backoff.max", self.backoff.max)?;
        self.breaker.check()?;
        self.heartbeat.map_or(Ok(()), |heartbeat| bounded("heartbeat", heartbeat))
    }

    /// Whether the acquirer's sockets can be kept as these settings ask.
    pub(crate) fn fit(&self, profile: &LinkProfile) -> Result<(), BadSettings> {
        let asked = [
            ("heartbeat", self.heartbeat.is_some(), profile.echo.is_some()),
            ("sign_on", self.sign_on, profile.sign_on.is_some()),
        ];
        for (name, _, has_telegram) in asked.into_iter().filter(|(_, is_asked, _)| *is_asked) {
            match profile.mode {
                Mode::PerRequest { .. } => return Err(BadSettings::PerRequest(name)),
                Mode::Multiplexed | Mode::OneInFlight if !has_telegram => {
                    return Err(BadSettings::NoTelegram(name));
                }
                Mode::Multiplexed | Mode::OneInFlight => {}
            }
        }
        Ok(())
    }
}

/// A time that must be some, and not too long.
pub(crate) fn bounded(name: &'static str, time: Duration) -> Result<(), BadSettings> {
    if time.is_zero() {
        return Err(BadSettings::Zero(name));
    }
    not_too_long(name, time)
}

fn not_too_long(name: &'static str, time: Duration) -> Result<(), BadSettings> {
    if time > LONGEST {
        return Err(BadSettings::TooLong(name));
    }
    Ok(())
}

/// Why a pool cannot start with its settings. The configuration's fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadSettings {
    /// The named time is longer than a day.
    #[error("{0} must not be longer than a day")]
    TooLong(&'static str),
    /// There is no address to connect to.
    #[error("an acquirer needs at least one address")]
    NoAddress,
    /// The named setting needs a telegram the acquirer's language does not have.
    #[error("{0} is of no use: the acquirer's language has no telegram for it")]
    NoTelegram(&'static str),
    /// The named setting is for links that stay, and the acquirer takes one socket per request.
    #[error("{0} is of no use: the acquirer takes one socket per request")]
    PerRequest(&'static str),
    /// The named setting is zero and must not be.
    #[error("{0} must not be zero")]
    Zero(&'static str),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_that_could_carry_nothing_are_refused() {
        let good = || PoolSettings::new("test", vec!["127.0.0.1:1".into()]);
        let check = |change: fn(&mut PoolSettings)| {
            let mut settings = good();
            change(&mut settings);
            settings.check()
        };
        assert_eq!(good().check(), Ok(()));
        assert_eq!(check(|s| s.addresses.clear()), Err(BadSettings::NoAddress));
        assert_eq!(check(|s| s.links = 0), Err(BadSettings::Zero("links")));
        assert_eq!(check(|s| s.max_in_flight = 0), Err(BadSettings::Zero("max_in_flight")));
        assert_eq!(check(|s| s.queue = 0), Err(BadSettings::Zero("queue")));
        assert_eq!(check(|s| s.connect_timeout = Duration::ZERO), Err(BadSettings::Zero("connect_timeout")));
        assert_eq!(check(|s| s.stall_timeout = Duration::MAX), Err(BadSettings::TooLong("stall_timeout")));
        assert_eq!(check(|s| s.late_window = Duration::MAX), Err(BadSettings::TooLong("late_window")));
        assert_eq!(check(|s| s.late_window = Duration::ZERO), Ok(()));
        assert_eq!(check(|s| s.late_reading = Duration::MAX), Err(BadSettings::TooLong("late_reading")));
    }
}
