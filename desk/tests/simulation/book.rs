//! An acquirer's book of cancels: what it cancelled, under which serial.

use std::sync::Arc;

use payment::{Approval, CancelAnswer, CancelVerdict, HostCodes, PartialCancel, Won};

use crate::{
    acquirer::{Acquirer, OnCancel, Reply, Says, decline, to},
    flaw::Flaw,
    links::Telegram,
    rng::Rng,
};

impl Acquirer {
    pub(crate) fn does_cancel(
        &mut self,
        telegram: &Telegram,
        behaviour: OnCancel,
        now_ms: u64,
        flaw: Option<Flaw>,
        rng: &mut Rng,
    ) -> Vec<(u64, Reply)> {
        let soon = now_ms + rng.delay();
        let late = telegram.deadline_ms.max(now_ms + 1) - 1 + rng.below(9_000);
        let decline = CancelVerdict::Declined(decline("8420"));
        let (at_ms, verdict) = match behaviour {
            OnCancel::Ignore | OnCancel::DeclineInSilence => return Vec::new(),
            OnCancel::HonestInSilence => {
                self.cancel(telegram, flaw);
                return Vec::new();
            }
            OnCancel::Honest => (soon, self.cancel(telegram, flaw)),
            OnCancel::HonestButLate => (late, self.cancel(telegram, flaw)),
            OnCancel::HonestAndAnswerInDoubt => {
                self.cancel(telegram, flaw);
                (soon, CancelVerdict::InDoubt)
            }
            OnCancel::HonestAndAnswerAnotherAmount => {
                let verdict = self.cancel(telegram, flaw);
                if !matches!(verdict, CancelVerdict::Accepted(_)) {
                    return vec![(soon, cancelled(telegram, verdict))];
                }
                let Reply { says: Says::Cancel(answer), .. } = cancelled(telegram, verdict) else {
                    unreachable!("the answer to a cancel")
                };
                let another = Won::new(telegram.amount.get() + 1).unwrap();
                let answer = CancelAnswer { amount: Some(another), ..answer };
                return vec![(soon, to(telegram, Says::Cancel(answer)))];
            }
            // What is done is known by its serial and never declined again.
            OnCancel::Decline | OnCancel::DeclineAndAnswerLate | OnCancel::NotProcess
                if self.has_done(telegram) =>
            {
                (soon, CancelVerdict::AlreadyCancelled)
            }
            OnCancel::Decline => (soon, decline),
            OnCancel::DeclineAndAnswerLate => (late, decline),
            OnCancel::NotProcess => (soon, CancelVerdict::NotProcessed),
            OnCancel::SayInDoubt => (soon, CancelVerdict::InDoubt),
        };
        vec![(at_ms, cancelled(telegram, verdict))]
    }

    fn has_done(&self, telegram: &Telegram) -> bool {
        let given = self.truth.get(&telegram.original).and_then(|given| given.last());
        given.is_some_and(|given| given.book.iter().any(|(serial, _)| *serial == telegram.serial))
    }

    /// Cancels, unless there is nothing left to cancel. Only one who knows cancels by their serials never does one twice.
    fn cancel(&mut self, telegram: &Telegram, flaw: Option<Flaw>) -> CancelVerdict {
        let done_before = self.has_done(telegram) && flaw != Some(Flaw::CancelsTwice);
        let repeatable = self.partial == PartialCancel::Repeatable;
        let Some(given) = self.truth.get_mut(&telegram.original).and_then(|given| given.last_mut()) else {
            return CancelVerdict::Declined(decline("8414"));
        };
        let is_full = telegram.amount == given.total;
        if given.cancelled || (done_before && (is_full || repeatable)) {
            return CancelVerdict::AlreadyCancelled;
        }
        let left = given.total.get() - given.cancelled_sum().min(given.total.get());
        let cares = !self.character.trusting && flaw != Some(Flaw::CancelsTwice);
        if telegram.amount.get() > left && cares {
            return CancelVerdict::Declined(decline("8504"));
        }
        if flaw != Some(Flaw::AcceptsCancelForNothing) {
            given.book.push((telegram.serial, telegram.amount.get()));
        }
        CancelVerdict::Accepted(Arc::new(Approval::default()))
    }
}

fn cancelled(telegram: &Telegram, verdict: CancelVerdict) -> Reply {
    let amount = Some(telegram.amount).filter(|_| matches!(verdict, CancelVerdict::Accepted(_)));
    to(telegram, Says::Cancel(CancelAnswer { amount, codes: HostCodes::default(), verdict }))
}
