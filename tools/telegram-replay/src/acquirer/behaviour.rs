//! How a simulated acquirer may behave, and which amounts make it do so.

use super::dialect::Deed;
use super::tries::Try;

/// What it does with a request and how it answers: one line of [`Behaviour::ALL`].
#[derive(Debug, PartialEq, Eq)]
pub struct Behaviour {
    /// Its name in a script.
    pub name: &'static str,
    /// What becomes of the request.
    pub effect: Effect,
    /// How the answer leaves.
    pub answer: Answer,
    /// What it is, in words.
    pub meaning: &'static str,
}

/// What becomes of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// Approved, or cancelled if there is something to cancel.
    Done,
    /// Refused by the card company with this code.
    Refused(&'static str),
    /// Refused by the VAN before any card company saw it. A language with one code carries it there.
    NotProcessed(&'static str),
    /// Done by a VAN itself in the place of a silent card company. A language without a word for it says it is done.
    StoodIn,
    /// Done, but answered with this code, which does not say so plainly.
    InDoubt(&'static str),
    /// Done only some time after a net-cancel asked for it in vain; answered then.
    DoneAfterNetCancel,
    /// Nothing.
    Ignored,
}

/// How an answer leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// At once.
    Once,
    /// Never.
    Never,
    /// After the `late` time.
    Late,
    /// Twice.
    Twice,
    /// With another amount than was asked.
    WrongAmount,
    /// With another serial than was asked.
    WrongSerial,
    /// As a frame of the right length without meaning.
    Garbage,
    /// One byte at a time.
    Bytewise,
    /// Half of it, then the socket is closed.
    Half,
    /// Instead of it the socket is closed.
    Drop,
}

macro_rules! behaviours {
    ($($constant:ident: $name:literal, $effect:expr, $answer:ident, $meaning:literal;)+) => {
        impl Behaviour {
            /// Every behaviour.
            pub const ALL: &'static [Self] = &[$(Self {
                name: $name, effect: $effect, answer: Answer::$answer, meaning: $meaning
            }),+];
            $(
                #[doc = $meaning]
                pub const $constant: &'static Self = &Self {
                    name: $name, effect: $effect, answer: Answer::$answer, meaning: $meaning
                };
            )+
        }
    };
}

behaviours! {
    ANSWER: "answer", Effect::Done, Once, "does it and answers";
    REFUSE: "refuse", Effect::Refused("8035"), Once, "refuses it with the code given, or 8035 (잔액 부족)";
    ANSWER_NEVER: "answer-never", Effect::Done, Never, "does it and never answers";
    IGNORE: "ignore", Effect::Ignored, Never, "neither does it nor answers";
    ANSWER_LATE: "answer-late", Effect::Done, Late, "does it at once and answers late";
    DROP: "drop", Effect::Ignored, Drop, "closes the socket without doing it";
    ANSWER_DROP: "answer-drop", Effect::Done, Drop, "does it and closes the socket instead of answering";
    ANSWER_HALF: "answer-half", Effect::Done, Half, "does it, sends half of its answer and closes the socket";
    ANSWER_TWICE: "answer-twice", Effect::Done, Twice, "does it and answers twice";
    WRONG_AMOUNT: "wrong-amount", Effect::Done, WrongAmount, "does it and answers with another amount";
    WRONG_SERIAL: "wrong-serial", Effect::Done, WrongSerial, "does it and answers with another serial";
    GARBAGE: "garbage", Effect::Done, Garbage, "does it and answers with a frame of nonsense";
    STAND_IN: "stand-in", Effect::StoodIn, Once, "does it in the place of a silent card company, and says so where it can (kicc)";
    BYTEWISE: "bytewise", Effect::Done, Bytewise, "does it and answers one byte at a time";
    AFTER_NET_CANCEL: "after-net-cancel", Effect::DoneAfterNetCancel, Late,
        "says 8414 (no such original) to its net-cancel, approves 1 s after that and answers then";
    IN_DOUBT: "in-doubt", Effect::InDoubt("7581"), Once, "does it and answers 7581 (an approval exists)";
    NOT_PROCESSED: "not-processed", Effect::NotProcessed("9099"), Once, "refuses before any card company saw it, 9099";
}

