use std::{fmt::Write as _, net::SocketAddr};

use telegram_replay::acquirer::Acquirer;

/// 사업자등록번호 of the one merchant.
pub(crate) const MERCHANT: &str = "1208800001";

/// A configuration, in what the tests care about.
pub(crate) struct Plan {
    /// Name, address and weight. One that is called kspay or kicc speaks that; any other is a kovan.
    pub(crate) vans: Vec<(&'static str, SocketAddr, u32)>,
    pub(crate) direct: Option<SocketAddr>,
    pub(crate) fallback: &'static str,
    pub(crate) failover: &'static str,
    pub(crate) answer_timeout_ms: u64,
    pub(crate) settle_after_ms: u64,
    pub(crate) terminal_deadline_ms: u64,
    pub(crate) max_delay_ms: u64,
    pub(crate) first_delay_ms: u64,
    pub(crate) grace_ms: u64,
    /// Of the listener "terminals"; 0: any number, as one terminal does the work of many here.
    pub(crate) telegrams_per_s: u32,
    pub(crate) idle_timeout_s: u64,
    pub(crate) links: usize,
    pub(crate) clock_tolerance_s: u64,
    /// `ack_timeout_ms` of a listener "acknowledged" with `confirm = "ack"`.
    pub(crate) acknowledged: Option<u64>,
    /// `ack_timeout_ms` of a listener "handshake".
    pub(crate) handshake: Option<u64>,
    /// The lines of `[duplicates]`.
    pub(crate) duplicates: Option<&'static str>,
    /// `partial_cancel` of the VANs.
    pub(crate) partial_cancel: &'static str,
    pub(crate) alarm_after_s: u64,
    pub(crate) give_up_after_s: u64,
    /// The `breaker` of every acquirer; empty: as it is without one.
    pub(crate) breaker: &'static str,
}

impl Plan {
    /// One VAN, and times that no healthy answer needs.
    pub(crate) fn van(van: &Acquirer) -> Self {
        Self::vans(&[("kovan", van, 1)])
    }

