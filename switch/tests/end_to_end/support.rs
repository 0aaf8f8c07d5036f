//! What every test here stands on.

mod answer;
mod approval;
mod checked;
mod client;
mod command;
mod ending;
mod handshake;
mod home;
mod http;
mod noted;
mod past;
mod plan;
mod purchases;
mod runs;
mod shop;
mod switch;
mod telegram;
mod wait;

pub(crate) use answer::Answer;
pub(crate) use approval::{Approval, card, direct_card};
pub(crate) use client::{Client, framed};
pub(crate) use command::{Ran, switch_command};
pub(crate) use handshake::{ACK, EOT, Handshake, NAK};
pub(crate) use home::{Home, hold_commits};
pub(crate) use http::{get, metric};
pub(crate) use noted::Noted;
pub(crate) use past::Past;
pub(crate) use plan::Plan;
pub(crate) use shop::{Shop, direct};
pub(crate) use switch::{Switch, reachable};
pub(crate) use telegram::{Said, Sums, Telegram, now};
pub(crate) use wait::{eventually, stays};

use std::{
    net::SocketAddr,
    sync::{Arc, LazyLock},
};

pub(crate) use torture::checker::LooseEnd;

use telegram_replay::{
    acquirer::{Acquirer, Behaviour, Deed, Dialect, Event, Rule, Script, Settings, Truth},
    layout::{Layout, Layouts},
};

/// Read once: there are hundreds of thousands of telegrams.
static LAYOUTS: LazyLock<Layouts> = LazyLock::new(Layouts::embedded);

/// The layout of a terminal's telegram, by its type.
pub(crate) fn terminal_layout(kind: &str) -> Arc<Layout> {
    LAYOUTS.get(&format!("terminal-{kind}")).expect("a layout there is")
}

/// A simulated acquirer at a free port.
pub(crate) async fn acquirer(dialect: &str, script: Script) -> Acquirer {
    acquirer_with(dialect, |settings| settings.script = script).await
}

/// A simulated acquirer with other settings.
pub(crate) async fn acquirer_with(dialect: &str, change: impl FnOnce(&mut Settings)) -> Acquirer {
    let mut settings = Settings::new(SocketAddr::from(([127, 0, 0, 1], 0)));
    let copied = checked::Copied::default();
    settings.truth = Some(copied.sink());
    change(&mut settings);
    let dialect = Dialect::named(dialect).expect("a dialect there is");
    let acquirer = Acquirer::start(dialect, &Layouts::embedded(), settings).await.expect("a free port");
    copied.belongs_to(acquirer.local_addr());
    acquirer
}

/// A script of one rule for approvals and one for net-cancels, each so many times.
pub(crate) fn script(rules: &[(Deed, &'static Behaviour, Option<u64>)]) -> Script {
    let rule = |&(on, behaviour, times)| Rule { on, times, ..Rule::of(behaviour) };
    Script { rules: rules.iter().map(rule).collect(), ..Script::default() }
}

/// How often an acquirer did this.
pub(crate) fn count(truth: &[Truth], event: Event) -> usize {
    truth.iter().filter(|truth| truth.event == event).count()
}

/// What an acquirer did, in order.
pub(crate) fn events(truth: &[Truth]) -> Vec<Event> {
    truth.iter().map(|truth| truth.event).collect()
}

/// A report as one line of text: it is wrapped for people.
pub(crate) fn unwrapped(report: &[u8]) -> String {
    let text = String::from_utf8(report.to_vec()).expect("reports are UTF-8");
    text.split_whitespace().filter(|word| *word != "│").collect::<Vec<_>>().join(" ")
}
