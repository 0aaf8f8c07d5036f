//! Inquiries (조회, 0300) in every state.
//!
//! What must be true: an inquiry has no key, it tells the present. 00 unknown, 01 in progress, 02 approved, 03 declined, 04 partly
//! cancelled, 05 cancelled, 06 net-cancel under way, 07 net-cancelled, 08 needs a person. A terminal must repeat, net-cancel or inquire whenever it has
//! no final answer: an inquiry within the grace of an undelivered reply takes it.

use jiff::ToSpan as _;
use telegram_replay::acquirer::{Behaviour, Deed, Event, Order, Rule, Script};

use crate::support::{
    Approval, Plan, Shop, Telegram, count, direct, events, eventually, metric, script, stays,
};

#[tokio::test]
async fn unknown_is_00_and_changes_nothing() {
    let mut shop = Shop::open(|plan| plan).await;
    let approval = Approval::new(1, 10_000);
    let answer = shop.client.ask(&Telegram::inquiry(2, &approval)).await;
    assert_eq!((answer.kind(), answer.state()), ("0310".into(), ("0000".into(), "00".into())));
    assert_eq!(answer.text("approval_no"), "");
    shop.approve(&approval).await;
    let of_another = [
        Telegram::inquiry(3, &approval).terminal(2),
        Telegram::inquiry(4, &approval.clone().sent_at(|at| at - 24.hours())),
        Telegram::inquiry(5, &Approval::new(9, 10_000)),
    ];
    for inquiry in &of_another {
        assert_eq!(shop.client.ask(inquiry).await.state(), ("0000".into(), "00".into()));
    }
    assert_eq!(shop.home.payments().len(), 1);
}

#[tokio::test]
async fn in_progress_is_01_and_then_what_became_of_it() {
    let mut shop = Shop::open(|plan| plan).await;
    for (trace, ending, state) in [(1, 0, "02"), (2, 51, "03")] {
        shop.van.hold();
        let approval = Approval::new(trace, 10_000 + ending);
        shop.client.send(std::slice::from_ref(&approval)).await;
        eventually("the request is at the VAN", || (shop.van.held() == 1).then_some(())).await;
        let inquiry = Telegram::inquiry(10 + trace, &approval);
        let mut other = shop.another().await;
        assert_eq!(other.ask(&inquiry).await.state(), ("0000".into(), "01".into()));
        shop.van.release(Order::FirstFirst).await;
        shop.client.receive().await.expect("an answer");
        // The same telegram again tells the present.
        assert_eq!(other.ask(&inquiry).await.state(), ("0000".into(), state.into()));
    }
}

#[tokio::test]
async fn approved_is_02_with_all_that_the_answer_said() {
    let mut shop = Shop::open(|plan| plan).await;
    for (trace, approval) in [(1, Approval::new(1, 10_000)), (2, direct(2, 20_000))] {
        let approval = approval.with("installment", "03").with("merchant_data", "table 7");
        let approved = shop.approve(&approval).await;
        for restarted in [false, true] {
            if restarted {
                shop = shop.reopened().await;
            }
            let told = shop.client.ask(&Telegram::inquiry(10 + trace, &approval)).await;
            assert_eq!(told.state(), ("0000".into(), "02".into()));
            for field in [
                "approval_no",
                "approved_at",
                "van_trace",
                "issuer_code",
                "issuer_name",
                "acquirer_code",
                "acquirer_name",
                "acquirer_merchant_no",
                "masked_card",
                "installment",
                "total_amount",
                "route",
                "host_code",
            ] {
                assert_eq!(told.text(field), approved.text(field), "{field}, restarted: {restarted}");
            }
        }
    }
    assert_eq!(shop.van.truth().len() + shop.company.truth().len(), 2);
}

#[tokio::test]
async fn not_approved_is_03() {
    let mut shop = Shop::open(|plan| plan).await;
    let declined = Approval::new(1, 10_051);
    assert_eq!(shop.code(&declined).await, "8035");
    assert_eq!(shop.state(&declined).await, "03");
    let opaque = Approval::new(2, 10_000).with("card_track", "").with("card_bin", "54123000");
    let opaque = opaque.with("card_block_van", "opaque");
    assert_eq!(shop.code(&opaque).await, "9020");
    assert_eq!(shop.state(&opaque).await, "03");
    let malformed = Approval::new(3, 10_000).spoiled("currency", b"840");
    assert_eq!(shop.client.ask_bytes(&malformed).await.code(), "9001");
    assert_eq!(
        shop.state(&Approval::new(3, 10_000)).await,
        "00",
        "a refusal that claims no key leaves no payment"
    );
    let mut shop = shop.reopened().await;
    assert_eq!(shop.state(&declined).await, "03");
    assert_eq!(shop.state(&opaque).await, "03");
}

#[tokio::test]
async fn cancelled_in_part_is_04_and_wholly_05() {
    let mut shop = Shop::open(|plan| plan).await;
    let approval = Approval::new(1, 10_000);
    shop.approve(&approval).await;
    for (trace, amount, state) in [(2, 4_000, "04"), (3, 6_000, "05")] {
        assert_eq!(shop.code(&Telegram::cancel(trace, &approval, amount)).await, "0000");
        assert_eq!(shop.state(&approval).await, state);
        shop = shop.reopened().await;
        assert_eq!(shop.state(&approval).await, state);
    }
}

