//! The configuration a tortured switch runs with: every dialect, and times so short that everything happens within minutes.

mod change;

use std::{
    fmt::{self, Write as _},
    net::SocketAddr,
    path::Path,
};

pub use self::change::{Change, Flaw};
use crate::{
    certificates::HOST,
    chance::Chance,
    plan::Kind,
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

/// What may be one way or another, and changes while the switch runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shape {
    failover: &'static str,
    fallback: &'static str,
    max_delay_ms: u64,
    lines: [LineShape; ACQUIRERS.len()],
    /// The last number of the loopback address that each listener has.
    hosts: [u8; LISTENERS.len()],
    /// The acquirer that is left out, by its place.
    removed: Option<usize>,
}

/// How an acquirer is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct LineShape {
    weight: u32,
    links: usize,
    max_in_flight: usize,
    answer_timeout_ms: u64,
    heartbeat: bool,
    sign_on: bool,
    partial_cancel: &'static str,
    breaker: Option<Breaker>,
    tls: Option<Sealed>,
}

/// The settings of a breaker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Breaker {
    /// Failures in a row that block.
    pub failures: u32,
    /// From when on an answer is a failure, in milliseconds; 0: never.
    pub slow_ms: u64,
    /// How long it is left alone at first, in milliseconds.
    pub pause_ms: u64,
}

/// A line with TLS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sealed {
    /// Whether the acquirer wants the switch's certificate.
    pub wants_ours: bool,
}

/// The lines of a seed that have TLS, by the place of their acquirer: at least one where that is asked for.
pub fn sealed(seed: u64, kinds: &[Kind]) -> [Option<Sealed>; ACQUIRERS.len()] {
    let mut chance = Chance::new(seed, 0x544C_5321);
    let sure = chance.index(ACQUIRERS.len());
    std::array::from_fn(|place| {
        let (is_sealed, wants_ours) = (chance.one_in(2), chance.one_in(3));
        (kinds.contains(&Kind::Tls) && (is_sealed || place == sure)).then_some(Sealed { wants_ours })
    })
}

impl Shape {
    /// How the seed begins.
    pub fn of(seed: u64, kinds: &[Kind]) -> Self {
        let mut chance = Chance::new(seed, 0x434F_4E46);
        let failover = chance.one_of(&["never", "after-net-cancel", "after-net-cancel", "at-once"]);
        let fallback = chance.one_of(&["vans", "vans", "none"]);
        let tls = sealed(seed, kinds);
        let lines = std::array::from_fn(|place| {
            let AcquirerKind { dialect, .. } = ACQUIRERS[place];
            LineShape {
                weight: WEIGHTS[place],
                links: links(dialect),
                max_in_flight: 1_000,
                answer_timeout_ms: ANSWER_TIMEOUT_MS,
                heartbeat: chance.one_in(2),
                sign_on: chance.one_in(2),
                partial_cancel: chance.one_of(&["once", "once", "no"]),
                breaker: None,
                tls: tls[place],
            }
        });
        Self { failover, fallback, max_delay_ms: 1_000, lines, hosts: [1; LISTENERS.len()], removed: None }
    }

    /// The text of its configuration, for so many terminals, with a store and what lies beside it in this folder, and acquirers at these addresses.
    pub fn text(&self, terminals: usize, folder: &Path, acquirers: &[SocketAddr]) -> String {
        let mut text = String::new();
        self.write(&mut text, terminals, folder, acquirers).expect("a String takes everything");
        text
    }

    fn write(
        &self,
        text: &mut String,
        terminals: usize,
        folder: &Path,
        acquirers: &[SocketAddr],
    ) -> fmt::Result {
        self.write_listeners(text)?;
        writeln!(text, "[store]\npath = \"{}\"", folder.join("data/switch.db").display())?;
        writeln!(text, "[admin]\naddress = \"127.0.0.1:0\"")?;
        writeln!(text, "[net_cancel]\nmax_delay_ms = {}\nundelivered_grace_ms = 3000", self.max_delay_ms)?;
        writeln!(text, "alarm_after_s = 5\ngive_up_after_s = {GIVE_UP_AFTER_S}")?;
        self.write_routing(text)?;
        for (place, address) in acquirers.iter().enumerate().filter(|(place, _)| self.has(*place)) {
            self.write_acquirer(text, place, *address, folder)?;
        }
        writeln!(text, "[[merchants]]\nno = \"{MERCHANT}\"\nname = \"한강상회\"")?;
        for (_, AcquirerKind { name, dialect, .. }) in self.present() {
            writeln!(text, "{name} = {{ {} }}", identifiers(dialect))?;
        }
        for number in 0..terminals {
            writeln!(text, "[[terminals]]\nid = \"{}\"\nmerchant_no = \"{MERCHANT}\"", terminal_id(number))?;
        }
        Ok(())
    }

