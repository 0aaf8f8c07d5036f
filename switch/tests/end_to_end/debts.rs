//! Late answers and net-cancels that cross.

use std::time::Duration;

use telegram_replay::acquirer::{Acquirer, Behaviour, Deed, Event, Order, Script};

use crate::support::{
    Approval, Client, Home, Plan, Switch, acquirer, acquirer_with, count, direct_card, events, eventually,
    metric, reachable, script,
};

async fn settled(home: &Home) {
    eventually("nothing is owed", || (home.open_payments() == 0).then_some(())).await;
}

#[tokio::test]
async fn a_late_approval_is_not_the_answer_of_its_net_cancel() {
    let van = acquirer("kovan", script(&[(Deed::NetCancel, Behaviour::IGNORE, Some(1))])).await;
    let (home, switch) = Switch::of(&Plan::van(&van).impatient()).await;
    let mut client = Client::connect(switch.terminals).await;
    van.hold();
    client.send(&[Approval::new(1, 10_000)]).await;
    let asked = || van.truth().iter().any(|truth| truth.event == Event::Ignored);
    eventually("the net-cancel is out", || asked().then_some(())).await;
    // The 0210 has the transaction id that the 0530 will have.
    van.release(Order::FirstFirst).await;
    settled(&home).await;
    assert_eq!(events(&van.truth()), [Event::Approved, Event::Ignored, Event::NetCancelled]);
    let truth = van.truth();
    assert_eq!(truth[1].serial, truth[0].serial, "a net-cancel carries its original's transaction id");
    assert_eq!(truth[2].serial, truth[0].serial, "and so does every further try");
    let journal = home.journal();
    let late = journal.iter().position(|name| name == "Late").expect("the late answer is kept");
    let accepted = journal.iter().position(|name| name == "NetCancelAnswered").expect("its own reply");
    assert!(late < accepted, "{journal:?}");
    assert_eq!(client.receive().await.expect("an answer").code(), "9022");
    assert_eq!(van.live(), []);
}

#[tokio::test]
async fn a_late_decline_closes_the_debt() {
    let rules = [(Deed::Approval, Behaviour::REFUSE, None), (Deed::NetCancel, Behaviour::IGNORE, Some(1))];
    let van = acquirer("kovan", script(&rules)).await;
    let (home, switch) = Switch::of(&Plan::van(&van).impatient()).await;
    let mut client = Client::connect(switch.terminals).await;
    van.hold();
    client.send(&[Approval::new(1, 10_000)]).await;
    let asked = || van.truth().iter().any(|truth| truth.event == Event::Ignored);
    eventually("the net-cancel is out", || asked().then_some(())).await;
    van.release(Order::FirstFirst).await;
    settled(&home).await;
    assert_eq!(events(&van.truth()), [Event::Declined, Event::Ignored]);
    let code = client.receive().await.expect("an answer").code();
    assert!(["9022", "8035"].contains(&code.as_str()), "{code}");
}

/// A VAN that says "no such original" and approves so much later.
async fn approves_after_net_cancel(after: Duration) -> Acquirer {
    acquirer_with("kovan", |settings| settings.after_net_cancel = after).await
}

#[tokio::test]
async fn an_early_no_such_original_is_no_proof() {
    let van = approves_after_net_cancel(Duration::from_millis(200)).await;
    let plan = Plan { settle_after_ms: 2_000, ..Plan::van(&van).impatient() };
    let (home, switch) = Switch::of(&plan).await;
    let mut client = Client::connect(switch.terminals).await;
    assert_eq!(client.ask(&Approval::new(1, 10_070)).await.code(), "9022");
    settled(&home).await;
    let happened = events(&van.truth());
    assert_eq!(happened.first(), Some(&Event::NoSuchOriginal));
    assert!(happened.contains(&Event::Approved));
    assert_eq!(happened.last(), Some(&Event::NetCancelled));
    assert_eq!(van.live(), []);
    assert_eq!(client.ask(&Approval::new(2, 10_000)).await.code(), "0000");
}

