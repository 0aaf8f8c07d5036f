//! A terminal with a life of its own: it buys, cancels, gives up, acknowledges or does not, vanishes and comes back. What it still does not know in the
//! end it asks until it has an answer.

pub mod handshake;
mod line;
mod settling;
pub mod wire;

use std::{net::SocketAddr, sync::Arc, time::Duration};

use jiff::SignedDuration;
use tokio::{
    sync::watch,
    time::{Instant, sleep},
};

use self::{handshake::Manner, line::Line, wire::Wire};
use crate::{
    book::{Book, Confirm, Purchase, is_open},
    card,
    chance::Chance,
    configuration::TERMINAL_DEADLINE_MS,
    telegram::{Answer, Original, Pen, Telegram},
};

/// How long a patient terminal waits: a little longer than the switch may take.
const PATIENT: Duration = Duration::from_millis(TERMINAL_DEADLINE_MS + 1_500);
/// How far a clock may be behind and ahead, in seconds: what is repeated at the end of a run of ten minutes must still be borne.
const CLOCK_OFF_S: (i64, i64) = (15 * 60, 25 * 60);
/// How far one is off that is not borne, in seconds: before and behind the right time, and not borne either when it is repeated later.
const CLOCK_WRONG_S: [i64; 6] = [-31 * 60, -3_600, -86_400, -400 * 86_400, 3_600, 86_400];
/// Purchases whose amounts a terminal may use up.
const PURCHASES: u64 = 20_000;
/// What becomes of an approval, or of its whole cancel, by the last two digits of the amount.
const ENDINGS: [u64; 40] = [
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 51, 52, 61, 61, 62, 63, 64, 65, 66, 67, 68, 69, 71,
    72, 73, 74, 75, 81, 82, 83, 84, 85,
];
/// What becomes of a partial cancel.
const PART_ENDINGS: [u64; 12] = [0, 0, 0, 0, 0, 0, 81, 82, 82, 83, 84, 85];

/// The socket of a terminal.
#[derive(Clone, Debug)]
pub enum Socket {
    /// A persistent one, perhaps shared.
    Wire(Wire),
    /// A new one for each telegram, with handshake.
    Handshake(SocketAddr),
}

/// A terminal.
pub struct Terminal {
    number: usize,
    pen: Pen,
    socket: Socket,
    confirm: Confirm,
    chance: Chance,
    book: Arc<Book>,
    /// The mean pause between two purchases.
    pause: Duration,
    /// How far its clock is ahead, in seconds; `None`: it goes right for ever.
    ahead_s: Option<i64>,
    purchases: Vec<Known>,
}

/// A purchase with the telegrams that can be repeated.
struct Known {
    purchase: Purchase,
    approval: Telegram,
    withdrawal: Option<Telegram>,
    acknowledgement: Option<Telegram>,
    cancels: Vec<Telegram>,
}

/// How a purchase goes on once there is an answer, or none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Course {
    Keep,
    Inquire,
    Repeat,
    CancelWhole,
    CancelParts,
    CancelAndWithdraw,
    Withdraw,
    Impostor,
}

impl Terminal {
    /// A terminal, by its number from 0.
    pub fn new(
        number: usize,
        (socket, confirm): (Socket, Confirm),
        chance: Chance,
        book: Arc<Book>,
        pause: Duration,
    ) -> Self {
        let pen = Pen::new(number);
        Self { number, pen, socket, confirm, chance, book, pause, ahead_s: None, purchases: Vec::new() }
    }

    /// The same with a clock that is off: by as much as is borne, and now and then by more.
    #[must_use]
    pub fn with_clock_off(mut self) -> Self {
        let (behind, ahead) = CLOCK_OFF_S;
        let off = i64::try_from(self.chance.below((behind + ahead).unsigned_abs())).unwrap_or(0) - behind;
        self.ahead_s = Some(off);
        self.pen.set_clock(SignedDuration::from_secs(off));
        self
    }

    /// Buys until the shop is closed.
    pub async fn day(mut self, open: watch::Receiver<bool>) -> Self {
        let pause = u64::try_from(self.pause.as_millis()).unwrap_or(1_000);
        let first = self.chance.millis(0, pause + 1);
        sleep(first).await;
        while *open.borrow() && (self.purchases.len() as u64) < PURCHASES {
            let begun = Instant::now();
            self.buy().await;
            let pause = self.chance.millis(pause / 2, pause * 3 / 2 + 1);
            let mut open = open.clone();
            tokio::select! {
                () = sleep(pause.saturating_sub(begun.elapsed())) => {}
                _ = open.wait_for(|open| !open) => {}
            }
        }
        self
    }

    /// Hands over what it knows.
    pub fn close(self) {
        self.book.keep(self.purchases.into_iter().map(|known| known.purchase).collect());
    }

