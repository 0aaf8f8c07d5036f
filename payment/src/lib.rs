//! One payment (결제), from the terminal's approval request to the last net-cancel it owes.
//!
//! This crate is pure. It knows no telegram, socket, clock or database: time is an argument, what
//! happened is an [`Event`], what must be done is an [`Effect`]. [`Payment::start`] and
//! [`Payment::step`] are the only two ways a payment comes to be and changes.
//!
//! ```text
//!               Answered(approved) ─────────────► Approved ── undelivered, grace over ─► debt
//!   start ─► Trying ── Answered(declined) ──────► Declined
//!               │ ▲
//!               │ └── NotSent, not processed: the next route
//!               └── Unanswered, in doubt ───────► debt, in the same step; then
//!                      the next route (by `Failover`), or Refused 9022
//! ```
//!
//! A payment has one outcome ([`Phase`]); each [`Attempt`] at an acquirer has its own [`Debt`]. Approved,
//! declined, unanswered, net-cancelled and stuck are states, never errors.

mod alarms;
mod amount;
mod answer;
mod attempt;
mod cancel;
mod card;
mod debt;
mod effect;
mod event;
mod hex;
mod identity;
mod instant;
mod operator;
mod question;
mod receive;
mod request;
mod response;
mod state;
mod step;
mod terms;
mod totals;
mod undo;

pub use amount::{AmountError, Amounts, Left, Won};
pub use answer::{
    Answer, Approval, CancelAnswer, CancelVerdict, Decline, HostCodes, NetCancelAnswer, NetCancelVerdict,
    PaymentState, Standing, TerminalAnswer, Verdict,
};
pub use attempt::{Attempt, AttemptState, NotSent, PartialCancel, Route, Unanswered};
pub use cancel::{Cancel, CancelState, NextTry, StuckCancel, Unconfirmed};
pub use card::{
    Bin, CardError, CardFacts, CardNumber, ClearCard, Expiry, Fingerprint, MaskedCard, SealedCard,
};
pub use debt::{Cause, Closed, Debt, DebtState, StuckWhy};
pub use effect::{Alarm, CancelOrder, Effect, NetCancelOrder, RequestOrder};
pub use event::{Buried, Event, Started};
pub use identity::{
    AcquirerName, IdentityError, InstanceNo, MerchantNo, PaymentId, Serial, TelegramKey, TelegramKind,
    TerminalId, TraceNo,
};
pub use operator::{CancelFinding, Finding, ManualOrder, ManualStep, Operator, OperatorError, Refusal};
pub use question::{
    Acknowledgement, CancelAmounts, CancelRequest, NetCancelRequest, Question, Reason, Reference,
};
pub use receive::Reception;
pub use request::{ContentDigest, EntryMode, Request};
pub use response::{RESPONSES, Response, ResponseCode};
pub use state::{Delivery, Payment, Phase};
pub use step::Illegal;
pub use terms::{Failover, Terms};
pub use totals::{CountsAs, Sum, Totals};
pub use undo::Undo;
