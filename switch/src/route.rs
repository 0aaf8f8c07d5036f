//! Which acquirers a payment may go to, in which order. Pure.

mod turns;

use desk::Way;
use dialects::CannotExpress;
use payment::{AcquirerName, Request};

pub use self::turns::Turns;
use crate::config::{Acquirer, Config, Direct, Fallback, Merchant};

/// Who may carry a payment, and why others may not: what a plan is made of, and what `switch check` tells.
#[derive(Debug)]
pub struct Candidates<'a> {
    /// The line of `routing.direct` with the narrowest range of BINs the card belongs to.
    pub line: Option<&'a Direct>,
    /// The card company of that line.
    pub direct: Option<Candidate<'a>>,
    /// The VANs, the greatest share first; nobody where the line has no fallback.
    pub vans: Vec<Candidate<'a>>,
    /// Whether the shares are this merchant's own.
    pub has_own_shares: bool,
}

/// An acquirer a payment might go to.
#[derive(Debug)]
pub struct Candidate<'a> {
    /// Its name.
    pub acquirer: &'a AcquirerName,
    /// Its share among the VANs; of the card company reached directly 0.
    pub weight: u32,
    /// How the payment goes there, or why it cannot.
    pub way: Result<Way, LeftOut>,
}

/// Why an acquirer is no route for a payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LeftOut {
    /// The merchant has no row for it.
    #[error("the merchant has no contract with it")]
    NoContract,
    /// The merchant's cards never go directly.
    #[error("the merchant's cards never go directly (direct = false)")]
    NotDirectly,
    /// It is tried already, as the card company reached directly.
    #[error("it is tried directly")]
    TriedDirectly,
    /// Its layouts cannot carry the payment.
    #[error("it cannot carry the payment: {0}")]
    CannotCarry(CannotExpress),
}

/// Whether an acquirer takes requests at the moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It does.
    Open,
    /// It was blocked and is being tried again: it takes its turns, and most of them go on to another.
    Probing,
    /// It is left alone, because it fails.
    Blocked,
}

impl<'a> Candidates<'a> {
    /// Everybody the configuration names for this payment, whether its links work or not.
    pub fn of(config: &'a Config, request: &Request) -> Self {
        let merchant = config.merchants.get(&request.merchant);
        let line = line(config, request);
        let direct = line.map(|line| Candidate {
            acquirer: &line.acquirer,
            weight: 0,
            way: match merchant {
                Some(merchant) if !merchant.direct => Err(LeftOut::NotDirectly),
                Some(_) | None => way(config, merchant, request, &line.acquirer),
            },
        });
        let directly = direct.as_ref().filter(|direct| direct.way.is_ok()).map(|direct| direct.acquirer);
        let own = merchant.and_then(|merchant| merchant.van_weights.as_ref());
        let is_kept_from_vans = |line: &Direct| {
            // Who never goes directly has nobody but the VANs.
            line.fallback == Fallback::None && merchant.is_none_or(|merchant| merchant.direct)
        };
        let shares = if line.is_some_and(is_kept_from_vans) {
            &[]
        } else {
            own.unwrap_or(&config.routing.van_weights).as_slice()
        };
        let van = |(acquirer, weight): &'a (AcquirerName, u32)| Candidate {
            acquirer,
            weight: *weight,
            way: match directly {
                Some(directly) if directly == acquirer => Err(LeftOut::TriedDirectly),
                Some(_) | None => way(config, merchant, request, acquirer),
            },
        };
        let mut vans: Vec<_> = shares.iter().map(van).collect();
        vans.sort_by_key(|van| std::cmp::Reverse(van.weight));
        Self { line, direct, vans, has_own_shares: own.is_some() }
    }
}

/// The direct line of the narrowest BIN range the card belongs to.
fn line<'a>(config: &'a Config, request: &Request) -> Option<&'a Direct> {
    let bin = request.card.bin()?;
    config
        .routing
        .direct
        .iter()
        .filter_map(|direct| Some((direct.narrowest(bin)?.width(), direct)))
        .min_by_key(|(width, _)| *width)
        .map(|(_, direct)| direct)
}

fn way(
    config: &Config,
    merchant: Option<&Merchant>,
    request: &Request,
    name: &AcquirerName,
) -> Result<Way, LeftOut> {
    // A route names only acquirers that are configured.
    let acquirer = config.acquirers.get(name).ok_or(LeftOut::NoContract)?;
    let Acquirer { dialect, answer_timeout, settle_after, .. } = acquirer;
    let row = merchant.and_then(|merchant| merchant.acquirers.get(name)).ok_or(LeftOut::NoContract)?;
    dialect.can_carry(request).map_err(LeftOut::CannotCarry)?;
    let milliseconds =
        |duration: &std::time::Duration| u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
    Ok(Way {
        acquirer: name.clone(),
        answer_timeout_ms: milliseconds(answer_timeout),
        settle_after_ms: milliseconds(settle_after),
        partial_cancel: dialect.partial_cancel(),
        day_skew_ms: dialect.day_skew().as_ref().map(milliseconds),
        merchant: row.clone(),
    })
}
