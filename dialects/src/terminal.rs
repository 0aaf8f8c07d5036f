//! The telegram of our own terminals (단말기 전문): 60 bytes of common header and a body.
//!
//! | asked | answered | |
//! |---|---|---|
//! | 0100 | 0110 | 승인: an approval |
//! | 0120 | 0130 | 승인 확인: the approval is in hand |
//! | 0300 | 0310 | 거래 조회: what became of an approval |
//! | 0400 | 0410 | 취소: cancel an approval, wholly or in part |
//! | 0420 | 0430 | 망취소: withdraw a request without a final answer |
//! | 0500 | 0510 | 마감: compare the totals of a day |
//! | 0800 | 0810 | 망관리: opening, closing, echo |
//!
//! A telegram whose header can be matched always gets an answer; only an unreadable one, and one that says it is itself an answer,
//! closes the socket ([`Unreadable`]). Every
//! answer, a refusal too, has the layout of its own type, so that a terminal reads it by `telegram_type` alone and matches it by
//! `terminal_id` and `trace_no`. It looks at `response_code` first: only with 0000 does the body speak of what was asked.
//!
//! A terminal that has no final answer to its 0100 (silence, a closed socket, a power failure) repeats the same telegram, withdraws it
//! (0420) or inquires (0300). A 0400 is repeated until it is answered; nothing withdraws it. In an 0310 the `state` alone says what
//! stands now: the approval number beside it is that of the record, also where the approval was cancelled or net-cancelled since.

mod asked;
#[cfg(any(test, fuzzing))]
pub(crate) mod compiled;
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
