//! The sandbox's configuration, written to a file so that it can be read, changed and served.

use std::{fmt::Write as _, net::SocketAddr};

/// Terminals, for the sample day and for `telegram-replay load`.
pub(super) const TERMINALS: std::ops::RangeInclusive<u64> = 1_000_000_001..=1_000_002_000;

/// Where the acquirers listen.
pub(super) struct Addresses {
    pub(super) kovan: SocketAddr,
    pub(super) kovan2: SocketAddr,
    pub(super) card450: SocketAddr,
    pub(super) card451: SocketAddr,
}

pub(super) fn configuration(listen: SocketAddr, acquirers: &Addresses) -> String {
    let Addresses { kovan, kovan2, card450, card451 } = acquirers;
    let mut text = format!(
        r#"# The sandbox: simulated acquirers, short times.
[listen.terminals]
address = "{listen}"
framing = "ascii4"

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

[acquirers.kovan]                  # a VAN
dialect = "kovan"
addresses = ["{kovan}"]
max_in_flight = 10000
answer_timeout_ms = 1000
settle_after_ms = 3000

[acquirers.kovan2]                 # a VAN whose contract does not allow 부분취소
dialect = "kovan"
addresses = ["{kovan2}"]
answer_timeout_ms = 1000
settle_after_ms = 3000
[acquirers.kovan2.params]
partial_cancel = "no"

[acquirers.card450]                # a card company, directly
dialect = "card450"
addresses = ["{card450}"]
links = 32
answer_timeout_ms = 1000
settle_after_ms = 3000

[acquirers.card451]                # a card company whose line is down
dialect = "card450"
addresses = ["{card451}"]
answer_timeout_ms = 1000
settle_after_ms = 3000

[routing]
van_weights = {{ kovan = 100 }}
direct = [
    {{ bins = ["457973"], acquirer = "card450", fallback = "vans" }},
    {{ bins = ["94500000-94599999"], acquirer = "card451", fallback = "vans" }},
    {{ bins = ["946012"], acquirer = "kovan2", fallback = "vans" }},
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
kovan2 = {{ cat_id = "7001234568", merchant_no = "1" }}
card450 = {{}}
card451 = {{}}
"#
    );
    for id in TERMINALS {
        writeln!(text, "\n[[terminals]]\nid = \"{id}\"\nmerchant_no = \"1208800001\"")
            .expect("a String takes everything");
    }
    text
}
