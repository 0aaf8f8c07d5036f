//! `switch check`: what a configuration means, for people.

mod payment;

use std::{collections::BTreeSet, fmt::Write as _};

use ::payment::{AcquirerName, PartialCancel};
use acquirer_links::Mode;
use dialects::SlowestAnswer;
use rustc_hash::FxHashMap;

pub use self::payment::{Explanation, NoPayment, Payment, PaymentArgs, explain as explain_payment};
use crate::config::{
    Acquirer, BinRange, BreakerSettings, Config, Confirm, DuplicateField, Duplicates, Fallback, Listener,
    Merchant,
};

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
        line(format_args!("  {}", protection(listener)));
    }
    line(format_args!(
        "limits: {} payments without an outcome, a wait of {} ms, {} descriptors kept from terminals",
        config.limits.payments,
        config.limits.queue.as_millis(),
        config.limits.descriptors_reserved
    ));
    line(format_args!("store {} (instance {})", config.store.path.display(), config.store.instance.get()));
    line(format_args!("  a lease of {} s, without which nothing is sent", config.store.lease.as_secs()));
    line(format_args!("keys {}", config.keys_file.display()));
    line(format_args!("control socket {}", config.control_socket.display()));
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
        line(format_args!("  {}", care(acquirer)));
    }
    let total: u64 = config.routing.van_weights.iter().map(|(_, weight)| u64::from(*weight)).sum();
    for (name, weight) in &config.routing.van_weights {
        line(format_args!("route VAN {name}: {}", percent(*weight, total)));
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
    let own = config.merchants.values().filter(|merchant| merchant.van_weights.is_some()).count();
    let never = config.merchants.values().filter(|merchant| !merchant.direct).count();
    if own + never > 0 {
        line(format_args!("  {own} with VAN weights of their own, {never} whose cards never go directly"));
    }
    for warning in warnings(config) {
        line(format_args!("warning: {warning}"));
    }
    text
}

/// A share in percent, to a tenth.
fn percent(weight: u32, total: u64) -> String {
    let tenths = (u64::from(weight) * 2_000 / total).div_ceil(2);
    format!("{}.{} %", tenths / 10, tenths % 10)
}

fn protection(listener: &Listener) -> String {
    let rate = match listener.telegrams_per_s {
        0 => "any number of telegrams".to_owned(),
        rate => format!("{rate} telegrams a second"),
    };
    format!(
        "at most {} connections, {rate} of a terminal; closed after {} s of nothing, {} ms within a telegram, {} ms without taking its answer",
        listener.max_connections,
        listener.idle_timeout.as_secs(),
        listener.frame_timeout.as_millis(),
        listener.write_timeout.as_millis()
    )
}

/// How an acquirer's links are kept, and when it is left alone.
fn care(acquirer: &Acquirer) -> String {
    let mut care = match &acquirer.tls {
        Some(tls) => vec![format!("TLS to {}", tls.files.server_name)],
        None => vec!["plain TCP".to_owned()],
    };
    care.extend(acquirer.sign_on.then(|| "signs on".to_owned()));
    care.push(match acquirer.heartbeat {
        Some(heartbeat) => format!("heartbeat after {} s of nothing", heartbeat.as_secs()),
        None => "no heartbeat".to_owned(),
    });
    let BreakerSettings { failures, slow, pause, max_pause } = acquirer.breaker;
    let slow = slow.map(|slow| format!(" or answers after {} ms", slow.as_millis())).unwrap_or_default();
    care.push(format!(
        "left alone after {failures} failures{slow} in a row, for up to {} to {} ms",
        pause.as_millis(),
        max_pause.as_millis()
    ));
    care.push(format!("{} net-cancels at a time", acquirer.net_cancels_in_flight));
    care.join(", ")
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
    for (name, acquirer) in &config.acquirers {
        warnings.extend(acquirer.dialect.warning().map(|warning| format!("acquirer {name}: {warning}")));
        warnings.extend(slow(acquirer).map(|warning| format!("acquirer {name}: {warning}")));
    }
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

/// Ranges of which the same cards are on a line further up, too.
fn on_two_lines(config: &Config) -> Vec<&BinRange> {
    let mut lines = FxHashMap::<&BinRange, usize>::default();
    let mut again = Vec::new();
    for (line, direct) in config.routing.direct.iter().enumerate() {
        again.extend(direct.bins.iter().filter(|range| *lines.entry(range).or_insert(line) != line));
    }
    again
}
