//! The sandbox's configuration, written to a file so that it can be read, changed and served.

use std::{fmt::Write as _, net::SocketAddr};

/// Terminals of the first merchant, for the sample day and for `telegram-replay load`.
pub(super) const TERMINALS: std::ops::RangeInclusive<u64> = 1_000_000_001..=1_000_002_000;
/// A play of the sample day has so many terminals to itself, and the next one those after them.
pub(super) const TERMINALS_A_PLAY: u64 = 30;
/// How many plays there are terminals for.
pub(super) const PLAYS: u64 = (*TERMINALS.end() - *TERMINALS.start() + 1) / TERMINALS_A_PLAY;
/// Further merchants, each with its first terminal; it has one for each play.
const MORE_MERCHANTS: [(&str, u64); 3] =
    [("1208800002", 1_000_002_001), ("1208800003", 1_000_002_002), ("1208800004", 1_000_002_003)];

/// Where the acquirers listen.
pub(super) struct Addresses {
    pub(super) kovan: SocketAddr,
    pub(super) kovan2: SocketAddr,
    pub(super) kspay: SocketAddr,
    pub(super) kicc: SocketAddr,
    pub(super) card450: SocketAddr,
    pub(super) card451: SocketAddr,
}

pub(super) fn configuration(listen: SocketAddr, acquirers: &Addresses) -> String {
    let Addresses { kovan, kovan2, kspay, kicc, card450, card451 } = acquirers;
    let mut text = format!(
        r#"# The sandbox: simulated acquirers, short times.
[listen.terminals]
address = "{listen}"
framing = "ascii4"
telegrams_per_s = 0                # of one terminal id: here it may be a load tool

[listen.acknowledged]              # an approval stands once its terminal said 0120
address = "127.0.0.1:0"
framing = "ascii4"
confirm = "ack"
ack_timeout_ms = 1000

[listen.handshake]                 # ENQ, ACK, NAK and EOT around one telegram a connection
address = "127.0.0.1:0"
framing = "stx-lrc"
handshake = true
ack_timeout_ms = 1000

[store]
path = "switch.db"

[keys]
file = "keys.toml"

# Acquirers are silent by script here, many times in a row: none is to be left alone for it.
[acquirers.kovan]                  # a VAN
dialect = "kovan"
addresses = ["{kovan}"]
max_in_flight = 10000
answer_timeout_ms = 1000
settle_after_ms = 3000
breaker = {{ failures = 1000 }}

[acquirers.kovan2]                 # a VAN whose contract does not allow 부분취소
dialect = "kovan"
addresses = ["{kovan2}"]
answer_timeout_ms = 1000
settle_after_ms = 3000
breaker = {{ failures = 1000 }}
[acquirers.kovan2.params]
partial_cancel = "no"

[acquirers.kspay]                  # a VAN with a socket for each request
dialect = "kspay"
addresses = ["{kspay}"]
links = 32
answer_timeout_ms = 1000
settle_after_ms = 3000
breaker = {{ failures = 1000 }}
[acquirers.kspay.params]
clock_skew_s = "0"                 # it runs by the clock of this machine

[acquirers.kicc]                   # a VAN
dialect = "kicc"
addresses = ["{kicc}"]
answer_timeout_ms = 1500
settle_after_ms = 3000
breaker = {{ failures = 1000 }}
[acquirers.kicc.params]
institution = "00000"
timeout_s = "1"
clock_skew_s = "0"

[acquirers.card450]                # a card company, directly
dialect = "card450"
addresses = ["{card450}"]
links = 32
answer_timeout_ms = 1000
settle_after_ms = 3000
breaker = {{ failures = 1000 }}

[acquirers.card451]                # a card company whose line is down
dialect = "card450"
addresses = ["{card451}"]
answer_timeout_ms = 1000
settle_after_ms = 3000
breaker = {{ failures = 1000 }}

[routing]
van_weights = {{ kovan = 40, kspay = 30, kicc = 20, kovan2 = 10 }}     # shared by the VANs a merchant has a row for
direct = [
    {{ bins = ["457973"], acquirer = "card450", fallback = "vans" }},
    {{ bins = ["94500000-94599999"], acquirer = "card451", fallback = "vans" }},
]
terminal_deadline_ms = 28000

[net_cancel]
max_delay_ms = 2000

[duplicates]                       # the same card and amount again within two seconds
window_ms = 2000

[admin]
address = "127.0.0.1:0"

[[merchants]]
no = "1208800001"
name = "한강상회"
kovan = {{ cat_id = "7001234567", merchant_no = "1" }}
card450 = {{}}
card451 = {{}}

[[merchants]]
no = "1208800002"
name = "남산서점"
kspay = {{ store_id = "2000000001" }}

[[merchants]]
no = "1208800003"
name = "마포정육점"
kicc = {{ terminal_id = "7000000001" }}

[[merchants]]
no = "1208800004"
name = "종로백화점"
kovan = {{ cat_id = "7001234569", merchant_no = "1" }}
kspay = {{ store_id = "2000000002" }}
kicc = {{ terminal_id = "7000000002" }}
kovan2 = {{ cat_id = "7001234570", merchant_no = "1" }}
"#
    );
    let mut terminal = |id: u64, merchant: &str| {
        writeln!(text, "\n[[terminals]]\nid = \"{id}\"\nmerchant_no = \"{merchant}\"")
            .expect("a String takes everything");
    };
    for id in TERMINALS {
        terminal(id, "1208800001");
    }
    for base in (0..PLAYS).map(|play| play * TERMINALS_A_PLAY) {
        for (merchant, first) in MORE_MERCHANTS {
            terminal(first + base, merchant);
        }
    }
    text
}
