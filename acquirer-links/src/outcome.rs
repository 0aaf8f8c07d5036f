use std::fmt;
use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use codec::frame::FrameError;

use crate::{BreakerState, Key, LinkId};

/// One telegram to carry.
pub struct Outgoing<T> {
    /// What the caller knows this send by; returned with its outcome.
    pub tag: T,
    /// The key its answer will have.
    pub key: Key,
    /// The telegram, without frame.
    pub telegram: Bytes,
    /// Until when an answer is waited for, queueing included.
    pub deadline: Instant,
    /// After this instant no byte of it may be handed to a socket; checked right before each write. One of which only some were by then
    /// is [`Unanswered`], and its socket is reset.
    pub not_after: Instant,
    /// The link to prefer while it lives (multiplexed pools only), so that a net-cancel cannot
    /// overtake its original: the one its [`Unanswered`] named.
    pub follow: Option<LinkId>,
    /// What it is for.
    pub purpose: Purpose,
}

/// What a telegram is for, which decides whether it passes a breaker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// It asks for something new: refused while the acquirer is blocked, so that another can be asked.
    Request,
    /// It undoes something (a net-cancel, a cancel): nobody else can be asked, so it goes whenever there is a link,
    /// and before the requests that wait.
    Undo,
}

/// What a pool tells, in order: a [`Late`](LinkEvent::Late) never comes before its outcome.
#[derive(Clone, PartialEq)]
pub enum LinkEvent<T> {
    /// What became of one accepted send. Every accepted send has exactly one.
    Outcome {
        /// The send's tag.
        tag: T,
        /// What became of it.
        outcome: Outcome,
    },
    /// The answer to a send that had been given up as `Unanswered`.
    Late {
        /// That send's tag.
        tag: T,
        /// The answer, without frame.
        telegram: Bytes,
    },
    /// A telegram nobody waits for: unsolicited, unreadable, the second answer to one request, or later
    /// than the late window. All of them are told; of a link that brings many, slowly ([`Flooded`](LinkEvent::Flooded)).
    Unknown {
        /// The telegram, without frame.
        telegram: Bytes,
        /// Its key, if it could be read.
        key: Option<Key>,
    },
    /// A link brings more that nobody waits for than it may: it is read from only as fast as it may bring more, and its peer has to wait. Told
    /// once, and again only after it was quiet for a while.
    Flooded {
        /// The connection, or one that the lane has beside it for a late answer.
        link: LinkId,
    },
    /// A link connected.
    Up {
        /// The new connection.
        link: LinkId,
        /// The address it goes to.
        address: Arc<str>,
    },
    /// A link lost its connection; everything on it has had its outcome. Also told of a connection that was made and
    /// never came up, because its sign-on failed.
    Down {
        /// The connection lost.
        link: LinkId,
        /// Why.
        why: LinkLoss,
    },
    /// The acquirer's breaker changed: that of all its addresses together.
    Breaker {
        /// What it was.
        old: BreakerState,
        /// What it is now.
        new: BreakerState,
    },
}

/// What became of one request on a link.
///
/// `NotSent` is a promise: no byte of the request was handed to a socket, so another
/// acquirer may be tried. `Unanswered` promises nothing, and so a net-cancel is owed.
#[derive(Clone, PartialEq)]
pub enum Outcome {
    /// The answer, without frame. Whether it is a good one is the dialect's to say; on a per-request pool
    /// it may be one whose key cannot be read.
    Answered(Bytes),
    /// No byte of the request was handed to a socket, and none ever will be.
    NotSent(NotSent),
    /// A byte may have left, and no answer came.
    Unanswered(Unanswered),
}

/// Why no byte of a request left.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotSent {
    /// The pool is closing or closed.
    #[error("the pool is closing")]
    Closing,
    /// No link is connected.
    #[error("no link is connected")]
    NoLink,
    /// The acquirer failed so often that it is left alone for a while, or another request is finding out whether it is
    /// back.
    #[error("the acquirer is blocked after failures")]
    Blocked,
    /// As many requests as the acquirer may have are in flight.
    #[error("too many requests are in flight")]
    TooManyInFlight,
    /// The queue is full.
    #[error("the queue is full")]
    QueueFull,
    /// A request with the same key is under way.
    #[error("a request with the same key is under way")]
    DuplicateKey,
    /// Its deadline passed before a socket took it.
    #[error("the deadline passed before a socket took it")]
    DeadlinePassed,
    /// Its not-after instant passed before a socket took it.
    #[error("the not-after instant passed before a socket took it")]
    NotAfterPassed,
    /// The link it was queued on was lost before any byte of it was written.
    #[error("the link was lost before any byte was written")]
    ConnectionLost,
    /// The telegram is too long or too short for the acquirer's frame.
    #[error("the telegram does not fit the frame")]
    DoesNotFit,
}

