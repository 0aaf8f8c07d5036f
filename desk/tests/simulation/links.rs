//! Simulated links to the acquirers. They keep the promise the desk builds on: what becomes of a telegram is told exactly once,
//! unless the switch dies.

use std::collections::BTreeMap;

use payment::{
    AcquirerName, CancelOrder, Event, NetCancelOrder, NotSent, PaymentId, RequestOrder, Serial, TelegramKey,
    Unanswered, Won,
};

use crate::{
    acquirer::{Reply, Says},
    clock::Clock,
};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    Request,
    NetCancel,
    Cancel,
}

/// What an answer is matched by.
pub(crate) type Identity = (Kind, Serial);

/// A telegram to an acquirer.
#[derive(Clone, Debug)]
pub(crate) struct Telegram {
    pub(crate) kind: Kind,
    pub(crate) acquirer: AcquirerName,
    /// Its own serial.
    pub(crate) serial: Serial,
    /// The serial of the request it is or names.
    pub(crate) original: Serial,
    pub(crate) key: TelegramKey,
    pub(crate) amount: Won,
    pub(crate) payment: PaymentId,
    /// Which attempt or cancel of the payment it is of.
    pub(crate) number: u8,
    pub(crate) deadline_ms: u64,
    pub(crate) settle_after_ms: u64,
    /// When its bytes were handed to the socket.
    pub(crate) left_ms: u64,
    /// The switch that sent it, and which start of it.
    pub(crate) sender: Sender,
    /// The clock of the switch that sent it.
    pub(crate) clock: Clock,
    /// No byte leaves after this instant: the lease it was sent under has ended.
    pub(crate) not_after_ms: u64,
}

/// One start of one switch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Sender {
    /// Its place among them.
    pub(crate) switch: usize,
    /// Counted over all of them.
    pub(crate) run: u32,
}

impl Telegram {
    pub(crate) fn request(payment: PaymentId, order: &RequestOrder, sender: Sender, clock: Clock) -> Self {
        Self {
            kind: Kind::Request,
            acquirer: order.route.acquirer.clone(),
            serial: order.route.serial,
            original: order.route.serial,
            key: order.request.key,
            amount: order.request.amounts.total(),
            payment,
            number: order.attempt,
            deadline_ms: clock.when(order.deadline),
            settle_after_ms: order.route.settle_after_ms,
            left_ms: 0,
            sender,
            clock,
            not_after_ms: u64::MAX,
        }
    }

    pub(crate) fn net_cancel(
        payment: PaymentId,
        order: &NetCancelOrder,
        sender: Sender,
        clock: Clock,
    ) -> Self {
        Self {
            kind: Kind::NetCancel,
            acquirer: order.route.acquirer.clone(),
            serial: order.route.serial.of_net_cancel(),
            original: order.route.serial,
            key: order.request.key,
            amount: order.request.amounts.total(),
            payment,
            number: order.attempt,
            deadline_ms: clock.when(order.deadline),
            settle_after_ms: order.route.settle_after_ms,
            left_ms: 0,
            sender,
            clock,
            not_after_ms: u64::MAX,
        }
    }

    pub(crate) fn cancel(payment: PaymentId, order: &CancelOrder, sender: Sender, clock: Clock) -> Self {
        Self {
            kind: Kind::Cancel,
            acquirer: order.route.acquirer.clone(),
            serial: order.serial,
            original: order.route.serial,
            key: order.request.key,
            amount: order.amounts.total(),
            payment,
            number: order.cancel,
            deadline_ms: clock.when(order.deadline),
            settle_after_ms: order.route.settle_after_ms,
            left_ms: 0,
            sender,
            clock,
            not_after_ms: u64::MAX,
        }
    }

    pub(crate) fn identity(&self) -> Identity {
        (self.kind, self.serial)
    }

