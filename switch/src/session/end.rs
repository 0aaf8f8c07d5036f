//! Why a session came to its end.

use std::{io, time::Duration};

use codec::frame::FrameError;
use dialects::terminal;

use super::handshake::Ended;
use crate::meters::door::SessionEnd;

/// Why a session came to its end before its peer closed it.
#[derive(Debug, thiserror::Error)]
pub(super) enum End {
    #[error("{0}")]
    Io(#[from] io::Error),
    #[error("a frame cannot be read: {0}")]
    Frame(#[from] FrameError),
    #[error("{0}")]
    Unreadable(#[from] terminal::Unreadable),
    #[error("idle for {} s", .0.as_secs())]
    Idle(Duration),
    #[error("a telegram was begun and not whole within {} ms", .0.as_millis())]
    Unfinished(Duration),
    #[error("answers waited for {} ms without room for a byte more: the terminal reads nothing, or too slowly", .0.as_millis())]
    NotTaken(Duration),
    #[error("another needed its place")]
    MadeRoom,
    #[error("{0}")]
    Handshake(Ended),
    #[error("the switch is closing")]
    Closing,
}

impl End {
    pub(super) fn kind(&self) -> SessionEnd {
        match self {
            Self::Io(_) => SessionEnd::Broken,
            Self::Frame(_) | Self::Unreadable(_) => SessionEnd::Unreadable,
            Self::Idle(_) => SessionEnd::Idle,
            Self::Unfinished(_) => SessionEnd::Unfinished,
            Self::NotTaken(_) => SessionEnd::NotTaken,
            Self::MadeRoom => SessionEnd::MadeRoom,
            Self::Handshake(_) => SessionEnd::Handshake,
            Self::Closing => SessionEnd::Closing,
        }
    }

    /// What happens to terminals every day is counted, no more.
    pub(super) fn is_worth_a_line(&self) -> bool {
        match self {
            Self::Idle(_) | Self::MadeRoom => false,
            Self::Io(_)
            | Self::Frame(_)
            | Self::Unreadable(_)
            | Self::Unfinished(_)
            | Self::NotTaken(_)
            | Self::Handshake(_)
            | Self::Closing => true,
        }
    }
}