#[tokio::test]
async fn a_net_cancel_is_06_until_it_is_accepted_and_then_07() {
    // Two tries go unheard; the pause after them leaves time to ask.
    let rules = [(Deed::NetCancel, Behaviour::IGNORE, Some(2))];
    let mut shop = Shop::with(script(&rules), Plan::impatient).await;
    let approval = Approval::new(1, 10_061);
    assert_eq!(shop.code(&approval).await, "9022");
    assert_eq!(shop.state(&approval).await, "06");
    shop.settled().await;
    assert_eq!(shop.state(&approval).await, "07");
    let mut shop = shop.reopened().await;
    assert_eq!(shop.state(&approval).await, "07");
}

#[tokio::test]
async fn a_net_cancel_that_cannot_be_done_is_08() {
    // 매입 has happened.
    let refuse = Rule { on: Deed::NetCancel, code: Some("8432".into()), ..Rule::of(Behaviour::REFUSE) };
    let script = Script { rules: vec![refuse], ..Script::default() };
    let mut shop = Shop::with(script, Plan::impatient).await;
    let approval = Approval::new(1, 10_061);
    assert_eq!(shop.code(&approval).await, "9022");
    shop.settled().await;
    assert!(shop.alarms("net-cancel-stuck") > 0.5, "somebody was told");
    assert_eq!(shop.home.payments()[0].phase, "needs-person", "and finds it");
    assert_eq!(shop.state(&approval).await, "08");
    assert_eq!(shop.code(&approval).await, "9013", "it will not stand");
    let mut shop = shop.reopened().await;
    assert_eq!(shop.state(&approval).await, "08");
}

#[tokio::test]
async fn an_inquiry_within_the_grace_takes_the_undelivered_approval() {
    let mut shop = Shop::open(|plan| Plan { grace_ms: 3_000, ..plan }).await;
    for inquired in [true, false] {
        let approval = Approval::new(if inquired { 1 } else { 2 }, 10_000);
        let sessions = metric(shop.switch.admin, "switch_sessions");
        let mut vanishing = shop.another().await;
        shop.van.hold();
        vanishing.send(std::slice::from_ref(&approval)).await;
        eventually("the request is at the VAN", || (shop.van.held() == 1).then_some(())).await;
        vanishing.vanish();
        let known = || metric(shop.switch.admin, "switch_sessions") <= sessions;
        eventually("the switch knows", || known().then_some(())).await;
        shop.van.release(Order::FirstFirst).await;
        eventually("it is undelivered", || (shop.home.open_payments() == 1).then_some(())).await;
        let undelivered = || shop.home.payments().iter().any(|row| row.open && row.phase == "approved");
        eventually("it is undelivered", || undelivered().then_some(())).await;
        if inquired {
            assert_eq!(shop.state(&approval).await, "02");
            shop.settled().await;
            let live = shop.van.live().len();
            stays("what was told stands", || shop.van.live().len() == live).await;
            assert_eq!(shop.code(&approval).await, "0000");
        } else {
            eventually("it is undone", || (count(&shop.van.truth(), Event::NetCancelled) == 1).then_some(()))
                .await;
            shop.settled().await;
            assert_eq!(shop.state(&approval).await, "07");
        }
    }
    assert_eq!(events(&shop.van.truth()), [Event::Approved, Event::Approved, Event::NetCancelled]);
}

#[tokio::test]
async fn telegrams_that_come_together_for_an_original_in_the_store_all_find_it() {
    const COPIES: usize = 20;
    let mut shop = Shop::open(Plan::impatient).await;
    let (approved, undone) = (Approval::new(1, 10_000), Approval::new(2, 10_061));
    shop.approve(&approved).await;
    assert_eq!(shop.code(&undone).await, "9022");
    shop.settled().await;
    let mut shop = shop.reopened().await;
    shop.client.send(&vec![Telegram::inquiry(10, &approved); COPIES]).await;
    for answer in shop.client.receive_all(COPIES).await {
        assert_eq!(answer.state(), ("0000".into(), "02".into()));
    }
    let mut shop = shop.reopened().await;
    let cancels = [11, 12, 13].map(|trace| Telegram::cancel(trace, &undone, 10_061));
    shop.client.send(&cancels).await;
    shop.client.send(&[Telegram::net_cancel(14, &undone)]).await;
    for answer in shop.client.receive_all(4).await {
        assert_eq!(answer.code(), if answer.kind() == "0430" { "0000" } else { "9013" });
    }
    let mut shop = shop.reopened().await;
    let cancels = [21, 22, 23].map(|trace| Telegram::cancel(trace, &approved, 1_000));
    shop.client.send(&cancels).await;
    let mut done = 0;
    for answer in shop.client.receive_all(3).await {
        match answer.code().as_str() {
            "0000" => done += 1,
            code => assert_eq!(code, "9033"),
        }
    }
    assert_eq!(count(&shop.van.truth(), Event::Cancelled), done);
    let phases: Vec<_> = shop.home.payments().into_iter().map(|row| row.phase).collect();
    assert!(!phases.iter().any(|phase| phase == "tombstone"), "{phases:?}");
}
