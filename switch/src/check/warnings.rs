//! What of a valid configuration is worth a second look.

use std::collections::{BTreeMap, BTreeSet};

use ::payment::AcquirerName;
use dialects::SlowestAnswer;
use rustc_hash::FxHashMap;

use crate::config::{Acquirer, BinRange, Config, Merchant};

/// All of them, one line each.
pub(super) fn warnings(config: &Config) -> Vec<String> {
    let mut warnings = Vec::new();
    let own_vans = |merchant: &Merchant| merchant.van_weights.clone().unwrap_or_default();
    let vans: BTreeSet<AcquirerName> = config
        .merchants
        .values()
        .flat_map(own_vans)
        .chain(config.routing.van_weights.iter().cloned())
        .map(|(van, _)| van)
        .collect();
    let reachable = |name: &AcquirerName| {
        vans.contains(name) || config.routing.direct.iter().any(|direct| direct.acquirer == *name)
    };
    for name in config.acquirers.keys().filter(|name| !reachable(name)) {
        warnings.push(format!("acquirer {name} is on no route"));
    }
    warnings.extend(on_two_lines(config).into_iter().map(|range| {
        format!("BIN range {range} is on two lines of routing.direct: the first of them decides")
    }));
    warnings.extend(shared_addresses(config));
    for (name, acquirer) in &config.acquirers {
        warnings.extend(acquirer.dialect.warning().map(|warning| format!("acquirer {name}: {warning}")));
        warnings.extend(slow(acquirer).map(|warning| format!("acquirer {name}: {warning}")));
        warnings.extend(believed_early(acquirer).map(|warning| format!("acquirer {name}: {warning}")));
    }
    warnings.extend(given_up_early(config));
    let mut merchants: Vec<_> = config.merchants.iter().collect();
    merchants.sort_by_key(|(no, _)| **no);
    for (no, merchant) in merchants {
        let shares = merchant.van_weights.as_ref().unwrap_or(&config.routing.van_weights);
        let no_van = !shares.iter().any(|(van, _)| merchant.acquirers.contains_key(van));
        if no_van {
            warnings.push(format!("merchant {no} ({}) has a contract with no VAN: cards without a direct line are refused with 9020", merchant.name));
        }
    }
    warnings
}

/// A wait that ends before the acquirer's own.
fn slow(acquirer: &Acquirer) -> Option<String> {
    let (SlowestAnswer::Told(slowest) | SlowestAnswer::Published(slowest)) =
        acquirer.dialect.slowest_answer()?;
    let shorter: Vec<_> =
        [("answer_timeout_ms", acquirer.answer_timeout), ("settle_after_ms", acquirer.settle_after)]
            .into_iter()
            .filter(|(_, time)| *time < slowest)
            .map(|(key, time)| format!("{key} = {}", time.as_millis()))
            .collect();
    (!shorter.is_empty()).then(|| {
        format!(
            "it may take {} ms for an answer, with {} it is given up before",
            slowest.as_millis(),
            shorter.join(" and ")
        )
    })
}

/// "No such original" that would be believed before an answer to the original was due.
fn believed_early(Acquirer { answer_timeout, settle_after, .. }: &Acquirer) -> Option<String> {
    (settle_after < answer_timeout).then(|| {
        format!(
            "settle_after_ms = {} is less than answer_timeout_ms = {}: a net-cancel of which it knows no original would be taken for done while \
             it may still approve",
            settle_after.as_millis(),
            answer_timeout.as_millis()
        )
    })
}

/// Addresses of more than one acquirer: two identities at one place, or a slip.
fn shared_addresses(config: &Config) -> Vec<String> {
    let mut first = BTreeMap::new();
    let mut shared = Vec::new();
    for (name, acquirer) in &config.acquirers {
        for address in &acquirer.addresses {
            if let Some(other) = first.insert(address.to_ascii_lowercase(), name) {
                shared.push(format!("acquirers {other} and {name} are both at {address}"));
            }
        }
    }
    shared
}

/// Net-cancels that are a person's before they could have ended, or before anybody was told that they take long.
fn given_up_early(config: &Config) -> Vec<String> {
    let give_up_ms = config.terms.net_cancel_give_up_after_ms;
    let alarm_ms = config.terms.net_cancel_alarm_after_ms;
    let key = format!("net_cancel.give_up_after_s = {}", give_up_ms / 1_000);
    let unsettled = config
        .acquirers
        .iter()
        .filter(|(_, acquirer)| u128::from(give_up_ms) < acquirer.settle_after.as_millis());
    let mut warnings: Vec<String> = unsettled
        .map(|(name, acquirer)| {
            format!(
                "{key} is less than settle_after_ms = {} of acquirer {name}: each net-cancel of which it knows no original becomes a person's",
                acquirer.settle_after.as_millis()
            )
        })
        .collect();
    if give_up_ms < alarm_ms {
        warnings.push(format!(
            "{key} is less than net_cancel.alarm_after_s = {}: nobody is told of a net-cancel that takes long before it is a person's",
            alarm_ms / 1_000
        ));
    }
    warnings
}

/// Ranges of which the same cards are on a line further up, too.
fn on_two_lines(config: &Config) -> Vec<&BinRange> {
    let mut lines = FxHashMap::<&BinRange, usize>::default();
    let mut again = Vec::new();
    for (line, direct) in config.routing.direct.iter().enumerate() {
        again.extend(direct.bins.iter().filter(|range| *lines.entry(range).or_insert(line) != line));
    }
    again
}
