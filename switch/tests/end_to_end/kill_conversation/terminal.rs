//! A terminal with a life of its own: it buys, cancels, gives up, acknowledges or does not, and asks again until it has an answer.

use std::time::Duration;

use super::{
    line::Line,
    purchase::{Asked, AskedCancel, Purchase},
    telegram::{Answer, Pen, Telegram},
};
use crate::kill::Chance;

const PURCHASES: u64 = 5;
/// Amounts of purchases are multiples of this and something, so that the amount tells terminal and purchase.
const STEP: u64 = 1_000_000;
/// How soon a terminal asks again.
const PAUSE: Duration = Duration::from_millis(40);
/// What becomes of an approval or of its whole cancel, by the last digits of the amount.
const ENDINGS: [u64; 20] = [0, 0, 0, 0, 0, 0, 0, 0, 82, 82, 82, 83, 84, 84, 85, 61, 62, 63, 51, 81];
/// What becomes of a partial cancel.
const PART_ENDINGS: [u64; 10] = [0, 0, 0, 0, 82, 82, 83, 84, 85, 81];

const UNDER_WAY: &str = "a purchase is under way";

/// A terminal.
pub(super) struct Terminal {
    pub(super) pen: Pen,
    pub(super) line: Line,
    pub(super) chance: Chance,
    pub(super) purchases: Vec<Purchase>,
}

/// How a purchase goes on once it is approved.
enum Course {
    Keep,
    CancelWhole,
    CancelParts,
    CancelPartsAtOnce,
    CancelAndWithdraw,
    Withdraw,
}

impl Terminal {
    pub(super) async fn day(mut self) -> Self {
        for number in 1..=PURCHASES {
            self.buy(number).await;
        }
        self
    }

    async fn buy(&mut self, number: u64) {
        let is_direct = self.chance.below(3) == 0;
        // A net-cancel of the card company cannot be told from a cancel: refusing one would refuse the other.
        let endings = if is_direct { &ENDINGS[..19] } else { &ENDINGS[..] };
        let ending = self.one_of(endings);
        let amount = (self.pen.terminal * 10 + number) * STEP + ending;
        let original = self.pen.approval(amount, is_direct);
        let approval = original.telegram.clone();
        let mut withdrawal = None;
        let asked = match self.chance.below(14) {
            0 => {
                let net_cancel = self.pen.net_cancel(&original);
                withdrawal = self.ask(vec![net_cancel]).await.pop().map(|(asked, _)| asked);
                self.ask(vec![approval]).await.pop()
            }
            1 => {
                let net_cancel = self.pen.net_cancel(&original);
                let mut both = self.ask(vec![approval, net_cancel]).await;
                withdrawal = both.pop().map(|(asked, _)| asked);
                both.pop()
            }
            2 => {
                self.line.vanish(&approval).await;
                self.ask(vec![approval]).await.pop()
            }
            _ => self.ask(vec![approval]).await.pop(),
        };
        let (_, answer) = asked.expect("an answer to a question");
        self.purchases.push(Purchase {
            amount,
            original,
            approval: answer.code(),
            approval_no: answer.text("approval_no").trim().to_owned(),
            route: answer.text("route").trim().to_owned(),
            is_acknowledged: self.line.is_acknowledged,
            acknowledgement: None,
            withdrawal,
            cancels: Vec::new(),
        });
        self.acknowledge().await;
        self.go_on().await;
    }

    /// Not always, and sometimes twice.
    async fn acknowledge(&mut self) {
        let times = [0, 1, 1, 1, 2][self.index(5)];
        let Self { pen, purchases, .. } = self;
        let purchase = purchases.last().expect(UNDER_WAY);
        if !purchase.is_acknowledged || purchase.approval != "0000" {
            return;
        }
        let telegram = pen.acknowledgement(&purchase.original, &purchase.approval_no);
        for _ in 0..times {
            let asked = self.ask(vec![telegram.clone()]).await.pop().map(|(asked, _)| asked);
            self.last().acknowledgement = asked;
        }
    }

    async fn go_on(&mut self) {
        let course = match self.chance.below(12) {
            0 => Course::Keep,
            1..=4 => Course::CancelWhole,
            5..=8 => Course::CancelParts,
            9 => Course::CancelPartsAtOnce,
            10 => Course::CancelAndWithdraw,
            _ => Course::Withdraw,
        };
        // One that was not approved is cancelled in vain, now and then.
        if self.last().approval != "0000" && self.chance.below(4) > 0 {
            return;
        }
        let amount = self.last().amount;
        match course {
            Course::Keep => {}
            Course::CancelWhole => {
                for _ in 0..=self.chance.below(2) {
                    self.cancel(&[amount]).await;
                }
            }
            Course::CancelParts => {
                for part in self.parts() {
                    self.cancel(&[part]).await;
                }
                match self.chance.below(3) {
                    0 => self.cancel(&[amount]).await,
                    1 => {
                        let rest = amount - self.last().cancelled();
                        self.cancel(&[rest]).await;
                    }
                    _ => {}
                }
            }
            Course::CancelPartsAtOnce => {
                let parts = self.parts();
                self.cancel(&parts).await;
            }
            Course::CancelAndWithdraw => {
                let part = if self.chance.below(2) == 0 { amount } else { self.parts()[0] };
                self.cancel_and_withdraw(part).await;
            }
            Course::Withdraw => {
                if self.last().withdrawal.is_none() {
                    let net_cancel = self.net_cancel();
                    self.last().withdrawal = self.ask(vec![net_cancel]).await.pop().map(|(asked, _)| asked);
                }
            }
        }
    }