/// A request of which a byte may have left, without an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unanswered {
    /// Why nothing more is waited for.
    pub why: UnansweredWhy,
    /// After this instant no byte of it can leave this machine any more. It may lie ahead: bytes
    /// handed to the kernel may still be on their way.
    pub last_byte_by: Instant,
    /// The link that carried it, for a net-cancel to follow.
    pub link: LinkId,
}

/// Why no answer to a request is waited for any longer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnansweredWhy {
    /// Its deadline passed.
    TimedOut,
    /// The connection that carried it was lost.
    ConnectionLost,
    /// The pool was closed before the answer came.
    Closed,
}

/// Why a link lost its connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LinkLoss {
    /// The acquirer closed it.
    ClosedByPeer,
    /// Reading or writing failed.
    Io(std::io::ErrorKind),
    /// What it sent is not a frame; everything after it is unreadable.
    BadFrame(FrameError),
    /// A half-written request reached its deadline or its `not_after`; the socket was reset so that the rest can never leave.
    Stuck,
    /// A request on a one-in-flight or per-request socket timed out; the socket is replaced.
    TimedOut,
    /// Nothing was heard for two heartbeats, though it was asked for a sign of life; the socket was reset.
    Silent,
    /// The acquirer refused its sign-on.
    SignOnRefused,
    /// No reply to its sign-on came within the connect timeout.
    SignOnSilent,
    /// It was closed while idle, because the address it belongs to can be reached again.
    WentHome,
    /// The one request it was for has had its outcome, as it should (per-request pools).
    Served,
    /// The pool was closed.
    Closed,
}

impl<T: fmt::Debug> fmt::Debug for Outgoing<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outgoing")
            .field("tag", &self.tag)
            .field("key", &self.key)
            .field("telegram", &Masked(&self.telegram))
            .field("deadline", &self.deadline)
            .field("not_after", &self.not_after)
            .field("follow", &self.follow)
            .field("purpose", &self.purpose)
            .finish()
    }
}

impl<T: fmt::Debug> fmt::Debug for LinkEvent<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Outcome { tag, outcome } => {
                f.debug_struct("Outcome").field("tag", tag).field("outcome", outcome).finish()
            }
            Self::Late { tag, telegram } => {
                f.debug_struct("Late").field("tag", tag).field("telegram", &Masked(telegram)).finish()
            }
            Self::Unknown { telegram, key } => {
                f.debug_struct("Unknown").field("telegram", &Masked(telegram)).field("key", key).finish()
            }
            Self::Flooded { link } => f.debug_struct("Flooded").field("link", link).finish(),
            Self::Up { link, address } => {
                f.debug_struct("Up").field("link", link).field("address", address).finish()
            }
            Self::Down { link, why } => f.debug_struct("Down").field("link", link).field("why", why).finish(),
            Self::Breaker { old, new } => {
                f.debug_struct("Breaker").field("old", old).field("new", new).finish()
            }
        }
    }
}

impl fmt::Debug for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Answered(telegram) => f.debug_tuple("Answered").field(&Masked(telegram)).finish(),
            Self::NotSent(why) => f.debug_tuple("NotSent").field(why).finish(),
            Self::Unanswered(unanswered) => f.debug_tuple("Unanswered").field(unanswered).finish(),
        }
    }
}

/// A telegram may hold card data: only its length is ever shown.
struct Masked<'a>(&'a Bytes);

impl fmt::Debug for Masked<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes", self.0.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_only_the_length_of_a_telegram() {
        let telegram = Bytes::from_static(b"9410000000000001=2912");
        let now = Instant::now();
        let key = Key { kind: 1, serial: 2 };
        let shown = [
            format!(
                "{:?}",
                Outgoing {
                    tag: 1,
                    key,
                    telegram: telegram.clone(),
                    deadline: now,
                    not_after: now,
                    follow: None,
                    purpose: Purpose::Request
                }
            ),
            format!("{:?}", LinkEvent::Late { tag: 1, telegram: telegram.clone() }),
            format!("{:?}", LinkEvent::<u8>::Unknown { telegram: telegram.clone(), key: Some(key) }),
            format!("{:?}", Outcome::Answered(telegram)),
        ];
        for text in shown {
            assert!(text.contains("21 bytes") && !text.contains("9410000000000001"), "{text}");
        }
    }
}
