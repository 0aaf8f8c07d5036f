//! Commands of people on the running switch, through a Unix-domain socket that only the switch's own user may open. One command a connection: a line of
//! JSON there, a line of JSON back. Nothing of a card is ever in them.

mod answering;
pub mod client;
pub mod commands;
mod numeral;
mod protocol;
mod rows;
mod socket;
pub mod table;

pub use self::{
    protocol::{Answer, Command, Only, Row, State, Step, What},
    socket::{Control, ControlError, ControlSocket},
};
