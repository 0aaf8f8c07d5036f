//! A switch with two acquirers, and everybody in a thread of his own.

use std::{fmt::Write as _, net::SocketAddr, ops::Range, time::Duration};

use switch::{config::Config, serve};
use telegram_replay::{
    acquirer::{Acquirer, Dialect, Settings},
    layout::Layouts,
};
use tempfile::TempDir;

use crate::party::Party;

/// Terminals at work of each merchant.
pub(crate) const TERMINALS: u32 = 500;
/// Terminals of the first merchant that come while others are at work.
pub(crate) const NEWCOMERS: Range<u64> = 1_500_000_001..1_500_000_101;
/// A telegram that would wait longer for its turn is not let in: the `queue_ms` of a configuration that says none.
pub(crate) const QUEUE: Duration = Duration::from_millis(200);

/// A merchant, all of whose payments go to one acquirer.
#[derive(Clone, Copy)]
pub(crate) struct Merchant {
    pub(crate) no: &'static str,
    pub(crate) acquirer: &'static str,
    /// The first of his [`TERMINALS`].
    pub(crate) first_terminal: u64,
}

pub(crate) const ONE: Merchant =
    Merchant { no: "1208800001", acquirer: "kovan", first_terminal: 1_000_000_001 };
pub(crate) const OTHER: Merchant =
    Merchant { no: "1208800002", acquirer: "other", first_terminal: 2_000_000_001 };

/// The parties end in this order.
pub(crate) struct World {
    pub(crate) switch: Party,
    _acquirers: [Party; 2],
    _folder: TempDir,
}

impl World {
    /// Of acquirers that take so long for every answer.
    pub(crate) fn start(one: Duration, other: Duration) -> Self {
        let folder =
            tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("cargo made the folder around it");
        let acquirers = [acquirer(one), acquirer(other)];
        let text = configuration([(ONE, acquirers[0].address), (OTHER, acquirers[1].address)]);
        let config = Config::parse(&text, &folder.path().join("switch.toml")).expect("a valid configuration");
        assert_eq!(config.limits.queue, QUEUE);
        let switch = Party::start("switch", async move |tell, stop| {
            let serving = serve::start(config, None).await.expect("a fresh folder and free ports");
            for address in serving.terminals.values() {
                tell.send(*address).expect("its starter waits for it");
            }
            serving.run(stop).await.expect("the store lasts");
        });
        Self { switch, _acquirers: acquirers, _folder: folder }
    }
}

fn acquirer(delay: Duration) -> Party {
    Party::start("acquirer", async move |tell, stop| {
        let listen = SocketAddr::from(([127, 0, 0, 1], 0));
        let settings = Settings { delay, remember: 10_000, ..Settings::new(listen) };
        let dialect = Dialect::named("kovan").expect("a dialect there is");
        let acquirer = Acquirer::start(dialect, &Layouts::embedded(), settings).await.expect("a free port");
        tell.send(acquirer.local_addr()).expect("its starter waits for it");
        stop.cancelled().await;
    })
}

fn configuration(lines: [(Merchant, SocketAddr); 2]) -> String {
    let mut text = r#"[listen.terminals]
address = "127.0.0.1:0"
telegrams_per_s = 0
frame_timeout_ms = 600000
[store]
path = "switch.db"
[routing]
van_weights = { kovan = 1, other = 1 }
"#
    .to_owned();
    for (Merchant { no, acquirer, first_terminal }, address) in lines {
        write!(
            text,
            r#"[acquirers.{acquirer}]
dialect = "kovan"
addresses = ["{address}"]
max_in_flight = 10000
[[merchants]]
no = "{no}"
name = "한강상회"
{acquirer} = {{ cat_id = "7001234567", merchant_no = "1" }}
"#
        )
        .expect("a String has room");
        terminals(&mut text, first_terminal..first_terminal + u64::from(TERMINALS), no);
    }
    terminals(&mut text, NEWCOMERS, ONE.no);
    text
}

fn terminals(text: &mut String, ids: Range<u64>, merchant_no: &str) {
    for id in ids {
        writeln!(text, "[[terminals]]\nid = \"{id}\"\nmerchant_no = \"{merchant_no}\"")
            .expect("a String has room");
    }
}