    async fn buy(&mut self) {
        let company = if self.chance.one_in(3) { Some(self.chance.index(2)) } else { None };
        let mut ending = self.chance.one_of(&ENDINGS);
        // A net-cancel of a card company cannot be told from a cancel: refusing one would refuse the other for ever.
        if company.is_some() && ending == 81 {
            ending = 0;
        }
        let count = self.number as u64 * PURCHASES + self.purchases.len() as u64 + 100;
        let amount = count * 100 + ending;
        let (original, approval) = self.write_approval(amount, &card::number(company, count));
        self.purchases.push(Known::new(original, approval.clone(), self.confirm));
        match self.chance.below(16) {
            0 => self.withdraw(1).await,
            1 => {
                self.vanish(&approval, amount).await;
                // Some come back at once, some later, some only when everything is over.
                let pause = self.chance.millis(0, 2_500);
                sleep(pause).await;
                match self.chance.below(4) {
                    0 => return,
                    1 => self.withdraw(3).await,
                    _ => {}
                }
            }
            2 => {
                let patience = self.chance.millis(50, 1_800);
                self.send(&approval, Some(amount), patience).await;
                self.withdraw(3).await;
            }
            _ => {}
        }
        let answer = self.approve(&approval, amount).await;
        let is_approved = answer.as_ref().is_some_and(|answer| answer.code() == "0000");
        if let (true, Some(answer)) = (is_approved, &answer) {
            self.acknowledge(&answer.text("approval_no")).await;
        }
        self.go_on(answer.as_ref()).await;
    }

    fn write_approval(&mut self, amount: u64, card: &str) -> (Original, Telegram) {
        let Some(usual) = self.ahead_s else { return self.pen.approval(amount, card) };
        if self.chance.one_in(10) {
            let wrong = self.chance.one_of(&CLOCK_WRONG_S);
            self.pen.set_clock(SignedDuration::from_secs(wrong));
        }
        let written = self.pen.approval(amount, card);
        // The answer told it the time.
        self.pen.set_clock(SignedDuration::from_secs(usual));
        written
    }

    /// Asks for the approval, and again on silence; gives it up in the end.
    async fn approve(&mut self, approval: &Telegram, amount: u64) -> Option<Answer> {
        for _ in 0..3 {
            let patience = if self.chance.one_in(5) { self.chance.millis(100, 1_500) } else { PATIENT };
            match self.send(approval, Some(amount), patience).await {
                Some(answer) if !is_open(&answer.code()) => return Some(answer),
                _ => self.rest().await,
            }
        }
        if self.last().withdrawal.is_none() && !self.chance.one_in(4) {
            self.withdraw(3).await;
        }
        None
    }

    /// Not always, and sometimes twice.
    async fn acknowledge(&mut self, approval_no: &str) {
        if self.confirm != Confirm::Ack {
            return;
        }
        let times = self.chance.one_of(&[0, 1, 1, 1, 1, 1, 2]);
        for _ in 0..times {
            let telegram = self.acknowledgement(self.purchases.len() - 1, approval_no);
            self.ask_for_a_while(&telegram, None, 3).await;
        }
    }

    async fn go_on(&mut self, answer: Option<&Answer>) {
        let approved = answer.is_some_and(|answer| answer.code() == "0000");
        let course = self.chance.one_of(&[
            Course::Keep,
            Course::Keep,
            Course::Keep,
            Course::Inquire,
            Course::Repeat,
            Course::CancelWhole,
            Course::CancelWhole,
            Course::CancelParts,
            Course::CancelParts,
            Course::CancelAndWithdraw,
            Course::Withdraw,
            Course::Impostor,
        ]);
        // What was not approved is cancelled in vain, now and then.
        if !approved && !self.chance.one_in(5) {
            return;
        }
        let approval_no = answer.map(|answer| answer.text("approval_no")).unwrap_or_default();
        let approval_no = if self.chance.one_in(2) { approval_no } else { String::new() };
        let amount = self.last().purchase.original.amount;
        match course {
            // Under a key that the switch may not have seen it would be a purchase like any other.
            Course::Impostor if !approved => {}
            Course::Keep => {}
            Course::Inquire => {
                let inquiry = self.inquire(self.purchases.len() - 1);
                self.send(&inquiry, None, PATIENT).await;
            }
            Course::Repeat => {
                let approval = self.last().approval.clone();
                self.send(&approval, Some(amount), PATIENT).await;
            }
            Course::CancelWhole => {
                for _ in 0..=self.chance.below(2) {
                    self.cancel(&[amount], &approval_no).await;
                }
            }
            Course::CancelParts => {
                let parts = self.parts(amount);
                if self.chance.one_in(3) {
                    self.cancel(&parts, &approval_no).await;
                } else {
                    for part in &parts {
                        self.cancel(&[*part], &approval_no).await;
                    }
                }
                let sum: u64 = parts.iter().sum();
                match self.chance.below(3) {
                    0 => self.cancel(&[amount], &approval_no).await,
                    1 if sum < amount => self.cancel(&[amount - sum], &approval_no).await,
                    _ => {}
                }
            }
            Course::CancelAndWithdraw => {
                self.cancel(&[amount], &approval_no).await;
                self.withdraw(3).await;
            }
            Course::Withdraw => self.withdraw(3).await,
            Course::Impostor => {
                let number = card::number(None, self.number as u64 * PURCHASES);
                let other = amount + 100 * PURCHASES * 1_000;
                let known = self.last();
                known.purchase.impostor = Some(other);
                let original = known.purchase.original.clone();
                let impostor = self.pen.impostor(&original, other, &number);
                self.send(&impostor, Some(other), PATIENT).await;
            }
        }
    }

