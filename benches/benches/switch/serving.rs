//! The switch.

use std::{fmt::Write as _, net::SocketAddr, sync::mpsc};

use switch::{config::Config, serve};
use tokio_util::sync::CancellationToken;

use crate::terminal::{FIRST_TERMINAL, MERCHANT};

/// The switch as its binary runs it, on the one thread of a runtime.
pub(crate) async fn serve(config: Config, tell: mpsc::Sender<SocketAddr>, stop: CancellationToken) {
    let serving = serve::start(config, None).await.expect("a fresh folder and free ports");
    for address in serving.terminals.values() {
        tell.send(*address).expect("its starter waits for it");
    }
    serving.run(stop).await.expect("the store lasts");
}

/// One VAN, everything else as it is by default.
pub(crate) fn configuration(kovan: SocketAddr, terminals: u32) -> String {
    let mut text = format!(
        r#"[listen.terminals]
address = "127.0.0.1:0"
telegrams_per_s = 0
[store]
path = "switch.db"
[acquirers.kovan]
dialect = "kovan"
addresses = ["{kovan}"]
[routing]
van_weights = {{ kovan = 1 }}
[[merchants]]
no = "{MERCHANT}"
name = "한강상회"
kovan = {{ cat_id = "7001234567", merchant_no = "1" }}
"#
    );
    for id in FIRST_TERMINAL..FIRST_TERMINAL + terminals {
        writeln!(text, "[[terminals]]\nid = \"{id}\"\nmerchant_no = \"{MERCHANT}\"")
            .expect("a String has room");
    }
    text
}
