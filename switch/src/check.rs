//! `switch check`: what a configuration means, for people.

use std::fmt::Write as _;

use acquirer_links::Mode;
use dialects::SlowestAnswer;
use payment::{AcquirerName, PartialCancel};

use crate::config::{Acquirer, Config, Confirm, DuplicateField, Duplicates, Fallback};

/// Explains a valid configuration: where it listens, how payments are routed, and what is worth a second look.
pub fn explain(config: &Config) -> String {
    let mut text = String::new();
    let mut line = |written: std::fmt::Arguments<'_>| {
        text.write_fmt(written).expect("a String takes everything");
        text.push('\n');
    };
    for (name, listener) in &config.listeners {
        line(format_args!(
            "listener {name}: {} framing {}, {}",
            listener.address,
            listener.framing,
            confirmation(listener.confirm)
        ));
    }
    line(format_args!("store {} (instance {})", config.store.path.display(), config.store.instance.get()));
    line(format_args!("keys {}", config.keys_file.display()));
    for (name, acquirer) in &config.acquirers {
        line(format_args!(
            "acquirer {name}: {} at {}, {}, {} in flight, answers within {} ms, {}",
            acquirer.dialect.name(),
            acquirer.addresses.join(", "),
            links(acquirer),
            acquirer.max_in_flight,
            acquirer.answer_timeout.as_millis(),
            partial_cancels(acquirer.dialect.partial_cancel())
        ));
    }
    let total: u64 = config.routing.van_weights.iter().map(|(_, weight)| u64::from(*weight)).sum();
    for (name, weight) in &config.routing.van_weights {
        line(format_args!(
            "route VAN {name}: {}.{} %",
            u64::from(*weight) * 100 / total,
            u64::from(*weight) * 1000 / total % 10
        ));
    }
    for direct in &config.routing.direct {
        let fallback = match direct.fallback {
            Fallback::Vans => "then the VANs",
            Fallback::None => "and nowhere else",
        };
        line(format_args!(
            "route direct: {} BIN ranges to {}, {fallback}",
            direct.bins.len(),
            direct.acquirer
        ));
    }
    line(format_args!("{}", duplicate_window(config.duplicates.as_ref())));
    line(format_args!("{} merchants, {} terminals", config.merchants.len(), config.terminals.len()));
    for warning in warnings(config) {
        line(format_args!("warning: {warning}"));
    }
    text
}

fn links(Acquirer { dialect, links, .. }: &Acquirer) -> String {
    match dialect.profile().mode {
        Mode::Multiplexed => format!("{links} links that share its requests"),
        Mode::OneInFlight => format!("{links} links, each with one request at a time"),
        Mode::PerRequest { .. } => format!("a link for each request, {links} at a time"),
    }
}

fn partial_cancels(partial: PartialCancel) -> &'static str {
    match partial {
        PartialCancel::No => "no partial cancels",
        PartialCancel::Once => "partial cancels that need a person when they go unanswered",
        PartialCancel::Repeatable => "partial cancels",
    }
}

fn confirmation(confirm: Confirm) -> String {
    match confirm {
        Confirm::None => "approvals are not acknowledged".to_owned(),
        Confirm::Ack { within } => {
            format!("approvals acknowledged (0120) within {} ms or net-cancelled", within.as_millis())
        }
        Confirm::Handshake { within } => format!(
            "handshake (ENQ, ACK, EOT), approvals acknowledged within {} ms or net-cancelled",
            within.as_millis()
        ),
    }
}

fn duplicate_window(duplicates: Option<&Duplicates>) -> String {
    match duplicates {
        None => "no duplicate window".to_owned(),
        Some(Duplicates { window_ms, fingerprint }) => {
            let fields: Vec<&str> = fingerprint.iter().copied().map(DuplicateField::name).collect();
            format!("duplicate window {window_ms} ms: same merchant, {}", fields.join(", "))
        }
    }
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

fn warnings(config: &Config) -> Vec<String> {
    let mut warnings = Vec::new();
    let reachable = |name: &AcquirerName| {
        config.routing.van_weights.iter().any(|(van, _)| van == name)
            || config.routing.direct.iter().any(|direct| direct.acquirer == *name)
    };
    for name in config.acquirers.keys().filter(|name| !reachable(name)) {
        warnings.push(format!("acquirer {name} is on no route"));
    }
    for (name, acquirer) in &config.acquirers {
        warnings.extend(acquirer.dialect.warning().map(|warning| format!("acquirer {name}: {warning}")));
        warnings.extend(slow(acquirer).map(|warning| format!("acquirer {name}: {warning}")));
    }
    let mut merchants: Vec<_> = config.merchants.iter().collect();
    merchants.sort_by_key(|(no, _)| **no);
    for (no, merchant) in merchants {
        let no_van = !config.routing.van_weights.iter().any(|(van, _)| merchant.acquirers.contains_key(van));
        if no_van {
            warnings.push(format!("merchant {no} ({}) has a contract with no VAN: cards without a direct line are refused with 9020", merchant.name));
        }
    }
    warnings
}
