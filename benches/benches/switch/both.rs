//! Relay and switch, and everybody around them.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use switch::{clock::korea_now, config::Config};
use tempfile::TempDir;
use tokio::{runtime::Runtime, task::JoinSet, time::timeout};

use crate::{
    comparison::{Pair, Sample},
    cpu::Cpu,
    disk::Disk,
    party::{Party, runtime},
    relay::relay,
    responder::{Reply, respond},
    serving::{configuration, serve},
    terminal::Terminal,
};

/// Longer than any sample takes in which nothing is lost.
const PATIENCE: Duration = Duration::from_mins(5);

/// Relay and switch, each with its terminals and its responder. Fields end in this order: the terminals go first.
pub(crate) struct Both {
    to_relay: Vec<Terminal>,
    to_switch: Vec<Terminal>,
    runtime: Runtime,
    _relay: Party,
    _switch: Party,
    _responders: [Party; 2],
    disk: Disk,
    _folder: TempDir,
}

impl Both {
    pub(crate) fn start(connections: u32) -> Self {
        let folder =
            tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("cargo made the folder around it");
        let terminal =
            Party::start("responder", async |tell, stop| respond(Reply::terminal(), tell, stop).await);
        let kovan = Party::start("responder", async |tell, stop| respond(Reply::kovan(), tell, stop).await);
        let to = terminal.address;
        let relay = Party::start("relay", async move |tell, stop| relay(to, tell, stop).await);
        let text = configuration(kovan.address, connections);
        let config = Config::parse(&text, &folder.path().join("switch.toml")).expect("a valid configuration");
        let switch = Party::start("switch", async move |tell, stop| serve(config, tell, stop).await);
        let runtime = runtime();
        Self {
            to_relay: runtime.block_on(terminals(relay.address, connections)),
            to_switch: runtime.block_on(terminals(switch.address, connections)),
            runtime,
            _relay: relay,
            _switch: switch,
            _responders: [terminal, kovan],
            disk: Disk::of(folder.path()),
            _folder: folder,
        }
    }

    /// As many approvals through the relay as sockets times `rounds`.
    pub(crate) fn relay(&mut self, rounds: u64) -> Sample {
        sample(&self.runtime, &mut self.to_relay, rounds)
    }

    /// The same approvals through the relay and then through the switch.
    pub(crate) fn pair(&mut self, rounds: u64) -> Pair {
        let relay = self.relay(rounds);
        let sync = self.disk.seconds_of_a_sync();
        Pair { relay, sync, switch: sample(&self.runtime, &mut self.to_switch, rounds) }
    }
}

fn sample(runtime: &Runtime, terminals: &mut Vec<Terminal>, rounds: u64) -> Sample {
    let approvals = rounds * u64::try_from(terminals.len()).expect("a few hundred");
    let (cpu, begin) = (Cpu::now(), Instant::now());
    let asked = ask_all(std::mem::take(terminals), approvals);
    *terminals =
        runtime.block_on(async { timeout(PATIENCE, asked).await.expect("every telegram is answered") });
    Sample { approvals, took: begin.elapsed(), cpu: Cpu::now().since(cpu) }
}

/// Brings `approvals` approvals home over all the sockets; a quick one does not wait for the others.
async fn ask_all(terminals: Vec<Terminal>, approvals: u64) -> Vec<Terminal> {
    let begun = Arc::new(AtomicU64::new(0));
    let mut asking = JoinSet::new();
    for mut terminal in terminals {
        let begun = begun.clone();
        asking.spawn(async move {
            let sent_at = korea_now().strftime("%Y%m%d%H%M%S").to_string();
            while begun.fetch_add(1, Ordering::Relaxed) < approvals {
                terminal.ask(&sent_at).await;
            }
            terminal
        });
    }
    asking.join_all().await
}

async fn terminals(to: SocketAddr, connections: u32) -> Vec<Terminal> {
    let mut terminals = Vec::new();
    for index in 0..connections {
        terminals.push(Terminal::connect(to, index, connections).await);
    }
    terminals
}
