//! A simulated acquirer: it does as chance says and keeps its own log of what it did, the truth of which nobody asks it until the end.

use std::{collections::BTreeMap, sync::Arc};

use payment::{
    AcquirerName, Answer, Approval, CancelAnswer, CancelVerdict, Decline, HostCodes, NetCancelAnswer,
    NetCancelVerdict, PartialCancel, PaymentId, ResponseCode, Serial, TelegramKey, Verdict, Won,
};

use crate::{
    flaw::Flaw,
    links::{Kind, Sender, Telegram},
    rng::Rng,
    sample,
};

/// What an acquirer does with one telegram.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Behaviour {
    Request(OnRequest),
    NetCancel(OnNetCancel),
    Cancel(OnCancel),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OnRequest {
    Approve,
    ApproveAndAnswerTwice,
    ApproveAndAnswerLate,
    ApproveInSilence,
    ApproveAndAnswerInDoubt,
    ApproveAndAnswerAnotherAmount,
    /// Later than it promises to settle; it says so, in the end also to whoever asks.
    ApproveBeyondSettling,
    Decline,
    DeclineAndAnswerLate,
    DeclineInSilence,
    NotProcess,
    DeclineAndAnswerInDoubt,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OnNetCancel {
    Honest,
    HonestButLate,
    HonestInSilence,
    Ignore,
    TryAgain,
    SayAlreadyAcquired,
    SayAmountDiffers,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OnCancel {
    Honest,
    HonestButLate,
    HonestInSilence,
    HonestAndAnswerInDoubt,
    HonestAndAnswerAnotherAmount,
    Ignore,
    Decline,
    DeclineAndAnswerLate,
    DeclineInSilence,
    NotProcess,
    SayInDoubt,
}

/// An answer on its way back.
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    pub(crate) kind: Kind,
    pub(crate) acquirer: AcquirerName,
    pub(crate) serial: Serial,
    pub(crate) payment: PaymentId,
    /// Which attempt or cancel of the payment it is of.
    pub(crate) number: u8,
    /// Whose socket it goes to.
    pub(crate) sender: Sender,
    pub(crate) says: Says,
}

#[derive(Clone, Debug)]
pub(crate) enum Says {
    Request(Answer),
    NetCancel(NetCancelAnswer),
    Cancel(CancelAnswer),
}

/// One approval an acquirer gave.
#[derive(Clone, Debug)]
pub(crate) struct Given {
    pub(crate) payment: PaymentId,
    pub(crate) key: TelegramKey,
    pub(crate) approval_no: String,
    /// Net-cancelled.
    pub(crate) cancelled: bool,
    pub(crate) total: Won,
    /// What was cancelled of it, by the serials of the cancels.
    pub(crate) book: Vec<(Serial, u64)>,
    /// 매입 has happened, or it has another amount: no net-cancel can undo it.
    pub(crate) beyond_net_cancel: bool,
    /// It came later than the acquirer promises, which says so until it is heard.
    pub(crate) is_late: bool,
}

impl Given {
    /// What of it was cancelled.
    pub(crate) fn cancelled_sum(&self) -> u64 {
        self.book.iter().map(|(_, amount)| amount).sum()
    }

    /// Whether the card holder still pays for any of it.
    pub(crate) fn is_live(&self) -> bool {
        !self.cancelled && self.cancelled_sum() < self.total.get()
    }
}

/// How often an acquirer does what, in parts.
#[derive(Clone, Debug)]
pub(crate) struct Character {
    requests: Vec<(u64, OnRequest)>,
    net_cancels: Vec<(u64, OnNetCancel)>,
    cancels: Vec<(u64, OnCancel)>,
    /// Whether it leaves it to its clients to ask for no more than is left.
    pub(crate) trusting: bool,
    /// Processing may take up to the whole settling time, per mille of requests.
    slow: u64,
}

#[derive(Debug)]
pub(crate) struct Acquirer {
    pub(crate) name: AcquirerName,
    pub(crate) character: Character,
    pub(crate) partial: PartialCancel,
    approvals: u32,
    /// What it approved, by the serial of the request.
    pub(crate) truth: BTreeMap<Serial, Vec<Given>>,
    /// Every net-cancel it got: its serial, what it names, and the amount.
    pub(crate) net_cancels: Vec<(Serial, TelegramKey, Won)>,
    /// Every request it got.
    pub(crate) requests: Vec<Serial>,
    /// Every cancel it got: its serial, that of the request it names, and the amount.
    pub(crate) cancels: Vec<(Serial, Serial, Won)>,
}

impl Character {
    pub(crate) fn new(rng: &mut Rng) -> Self {
        let mut part = |usual: u64| if rng.percent(10) { rng.below(60) } else { rng.below(usual + 1) };
        let requests = vec![
            (40, OnRequest::Approve),
            (part(4), OnRequest::ApproveAndAnswerTwice),
            (part(6), OnRequest::ApproveAndAnswerLate),
            (part(4), OnRequest::ApproveInSilence),
            (part(3), OnRequest::ApproveAndAnswerInDoubt),
            (part(2), OnRequest::ApproveAndAnswerAnotherAmount),
            (part(1), OnRequest::ApproveBeyondSettling),
            (part(8), OnRequest::Decline),
            (part(3), OnRequest::DeclineAndAnswerLate),
            (part(3), OnRequest::DeclineInSilence),
            (part(4), OnRequest::NotProcess),
            (part(2), OnRequest::DeclineAndAnswerInDoubt),
        ];
        let net_cancels = vec![
            (30, OnNetCancel::Honest),
            (part(4), OnNetCancel::HonestButLate),
            (part(6), OnNetCancel::HonestInSilence),
            (part(6), OnNetCancel::Ignore),
            (part(4), OnNetCancel::TryAgain),
            (part(1), OnNetCancel::SayAlreadyAcquired),
            (part(1), OnNetCancel::SayAmountDiffers),
        ];
        let cancels = vec![
            (30, OnCancel::Honest),
            (part(5), OnCancel::HonestButLate),
            (part(6), OnCancel::HonestInSilence),
            (part(3), OnCancel::HonestAndAnswerInDoubt),
            (part(2), OnCancel::HonestAndAnswerAnotherAmount),
            (part(4), OnCancel::Ignore),
            (part(5), OnCancel::Decline),
            (part(3), OnCancel::DeclineAndAnswerLate),
            (part(2), OnCancel::DeclineInSilence),
            (part(3), OnCancel::NotProcess),
            (part(3), OnCancel::SayInDoubt),
        ];
        Self { requests, net_cancels, cancels, trusting: rng.percent(50), slow: rng.pick(&[0, 20, 200, 700]) }
    }

    /// The same, and mostly slow.
    pub(crate) fn slow(self) -> Self {
        Self { slow: 700, ..self }
    }
}

impl Acquirer {
    pub(crate) fn new(name: &str, character: Character, partial: PartialCancel) -> Self {
        Self {
            name: sample::acquirer(name),
            character,
            partial,
            approvals: 0,
            truth: BTreeMap::new(),
            net_cancels: Vec::new(),
            requests: Vec::new(),
            cancels: Vec::new(),
        }
    }

    /// When it will have done what with a telegram that has just come; `None` when it does nothing at all.
    pub(crate) fn hears(
        &mut self,
        telegram: &Telegram,
        now_ms: u64,
        flaw: Option<Flaw>,
        rng: &mut Rng,
    ) -> Option<(u64, Behaviour)> {
        match telegram.kind {
            Kind::Request => {
                self.requests.push(telegram.serial);
                // Whatever it approves it approves within the settling time it promises.
                let latest = telegram.left_ms + telegram.settle_after_ms - 1;
                let behaviour = rng.weighted(&self.character.requests);
                if flaw == Some(Flaw::ApprovesAfterSettling) {
                    return Some((latest + 90_000, Behaviour::Request(OnRequest::ApproveInSilence)));
                }
                if behaviour == OnRequest::ApproveBeyondSettling {
                    return Some((latest + rng.below(60_000), Behaviour::Request(behaviour)));
                }
                let slow = rng.per_mille(self.character.slow);
                let at = if slow { rng.between(now_ms, latest.max(now_ms)) } else { now_ms + rng.below(40) };
                (at <= latest).then_some((at, Behaviour::Request(behaviour)))
            }
            Kind::NetCancel => {
                self.net_cancels.push((telegram.serial, telegram.key, telegram.amount));
                let behaviour = rng.weighted(&self.character.net_cancels);
                Some((now_ms + rng.below(20), Behaviour::NetCancel(behaviour)))
            }
            Kind::Cancel => {
                self.cancels.push((telegram.serial, telegram.original, telegram.amount));
                let latest = telegram.left_ms + telegram.settle_after_ms - 1;
                let behaviour = rng.weighted(&self.character.cancels);
                let slow = rng.per_mille(self.character.slow);
                let at = if slow { rng.between(now_ms, latest.max(now_ms)) } else { now_ms + rng.below(40) };
                (at <= latest).then_some((at, Behaviour::Cancel(behaviour)))
            }
        }
    }

    /// Does it, and gives the answers with the instants they leave at.
    pub(crate) fn does(
        &mut self,
        telegram: &Telegram,
        behaviour: Behaviour,
        now_ms: u64,
        flaw: Option<Flaw>,
        rng: &mut Rng,
    ) -> Vec<(u64, Reply)> {
        match behaviour {
            Behaviour::Request(behaviour) => self.does_request(telegram, behaviour, now_ms, flaw, rng),
            Behaviour::NetCancel(behaviour) => self.does_net_cancel(telegram, behaviour, now_ms, flaw, rng),
            Behaviour::Cancel(behaviour) => self.does_cancel(telegram, behaviour, now_ms, flaw, rng),
        }
    }

    fn does_request(
        &mut self,
        telegram: &Telegram,
        behaviour: OnRequest,
        now_ms: u64,
        flaw: Option<Flaw>,
        rng: &mut Rng,
    ) -> Vec<(u64, Reply)> {
        let answer = match behaviour {
            OnRequest::Approve
            | OnRequest::ApproveAndAnswerTwice
            | OnRequest::ApproveAndAnswerLate
            | OnRequest::ApproveInSilence
            | OnRequest::ApproveAndAnswerInDoubt
            | OnRequest::ApproveAndAnswerAnotherAmount
            | OnRequest::ApproveBeyondSettling => {
                if flaw == Some(Flaw::ApprovesTwice) {
                    self.approve(telegram);
                }
                approved(self.approve(telegram), telegram.amount)
            }
            OnRequest::Decline
            | OnRequest::DeclineAndAnswerLate
            | OnRequest::DeclineInSilence
            | OnRequest::DeclineAndAnswerInDoubt => declined(),
            OnRequest::NotProcess => says(None, Verdict::NotProcessed),
        };
        let soon = now_ms + rng.delay();
        if behaviour == OnRequest::ApproveBeyondSettling
            && let Some(given) = self.truth.get_mut(&telegram.serial).and_then(|given| given.last_mut())
        {
            given.is_late = true;
        }
        match behaviour {
            OnRequest::Approve
            | OnRequest::Decline
            | OnRequest::NotProcess
            | OnRequest::ApproveBeyondSettling => {
                vec![(soon, reply(telegram, answer))]
            }
            OnRequest::ApproveAndAnswerTwice => {
                let more = rng.between(1, 3);
                let again = (0..more).map(|_| (now_ms + rng.delay(), reply(telegram, answer.clone())));
                let mut replies: Vec<_> = again.collect();
                replies.push((soon, reply(telegram, answer)));
                replies
            }
            OnRequest::ApproveAndAnswerLate | OnRequest::DeclineAndAnswerLate => {
                let late = match rng.below(4) {
                    0 | 1 => telegram.deadline_ms.saturating_sub(1) + rng.below(3),
                    2 => telegram.deadline_ms + rng.below(3_000),
                    _ => telegram.deadline_ms + rng.below(120_000),
                };
                vec![(late.max(now_ms), reply(telegram, answer))]
            }
            OnRequest::ApproveInSilence | OnRequest::DeclineInSilence => Vec::new(),
            OnRequest::ApproveAndAnswerInDoubt | OnRequest::DeclineAndAnswerInDoubt => {
                vec![(soon, reply(telegram, says(None, Verdict::InDoubt)))]
            }
            OnRequest::ApproveAndAnswerAnotherAmount => {
                let another = Won::new(telegram.amount.get() + 1).unwrap();
                vec![(soon, reply(telegram, Answer { amount: Some(another), ..answer }))]
            }
        }
    }

    /// What it says once more of each approval that it gave later than it promises and that still stands.
    pub(crate) fn last_words(&self, sender: Sender) -> Vec<Reply> {
        let all =
            self.truth.iter().flat_map(|(serial, given)| given.iter().map(move |given| (*serial, given)));
        let standing = all.filter(|(_, given)| given.is_late && given.is_live());
        let word = |(serial, given): (Serial, &Given)| Reply {
            kind: Kind::Request,
            acquirer: self.name.clone(),
            serial,
            payment: given.payment,
            number: 0,
            sender,
            says: Says::Request(approved(given.approval_no.clone(), given.total)),
        };
        standing.map(word).collect()
    }

    fn approve(&mut self, telegram: &Telegram) -> String {
        self.approvals += 1;
        let approval_no = format!("{}{:06}", &self.name.as_str()[..1], self.approvals);
        self.truth.entry(telegram.serial).or_default().push(Given {
            payment: telegram.payment,
            key: telegram.key,
            approval_no: approval_no.clone(),
            cancelled: false,
            total: telegram.amount,
            book: Vec::new(),
            beyond_net_cancel: false,
            is_late: false,
        });
        approval_no
    }

    fn does_net_cancel(
        &mut self,
        telegram: &Telegram,
        behaviour: OnNetCancel,
        now_ms: u64,
        flaw: Option<Flaw>,
        rng: &mut Rng,
    ) -> Vec<(u64, Reply)> {
        let soon = now_ms + rng.delay();
        let given = self.truth.get_mut(&telegram.original).and_then(|given| given.last_mut());
        let live = given.filter(|given| !given.cancelled);
        match behaviour {
            OnNetCancel::Ignore => Vec::new(),
            OnNetCancel::TryAgain => vec![(soon, undone(telegram, NetCancelVerdict::TryAgain))],
            OnNetCancel::SayAlreadyAcquired | OnNetCancel::SayAmountDiffers => {
                let Some(given) = live else {
                    return vec![(soon, undone(telegram, self.undo(telegram, flaw)))];
                };
                given.beyond_net_cancel = true;
                let verdict = if behaviour == OnNetCancel::SayAmountDiffers {
                    NetCancelVerdict::AmountDiffers
                } else {
                    NetCancelVerdict::AlreadyAcquired
                };
                vec![(soon, undone(telegram, verdict))]
            }
            OnNetCancel::Honest | OnNetCancel::HonestInSilence | OnNetCancel::HonestButLate => {
                let verdict = self.undo(telegram, flaw);
                match behaviour {
                    OnNetCancel::HonestInSilence => Vec::new(),
                    OnNetCancel::HonestButLate => {
                        let late = telegram.deadline_ms.max(now_ms + 1) - 1 + rng.below(6_000);
                        vec![(late, undone(telegram, verdict))]
                    }
                    OnNetCancel::Honest
                    | OnNetCancel::Ignore
                    | OnNetCancel::TryAgain
                    | OnNetCancel::SayAlreadyAcquired
                    | OnNetCancel::SayAmountDiffers => vec![(soon, undone(telegram, verdict))],
                }
            }
        }
    }

    fn undo(&mut self, telegram: &Telegram, flaw: Option<Flaw>) -> NetCancelVerdict {
        let Some(given) = self.truth.get_mut(&telegram.original).and_then(|given| given.last_mut()) else {
            return NetCancelVerdict::NoSuchOriginal;
        };
        if given.beyond_net_cancel {
            return NetCancelVerdict::AlreadyAcquired;
        }
        if given.cancelled {
            return NetCancelVerdict::AlreadyCancelled;
        }
        given.cancelled = flaw != Some(Flaw::AcceptsNetCancelForNothing);
        NetCancelVerdict::Accepted
    }
}

fn approved(approval_no: String, amount: Won) -> Answer {
    let approval = Approval { approval_no, ..Approval::default() };
    says(Some(amount), Verdict::Approved(Arc::new(approval)))
}

fn declined() -> Answer {
    says(None, Verdict::Declined(decline("8035")))
}

pub(crate) fn decline(code: &str) -> Arc<Decline> {
    Arc::new(Decline {
        code: ResponseCode::new(code).unwrap(),
        host_code: "51".to_owned(),
        message1: String::new(),
        message2: String::new(),
    })
}

/// What the answer to a net-cancel reads like as one to a cancel.
pub(crate) fn unreadable_cancel() -> CancelAnswer {
    CancelAnswer { amount: None, codes: HostCodes::default(), verdict: CancelVerdict::InDoubt }
}

/// What the answer to a cancel reads like as one to a net-cancel.
pub(crate) fn unreadable_net_cancel() -> NetCancelAnswer {
    NetCancelAnswer { codes: HostCodes::default(), verdict: NetCancelVerdict::TryAgain }
}

fn says(amount: Option<Won>, verdict: Verdict) -> Answer {
    Answer { amount, codes: HostCodes::default(), verdict }
}

fn reply(telegram: &Telegram, answer: Answer) -> Reply {
    to(telegram, Says::Request(answer))
}

fn undone(telegram: &Telegram, verdict: NetCancelVerdict) -> Reply {
    to(telegram, Says::NetCancel(NetCancelAnswer { codes: HostCodes::default(), verdict }))
}

pub(crate) fn to(telegram: &Telegram, says: Says) -> Reply {
    Reply {
        kind: telegram.kind,
        acquirer: telegram.acquirer.clone(),
        serial: telegram.serial,
        payment: telegram.payment,
        number: telegram.number,
        sender: telegram.sender,
        says,
    }
}
