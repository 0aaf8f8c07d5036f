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
}
