//! Scripts: rules that override what the amount decides.
//!
//! ```toml
//! reorder = 4                  # answers leave in fours, last first (or after 50 ms)
//! refuse_connections_ms = 2000 # nobody listens for the first 2 s
//!
//! [[rule]]
//! on = "net-cancel"            # approval (default) | cancel | net-cancel | echo | sign-on
//! times = 2                    # only the first two that match
//! do = "ignore"
//!
//! [[rule]]
//! amount = 50000               # or amount_ends = 61, serial = "…", nth = 3 (the third of its kind, from 1)
//! do = "refuse"
//! code = "8350"
//!
//! [[rule]]
//! amount_ends = 63
//! do = "answer-late"
//! late_ms = 300
//! ```
//! The first rule that matches counts.

use std::time::Duration;

use serde::Deserialize;

use super::behaviour::{Behaviour, Effect};
use super::dialect::Deed;
use super::tries::Try;

/// What a simulated acquirer does other than by the table of amounts.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Script {
    /// Nobody listens for this long after the start, in milliseconds.
    #[serde(default)]
    pub refuse_connections_ms: u64,
    /// Answers of one socket leave in groups of so many, last first; 0 or 1 changes nothing.
    #[serde(default)]
    pub reorder: usize,
    /// The rules; the first that matches counts.
    #[serde(default, rename = "rule")]
    pub rules: Vec<Rule>,
}

/// When to behave how.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// The kind of request it speaks of.
    #[serde(default = "approval")]
    pub on: Deed,
    /// Only for this amount, in won.
    pub amount: Option<u64>,
    /// Only for amounts with these last two digits.
    pub amount_ends: Option<u64>,
    /// Only for the request with this serial.
    pub serial: Option<String>,
    /// Only for the nth request of its kind, from 1.
    pub nth: Option<u64>,
    /// At most so many times.
    pub times: Option<u64>,
    /// What to do.
    #[serde(rename = "do", deserialize_with = "behaviour")]
    pub behaviour: &'static Behaviour,
    /// The code to answer with where the behaviour refuses.
    pub code: Option<String>,
    /// How late, in milliseconds, where the behaviour is late.
    pub late_ms: Option<u64>,
}

impl Rule {
    /// A rule for every approval.
    pub fn of(behaviour: &'static Behaviour) -> Self {
        Self {
            on: Deed::Approval,
            amount: None,
            amount_ends: None,
            serial: None,
            nth: None,
            times: None,
            behaviour,
            code: None,
            late_ms: None,
        }
    }
}

impl Script {
    /// Parses a script.
    ///
    /// # Errors
    /// The TOML error, with its line.
    pub fn parse(text: &str) -> Result<Self, toml::de::Error> {
        toml::from_str(text)
    }
}

/// What to do with one request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Decision {
    pub(super) behaviour: &'static Behaviour,
    pub(super) code: Option<String>,
    pub(super) late: Option<Duration>,
}

/// What of a request rules look at.
#[derive(Debug)]
pub(super) struct Asked<'a> {
    pub(super) deed: Deed,
    pub(super) serial: &'a str,
    pub(super) amount: u64,
    pub(super) attempt: Try,
}

/// A script at work: it counts.
#[derive(Debug)]
pub(super) struct Running {
    rules: Vec<(Rule, u64)>,
    seen: [u64; Deed::COUNT],
}

impl Running {
    pub(super) fn new(script: &Script) -> Self {
        Self { rules: script.rules.iter().map(|rule| (rule.clone(), 0)).collect(), seen: [0; Deed::COUNT] }
    }

    pub(super) fn decide(&mut self, asked: &Asked<'_>) -> Decision {
        let seen = &mut self.seen[asked.deed as usize];
        *seen += 1;
        let nth = *seen;
        for (rule, used) in &mut self.rules {
            let matches = asked.deed.is_covered_by(rule.on)
                && rule.amount.is_none_or(|amount| amount == asked.amount)
                && rule.amount_ends.is_none_or(|ends| ends == asked.amount % 100)
                && rule.serial.as_deref().is_none_or(|serial| serial == asked.serial)
                && rule.nth.is_none_or(|n| n == nth)
                && rule.times.is_none_or(|times| *used < times);
            if matches {
                *used += 1;
                return Decision {
                    behaviour: rule.behaviour,
                    code: rule.code.clone(),
                    late: rule.late_ms.map(Duration::from_millis),
                };
            }
        }
        let (behaviour, code) = Behaviour::without_script(asked.deed, asked.amount, asked.attempt);
        Decision { behaviour, code: code.map(str::to_owned), late: None }
    }
}

impl Decision {
    /// The code of its refusal, the script's before the behaviour's own.
    pub(super) fn code(&self) -> Option<&str> {
        match self.behaviour.effect {
            Effect::Refused(code) | Effect::NotProcessed(code) | Effect::InDoubt(code) => {
                Some(self.code.as_deref().unwrap_or(code))
            }
            Effect::Done | Effect::StoodIn | Effect::DoneAfterNetCancel | Effect::Ignored => None,
        }
    }
}

fn approval() -> Deed {
    Deed::Approval
}

fn behaviour<'de, D: serde::Deserializer<'de>>(from: D) -> Result<&'static Behaviour, D::Error> {
    let name = String::deserialize(from)?;
    Behaviour::named(&name).ok_or_else(|| {
        let names: Vec<_> = Behaviour::ALL.iter().map(|behaviour| behaviour.name).collect();
        serde::de::Error::custom(format!(
            "unknown behaviour \"{name}\", expected one of {}",
            names.join(", ")
        ))
    })
}
