//! Batch totals (마감): what one terminal did on one business date.

use crate::Won;

/// How a payment counts in the totals of its terminal's business date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CountsAs {
    /// An approval that stands, whatever was cancelled of it later.
    Approval,
    /// The terminal was told, or asked, that it is net-cancelled.
    NetCancel,
}

/// Count and amount of one kind (건수, 금액).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sum {
    /// How many.
    pub count: u64,
    /// Won.
    pub amount: u64,
}

impl Sum {
    /// Counts one more.
    pub fn add(&mut self, amount: Won) {
        self.count += 1;
        self.amount = self.amount.saturating_add(amount.get());
    }
}

/// The totals of one terminal and business date (단말 마감).
///
/// An approval counts on its own date even if it was cancelled later; a cancel counts on the date of its 0400. A net-cancel is
/// an original that the terminal withdrew (an accepted 0420) or was told about (9022, 9013), each once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// 승인.
    pub approvals: Sum,
    /// 취소.
    pub cancels: Sum,
    /// 망취소.
    pub net_cancels: Sum,
}