#[tokio::test]
async fn an_approval_after_the_debt_was_closed_reopens_it() {
    // A link counts a byte as able to leave for 5 s, and only then is "no such original" proof.
    let van = approves_after_net_cancel(Duration::from_secs(7)).await;
    let plan = Plan { settle_after_ms: 1, ..Plan::van(&van).impatient() };
    let (home, switch) = Switch::of(&plan).await;
    let mut client = Client::connect(switch.terminals).await;
    let approval = Approval::new(1, 10_070);
    assert_eq!(client.ask(&approval).await.code(), "9022");
    eventually("the debt is closed", || (home.open_payments() == 0).then_some(())).await;
    assert!(events(&van.truth()).iter().all(|event| *event == Event::NoSuchOriginal));
    assert_eq!(client.ask(&approval).await.code(), "9013");
    let undone = || events(&van.truth()).last() == Some(&Event::NetCancelled);
    eventually("the late approval is undone", || undone().then_some(())).await;
    settled(&home).await;
    let happened = events(&van.truth());
    assert_eq!(happened[happened.len() - 2..], [Event::Approved, Event::NetCancelled]);
    assert_eq!(client.ask(&approval).await.code(), "9013");
    assert_eq!(van.live(), []);
    switch.stop().await;
}

#[tokio::test]
async fn answers_that_cannot_be_believed_are_net_cancelled_and_no_other_request_gets_them() {
    let van = acquirer("kovan", Script::default()).await;
    let (home, switch) = Switch::of(&Plan::van(&van).impatient().unguarded()).await;
    let mut client = Client::connect(switch.terminals).await;
    // Dropped before and after, twice, wrong amount, nonsense, wrong serial, in doubt, half, bytewise.
    let endings = [64, 65, 66, 67, 68, 69, 71, 73, 74];
    let mut approved = Vec::new();
    for (trace, ending) in (1..).zip(endings) {
        reachable(&switch, "kovan").await;
        let answer = client.ask(&Approval::new(trace, 10_000 + ending)).await;
        match answer.code().as_str() {
            "0000" => approved.push(ending),
            code => assert_eq!(code, "9022", "an amount ending in {ending}"),
        }
    }
    assert_eq!(approved, [66, 74]);
    settled(&home).await;
    let live: Vec<u64> = van.live().into_iter().map(|(_, left)| left % 100).collect();
    assert_eq!(live, [66, 74]);
    assert!(!events(&van.truth()).contains(&Event::Repeated), "an approval request is never repeated");
    switch.stop().await;
}

#[tokio::test]
async fn a_net_cancel_is_tried_until_it_is_accepted_under_one_identity() {
    let rules = [
        (Deed::NetCancel, Behaviour::IGNORE, Some(1)),
        (Deed::NetCancel, Behaviour::REFUSE, Some(2)),
        (Deed::NetCancel, Behaviour::DROP, Some(1)),
    ];
    let van = acquirer("kovan", script(&rules)).await;
    let (home, switch) = Switch::of(&Plan::van(&van).impatient()).await;
    let mut client = Client::connect(switch.terminals).await;
    assert_eq!(client.ask(&Approval::new(1, 10_061)).await.code(), "9022");
    settled(&home).await;
    let truth = van.truth();
    let expected = [
        Event::Approved,
        Event::Ignored,
        Event::CancelRefused,
        Event::CancelRefused,
        Event::Ignored,
        Event::NetCancelled,
    ];
    assert_eq!(events(&truth), expected);
    assert!(truth.iter().all(|entry| entry.serial == truth[0].serial));
    assert!(!home.payments()[0].has_card, "the card is forgotten with the debt");
    switch.stop().await;
}

