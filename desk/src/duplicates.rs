//! The duplicate window (중복거래): a new payment that looks like the same purchase as another one is refused as long as that one is in
//! flight or stands.

use jiff::Timestamp;
use payment::{PaymentId, Question, ResponseCode};
use store::Unsaved;

use crate::{Desk, Output, desk::refuse, operating::without_payment, register::Place};

impl Desk {
    /// `holder` has the window that a new payment wants.
    pub(crate) fn contend(
        &mut self,
        unsaved: Unsaved,
        holder: PaymentId,
        now: Timestamp,
        out: &mut Vec<Output>,
    ) {
        self.load(holder, out).rivals.push(unsaved);
        self.work(holder, now, out);
    }

    /// Decides about those who contend with a payment whose state is durable.
    pub(crate) fn judge_rivals(&mut self, holder: PaymentId, now: Timestamp, out: &mut Vec<Output>) {
        let Some(entry) = self.register.get_mut(holder) else { return };
        let Place::Idle(stored) = &entry.place else { return };
        let stands = stored.payment().blocks_duplicates();
        for rival in std::mem::take(&mut entry.rivals) {
            if stands {
                self.refuse_duplicate(rival.id(), now, out);
            } else {
                out.push(Output::Save(rival.over(holder)));
            }
        }
    }

    /// No payment comes of it, and it claims no key: whoever asked something else of it asks of an original that never came.
    fn refuse_duplicate(&mut self, id: PaymentId, now: Timestamp, out: &mut Vec<Output>) {
        let Some(entry) = self.leave(id) else { return };
        without_payment(entry.orders, out);
        for waiting in entry.waiting {
            match &waiting.question {
                Question::Approval(_) => {
                    let why = "the same card and amount within the duplicate window";
                    refuse(&waiting, ResponseCode::DUPLICATE, why, now, out);
                }
                Question::Cancel(_)
                | Question::NetCancel(_)
                | Question::Acknowledgement(_)
                | Question::Inquiry(_) => self.ask_what_is_here(waiting, now, out),
            }
        }
    }
}
