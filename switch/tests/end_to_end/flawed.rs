//! The check of every run can fail: what a real run left behind is well, and each invariant is found broken in it once something of it is spoilt.

use jiff::Timestamp;
use telegram_replay::acquirer::{Event, Truth};
use torture::{
    book::Heard,
    checker::{Evidence, LooseEnd, check, check_counters},
    telegram::Key,
};

use crate::support::{Approval, Plan, Shop, Telegram, card, eventually};

/// Breaks something of what a run left behind.
type Spoil = fn(&mut Evidence);

#[tokio::test]
async fn each_invariant_is_found_broken_in_what_a_real_run_left_behind_once_that_is_spoilt() {
    let shop = day().await;
    assert_eq!(broken(&shop.home.evidence()), Vec::<&str>::new());
    let spoils: [(&str, &str, Spoil); 14] = [
        ("P", "a panic", |evidence| evidence.process.push("panicked".to_owned())),
        ("I1", "an approval that the journal does not know", |evidence| {
            truth(evidence, Event::Approved).serial = "77".to_owned();
        }),
        ("I1", "a net-cancel that the acquirer never did", |evidence| {
            truth(evidence, Event::NetCancelled).event = Event::NoSuchOriginal;
        }),
        ("I1", "an approval that its terminal was told nothing of", |evidence| {
            heard(evidence, 100, 1).code = "9022".to_owned();
        }),
        ("I1", "a cancel that was not told to be done", |evidence| {
            heard(evidence, 400, 3).code = "9021".to_owned();
        }),
        ("I1", "an acquirer without a log", |evidence| evidence.acquirers.clear()),
        ("I2", "an approval that its terminal has, net-cancelled unasked", |evidence| {
            let mut purchases = evidence.records.purchases.iter_mut();
            purchases.find(|purchase| purchase.original.trace == 4).unwrap().withdrawal = None;
        }),
        ("I3", "an approval after it was told to be withdrawn", |evidence| {
            let again = heard(evidence, 100, 4).clone();
            heard(evidence, 100, 4).code = "9013".to_owned();
            evidence.records.exchanges.get_mut(&key(100, 4)).unwrap().heard.push(again);
        }),
        ("I4", "a terminal that was never answered", |evidence| {
            evidence.records.exchanges.get_mut(&key(100, 6)).unwrap().heard.clear();
        }),
        ("I6", "a state that its events do not give", |evidence| {
            evidence.journal.payments[0].state["phase"] = "Trying".into();
        }),
        ("I7", "a net-cancel before it was recorded", |evidence| {
            truth(evidence, Event::NetCancelled).at = Timestamp::UNIX_EPOCH;
        }),
        ("I8", "an answer to somebody else", |evidence| {
            heard(evidence, 100, 1).approval_no = "99999999".to_owned();
        }),
        ("I9", "a payment that is gone", |evidence| drop(evidence.journal.payments.remove(0))),
        ("I10", "a card number in the log", |evidence| evidence.log.push_str(&card(1))),
    ];
    for (name, what, spoil) in spoils {
        let mut evidence = shop.home.evidence();
        spoil(&mut evidence);
        assert!(broken(&evidence).contains(&name), "{what}: {:?}", broken(&evidence));
    }
    let mut evidence = shop.home.evidence();
    evidence.metrics.insert("switch_sessions".to_owned(), 2.0);
    evidence.held = 2;
    assert_eq!(check_counters(&evidence), []);
    evidence.held = 1;
    assert_eq!(check_counters(&evidence).len(), 1, "I11");
}

#[tokio::test]
async fn what_is_unfinished_is_excused_only_where_the_test_says_so() {
    let mut shop = Shop::open(|plan| plan).await;
    shop.van.hold();
    shop.client.send(&[Approval::new(1, 10_000)]).await;
    eventually("it is at the VAN", || (shop.van.held() == 1).then_some(())).await;
    assert_eq!(broken(&shop.home.evidence()), ["I1", "I4"]);
    shop.home.leaves(&[LooseEnd::Debts, LooseEnd::Cancels, LooseEnd::Deliveries]);
    assert_eq!(broken(&shop.home.evidence()), ["I1", "I4"]);
    shop.home.leaves(&[LooseEnd::Requests]);
    assert_eq!(broken(&shop.home.evidence()), Vec::<&str>::new());
}

/// A day with an approval that stands, one that is cancelled, one that is withdrawn, and one that goes unanswered.
async fn day() -> Shop {
    let mut shop = Shop::open(|plan| Plan { answer_timeout_ms: 2_000, ..plan }).await;
    shop.approve(&Approval::new(1, 10_000)).await;
    let cancelled = Approval::new(2, 20_000);
    shop.approve(&cancelled).await;
    assert_eq!(shop.code(&Telegram::cancel(3, &cancelled, 20_000)).await, "0000");
    let withdrawn = Approval::new(4, 30_000);
    shop.approve(&withdrawn).await;
    assert_eq!(shop.code(&Telegram::net_cancel(5, &withdrawn)).await, "0000");
    assert_eq!(shop.code(&Approval::new(6, 40_061)).await, "9022");
    shop.settled().await;
    shop
}

/// The names of the invariants that are broken, as far as the first blank.
fn broken(evidence: &Evidence) -> Vec<&'static str> {
    let found = check(evidence).into_iter().filter(|(_, violations)| !violations.is_empty());
    found.map(|(name, _)| name.split(' ').next().unwrap_or_default()).collect()
}

fn key(kind: u16, trace: u32) -> Key {
    Key { terminal: "1000000001".to_owned(), kind, trace, edition: 0 }
}

/// The last answer to a telegram.
fn heard(evidence: &mut Evidence, kind: u16, trace: u32) -> &mut Heard {
    evidence.records.exchanges.get_mut(&key(kind, trace)).unwrap().heard.last_mut().unwrap()
}

/// The first thing of its kind that an acquirer did.
fn truth(evidence: &mut Evidence, event: Event) -> &mut Truth {
    let mut truth = evidence.acquirers.iter_mut().flat_map(|told| &mut told.truth);
    truth.find(|truth| truth.event == event).unwrap()
}
