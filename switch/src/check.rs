//! `switch check`: what a configuration means, for people.

mod payment;
mod warnings;

use ::payment::PartialCancel;
use acquirer_links::Mode;

pub use self::payment::{Explanation, NoPayment, Payment, PaymentArgs, explain as explain_payment};
use crate::config::{
    Acquirer, BreakerSettings, Config, Confirm, DuplicateField, Duplicates, Fallback, Listener, hidden,
};

/// Explains a valid configuration: where it listens, how payments are routed, and what is worth a second look.
pub fn explain(config: &Config) -> String {
    let mut text = String::new();
    let mut line = |written: std::fmt::Arguments<'_>| {
        // Somebody may have pasted one where a name belongs.
        text.push_str(&hidden(&written.to_string()));
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
    for warning in warnings::warnings(config) {
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
