//! Which acquirers a payment may go to, in which order. Pure.

use desk::Way;
use payment::{AcquirerName, Request};
use rustc_hash::FxHashMap;

use crate::config::{Acquirer, BinRange, Config, Direct, Fallback};

/// Whose turn it is among the VANs: smooth weighted round-robin, so that their shares are exact over any
/// window of plans; a repeated request is planned too.
#[derive(Debug, Default)]
pub struct Turns {
    credit: FxHashMap<AcquirerName, i64>,
}

impl Turns {
    /// The acquirers to try: the card company reached directly if the BIN has one, then the VANs, the one whose turn it is first and
    /// the others by weight. Acquirers that the merchant has no contract with or that cannot carry the payment are left out; none left
    /// is no route.
    pub fn plan(&mut self, config: &Config, request: &Request) -> Vec<Way> {
        let direct = direct(config, request);
        let mut ways: Vec<Way> =
            direct.and_then(|direct| way(config, request, &direct.acquirer)).into_iter().collect();
        if direct.is_none_or(|direct| direct.fallback == Fallback::Vans) {
            // A direct company that takes the payment costs no VAN its turn.
            let takes_turn = ways.is_empty();
            let vans = self.vans(config, request, takes_turn);
            let is_direct = |van: &Way| ways.iter().any(|way| way.acquirer == van.acquirer);
            let further: Vec<_> = vans.into_iter().filter(|van| !is_direct(van)).collect();
            ways.extend(further);
        }
        ways
    }

    fn vans(&mut self, config: &Config, request: &Request, takes_turn: bool) -> Vec<Way> {
        let weighted = config.routing.van_weights.iter();
        let mut able: Vec<(Way, i64)> = weighted
            .filter_map(|(name, weight)| Some((way(config, request, name)?, i64::from(*weight))))
            .collect();
        able.sort_by_key(|(_, weight)| -weight);
        if !takes_turn || able.is_empty() {
            return able.into_iter().map(|(way, _)| way).collect();
        }
        let total: i64 = able.iter().map(|(_, weight)| weight).sum();
        for (way, weight) in &able {
            *self.credit.entry(way.acquirer.clone()).or_default() += weight;
        }
        let mut turn = 0;
        for (index, (way, _)) in able.iter().enumerate() {
            if self.credit[&way.acquirer] > self.credit[&able[turn].0.acquirer] {
                turn = index;
            }
        }
        *self.credit.entry(able[turn].0.acquirer.clone()).or_default() -= total;
        able[..=turn].rotate_right(1);
        able.into_iter().map(|(way, _)| way).collect()
    }
}

/// The direct line of the narrowest BIN range the card belongs to.
fn direct<'a>(config: &'a Config, request: &Request) -> Option<&'a Direct> {
    let bin = request.card.bin()?;
    let narrowest =
        |direct: &&Direct| direct.bins.iter().filter(|range| range.contains(bin)).map(BinRange::width).min();
    let candidates = config.routing.direct.iter().filter(|direct| narrowest(direct).is_some());
    candidates.min_by_key(narrowest)
}

fn way(config: &Config, request: &Request, name: &AcquirerName) -> Option<Way> {
    let Acquirer { dialect, answer_timeout, settle_after, .. } = config.acquirers.get(name)?;
    let merchant = config.merchants.get(&request.merchant)?.acquirers.get(name)?;
    dialect.can_carry(request).ok()?;
    let milliseconds =
        |duration: &std::time::Duration| u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
    Some(Way {
        acquirer: name.clone(),
        answer_timeout_ms: milliseconds(answer_timeout),
        settle_after_ms: milliseconds(settle_after),
        partial_cancel: dialect.partial_cancel(),
        merchant: merchant.clone(),
    })
}