    fn write_listeners(&self, text: &mut String) -> fmt::Result {
        for (name, host) in LISTENERS.into_iter().zip(self.hosts) {
            writeln!(text, "[listen.{name}]\naddress = \"127.0.0.{host}:0\"\ntelegrams_per_s = 0")?;
            match name {
                "acknowledged" => writeln!(text, "confirm = \"ack\"\nack_timeout_ms = {ACK_TIMEOUT_MS}")?,
                "handshake" => {
                    writeln!(
                        text,
                        "framing = \"stx-lrc\"\nhandshake = true\nack_timeout_ms = {ACK_TIMEOUT_MS}"
                    )?;
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn write_routing(&self, text: &mut String) -> fmt::Result {
        let weights = self.present().filter(|(_, kind)| kind.bins.is_none());
        let weights = weights.map(|(place, kind)| format!("{} = {}", kind.name, self.lines[place].weight));
        writeln!(text, "[routing]\nfailover_when_unanswered = \"{}\"", self.failover)?;
        writeln!(text, "terminal_deadline_ms = {TERMINAL_DEADLINE_MS}")?;
        writeln!(text, "van_weights = {{ {} }}", weights.collect::<Vec<_>>().join(", "))?;
        writeln!(text, "direct = [")?;
        for (_, AcquirerKind { name, bins, .. }) in self.present() {
            if let Some(bins) = bins {
                let fallback = self.fallback;
                writeln!(
                    text,
                    "    {{ bins = [\"{bins}\"], acquirer = \"{name}\", fallback = \"{fallback}\" }},"
                )?;
            }
        }
        writeln!(text, "]")
    }

    fn write_acquirer(
        &self,
        text: &mut String,
        place: usize,
        address: SocketAddr,
        folder: &Path,
    ) -> fmt::Result {
        let AcquirerKind { name, dialect, .. } = ACQUIRERS[place];
        let line = &self.lines[place];
        writeln!(text, "[acquirers.{name}]\ndialect = \"{dialect}\"\naddresses = [\"{address}\"]")?;
        writeln!(text, "links = {}\nmax_in_flight = {}", line.links, line.max_in_flight)?;
        writeln!(text, "answer_timeout_ms = {}", line.answer_timeout_ms)?;
        writeln!(text, "settle_after_ms = {SETTLE_AFTER_MS}")?;
        // With a socket for each request there is no idle line to prove alive.
        if dialect != "kspay" && line.heartbeat {
            writeln!(text, "heartbeat_s = 1")?;
        }
        if dialect == "kovan" && line.sign_on {
            writeln!(text, "sign_on = true")?;
        }
        if let Some(Breaker { failures, slow_ms, pause_ms }) = line.breaker {
            let breaker = format!("failures = {failures}, slow_ms = {slow_ms}, pause_ms = {pause_ms}");
            writeln!(text, "breaker = {{ {breaker} }}")?;
        }
        if let Some(Sealed { wants_ours }) = line.tls {
            let file = |name: &str| folder.join(name).display().to_string();
            write!(text, "tls = {{ ca = \"{}\", server_name = \"{HOST}\"", file("ca.pem"))?;
            if wants_ours {
                write!(text, ", certificate = \"{}\", key = \"{}\"", file("own.pem"), file("own.key"))?;
            }
            writeln!(text, " }}")?;
        }
        if dialect != "card450" {
            writeln!(text, "[acquirers.{name}.params]\npartial_cancel = \"{}\"", line.partial_cancel)?;
            if ["kspay", "kicc"].contains(&dialect) {
                writeln!(text, "clock_skew_s = \"0\"")?;
            }
        }
        if dialect == "kicc" {
            writeln!(text, "timeout_s = \"1\"")?;
        }
        Ok(())
    }

    /// The acquirers that are configured, with their places.
    fn present(&self) -> impl Iterator<Item = (usize, AcquirerKind)> {
        ACQUIRERS.into_iter().enumerate().filter(|(place, _)| self.has(*place))
    }

    fn has(&self, place: usize) -> bool {
        self.removed != Some(place)
    }
}

/// The shares of the VANs at first.
const WEIGHTS: [u32; ACQUIRERS.len()] = [40, 10, 30, 20, 0, 0];

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
