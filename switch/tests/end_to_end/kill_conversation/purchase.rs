//! What a terminal knows of one purchase.

use std::fmt;

use super::telegram::{Answer, Original, Telegram};

/// A telegram and the last answer to it.
pub(super) struct Asked {
    pub(super) telegram: Telegram,
    pub(super) code: String,
}

/// A cancel that was asked for.
#[derive(Debug)]
pub(super) struct AskedCancel {
    pub(super) asked: Asked,
    pub(super) amount: u64,
}

/// One purchase, from its approval to the end.
#[derive(Debug)]
pub(super) struct Purchase {
    /// No other purchase of the run has this amount.
    pub(super) amount: u64,
    pub(super) original: Original,
    /// What the terminal was told of it.
    pub(super) approval: String,
    pub(super) approval_no: String,
    /// Who approved it, by the receipt.
    pub(super) route: String,
    /// Whether an approval is nothing before its acknowledgement is answered.
    pub(super) is_acknowledged: bool,
    pub(super) acknowledgement: Option<Asked>,
    pub(super) withdrawal: Option<Asked>,
    pub(super) cancels: Vec<AskedCancel>,
}

impl fmt::Debug for Asked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}: {}", self.telegram, self.code)
    }
}

impl Asked {
    pub(super) fn new(telegram: Telegram, answer: &Answer) -> Self {
        Self { telegram, code: answer.code() }
    }

    pub(super) fn is(&self, code: &str) -> bool {
        self.code == code
    }
}

impl Purchase {
    pub(super) fn is_withdrawn(&self) -> bool {
        self.withdrawal.as_ref().is_some_and(|withdrawal| withdrawal.is("0000"))
    }

    /// Whether the terminal may have printed it and did not take it back.
    pub(super) fn stands(&self) -> bool {
        let acknowledged = self.acknowledgement.as_ref().is_some_and(|asked| asked.is("0000"));
        self.approval == "0000" && !self.is_withdrawn() && (acknowledged || !self.is_acknowledged)
    }

    /// Whether the terminal gave it up, or was told that it does not stand.
    pub(super) fn is_net_cancelled(&self) -> bool {
        let refused_late = self.acknowledgement.as_ref().is_some_and(|asked| asked.is("9013"));
        self.is_withdrawn() || self.approval == "9022" || self.approval == "9013" || refused_late
    }

    /// Won of it that are cancelled, as the terminal was told.
    pub(super) fn cancelled(&self) -> u64 {
        self.cancels.iter().filter(|cancel| cancel.asked.is("0000")).map(|cancel| cancel.amount).sum()
    }

    /// How many cancels of this amount were told to be done, and how many nobody knows of.
    pub(super) fn told(&self, amount: u64) -> (usize, usize) {
        let told = |code| {
            self.cancels.iter().filter(|cancel| cancel.amount == amount && cancel.asked.is(code)).count()
        };
        (told("0000"), told("9023"))
    }

    /// Its telegrams that can be repeated in the end, and what they are told.
    pub(super) fn expected_of_repeats(&self) -> Vec<(Telegram, String)> {
        let mut repeats = vec![(&self.original.telegram, self.expected_of_the_approval())];
        for cancel in &self.cancels {
            // It could be tried again, and a terminal that has taken it for refused does not.
            if !cancel.asked.is("9010") {
                repeats.push((&cancel.asked.telegram, &cancel.asked.code));
            }
        }
        repeats.extend(self.withdrawal.iter().map(|asked| (&asked.telegram, asked.code.as_str())));
        let gone = self.is_withdrawn();
        repeats.extend(
            self.acknowledgement
                .iter()
                .map(|asked| (&asked.telegram, if gone { "9013" } else { asked.code.as_str() })),
        );
        repeats.into_iter().map(|(telegram, code)| (telegram.clone(), code.to_owned())).collect()
    }

    fn expected_of_the_approval(&self) -> &str {
        if self.is_net_cancelled() && !self.is_settled_refusal() {
            "9013"
        } else if self.stands() && self.cancelled() == self.amount {
            "9031"
        } else {
            &self.approval
        }
    }

    /// A decline, or a request that no acquirer ever got, stays what it was told to be, also when the terminal gives it up.
    fn is_settled_refusal(&self) -> bool {
        !["0000", "9022", "9013"].contains(&self.approval.as_str())
    }

    /// The states that an inquiry may tell in the end.
    pub(super) fn expected_states(&self) -> &'static [&'static str] {
        if !self.stands() {
            return if self.is_net_cancelled() && !self.is_settled_refusal() {
                &["07"]
            } else {
                &["03", "07"]
            };
        }
        if self.cancels.iter().any(|cancel| cancel.asked.is("9023")) {
            &["08"]
        } else if self.cancelled() == self.amount {
            &["05"]
        } else if self.cancelled() > 0 {
            &["04"]
        } else {
            &["02"]
        }
    }
}