    /// Two or three amounts, no two the same.
    fn parts(&mut self) -> Vec<u64> {
        let first = 1 + self.chance.below(50);
        let count = 2 + self.chance.below(2);
        (0..count).map(|part| (first + part) * 1000 + self.one_of(&PART_ENDINGS)).collect()
    }

    /// All at once.
    async fn cancel(&mut self, amounts: &[u64]) {
        let telegrams = amounts.iter().map(|amount| self.new_cancel(*amount)).collect();
        for ((asked, _), amount) in self.ask(telegrams).await.into_iter().zip(amounts) {
            self.last().cancels.push(AskedCancel { asked, amount: *amount });
        }
    }

    async fn cancel_and_withdraw(&mut self, amount: u64) {
        if self.last().withdrawal.is_some() {
            return self.cancel(&[amount]).await;
        }
        let both = vec![self.new_cancel(amount), self.net_cancel()];
        let mut both = self.ask(both).await;
        self.last().withdrawal = both.pop().map(|(asked, _)| asked);
        let cancel = both.pop().map(|(asked, _)| AskedCancel { asked, amount });
        self.last().cancels.extend(cancel);
    }

    fn new_cancel(&mut self, amount: u64) -> Telegram {
        let named = self.chance.below(2) == 0;
        let purchase = self.purchases.last().expect(UNDER_WAY);
        self.pen.cancel(&purchase.original, amount, if named { &purchase.approval_no } else { "" })
    }

    fn net_cancel(&mut self) -> Telegram {
        self.pen.net_cancel(&self.purchases.last().expect(UNDER_WAY).original)
    }

    /// Asks at once, and again as long as the answers are not final: of a cancel that is not confirmed only now and then.
    async fn ask(&mut self, telegrams: Vec<Telegram>) -> Vec<(Asked, Answer)> {
        let mut tries = self.chance.below(4);
        let mut answers = self.line.exchange(&telegrams.iter().collect::<Vec<_>>()).await;
        loop {
            let is_open = |answer: &Answer| match (answer.kind, answer.code().as_str()) {
                (100 | 120, "9010") | (_, "9040") => true,
                (400, "9023") | (420, "9033") => tries > 0,
                _ => false,
            };
            let open: Vec<&Telegram> = telegrams
                .iter()
                .zip(&answers)
                .filter(|(_, answer)| is_open(answer))
                .map(|(t, _)| t)
                .collect();
            if open.is_empty() {
                break;
            }
            tokio::time::sleep(PAUSE).await;
            for answer in self.line.exchange(&open).await {
                let which = telegrams.iter().position(|telegram| telegram.is_answered_by(&answer));
                answers[which.expect("exchange checks it")] = answer;
            }
            tries = tries.saturating_sub(1);
        }
        let asked = |(telegram, answer): (Telegram, Answer)| (Asked::new(telegram, &answer), answer);
        telegrams.into_iter().zip(answers).map(asked).collect()
    }

    /// Asks once more wherever the last answer was not final, and acknowledges too late what it never acknowledged.
    pub(super) async fn settle(&mut self) {
        for index in 0..self.purchases.len() {
            for cancel in 0..self.purchases[index].cancels.len() {
                if self.purchases[index].cancels[cancel].asked.is("9023") {
                    let telegram = self.purchases[index].cancels[cancel].asked.telegram.clone();
                    self.purchases[index].cancels[cancel].asked.code = self.code_of(&telegram).await;
                }
            }
            if let Some(withdrawal) = &self.purchases[index].withdrawal
                && withdrawal.is("9033")
            {
                let telegram = withdrawal.telegram.clone();
                let code = self.code_of(&telegram).await;
                self.purchases[index].withdrawal = Some(Asked { telegram, code });
            }
            let purchase = &self.purchases[index];
            if purchase.is_acknowledged && purchase.approval == "0000" && purchase.acknowledgement.is_none() {
                let telegram = self.pen.acknowledgement(&purchase.original, &purchase.approval_no);
                let code = self.code_of(&telegram).await;
                self.purchases[index].acknowledgement = Some(Asked { telegram, code });
            }
        }
    }

    /// Repeats every telegram and inquires about every purchase: nobody is told anything else than before.
    pub(super) async fn ask_everything_again(&mut self, run: &str) {
        for index in 0..self.purchases.len() {
            let inquiry = self.pen.inquiry(&self.purchases[index].original);
            let state = self.answer_to(&inquiry).await.text("state");
            let purchase = &self.purchases[index];
            assert!(purchase.expected_states().contains(&state.as_str()), "{run}: {state}: {purchase:#?}");
            for (telegram, expected) in purchase.expected_of_repeats() {
                let code = self.code_of(&telegram).await;
                assert_eq!(code, expected, "{run}: {telegram:?} again: {:#?}", self.purchases[index]);
            }
        }
    }

    /// The code of one answer, final or not.
    pub(super) async fn code_of(&mut self, telegram: &Telegram) -> String {
        self.answer_to(telegram).await.code()
    }

    pub(super) async fn answer_to(&mut self, telegram: &Telegram) -> Answer {
        self.line.exchange(&[telegram]).await.pop().expect("an answer to a question")
    }

    fn last(&mut self) -> &mut Purchase {
        self.purchases.last_mut().expect(UNDER_WAY)
    }

    fn index(&mut self, bound: usize) -> usize {
        usize::try_from(self.chance.below(bound as u64)).expect("below a small bound")
    }

    fn one_of(&mut self, values: &[u64]) -> u64 {
        values[self.index(values.len())]
    }
}