#[tokio::test]
async fn a_card_company_with_one_socket_is_net_cancelled_by_another() {
    let rules = [(Deed::Approval, Behaviour::ANSWER_NEVER, Some(3))];
    let company = acquirer("card450", script(&rules)).await;
    let van = acquirer("kovan", Script::default()).await;
    let plan = Plan {
        direct: Some(company.local_addr()),
        fallback: "none",
        links: 1,
        ..Plan::van(&van).impatient()
    };
    let (home, switch) = Switch::of(&plan).await;
    let mut client = Client::connect(switch.terminals).await;
    for trace in 1..=3 {
        let approval = Approval::new(trace, 10_000).card(&direct_card(trace));
        assert_eq!(client.ask(&approval).await.code(), "9022");
        settled(&home).await;
    }
    assert_eq!(count(&company.truth(), Event::Approved), 3);
    assert_eq!(company.live(), []);
    assert_eq!(van.truth(), []);
    let answered = client.ask(&Approval::new(4, 10_000).card(&direct_card(4))).await;
    assert_eq!((answered.code(), answered.text("route")), ("0000".into(), "card450".into()));
    switch.stop().await;
}

#[tokio::test]
async fn an_old_debt_is_an_alarm_and_at_last_a_persons() {
    let van = acquirer("kovan", script(&[(Deed::NetCancel, Behaviour::IGNORE, None)])).await;
    let plan = Plan { alarm_after_s: 1, give_up_after_s: 3, ..Plan::van(&van).impatient().unguarded() };
    let (home, switch) = Switch::of(&plan).await;
    let mut client = Client::connect(switch.terminals).await;
    let approval = Approval::new(1, 10_061);
    assert_eq!(client.ask(&approval).await.code(), "9022");
    let alarms = |kind: &str| metric(switch.admin, &format!(r#"switch_alarms_total{{kind="{kind}"}}"#));
    eventually("it is overdue", || (alarms("net-cancel-overdue") > 0.0).then_some(())).await;
    assert!(home.open_payments() == 1);
    eventually("it needs a person", || (alarms("net-cancel-stuck") > 0.0).then_some(())).await;
    settled(&home).await;
    assert!((alarms("net-cancel-overdue") - 1.0).abs() < 0.5, "one alarm for one debt");
    assert_eq!(client.ask(&approval).await.code(), "9013");
    assert!(home.payments()[0].has_card, "who settles it may need the card");
    // Another payment is not held back meanwhile.
    assert_eq!(client.ask(&Approval::new(2, 10_000)).await.code(), "0000");
    switch.stop().await;
}

#[tokio::test]
async fn the_debts_of_an_outage_are_settled_though_they_do_not_fit_at_once() {
    const PLACES: usize = 20;
    const ASKED: u32 = 200;
    let rules = [
        (Deed::Approval, Behaviour::ANSWER_NEVER, Some(150)),
        (Deed::NetCancel, Behaviour::IGNORE, Some(10)),
    ];
    let van = acquirer("kovan", script(&rules)).await;
    let toml = Plan::van(&van).impatient().unguarded().toml();
    let home = Home::new(&toml.replacen("links = 2", &format!("links = 2\nmax_in_flight = {PLACES}"), 1));
    let switch = Switch::start(&home).await;
    let mut client = Client::connect(switch.terminals).await;
    let mut next = 1;
    while next <= ASKED {
        let batch: Vec<_> = (next..next + 10).map(|trace| Approval::new(trace, 10_000)).collect();
        client.send(&batch).await;
        for answer in client.receive_all(batch.len()).await {
            // Full is not sent: nothing is owed for it.
            assert!(["0000", "9021", "9022"].contains(&answer.code().as_str()), "{}", answer.code());
        }
        next += 10;
    }
    switch.kill();
    let switch = Switch::start(&home).await;
    settled(&home).await;
    let approved = home.payments().iter().filter(|row| row.phase == "approved").count();
    assert_eq!(van.live().len(), approved);
    switch.stop().await;
}