/// What the last two digits of an approval's amount make of it, unless a script says otherwise. The rest is approved.
pub const BY_AMOUNT: &[(u64, &Behaviour, Option<&str>)] = &[
    (51, Behaviour::REFUSE, Some("8035")),
    (52, Behaviour::REFUSE, Some("8324")),
    (53, Behaviour::REFUSE, Some("8350")),
    (61, Behaviour::ANSWER_NEVER, None),
    (62, Behaviour::IGNORE, None),
    (63, Behaviour::ANSWER_LATE, None),
    (64, Behaviour::DROP, None),
    (65, Behaviour::ANSWER_DROP, None),
    (66, Behaviour::ANSWER_TWICE, None),
    (67, Behaviour::WRONG_AMOUNT, None),
    (68, Behaviour::GARBAGE, None),
    (69, Behaviour::WRONG_SERIAL, None),
    (70, Behaviour::AFTER_NET_CANCEL, None),
    (71, Behaviour::IN_DOUBT, None),
    (72, Behaviour::NOT_PROCESSED, None),
    (73, Behaviour::ANSWER_HALF, None),
    (74, Behaviour::BYTEWISE, None),
    (75, Behaviour::STAND_IN, None),
];

/// What the last two digits of a cancel's amount make of it, and its code, unless a script says otherwise. The rest is
/// done and answered.
///
/// A refusal meets every try, anything else the first one under a serial only: a repeat is done, if it was not, and
/// answered. Net-cancels are unaffected, but where a language has one telegram for both
/// ([`Deed::EitherCancel`]) a net-cancel of such an amount cannot be told from a cancel and behaves like one. A cancel that names no
/// amount is of the whole approval, and goes by the approval's.
pub const BY_CANCEL_AMOUNT: &[(u64, &Behaviour, Option<&str>)] = &[
    (81, Behaviour::REFUSE, Some("8432")),
    (82, Behaviour::ANSWER_NEVER, None),
    (83, Behaviour::ANSWER_LATE, None),
    (84, Behaviour::IGNORE, None),
    (85, Behaviour::ANSWER_DROP, None),
];

impl Behaviour {
    /// The behaviour of that name.
    pub fn named(name: &str) -> Option<&'static Self> {
        Self::ALL.iter().find(|behaviour| behaviour.name == name)
    }

    /// What an approval of this amount meets without a script, and its code.
    pub fn of_amount(amount: u64) -> (&'static Self, Option<&'static str>) {
        of_digits(BY_AMOUNT, amount)
    }

    /// What the first try of a cancel of this amount meets without a script, and its code.
    pub fn of_cancel_amount(amount: u64) -> (&'static Self, Option<&'static str>) {
        of_digits(BY_CANCEL_AMOUNT, amount)
    }

    /// What a request meets without a script, and its code.
    pub(super) fn without_script(
        deed: Deed,
        amount: u64,
        attempt: Try,
    ) -> (&'static Self, Option<&'static str>) {
        match deed {
            Deed::Approval => Self::of_amount(amount),
            Deed::Cancel | Deed::EitherCancel => match (Self::of_cancel_amount(amount), attempt) {
                (met @ (Self { effect: Effect::Refused(_), .. }, _), _) | (met, Try::First) => met,
                (_, Try::Repeat) => (Self::ANSWER, None),
            },
            Deed::NetCancel | Deed::Echo | Deed::SignOn => (Self::ANSWER, None),
        }
    }
}

fn of_digits(
    table: &[(u64, &'static Behaviour, Option<&'static str>)],
    amount: u64,
) -> (&'static Behaviour, Option<&'static str>) {
    table
        .iter()
        .find(|(last_two, ..)| *last_two == amount % 100)
        .map_or((Behaviour::ANSWER, None), |&(_, behaviour, code)| (behaviour, code))
}

/// The tables [`BY_AMOUNT`] and [`BY_CANCEL_AMOUNT`] as text, for `--help`.
pub fn amount_table() -> String {
    format!(
        "The last two digits of an approval's amount decide:\n{}  any other: answer (approved)\n\n\
         The last two digits of a cancel's amount decide about its first try (81: about every one):\n{}  \
         any other: answer (cancelled)\n\
         A cancel repeated under its serial is never done twice: it is answered 6999. Net-cancels are answered whatever\n\
         their amount; a card450 CANCEL, which is both, goes by these digits too. A kspay cancel of all names no amount\n\
         and goes by that of its approval; a kspay socket is closed after its answer.\n\n\
         A script can name any of these behaviours for any request.",
        lines(BY_AMOUNT),
        lines(BY_CANCEL_AMOUNT)
    )
}

fn lines(table: &[(u64, &Behaviour, Option<&str>)]) -> String {
    let line = |(last_two, behaviour, code): &(u64, &Behaviour, Option<&str>)| {
        let code = code.map(|code| format!("refuses it with {code}"));
        let meaning = code.as_deref().unwrap_or(behaviour.meaning);
        format!("  {last_two:02}  {:<17} {meaning}\n", behaviour.name)
    };
    table.iter().map(line).collect::<Vec<_>>().concat()
}
