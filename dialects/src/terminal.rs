//! The telegram of our own terminals (단말기 전문): 60 bytes of common header and a body.
//!
//! A telegram whose header can be matched always gets an answer; only an unreadable one ([`Unreadable`]) closes the socket.

mod layout;
mod read;
mod write;

pub use read::{
    Asked, AskedCard, Envelope, FromTerminal, NetworkFunction, NotUnderstood, Refusal, Unreadable,
    digest_parts, read,
};
pub use write::{write_network_reply, write_refusal, write_reply};

/// The shortest telegram a terminal can send: the common header.
pub const MIN_LENGTH: usize = 60;
/// The longest one a terminal can send.
pub const MAX_LENGTH: usize = 2048;
