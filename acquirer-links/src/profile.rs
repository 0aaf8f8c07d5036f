use std::time::Duration;

use codec::frame::FrameFormat;

use crate::Key;

/// What a dialect tells about the sockets of its acquirer.
#[derive(Clone)]
pub struct LinkProfile {
    /// How telegrams are framed on the socket.
    pub frame: FrameFormat,
    /// How many requests a socket may carry at a time.
    pub mode: Mode,
    /// The key of an answer, or `None` when it cannot be read. It must not panic on any bytes.
    pub key_of: fn(&[u8]) -> Option<Key>,
}

/// How many requests one socket may carry at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Any number; answers are matched by their key, in any order.
    Multiplexed,
    /// One. After a timeout the socket only reads, until its late answer came or the late window is
    /// over, and is then closed; a fresh socket carries on meanwhile.
    OneInFlight,
    /// One, on a socket of its own: connected for this request, closed after its answer. An idle pool
    /// holds no socket. After a timeout the socket only reads, as in [`OneInFlight`](Mode::OneInFlight).
    PerRequest {
        /// How long handing over the request may take once its socket is connected, and how long its bytes may
        /// then stay undelivered. The shorter of this and the pool's `stall_timeout` holds.
        send_timeout: Duration,
    },
}

impl Mode {
    /// Whether a socket carries one request at a time.
    pub(crate) fn is_one_at_a_time(self) -> bool {
        match self {
            Self::Multiplexed => false,
            Self::OneInFlight | Self::PerRequest { .. } => true,
        }
    }
}
