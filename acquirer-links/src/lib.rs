//! Sockets to acquirers: frames, pools, correlation, outcomes told truthfully.
//!
//! A [`Pool`] keeps sockets to one acquirer, or opens one for each request, carries telegrams over them and tells what
//! became of each: [`Answered`](Outcome::Answered), [`NotSent`](Outcome::NotSent), which is a promise that
//! no byte left, or [`Unanswered`](Outcome::Unanswered), which promises nothing. It knows neither what
//! a payment is nor any layout: a dialect hands it a [`LinkProfile`].
//!
//! How it is built, in reading order:
//!
//! - `pool`: what the switch holds; [`Pool::send`] decides at once and never waits.
//! - `traffic`: pure; which link carries what, and what became of it. Time is an argument.
//! - `pending` and `late`: pure; the requests under way by [`Key`], and the keys given up on.
//! - `allowance`: pure; how much that nobody waits for a link may bring before it is read from slowly.
//! - `breaker`: pure; whether an address is asked at all, judged by what became of what was asked.
//! - `link`: one task owning one socket: many frames per write, many per read, reconnecting for ever.
//! - `heartbeat`: pure; when an idle link is asked for a sign of life, and when it is dead.
//! - `dialing`: pure; which address a link may connect to, and when; `dial`: connecting and signing on; `fetch`:
//!   the task that brings links back to an address that was dead.
//! - `per_request`: the task of a link that connects for each request; `addresses`: pure; where to.
//! - `late_reader`: a one-in-flight or per-request socket after a timeout: it only reads, then closes.
//! - `connect`, `stream` and `tls`: a socket connected, and TLS on it where it is asked for.
//! - `clock`: one timer per pool for all deadlines.
//! - `queue` and `outbox`: what waits for a socket; what is on its way into it, and which frames a write has begun.
//! - `backoff` and `chance`: how long to wait before connecting again.

#![forbid(unsafe_code)]

mod addresses;
mod allowance;
mod backoff;
mod breaker;
mod chance;
mod clock;
mod connect;
mod dial;
mod dialing;
mod fetch;
mod heartbeat;
mod key;
mod late;
mod late_places;
mod late_reader;
mod link;
mod link_id;
mod outbox;
mod outcome;
mod pending;
mod per_request;
mod pool;
mod profile;
mod queue;
mod reasons;
mod receive;
mod settings;
mod shared;
mod source;
mod stream;
#[cfg(test)]
mod testing;
mod tls;
mod traffic;

pub use backoff::Backoff;
pub use breaker::{BreakerSettings, BreakerState};
pub use key::Key;
pub use link_id::LinkId;
pub use outcome::{LinkEvent, LinkLoss, NotSent, Outcome, Outgoing, Purpose, Unanswered, UnansweredWhy};
pub use pool::Pool;
pub use profile::{Echo, LinkProfile, Mode, SignOn, SignedOn};
pub use settings::{BadSettings, PoolSettings};
pub use tls::{Tls, TlsError, TlsFiles};
pub use traffic::{AddressState, PoolState};
