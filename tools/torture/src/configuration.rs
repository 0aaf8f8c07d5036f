//! The configuration a tortured switch runs with: every dialect, and times so short that everything happens within minutes.

use std::{fmt::Write as _, net::SocketAddr, path::Path};

use crate::{
    chance::Chance,
    telegram::{MERCHANT, terminal_id},
};

/// One acquirer: its name, what it speaks, and whether it is a card company asked directly.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AcquirerKind {
    /// Its name in configuration, journal and report.
    pub name: &'static str,
    /// What it speaks.
    pub dialect: &'static str,
    /// The cards that go to it directly.
    pub bins: Option<&'static str>,
}

/// The acquirers of a run.
pub const ACQUIRERS: [AcquirerKind; 6] = [
    AcquirerKind { name: "kovan", dialect: "kovan", bins: None },
    AcquirerKind { name: "kovan2", dialect: "kovan", bins: None },
    AcquirerKind { name: "kspay", dialect: "kspay", bins: None },
    AcquirerKind { name: "kicc", dialect: "kicc", bins: None },
    AcquirerKind { name: "card450", dialect: "card450", bins: Some("457973") },
    AcquirerKind { name: "card451", dialect: "card450", bins: Some("945000") },
];

/// How long an acquirer may take to answer, in milliseconds.
pub const ANSWER_TIMEOUT_MS: u64 = 1_500;
/// How long after its last byte an acquirer may still approve, in milliseconds: longer than any line here delays.
pub const SETTLE_AFTER_MS: u64 = 4_000;
/// How long a terminal may take to acknowledge, in milliseconds.
pub const ACK_TIMEOUT_MS: u64 = 2_000;
/// How long the switch may let a terminal wait, in milliseconds.
pub const TERMINAL_DEADLINE_MS: u64 = 6_000;
/// When a net-cancel is given to the manual queue, in seconds.
pub const GIVE_UP_AFTER_S: u64 = 40;

/// The listeners, by name.
pub const LISTENERS: [&str; 3] = ["terminals", "acknowledged", "handshake"];

/// The text of a configuration. What may be one way or another the seed decides.
pub fn configuration(seed: u64, terminals: usize, store: &Path, acquirers: &[SocketAddr]) -> String {
    let mut chance = Chance::new(seed, 0x434F_4E46);
    let failover = chance.one_of(&["never", "after-net-cancel", "after-net-cancel", "at-once"]);
    let fallback = chance.one_of(&["vans", "vans", "none"]);
    let mut text = format!(
        r#"# Seed {seed}: short times, everything listens at free ports.
[listen.terminals]
address = "127.0.0.1:0"
telegrams_per_s = 0
[listen.acknowledged]
address = "127.0.0.1:0"
confirm = "ack"
telegrams_per_s = 0
ack_timeout_ms = {ACK_TIMEOUT_MS}
[listen.handshake]
address = "127.0.0.1:0"
framing = "stx-lrc"
handshake = true
telegrams_per_s = 0
ack_timeout_ms = {ACK_TIMEOUT_MS}
[store]
path = "{}"
[admin]
address = "127.0.0.1:0"
[net_cancel]
max_delay_ms = 1000
undelivered_grace_ms = 3000
alarm_after_s = 5
give_up_after_s = {GIVE_UP_AFTER_S}
[routing]
failover_when_unanswered = "{failover}"
terminal_deadline_ms = {TERMINAL_DEADLINE_MS}
van_weights = {{ kovan = 40, kovan2 = 10, kspay = 30, kicc = 20 }}
direct = [
"#,
        store.display()
    );
    let mut put =
        |line: std::fmt::Arguments<'_>| writeln!(text, "{line}").expect("a String takes everything");
    for AcquirerKind { name, bins, .. } in ACQUIRERS {
        if let Some(bins) = bins {
            put(format_args!(
                "    {{ bins = [\"{bins}\"], acquirer = \"{name}\", fallback = \"{fallback}\" }},"
            ));
        }
    }
    put(format_args!("]"));
    for (AcquirerKind { name, dialect, .. }, address) in ACQUIRERS.into_iter().zip(acquirers) {
        put(format_args!("[acquirers.{name}]\ndialect = \"{dialect}\"\naddresses = [\"{address}\"]"));
        put(format_args!("links = {}", links(dialect)));
        put(format_args!("answer_timeout_ms = {ANSWER_TIMEOUT_MS}\nsettle_after_ms = {SETTLE_AFTER_MS}"));
        // With a socket for each request there is no idle line to prove alive.
        if dialect != "kspay" && chance.one_in(2) {
            put(format_args!("heartbeat_s = 1"));
        }
        if dialect == "kovan" && chance.one_in(2) {
            put(format_args!("sign_on = true"));
        }
        if dialect != "card450" {
            let partial = chance.one_of(&["once", "once", "no"]);
            put(format_args!("[acquirers.{name}.params]\npartial_cancel = \"{partial}\""));
            if ["kspay", "kicc"].contains(&dialect) {
                put(format_args!("clock_skew_s = \"0\""));
            }
        }
        if dialect == "kicc" {
            put(format_args!("timeout_s = \"1\""));
        }
    }
    put(format_args!("[[merchants]]\nno = \"{MERCHANT}\"\nname = \"한강상회\""));
    for AcquirerKind { name, dialect, .. } in ACQUIRERS {
        put(format_args!("{name} = {{ {} }}", identifiers(dialect)));
    }
    for number in 0..terminals {
        put(format_args!("[[terminals]]\nid = \"{}\"\nmerchant_no = \"{MERCHANT}\"", terminal_id(number)));
    }
    text
}

/// Where a request takes a socket, there must be as many as may be under way.
fn links(dialect: &str) -> usize {
    match dialect {
        "kspay" => 64,
        "card450" => 16,
        _ => 3,
    }
}

/// What a merchant's row at an acquirer holds.
fn identifiers(dialect: &str) -> &'static str {
    match dialect {
        "kspay" => "store_id = \"2000000001\"",
        "kicc" => "terminal_id = \"7000000001\"",
        "card450" => "",
        _ => "cat_id = \"7001234567\", merchant_no = \"1\"",
    }
}
