//! What comes to the exchange from sessions, lines and the control socket.

use acquirer_links::LinkEvent;
use desk::Asker;
use dialects::terminal::Envelope;
use jiff::{Timestamp, civil::Date};
use payment::{PaymentId, Question, SealedCard, TerminalId, Totals};
use store::{DuplicateKey, Note};
use tokio::sync::{OwnedSemaphorePermit, mpsc};

use super::{LineNo, Order, Tag};
use crate::session;

/// One message.
#[derive(Debug)]
pub enum Message {
    /// A terminal's socket was opened.
    Opened {
        /// Its name here.
        asker: Asker,
        /// Where its answers go.
        replies: mpsc::Sender<Box<session::Outgoing>>,
    },
    /// A terminal's socket has ended; all its replies were reported.
    Closed {
        /// Its name here.
        asker: Asker,
    },
    /// A terminal asks for an approval, or something of one.
    Ask {
        /// Who asks.
        asker: Asker,
        /// What.
        question: Question,
        /// With which card, sealed; of an approval.
        card: Option<SealedCard>,
        /// What makes another approval look like the same purchase.
        duplicate: Option<DuplicateKey>,
        /// How long an approval may wait for its acknowledgement, where its listener asks for one.
        acknowledged_within_ms: Option<u64>,
    },
    /// A terminal asks for the totals of a day.
    Totals {
        /// Who asks.
        asker: Asker,
        /// Which.
        request: TotalsRequest,
    },
    /// Something to keep that changes no payment: a telegram that was refused before it was a request, among others.
    Note(Note),
    /// What became of a reply.
    Delivery {
        /// Of which payment.
        payment: PaymentId,
        /// Whether a byte of it was written.
        written: bool,
    },
    /// Something happened on the links of a line.
    Line {
        /// Which line.
        line: LineNo,
        /// What, in order.
        events: Vec<LinkEvent<Tag>>,
        /// As many places as there are answers among them that nobody waits for, each to be given back once that is looked up.
        room: OwnedSemaphorePermit,
    },
    /// A line has closed; nothing happens on it any more.
    LineClosed {
        /// Which line.
        line: LineNo,
    },
    /// A person orders something.
    Order(Order),
}

/// A terminal asks for its batch totals (마감, 0500).
#[derive(Clone, Debug)]
pub struct TotalsRequest {
    /// Whom to answer.
    pub envelope: Envelope,
    /// Which terminal.
    pub terminal: TerminalId,
    /// Which day (영업일자).
    pub business_date: Date,
    /// What the terminal counted.
    pub claimed: Totals,
    /// When the switch had read it.
    pub received_at: Timestamp,
}
