//! The checker's part about what a telegram and its repeats were told: one answer for ever, but for what was undone, and that stands in the books.

use std::collections::{BTreeMap, BTreeSet};

use payment::{Payment, Phase, Question, ResponseCode, TelegramKey, TelegramKind, TerminalAnswer};
use store::Lookup;

use crate::{
    acquirer::Given,
    checker::{Invariant, given},
    terminals::Asked,
    world::World,
};

/// All final answers to the same telegram, in order: the same one, then perhaps 9031 or 9013 for ever. Of two that were asked of two switches at the same
/// time neither is the first.
pub(crate) fn check(world: &mut World) {
    let is_one = world.switches.len() == 1;
    let keys: BTreeSet<_> = world.terminals.all().iter().map(Asked::key).collect();
    let books: BTreeMap<_, _> = keys.into_iter().map(|key| (key, Books::of(world, key))).collect();
    let mut by_telegram: BTreeMap<_, Vec<(u64, &(u64, TerminalAnswer))>> = BTreeMap::new();
    for asked in world.terminals.all() {
        let telegram = match &asked.question {
            Question::Approval(request) => (request.key, request.digest.0),
            Question::Cancel(request) => (request.key, request.digest.0),
            Question::NetCancel(_) | Question::Acknowledgement(_) | Question::Inquiry(_) => continue,
        };
        let released = asked.released.iter().map(|released| (asked.at_ms, released));
        by_telegram.entry(telegram).or_default().extend(released);
    }
    let mut broken = Vec::new();
    let mut winners: BTreeMap<TelegramKey, u32> = BTreeMap::new();
    for ((key, _), mut answers) in by_telegram {
        let is_recorded = |answer: &TerminalAnswer| {
            is_final(key.kind, answer) && answer.code() != ResponseCode::OTHER_CONTENT
        };
        let wins = answers.iter().any(|(_, (_, answer))| is_recorded(answer));
        *winners.entry(key).or_default() += u32::from(wins && key.kind == TelegramKind::Cancel);
        answers.retain(|(_, (_, answer))| is_final(key.kind, answer));
        answers.sort_by_key(|(_, (at_ms, _))| *at_ms);
        let books = books.get(&key).copied().unwrap_or_default();
        for (_, (at_ms, answer)) in answers.iter().filter(|_| key.kind == TelegramKind::Approval) {
            if let Err(why) = books.back(answer.code()) {
                broken.push(format!("{key} was answered {} at {at_ms}: {why}", answer.code()));
            }
        }
        let agree = |(_, (before_ms, before)): &(u64, &(u64, TerminalAnswer)),
                     (asked_ms, (after_ms, after)): &(u64, &(u64, TerminalAnswer))| {
            let undone = match key.kind {
                TelegramKind::Approval => may_follow(before, after.code(), books.a_person_knows),
                TelegramKind::Cancel => false,
            };
            // What is released within one millisecond has no order.
            before == after || undone || before_ms == after_ms || (!is_one && asked_ms <= before_ms)
        };
        let all_agree = answers
            .iter()
            .enumerate()
            .all(|(index, before)| answers[index + 1..].iter().all(|after| agree(before, after)));
        if !all_agree {
            let codes: Vec<_> = answers.iter().map(|(_, (at_ms, answer))| (at_ms, answer.code())).collect();
            broken.push(format!("{key} was answered {codes:?}"));
        }
    }
    for (key, count) in winners.into_iter().filter(|(_, count)| *count > 1) {
        broken.push(format!("{count} contents of {key} were answered as the first of it"));
    }
    for what in broken {
        world.violated(Invariant::I3AnswersAgree, what);
    }
}

/// Whether what was answered so may be told as undone later. What was declined has nothing to undo, and of what is wholly cancelled nothing is left to
/// withdraw, unless a person had found it so.
fn may_follow(before: &TerminalAnswer, after: ResponseCode, a_person_knows: bool) -> bool {
    match (before, after) {
        (TerminalAnswer::Approved { .. }, ResponseCode::ALREADY_CANCELLED | ResponseCode::NET_CANCELLED)
        | (
            TerminalAnswer::Refused(ResponseCode::ACQUIRER_SILENT | ResponseCode::NO_ACQUIRER_REACHABLE),
            ResponseCode::NET_CANCELLED,
        ) => true,
        (TerminalAnswer::Refused(ResponseCode::ALREADY_CANCELLED), ResponseCode::NET_CANCELLED) => {
            a_person_knows
        }
        (
            TerminalAnswer::Approved { .. }
            | TerminalAnswer::Declined { .. }
            | TerminalAnswer::Cancelled { .. }
            | TerminalAnswer::Done
            | TerminalAnswer::Standing(_)
            | TerminalAnswer::FormatError { .. }
            | TerminalAnswer::Refused(_),
            _,
        ) => false,
    }
}

/// What the books say in the end of the payment that holds a key.
#[derive(Clone, Copy, Debug, Default)]
struct Books {
    /// Its outcome was given up for a net-cancel that is owed or done, or its terminal withdrew it.
    is_undone: bool,
    /// The acquirer has cancelled all of it.
    is_cancelled: bool,
    /// A cancel of it was said to need a person.
    a_person_knows: bool,
}

impl Books {
    fn of(world: &mut World, key: TelegramKey) -> Self {
        let Some(stored) = world.storage.read(Lookup::Key(key)) else { return Self::default() };
        let (id, payment) = (stored.id(), stored.payment());
        let is_cancelled = |given: &Given| given.payment == id && given.cancelled_sum() == given.total.get();
        Self {
            is_undone: is_owed_or_undone(payment)
                || (payment.withdrawn().is_some() && world.terminals.withdrew(key)),
            is_cancelled: given(world).iter().any(|(_, given)| is_cancelled(given)),
            a_person_knows: world.cancel_alarms.iter().any(|(of, _)| *of == id)
                || world.storage.unheard.contains(&id),
        }
    }

    /// Whether they bear out what a terminal was told of what became of its request.
    fn back(self, code: ResponseCode) -> Result<(), &'static str> {
        match code {
            ResponseCode::NET_CANCELLED if !self.is_undone => {
                Err("nothing is owed or undone, and it was not withdrawn")
            }
            ResponseCode::ALREADY_CANCELLED if !self.is_cancelled && !self.a_person_knows => {
                Err("its acquirer has not cancelled all of it")
            }
            _ => Ok(()),
        }
    }
}

/// Of an approval its own net-cancel counts: that of another acquirer, which was tried before, undoes nothing of it.
fn is_owed_or_undone(payment: &Payment) -> bool {
    match payment.phase() {
        Phase::Approved { attempt, .. } => payment.attempts()[usize::from(*attempt)].debt().is_some(),
        Phase::Refused { .. } => payment.attempts().iter().any(|attempt| attempt.debt().is_some()),
        Phase::Trying | Phase::AwaitingNetCancel | Phase::Declined { .. } => false,
    }
}

/// Whether its repeats get this answer too.
fn is_final(kind: TelegramKind, answer: &TerminalAnswer) -> bool {
    let code = answer.code();
    match kind {
        TelegramKind::Approval => {
            ![ResponseCode::IN_PROGRESS, ResponseCode::OVERLOADED, ResponseCode::DUPLICATE].contains(&code)
        }
        TelegramKind::Cancel => ![
            ResponseCode::IN_PROGRESS,
            ResponseCode::OVERLOADED,
            ResponseCode::CANCEL_UNCONFIRMED,
            ResponseCode::NO_ORIGINAL,
            ResponseCode::NET_CANCELLED,
            ResponseCode::FORMAT_ERROR,
        ]
        .contains(&code),
    }
}