    /// Two or three amounts, no two the same.
    fn parts(&mut self, amount: u64) -> Vec<u64> {
        let largest = (amount / 400).max(4);
        let first = 1 + self.chance.below(largest - 2);
        let count = 2 + self.chance.below(2);
        let parts = (0..count).map(|part| (first + part) * 100 + self.chance.one_of(&PART_ENDINGS));
        parts.filter(|part| *part < amount).collect()
    }

    /// All at once, each again as long as its answer is not final, within reason.
    async fn cancel(&mut self, amounts: &[u64], approval_no: &str) {
        let index = self.purchases.len() - 1;
        let mut asked = Vec::new();
        for amount in amounts {
            let telegram = self.pen.cancel(&self.purchases[index].purchase.original, *amount, approval_no);
            self.purchases[index].purchase.cancels.push((telegram.key.clone(), *amount));
            self.purchases[index].cancels.push(telegram.clone());
            asked.push((telegram, *amount));
        }
        let tries = 1 + self.chance.below(3);
        let waiting: Vec<_> = asked
            .into_iter()
            .map(|(telegram, amount)| {
                let line = self.line();
                tokio::spawn(async move { line.ask_for_a_while(&telegram, Some(amount), tries).await })
            })
            .collect();
        for waiting in waiting {
            // Its answer is in the book.
            let _ = waiting.await;
        }
    }

    async fn withdraw(&mut self, tries: u64) {
        let telegram = self.withdrawal(self.purchases.len() - 1);
        self.ask_for_a_while(&telegram, None, tries).await;
    }

    fn withdrawal(&mut self, index: usize) -> Telegram {
        let Self { pen, purchases, .. } = self;
        let known = &mut purchases[index];
        let telegram = known.withdrawal.get_or_insert_with(|| pen.net_cancel(&known.purchase.original));
        known.purchase.withdrawal = Some(telegram.key.clone());
        telegram.clone()
    }

    fn acknowledgement(&mut self, index: usize, approval_no: &str) -> Telegram {
        let Self { pen, purchases, .. } = self;
        let known = &mut purchases[index];
        let telegram = known
            .acknowledgement
            .get_or_insert_with(|| pen.acknowledgement(&known.purchase.original, approval_no));
        known.purchase.acknowledgement = Some(telegram.key.clone());
        telegram.clone()
    }

    fn inquire(&mut self, index: usize) -> Telegram {
        let inquiry = self.pen.inquiry(&self.purchases[index].purchase.original);
        self.purchases[index].purchase.inquiries.push(inquiry.key.clone());
        inquiry
    }

    async fn ask_for_a_while(&mut self, telegram: &Telegram, amount: Option<u64>, tries: u64) {
        self.line().ask_for_a_while(telegram, amount, tries).await;
    }

    async fn send(&mut self, telegram: &Telegram, amount: Option<u64>, patience: Duration) -> Option<Answer> {
        // Whoever does not acknowledge finds out in the end what became of it.
        let manner = if self.chance.one_in(12) { Manner::Leaves } else { Manner::Acknowledges };
        self.line().send(telegram, amount, patience, manner).await
    }

    async fn vanish(&mut self, telegram: &Telegram, amount: u64) {
        match &self.socket {
            Socket::Wire(wire) => wire.vanish(telegram, Some(amount)).await,
            Socket::Handshake(_) => {
                self.line().send(telegram, Some(amount), PATIENT, Manner::Vanishes).await;
            }
        }
    }

    async fn rest(&mut self) {
        let pause = self.chance.millis(100, 600);
        sleep(pause).await;
    }

    fn last(&mut self) -> &mut Known {
        self.purchases.last_mut().expect("a purchase is under way")
    }

    fn line(&self) -> Line {
        Line { socket: self.socket.clone(), book: Arc::clone(&self.book) }
    }
}

impl Known {
    fn new(original: Original, approval: Telegram, confirm: Confirm) -> Self {
        let purchase = Purchase {
            original,
            approval: approval.key.clone(),
            confirm,
            impostor: None,
            withdrawal: None,
            acknowledgement: None,
            cancels: Vec::new(),
            inquiries: Vec::new(),
        };
        Self { purchase, approval, withdrawal: None, acknowledgement: None, cancels: Vec::new() }
    }
}
