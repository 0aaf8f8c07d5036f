//! What a terminal does in the end: it asks until it knows what became of everything.

use std::time::Duration;

use tokio::time::sleep;

use super::{PATIENT, Terminal, line::is_final};
use crate::{
    book::Confirm,
    telegram::{Answer, Telegram},
};

impl Terminal {
    /// Asks until everything is known.
    pub async fn settle(mut self) -> Self {
        for index in 0..self.purchases.len() {
            self.settle_one(index).await;
        }
        self
    }

    /// Repeats every request of an approval and inquires once more: nobody is told anything else than before.
    pub async fn ask_again(mut self) -> Self {
        for index in 0..self.purchases.len() {
            let approval = self.purchases[index].approval.clone();
            let amount = self.purchases[index].purchase.original.amount;
            self.ask_to_the_end(&approval, Some(amount)).await;
            let inquiry = self.inquire(index);
            self.ask_to_the_end(&inquiry, None).await;
        }
        self
    }

    async fn settle_one(&mut self, index: usize) {
        if let Some(withdrawal) = self.purchases[index].withdrawal.clone() {
            self.ask_unless_known(&withdrawal, None).await;
        }
        for cancel in self.purchases[index].cancels.clone() {
            let amount = self.purchases[index]
                .purchase
                .cancels
                .iter()
                .find(|(key, _)| *key == cancel.key)
                .map(|(_, amount)| *amount);
            self.ask_unless_known(&cancel, amount).await;
        }
        let approval = self.purchases[index].approval.clone();
        let amount = self.purchases[index].purchase.original.amount;
        let answer = self.ask_to_the_end(&approval, Some(amount)).await;
        // It may have been approved, and will never be told: it is given up.
        let purchase = &self.purchases[index].purchase;
        if answer.as_ref().is_some_and(|answer| answer.code() == "9004")
            && !self.book.is_approved(&purchase.approval)
        {
            let withdrawal = self.withdrawal(index);
            self.ask_unless_known(&withdrawal, None).await;
        }
        // A slip that was never acknowledged must not be handed out: it is acknowledged, late, and the answer counts.
        if let (Confirm::Ack, Some(answer)) = (self.confirm, answer)
            && answer.code() == "0000"
        {
            let telegram = self.acknowledgement(index, &answer.text("approval_no"));
            self.ask_unless_known(&telegram, None).await;
        }
        let inquiry = self.inquire(index);
        self.ask_to_the_end(&inquiry, None).await;
    }

    async fn ask_unless_known(&mut self, telegram: &Telegram, amount: Option<u64>) {
        let known = self.book.last_code(&telegram.key);
        if known.is_none_or(|code| !is_final(&telegram.key, &code)) {
            self.ask_to_the_end(telegram, amount).await;
        }
    }

    /// Until there is a final answer; for so long that only a switch that is broken gives none. A cancel that stays unconfirmed stays so.
    async fn ask_to_the_end(&mut self, telegram: &Telegram, amount: Option<u64>) -> Option<Answer> {
        let mut last = None;
        let tries = 40;
        for number in 0..tries {
            last = self.send(telegram, amount, PATIENT).await;
            let unconfirmed = |answer: &Answer| answer.code() == "9023" && number > 2;
            if last
                .as_ref()
                .is_some_and(|answer| is_final(&telegram.key, &answer.code()) || unconfirmed(answer))
            {
                let unsure = self.confirm == Confirm::Handshake
                    && telegram.key.kind == 100
                    && last.as_ref().is_some_and(|answer| answer.code() == "0000")
                    && !self.book.has_ended(&telegram.key);
                if !unsure {
                    return last;
                }
            }
            sleep(Duration::from_millis(250)).await;
        }
        last
    }
}