    pub(crate) fn vans(vans: &[(&'static str, &Acquirer, u32)]) -> Self {
        Self {
            vans: vans.iter().map(|(name, van, weight)| (*name, van.local_addr(), *weight)).collect(),
            direct: None,
            fallback: "vans",
            failover: "after-net-cancel",
            answer_timeout_ms: 10_000,
            settle_after_ms: 1_000,
            terminal_deadline_ms: 28_000,
            max_delay_ms: 300,
            first_delay_ms: 0,
            grace_ms: 30_000,
            telegrams_per_s: 0,
            idle_timeout_s: 300,
            links: 2,
            clock_tolerance_s: 1_800,
            acknowledged: None,
            handshake: None,
            duplicates: None,
            partial_cancel: "once",
            alarm_after_s: 300,
            give_up_after_s: 86_400,
            breaker: "",
        }
    }

    /// Failing acquirers are asked all the same: a test that fails one often asks what becomes of each failure.
    pub(crate) fn unguarded(self) -> Self {
        Self { breaker: "failures = 10000", ..self }
    }

    /// With an acquirer that is expected to be silent.
    pub(crate) fn impatient(self) -> Self {
        Self { answer_timeout_ms: 500, ..self }
    }

    /// With a card company that takes its own cards directly.
    pub(crate) fn with_direct(self, company: &Acquirer) -> Self {
        Self { direct: Some(company.local_addr()), ..self }
    }

    pub(crate) fn toml(&self) -> String {
        let mut text = format!(
            r#"[listen.terminals]
address = "127.0.0.1:0"
telegrams_per_s = {}
idle_timeout_s = {}
clock_tolerance_s = {}
[store]
path = "data/switch.db"
[admin]
address = "127.0.0.1:0"
[net_cancel]
first_delay_ms = {}
max_delay_ms = {}
undelivered_grace_ms = {}
alarm_after_s = {}
give_up_after_s = {}
[routing]
failover_when_unanswered = "{}"
terminal_deadline_ms = {}
"#,
            self.telegrams_per_s,
            self.idle_timeout_s,
            self.clock_tolerance_s,
            self.first_delay_ms,
            self.max_delay_ms,
            self.grace_ms,
            self.alarm_after_s,
            self.give_up_after_s,
            self.failover,
            self.terminal_deadline_ms,
        );
        let mut put = |line: std::fmt::Arguments<'_>| writeln!(text, "{line}").unwrap();
        let weights: Vec<_> =
            self.vans.iter().map(|(name, _, weight)| format!("{name} = {weight}")).collect();
        put(format_args!("van_weights = {{ {} }}", weights.join(", ")));
        if self.direct.is_some() {
            put(format_args!(
                "direct = [{{ bins = [\"457973\"], acquirer = \"card450\", fallback = \"{}\" }}]",
                self.fallback
            ));
        }
        let vans = self.vans.iter().map(|(name, address, _)| (*name, dialect(name), *address));
        for (name, dialect, address) in vans.chain(self.direct.map(|address| ("card450", "card450", address)))
        {
            put(format_args!("[acquirers.{name}]\ndialect = \"{dialect}\"\naddresses = [\"{address}\"]"));
            // Longer than the second KICC is told.
            let shortest = if dialect == "kicc" { 1_001 } else { 0 };
            let answer_timeout_ms = self.answer_timeout_ms.max(shortest);
            put(format_args!("links = {}\nanswer_timeout_ms = {answer_timeout_ms}", self.links));
            put(format_args!("settle_after_ms = {}", self.settle_after_ms.max(shortest)));
            if !self.breaker.is_empty() {
                put(format_args!("breaker = {{ {} }}", self.breaker));
            }
            if dialect != "card450" {
                put(format_args!("[acquirers.{name}.params]\npartial_cancel = \"{}\"", self.partial_cancel));
            }
            if dialect == "kicc" {
                put(format_args!("timeout_s = \"1\""));
            }
            if ["kspay", "kicc"].contains(&dialect) {
                put(format_args!("clock_skew_s = \"0\""));
            }
        }
        if let Some(within_ms) = self.acknowledged {
            put(format_args!("[listen.acknowledged]\naddress = \"127.0.0.1:0\"\nconfirm = \"ack\""));
            put(format_args!("telegrams_per_s = 0"));
            put(format_args!("ack_timeout_ms = {within_ms}"));
        }
        if let Some(within_ms) = self.handshake {
            put(format_args!("[listen.handshake]\naddress = \"127.0.0.1:0\"\nframing = \"stx-lrc\""));
            put(format_args!("handshake = true\nack_timeout_ms = {within_ms}\ntelegrams_per_s = 0"));
        }
        if let Some(lines) = self.duplicates {
            put(format_args!("[duplicates]\n{lines}"));
        }
        put(format_args!("[[merchants]]\nno = \"{MERCHANT}\"\nname = \"한강상회\""));
        for (name, ..) in &self.vans {
            put(format_args!("{name} = {{ {} }}", identifiers(dialect(name))));
        }
        if self.direct.is_some() {
            put(format_args!("card450 = {{}}"));
        }
        for id in 1_000_000_001_u64..=1_000_000_100 {
            put(format_args!("[[terminals]]\nid = \"{id}\"\nmerchant_no = \"{MERCHANT}\""));
        }
        text
    }
}

fn dialect(van: &str) -> &'static str {
    match van {
        "kspay" => "kspay",
        "kicc" => "kicc",
        _ => "kovan",
    }
}

/// What a merchant's row at a VAN holds.
fn identifiers(dialect: &str) -> &'static str {
    match dialect {
        "kspay" => "store_id = \"2000000001\"",
        "kicc" => "terminal_id = \"7000000001\"",
        _ => "cat_id = \"7001234567\", merchant_no = \"1\"",
    }
}
