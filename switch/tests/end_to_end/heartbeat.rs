//! Lines that are proven alive and opened by the acquirers' own telegrams.

use std::time::{Duration, Instant};

use telegram_replay::acquirer::{Acquirer, Behaviour, Deed, Event, Order, Rule, Script};

use crate::support::{Approval, Client, Home, Plan, Switch, acquirer, count, direct_card, eventually};

/// A configuration in which each of these acquirers has more lines in its section.
fn with(plan: &Plan, lines: &[(&str, &str)]) -> String {
    let mut toml = plan.toml();
    for (name, lines) in lines {
        let section = format!("[acquirers.{name}]\n");
        assert!(toml.contains(&section));
        toml = toml.replace(&section, &format!("{section}{lines}\n"));
    }
    toml
}

/// How often the log has a line about the acquirer with that text.
fn told(switch: &Switch, name: &str, text: &str) -> usize {
    let about = format!("\"acquirer\":\"{name}\"");
    switch.log().lines().filter(|line| line.contains(&about) && line.contains(text)).count()
}

#[tokio::test]
async fn an_idle_line_is_proven_alive_and_a_half_open_one_found_within_two_heartbeats() {
    let kovan = acquirer("kovan", Script::default()).await;
    let kicc = acquirer("kicc", Script::default()).await;
    let company = acquirer("card450", Script::default()).await;
    let plan = Plan { links: 1, ..Plan::vans(&[("kovan", &kovan, 1), ("kicc", &kicc, 1)]) };
    let toml = with(
        &plan.with_direct(&company),
        &[
            ("kovan", "heartbeat_s = 2\nsign_on = true"),
            ("kicc", "heartbeat_s = 2"),
            ("card450", "heartbeat_s = 2"),
        ],
    );
    let home = Home::new(&toml);
    let switch = Switch::start(&home).await;
    let all: [(&str, &Acquirer); 3] = [("kovan", &kovan), ("kicc", &kicc), ("card450", &company)];
    for (name, acquirer) in all {
        let proven = || (count(&acquirer.truth(), Event::Echoed) > 0).then_some(());
        eventually(&format!("{name} is asked for a sign of life"), proven).await;
        assert_eq!(told(&switch, name, "link down"), 0, "{name} is alive");
    }
    assert_eq!(count(&kovan.truth(), Event::SignedOn), 1);

    // From here on nothing comes back, on sockets that stay open.
    let began = Instant::now();
    for (_, acquirer) in all {
        acquirer.hold();
    }
    for (name, _) in all {
        let found = || (told(&switch, name, "Silent") > 0).then_some(());
        eventually(&format!("{name} is found to be half-open"), found).await;
    }
    // Two heartbeats, and what a busy machine needs.
    assert!(began.elapsed() < Duration::from_secs(4 + 3), "{:?}", began.elapsed());

    for (_, acquirer) in all {
        acquirer.release(Order::FirstFirst).await;
    }
    let mut client = Client::connect(switch.terminals).await;
    let mut trace = 0;
    for (name, card) in [("card450", true), ("kovan", false), ("kicc", false)] {
        loop {
            trace += 1;
            assert!(trace < 100_000, "{name} never comes back");
            let approval = Approval::new(trace, 10_000);
            let approval = if card { approval.card(&direct_card(1)) } else { approval };
            let answer = client.ask(&approval).await;
            if answer.code() == "0000" && answer.text("route") == name {
                break;
            }
        }
    }
    eventually("nothing is owed", || (home.open_payments() == 0).then_some(())).await;
    switch.stop().await;
}

#[tokio::test]
async fn no_request_goes_over_a_line_that_was_refused_its_sign_on() {
    let refuse = Rule { on: Deed::SignOn, code: Some("96".into()), ..Rule::of(Behaviour::REFUSE) };
    let refusing = Script { rules: vec![refuse], ..Script::default() };
    let closed = acquirer("kovan", refusing).await;
    let open = acquirer("kovan", Script::default()).await;
    let plan = Plan::vans(&[("closed", &closed, 99), ("open", &open, 1)]);
    let toml = with(&plan, &[("closed", "sign_on = true"), ("open", "sign_on = true")]);
    let home = Home::new(&toml);
    let switch = Switch::start(&home).await;
    let up = || (told(&switch, "open", "link up") > 0).then_some(());
    eventually("the other line stands", up).await;
    let mut client = Client::connect(switch.terminals).await;
    for trace in 1..=10 {
        let answer = client.ask(&Approval::new(trace, 10_000)).await;
        assert_eq!((answer.code(), answer.text("route")), ("0000".into(), "open".into()));
    }
    let refused = || (told(&switch, "closed", "cannot sign on") > 0).then_some(());
    eventually("it is told", refused).await;
    assert_eq!(count(&closed.truth(), Event::Approved), 0);
    assert!(count(&closed.truth(), Event::SignOnRefused) > 0);
    assert_eq!(home.open_payments(), 0);
    switch.stop().await;
}
