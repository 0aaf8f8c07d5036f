//! The languages of all counterparties: layouts as structs, and their translation to and from payments.
//!
//! [`terminal`] is the telegram of our own terminals. Each acquirer has one file that writes its telegrams, which says how a
//! cancel and a net-cancel name their original, and a folder with its layouts and how its replies are read; [`Dialect`] is the list of
//! them. No layout struct leaves this crate.
//!
//! To add an acquirer: its layouts in `specs/layouts/`, a file here with a type that implements `Speaks`, its folder, and a line in
//! [`Dialect::new`].

mod card450;
mod codes;
#[cfg(any(test, fuzzing))]
pub mod compiled;
mod components;
mod dialect;
mod fields;
#[cfg(test)]
mod golden;
mod kicc;
mod kovan;
mod kspay;
pub mod terminal;

pub use components::Component;
pub use dialect::{BadDialect, CannotExpress, Dialect, ReplyKind, SlowestAnswer, Written};
