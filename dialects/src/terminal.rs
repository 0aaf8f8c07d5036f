//! The telegram of our own terminals (단말기 전문): 60 bytes of common header and a body.
//!
//! A telegram whose header can be matched always gets an answer; only an unreadable one ([`Unreadable`]) closes the socket.

mod asked;
mod envelope;
mod layout;
mod read;
mod refusal;
mod values;
mod write;

pub use asked::{
    Asked, AskedAcknowledgement, AskedCancel, AskedCard, AskedNetCancel, AskedReference, AskedTotals,
    FromTerminal, NetworkFunction,
};
pub use envelope::{Envelope, GivenBack, Unreadable};
pub use read::{NotUnderstood, digest_parts, read};
pub use refusal::Refusal;
pub use write::{write_answer, write_network_reply, write_refusal, write_totals};

/// The shortest telegram a terminal can send: the common header.
pub const MIN_LENGTH: usize = 60;
/// The longest one a terminal can send.
pub const MAX_LENGTH: usize = 2048;
