//! What must hold at every end of every race.

use std::{collections::BTreeSet, sync::Arc};

use payment::{CancelRequest, Delivery, PaymentState, Phase, Question, ResponseCode, Serial, TerminalAnswer};
use store::Stored;

use super::place::{Outcome, Place, Telegram};
use crate::sample;

impl Place<'_> {
    /// Time passes until nothing is owed; the terminal asks again for everything; then every rule must hold.
    pub(crate) fn check(mut self) {
        let unanswered = self.asked.values().any(|asked| asked.answers != 1);
        self.come_to_rest();
        let before = self.told.len();
        let crashed = self.crashes < self.race.crashes;
        self.rule(!unanswered || self.asked.values().all(|asked| asked.answers == 1), "each has one answer");
        // A purchase refused as a duplicate would only begin now.
        let began = !self.told.iter().any(|(it, answer)| {
            *it == Telegram::Approval { trace: 1 } && answer.code() == ResponseCode::DUPLICATE
        });
        let cancels = self.race.telegrams.iter().filter(|it| matches!(it, Telegram::Cancel { .. }));
        let approval = began.then_some(Telegram::Approval { trace: 1 });
        for telegram in cancels.copied().chain(approval) {
            self.send(telegram);
            self.come_to_rest();
        }
        self.rule(self.bench.desk.payments() == 0 && self.bench.desk.is_quiet(), "the desk comes to rest");
        self.check_money();
        self.check_told(before, crashed);
    }

    fn come_to_rest(&mut self) {
        for _ in 0..200 {
            self.settle();
            if !self.orders.is_empty() {
                self.answer_all(Outcome::Done);
            } else if self.bench.desk.next_due().is_some() {
                self.pass();
            } else {
                return;
            }
        }
        self.rule(false, "it comes to rest");
    }

    fn live(&self, trace: u32) -> bool {
        self.given.values().any(|given| given.trace == trace && given.is_live())
    }

    fn check_money(&self) {
        for given in self.given.values() {
            self.rule(given.cancelled() <= given.total, "more is cancelled than was approved");
            self.rule(given.book.is_empty() || !given.net_cancelled, "it is cancelled and net-cancelled");
        }
        for trace in [1, 2] {
            let live = self.given.values().filter(|given| given.trace == trace && given.is_live());
            self.rule(live.count() <= 1, "one approval is live");
        }
        if self.bench.duplicate.is_some() {
            self.rule(!(self.live(1) && self.live(2)), "of two alike one stands");
        }
        let acknowledged = |stored: &Stored| {
            let acknowledged = Delivery::Acknowledged;
            matches!(stored.payment().phase(), Phase::Approved { delivery, .. } if *delivery == acknowledged)
        };
        if self.bench.acknowledged_within_ms.is_some() && self.live(1) {
            self.rule(self.stored().iter().any(acknowledged), "what stands is acknowledged");
        }
    }

    fn check_told(&self, before: usize, crashed: bool) {
        let books: BTreeSet<Serial> =
            self.given.values().flat_map(|given| given.book.iter().map(|(serial, _)| *serial)).collect();
        let has_telegram = |wanted: fn(&Telegram) -> bool| self.race.telegrams.iter().any(wanted);
        let withdraws = has_telegram(|it| *it == Telegram::NetCancel);
        let cancels = has_telegram(|it| matches!(it, Telegram::Cancel { .. }));
        let mut is_withdrawn = false;
        let mut approval_known = false;
        for (index, (telegram, answer)) in self.told.iter().enumerate() {
            let code = answer.code();
            match telegram {
                Telegram::Approval { trace } => {
                    let approved = code == ResponseCode::APPROVED;
                    approval_known |= approved && *trace == 1 && index < before;
                    self.rule(!(approved && *trace == 1 && is_withdrawn), "0000 after it was withdrawn");
                    if index >= before && *trace == 1 {
                        self.rule(approved == self.live(1), "the last answer is what stands");
                    }
                    let unsure = withdraws || cancels || self.bench.acknowledged_within_ms.is_some();
                    if approved && !unsure {
                        self.rule(self.live(*trace), "what was told 0000 stands");
                    }
                }
                Telegram::Cancel { trace, amount } => {
                    let stored = self.stored();
                    let key = Question::Cancel(sample_cancel(*trace, *amount));
                    let Question::Cancel(request) = key else { unreachable!("just made") };
                    let serial = stored
                        .iter()
                        .flat_map(|stored| stored.payment().cancels())
                        .find_map(|it| (it.request().key == request.key).then_some(it.serial()));
                    let stands = serial.is_some_and(|serial| books.contains(&serial));
                    let unsettled = [
                        ResponseCode::CANCEL_UNCONFIRMED,
                        ResponseCode::IN_PROGRESS,
                        ResponseCode::OVERLOADED,
                        ResponseCode::NO_ORIGINAL,
                    ];
                    let done = code == ResponseCode::APPROVED;
                    self.rule(unsettled.contains(&code) || done == stands, "a cancel is what was told");
                }
                Telegram::NetCancel if *answer == TerminalAnswer::Done => {
                    is_withdrawn = true;
                    self.rule(!self.live(1), "what was withdrawn is undone");
                }
                Telegram::Acknowledgement if *answer == TerminalAnswer::Done => {
                    let undone = withdraws || cancels;
                    self.rule(undone || self.live(1), "what was acknowledged stands");
                }
                Telegram::NetCancel | Telegram::Acknowledgement => {}
                Telegram::Inquiry => {
                    let TerminalAnswer::Standing(standing) = answer else { continue };
                    let state = standing.state;
                    approval_known |= state == PaymentState::Approved;
                    let undone = withdraws || cancels;
                    self.rule(
                        state != PaymentState::Approved || undone || self.live(1),
                        "an inquiry may rely on 02",
                    );
                    let gone =
                        [PaymentState::Declined, PaymentState::NetCancelled, PaymentState::NetCancelUnderWay];
                    self.rule(!gone.contains(&state) || !self.live(1), "an inquiry may rely on what is gone");
                }
            }
        }
        let known = approval_known || crashed || self.bench.acknowledged_within_ms.is_some();
        self.rule(known || cancels || !self.live(1), "somebody knows of what stands");
    }
}

fn sample_cancel(trace: u32, amount: u64) -> Arc<CancelRequest> {
    match sample::cancel(1, trace, 1, amount, 0) {
        Question::Cancel(request) => request,
        other => panic!("{other:?} is no cancel"),
    }
}