    /// No byte of it left.
    pub(crate) fn not_sent(&self, why: NotSent) -> Event {
        let number = self.number;
        match self.kind {
            Kind::Request => Event::NotSent { attempt: number, why },
            Kind::NetCancel => Event::NetCancelNotSent { attempt: number, why },
            Kind::Cancel => Event::CancelNotSent { cancel: number, why },
        }
    }

    fn unanswered(&self, why: Unanswered) -> Event {
        let (number, last_byte_by) = (self.number, self.clock.reads(self.left_ms));
        match self.kind {
            Kind::Request => Event::Unanswered { attempt: number, why, last_byte_by },
            Kind::NetCancel => Event::NetCancelUnanswered { attempt: number },
            Kind::Cancel => Event::CancelUnanswered { cancel: number, why, last_byte_by },
        }
    }
}

/// The telegrams whose end is yet to be told.
#[derive(Debug, Default)]
pub(crate) struct Links {
    pending: BTreeMap<Identity, (Telegram, bool)>,
}

impl Links {
    /// Takes a telegram on; `false` when one of the same identity is out already.
    pub(crate) fn take(&mut self, telegram: Telegram) -> bool {
        self.pending.insert(telegram.identity(), (telegram, false)).is_none()
    }

    /// Its turn has come: the telegram, if its bytes leave now, or what became of it.
    pub(crate) fn leaves(
        &mut self,
        identity: Identity,
        now_ms: u64,
        looks_at_the_clock: bool,
    ) -> Option<Result<Telegram, (PaymentId, Event)>> {
        let (telegram, left) = self.pending.get_mut(&identity)?;
        let is_too_late = now_ms >= telegram.not_after_ms || now_ms > telegram.deadline_ms;
        if looks_at_the_clock && is_too_late {
            let (telegram, _) = self.pending.remove(&identity)?;
            return Some(Err((telegram.payment, telegram.not_sent(NotSent::TooLate))));
        }
        telegram.left_ms = now_ms;
        *left = true;
        Some(Ok(telegram.clone()))
    }

    /// The link is lost, or the deadline has passed.
    pub(crate) fn ends(&mut self, identity: Identity, lost: bool) -> Option<(PaymentId, Event)> {
        let (telegram, left) = self.pending.remove(&identity)?;
        let event = match (left, lost) {
            (true, true) => telegram.unanswered(Unanswered::ConnectionLost),
            (true, false) => telegram.unanswered(Unanswered::TimedOut),
            (false, true) => telegram.not_sent(NotSent::ConnectionLost),
            (false, false) => telegram.not_sent(NotSent::TooLate),
        };
        Some((telegram.payment, event))
    }

    /// What an answer tells, if somebody waits for it.
    pub(crate) fn answered(&mut self, reply: &Reply) -> Option<(PaymentId, Event)> {
        let (telegram, _) = self.pending.remove(&(reply.kind, reply.serial))?;
        let number = telegram.number;
        let event = match &reply.says {
            Says::Request(answer) => Event::Answered { attempt: number, answer: answer.clone() },
            Says::NetCancel(answer) => Event::NetCancelAnswered { attempt: number, answer: answer.clone() },
            Says::Cancel(answer) => Event::CancelAnswered { cancel: number, answer: answer.clone() },
        };
        Some((telegram.payment, event))
    }

    /// How many net-cancels to this acquirer are out.
    pub(crate) fn net_cancels_to(&self, acquirer: &AcquirerName) -> usize {
        let is_one = |(telegram, _): &&(Telegram, bool)| {
            telegram.kind == Kind::NetCancel && telegram.acquirer == *acquirer
        };
        self.pending.values().filter(is_one).count()
    }

    /// The lease ends then: what is out and has not left leaves before, or not at all.
    pub(crate) fn not_after(&mut self, at_ms: u64) {
        for (telegram, _) in self.pending.values_mut() {
            telegram.not_after_ms = telegram.not_after_ms.min(at_ms);
        }
    }

    pub(crate) fn crash(&mut self) {
        self.pending.clear();
    }
}
