//! A configuration that is valid, changed line by line, and a payment that goes by it.

use std::{path::Path, sync::Arc};

use jiff::{Timestamp, civil::date};
use payment::{
    AcquirerName, Amounts, Bin, CardFacts, CardNumber, ClearCard, ContentDigest, EntryMode, Expiry,
    Fingerprint, MerchantNo, Request, TelegramKey, TelegramKind, TerminalId, TraceNo, Won,
};
use switch::config::Config;

/// Everything that can be said, valid.
pub(crate) const SAMPLE: &str = r#"[listen.terminals]
address = "127.0.0.1:7001"
framing = "ascii4"
confirm = "ack"
ack_timeout_ms = 8000
handshake = false
max_connections = 20000
idle_timeout_s = 300
clock_tolerance_s = 1800
frame_timeout_ms = 7000
write_timeout_ms = 6000
telegrams_per_s = 20
[limits]
payments = 15000
queue_ms = 150
descriptors_reserved = 128
[store]
path = "data/switch.db"
instance = 7
lease_s = 12
[keys]
file = "secret/keys.toml"
[acquirers.kovan]
dialect = "kovan"
addresses = ["127.0.0.1:7101", "van.example:7102"]
links = 3
max_in_flight = 900
connect_timeout_ms = 2100
answer_timeout_ms = 9000
settle_after_ms = 61000
heartbeat_s = 0
sign_on = false
breaker = { failures = 4, slow_ms = 8000, pause_ms = 500, max_pause_ms = 20000 }
net_cancels_in_flight = 16
[acquirers.kovan.params]
host = "HOST"
[acquirers.vanb]
dialect = "kovan"
addresses = ["127.0.0.1:7103"]
[acquirers.card450]
dialect = "card450"
addresses = ["127.0.0.1:7201"]
[routing]
van_weights = { kovan = 3, vanb = 1 }
direct = [{ bins = ["457973", "94500000-94599999"], acquirer = "card450", fallback = "vans" }]
failover_when_unanswered = "at-once"
terminal_deadline_ms = 27000
[net_cancel]
first_delay_ms = 10
max_delay_ms = 50000
alarm_after_s = 200
give_up_after_s = 80000
undelivered_grace_ms = 20000
[duplicates]
window_ms = 1500
fingerprint = ["terminal", "amount", "card"]
[[merchants]]
no = "1208800001"
name = "한강상회"
kovan = { cat_id = "7001234567", merchant_no = "1" }
vanb = { cat_id = "8", merchant_no = "2" }
card450 = {}
[[merchants]]
no = "1208800002"
name = "남산상회"
kovan = { cat_id = "9", merchant_no = "3" }
[[merchants]]
no = "1208800003"
name = "동해상회"
direct = false
van_weights = { kovan = 5 }
kovan = { cat_id = "10", merchant_no = "4" }
[[terminals]]
id = "1000000001"
merchant_no = "1208800001"
[admin]
address = "127.0.0.1:7080"
socket = "run/switch.sock"
"#;

/// The sample with one line (or part of one) exchanged.
pub(crate) fn with(from: &str, to: &str) -> String {
    assert_eq!(SAMPLE.matches(from).count(), 1, "{from:?} stands once in the sample");
    SAMPLE.replace(from, to)
}

/// A valid configuration at `/etc/switch/switch.toml`.
pub(crate) fn config(text: &str) -> Config {
    Config::parse(text, Path::new("/etc/switch/switch.toml")).unwrap_or_else(|error| panic!("{error}"))
}

/// Everything wrong with a configuration at `switch.toml`.
pub(crate) fn problems(text: &str) -> String {
    match Config::parse(text, Path::new("switch.toml")) {
        Ok(_) => panic!("expected problems with {text}"),
        Err(error) => error.to_string(),
    }
}

pub(crate) fn acquirer(name: &str) -> AcquirerName {
    AcquirerName::new(name).unwrap()
}

pub(crate) fn key(trace_no: u32) -> TelegramKey {
    TelegramKey {
        terminal: TerminalId::new("1000000001").unwrap(),
        business_date: date(2026, 11, 5),
        trace_no: TraceNo::new(trace_no).unwrap(),
        kind: TelegramKind::Approval,
    }
}

pub(crate) fn card(number: &str) -> ClearCard {
    ClearCard { number: CardNumber::new(number).unwrap(), expiry: Expiry::new("2912").unwrap() }
}

/// A payment of 10,000 won by the first merchant with this card.
pub(crate) fn request(number: &str) -> Request {
    let number = card(number).number;
    let total = Won::new(10_000).unwrap();
    Request {
        key: key(1),
        sent_at: date(2026, 11, 5).at(12, 0, 0, 0),
        digest: ContentDigest([1; 16]),
        received_at: Timestamp::UNIX_EPOCH,
        wall_ahead_ms: 0,
        merchant: MerchantNo::new("1208800001").unwrap(),
        entry_mode: EntryMode::Chip,
        card: CardFacts::Number {
            bin: number.bin(),
            masked: number.masked(),
            fingerprint: Fingerprint([2; 16]),
        },
        installment: 0,
        currency: 410,
        amounts: Amounts::of_approval(total, None, None, None).unwrap(),
        merchant_data: Vec::new(),
    }
}

pub(crate) fn opaque(bin: &str) -> CardFacts {
    CardFacts::Opaque { bin: Bin::new(bin).unwrap() }
}

/// Keys in a folder of their own, which must outlive them.
pub(crate) fn vault() -> (tempfile::TempDir, Arc<switch::vault::Vault>) {
    let folder = tempfile::tempdir().unwrap();
    let keys = switch::keys::Keys::open(&folder.path().join("keys.toml"), true).unwrap();
    let vault = switch::vault::Vault::new(&keys);
    (folder, Arc::new(vault))
}
