use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use codec::frame::FrameFormat;

use crate::settings::bounded;
use crate::{BadSettings, Key};

/// What a dialect tells about the sockets of its acquirer.
#[derive(Clone)]
pub struct LinkProfile {
    /// How telegrams are framed on the socket.
    pub frame: FrameFormat,
    /// How many requests a socket may carry, and when it is connected.
    pub mode: Mode,
    /// The key of an answer, or `None` when it cannot be read. It must not panic on any bytes.
    pub key_of: fn(&[u8]) -> Option<Key>,
    /// The telegram that proves an idle link alive, where there is one.
    pub echo: Option<Echo>,
    /// The telegram that opens a connection, where there is one.
    pub sign_on: Option<SignOn>,
}

/// The telegram that asks nothing but to be answered (회선 점검 전문).
#[derive(Clone)]
pub struct Echo {
    /// The telegram, without frame; the number is another for each, so that a trace number can be made of it.
    pub write: Arc<dyn Fn(u64) -> Bytes + Send + Sync>,
    /// Whether a telegram is the reply to an echo. It must not panic on any bytes, and holds for no answer to a
    /// request.
    pub is_reply: fn(&[u8]) -> bool,
}

/// The telegram that opens a connection (개시 전문): requests follow only once it was accepted.
#[derive(Clone)]
pub struct SignOn {
    /// The telegram, without frame; the number is another for each, so that a trace number can be made of it.
    pub write: Arc<dyn Fn(u64) -> Bytes + Send + Sync>,
    /// What a telegram says, if it is the reply to a sign-on. It must not panic on any bytes.
    pub reply: fn(&[u8]) -> Option<SignedOn>,
}

/// What the reply to a sign-on says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignedOn {
    /// The connection takes requests.
    Accepted,
    /// It does not; it is closed, and made again later.
    Refused,
}

/// How many requests one socket may carry, and when it is connected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Any number; answers are matched by their key, in any order.
    Multiplexed,
    /// One. After a timeout the socket only reads, until its late answer came, the time for it (the pool's
    /// `late_reading`) is over or a younger one needs its place, and is then closed; a fresh socket carries on
    /// meanwhile. What comes in without a readable key answers nothing: the next request's answer may follow it.
    OneInFlight,
    /// One, on a socket of its own: connected for this request, closed after its answer. An idle pool
    /// holds no socket. After a timeout the socket only reads, as in [`OneInFlight`](Mode::OneInFlight).
    /// Nothing that comes in on a socket answers a request it was not connected for, and what comes in without a
    /// readable key once the request was handed over is its answer: no other can be meant.
    ///
    /// A request tries one address after the other while the connect timeout lasts. An address that
    /// could not be reached is left alone for a while (the pool's `backoff`), then one request tries it; while that
    /// is so of all of them, requests are refused at once ([`NoLink`](crate::NotSent::NoLink)).
    PerRequest {
        /// How long handing the request to its socket may take once that is connected; after it the socket
        /// is reset.
        send_timeout: Duration,
    },
}

impl Mode {
    pub(crate) fn check(self) -> Result<(), BadSettings> {
        match self {
            Self::Multiplexed | Self::OneInFlight => Ok(()),
            Self::PerRequest { send_timeout } => bounded("send_timeout", send_timeout),
        }
    }

    /// Whether a socket carries one request at a time.
    pub(crate) fn is_one_at_a_time(self) -> bool {
        match self {
            Self::Multiplexed => false,
            Self::OneInFlight | Self::PerRequest { .. } => true,
        }
    }
}
