//! What holds at every VAN holds at KSPAY, with its sockets for one request each and its cancels by order number, and at KICC, where one
//! layout carries everything.

use std::collections::BTreeSet;

use telegram_replay::acquirer::{Behaviour, Deed, Event, Order, Script, Truth};

use crate::{
    cancels::left,
    support::{Approval, Plan, Shop, Telegram, count, events, eventually, reachable, script, stays},
};

const VANS: [&str; 2] = ["kspay", "kicc"];

/// One after the other would mostly wait.
async fn at_both<Ended: Future<Output = ()>>(test: impl Fn(&'static str) -> Ended) {
    let [first, second] = VANS.map(test);
    tokio::join!(first, second);
}

#[tokio::test]
async fn approvals_and_declines_are_told_in_the_terminals_words() {
    for van in VANS {
        let mut shop = Shop::at(van, Script::default(), |plan| plan).await;
        let approved = shop.approve(&Approval::new(1, 10_000).with("installment", "03")).await;
        assert_eq!((approved.text("route"), approved.text("host_code")), (van.into(), "O".into()));
        assert_eq!(approved.text("approval_no").len(), 8, "the simulated acquirer's have eight digits");
        assert_eq!(Some(approved.text("approval_no")), shop.van.truth()[0].approval_no, "{van}");
        for (trace, amount, code) in [(2, 10_051, "8035"), (3, 10_052, "8324"), (4, 10_053, "8350")] {
            let declined = shop.client.ask(&Approval::new(trace, amount)).await;
            assert_eq!((declined.code(), declined.text("host_code")), (code.into(), code.into()), "{van}");
            assert_eq!(declined.text("approval_no"), "", "{van}: it stands there as the code");
        }
        assert_eq!(
            events(&shop.van.truth()),
            [Event::Approved, Event::Declined, Event::Declined, Event::Declined]
        );
        assert_eq!(shop.home.open_payments(), 0);
        assert_eq!((left(&shop.van), shop.company.truth()), (10_000, vec![]), "{van}");
        let phases: Vec<_> = shop.home.payments().into_iter().map(|row| row.phase).collect();
        assert_eq!(phases, ["approved", "declined", "declined", "declined"]);
    }
}

#[tokio::test]
async fn an_approval_that_kicc_gives_for_a_silent_card_company_is_one() {
    let mut shop = Shop::at("kicc", Script::default(), |plan| plan).await;
    let approval = Approval::new(1, 10_075);
    assert_eq!(shop.approve(&approval).await.text("host_code"), "P");
    assert_eq!(shop.code(&approval).await, "0000", "and so is its repeat's answer");
    assert_eq!(shop.code(&Telegram::cancel(2, &approval, 10_075)).await, "0000");
    assert_eq!(events(&shop.van.truth()), [Event::Approved, Event::Cancelled]);
}

#[tokio::test]
async fn silence_is_9022_and_the_request_is_net_cancelled_until_that_is_settled() {
    at_both(async |van| {
        for behaviour in [Behaviour::ANSWER_NEVER, Behaviour::IGNORE] {
            let rules = [(Deed::Approval, behaviour, None), (Deed::NetCancel, Behaviour::IGNORE, Some(1))];
            let mut shop = Shop::at(van, script(&rules), Plan::impatient).await;
            let approval = Approval::new(1, 10_000).with("vat", "909");
            assert_eq!(shop.code(&approval).await, "9022", "{van}");
            shop.settled().await;
            assert_eq!(shop.code(&approval).await, "9013", "{van}");
            let truth = shop.van.truth();
            if behaviour == Behaviour::ANSWER_NEVER {
                assert_eq!(events(&truth), [Event::Approved, Event::Ignored, Event::NetCancelled], "{van}");
                assert_eq!(truth[2].original.as_ref(), Some(&truth[0].serial), "{van}");
            } else {
                let asked = [Event::Ignored, Event::Ignored, Event::NoSuchOriginal];
                assert_eq!(events(&truth)[..3], asked, "{van}");
            }
            let serials: BTreeSet<_> = truth[1..].iter().map(|entry| &entry.serial).collect();
            assert_eq!(serials.len(), 1, "{van}: every try carries the same identity");
            let is_the_originals = truth[1].serial == truth[0].serial;
            assert_eq!(is_the_originals, van == "kicc", "a cancel by order number has an order number too");
            assert_eq!(shop.van.live(), []);
        }
    })
    .await;
}

#[tokio::test]
async fn a_late_approval_is_kept_and_is_not_the_answer_of_its_net_cancel() {
    for van in VANS {
        let rules = [(Deed::NetCancel, Behaviour::IGNORE, Some(1))];
        let mut shop = Shop::at(van, script(&rules), Plan::impatient).await;
        shop.van.hold();
        shop.client.send(&[Approval::new(1, 10_000)]).await;
        let asked = || events(&shop.van.truth()).contains(&Event::Ignored);
        eventually("the net-cancel is out", || asked().then_some(())).await;
        shop.van.release(Order::FirstFirst).await;
        shop.settled().await;
        assert_eq!(
            events(&shop.van.truth()),
            [Event::Approved, Event::Ignored, Event::NetCancelled],
            "{van}"
        );
        let journal = shop.home.journal();
        let late = journal.iter().position(|name| name == "Late").expect("the late answer is kept");
        let accepted = journal.iter().position(|name| name == "NetCancelAnswered").expect("its own reply");
        assert!(late < accepted, "{van}: {journal:?}");
        assert_eq!(shop.client.receive().await.expect("an answer").code(), "9022", "{van}");
        assert_eq!(shop.van.live(), []);
    }
}

#[tokio::test]
async fn answers_that_cannot_be_believed_are_net_cancelled() {
    at_both(async |van| {
        let mut shop = Shop::at(van, Script::default(), |plan| plan.impatient().unguarded()).await;
        // Dropped before and after, twice, wrong amount, nonsense, wrong serial, in doubt, refused by whom nobody knows, half, bytewise.
        let endings = [64, 65, 66, 67, 68, 69, 71, 72, 73, 74];
        let mut approved = Vec::new();
        for (trace, ending) in (1..).zip(endings) {
            reachable(&shop.switch, van).await;
            match shop.code(&Approval::new(trace, 10_000 + ending)).await.as_str() {
                "0000" => approved.push(ending),
                code => assert_eq!(code, "9022", "{van}: an amount ending in {ending}"),
            }
        }
        assert_eq!(approved, [66, 74], "{van}");
        shop.settled().await;
        let live: Vec<u64> = shop.van.live().into_iter().map(|(_, left)| left % 100).collect();
        assert_eq!(live, [66, 74], "{van}");
        assert_eq!(count(&shop.van.truth(), Event::Repeated), 0, "an approval request is never repeated");
    })
    .await;
}

#[tokio::test]
async fn cancels_are_done_once_whole_or_in_parts() {
    for van in VANS {
        let mut shop = Shop::at(van, Script::default(), |plan| plan).await;
        let whole = Approval::new(1, 10_000);
        let approved = shop.approve(&whole).await;
        let cancel =
            Telegram::cancel(2, &whole, 10_000).with("original_approval_no", &approved.text("approval_no"));
        let cancelled = shop.client.ask(&cancel).await;
        assert_eq!((cancelled.code(), cancelled.text("route")), ("0000".into(), van.into()));
        assert_eq!(shop.client.ask(&cancel).await.content(), cancelled.content(), "its repeat");
        assert_eq!(shop.code(&whole).await, "9031", "never again 0000");

        // KSPAY is told of no service charge.
        let service = if van == "kicc" { "10000" } else { "0" };
        let parts = Approval::new(3, 110_000).with("service_charge", service);
        shop.approve(&parts).await;
        for (trace, amount, service) in [(4, 30_000, service), (5, 30_000, "0"), (6, 49_999, "0")] {
            let cancel = Telegram::cancel(trace, &parts, amount).with("service_charge", service);
            assert_eq!(shop.code(&cancel).await, "0000", "{van}: {amount}");
            assert_eq!(shop.state(&parts).await, "04");
        }
        assert_eq!(shop.code(&Telegram::cancel(7, &parts, 2)).await, "9032", "{van}");
        assert_eq!(shop.code(&Telegram::cancel(8, &parts, 1)).await, "0000", "{van}: the last won");
        assert_eq!(shop.state(&parts).await, "05");

        let truth = shop.van.truth();
        let done: Vec<_> = truth.iter().filter(|entry| entry.event == Event::Cancelled).collect();
        let amounts: Vec<u64> = done.iter().map(|entry| entry.amount).collect();
        assert_eq!(amounts, [10_000, 30_000, 30_000, 49_999, 1], "{van}");
        let serials: BTreeSet<_> = truth.iter().map(|entry| &entry.serial).collect();
        assert_eq!(
            serials.len(),
            7,
            "{van}: every telegram has a serial of its own, and none was sent twice"
        );
        assert_eq!(shop.van.live(), []);
    }
}

/// Serials of the cancels of an original, in order.
fn cancel_serials(truth: &[Truth], original: &str) -> Vec<String> {
    let is_about = |entry: &&Truth| entry.original.as_deref() == Some(original);
    truth.iter().filter(is_about).map(|entry| entry.serial.clone()).collect()
}

#[tokio::test]
async fn a_cancel_without_an_answer_is_9023_and_repeated_under_its_serial_until_it_is_known() {
    at_both(async |van| {
        let mut shop = Shop::at(van, Script::default(), Plan::impatient).await;
        // Done but never answered, answered late, neither, the socket closed.
        for (trace, ending) in [(1, 82), (11, 83), (21, 84), (31, 85)] {
            let approval = Approval::new(trace, 10_000 + ending);
            shop.approve(&approval).await;
            let cancel = Telegram::cancel(trace + 1, &approval, approval.total());
            assert_eq!(shop.code(&cancel).await, "9023", "{van} {ending}");
            shop.settled().await;
            assert_eq!(shop.code(&cancel).await, "0000", "{van} {ending}: the same 0400, later");
            assert_eq!(shop.state(&approval).await, "05");
            let truth = shop.van.truth();
            let original = truth.iter().rfind(|entry| entry.event == Event::Approved).expect("it was given");
            let serials = cancel_serials(&truth, &original.serial);
            assert!(serials.iter().all(|serial| *serial == serials[0]), "{van} {ending}: {serials:?}");
        }
        assert_eq!(count(&shop.van.truth(), Event::Cancelled), 4, "{van}: each once");
        assert_eq!(shop.van.live(), []);
        assert!(shop.alarms("cancel-stuck") < 0.5);
    })
    .await;
}

#[tokio::test]
async fn a_partial_cancel_without_an_answer_is_not_tried_again_but_needs_a_person() {
    for van in VANS {
        let mut shop = Shop::at(van, Script::default(), Plan::impatient).await;
        let approval = Approval::new(1, 50_000);
        shop.approve(&approval).await;
        assert_eq!(shop.code(&Telegram::cancel(2, &approval, 10_082)).await, "9023");
        eventually("a person is called", || (shop.alarms("cancel-stuck") > 0.5).then_some(())).await;
        assert_eq!(shop.state(&approval).await, "08");
        assert_eq!(
            shop.code(&Telegram::cancel(3, &approval, 39_919)).await,
            "9032",
            "its amount is reserved"
        );
        stays("it is not tried again", || shop.van.truth().len() == 2).await;
    }
}

#[tokio::test]
async fn a_contract_without_partial_cancels_is_9034() {
    for van in VANS {
        let mut shop = Shop::at(van, Script::default(), |plan| Plan { partial_cancel: "no", ..plan }).await;
        let approval = Approval::new(1, 50_000);
        shop.approve(&approval).await;
        assert_eq!(shop.code(&Telegram::cancel(2, &approval, 10_000)).await, "9034", "{van}");
        assert_eq!(shop.code(&Telegram::cancel(3, &approval, 50_000)).await, "0000", "{van}");
    }
}

#[tokio::test]
async fn a_terminal_withdraws_an_approval_and_a_kill_forgets_no_debt() {
    at_both(async |van| {
        let rules = [(Deed::NetCancel, Behaviour::IGNORE, Some(1))];
        let mut shop = Shop::at(van, script(&rules), Plan::impatient).await;
        let approval = Approval::new(1, 10_000);
        shop.approve(&approval).await;
        assert_eq!(shop.code(&Telegram::net_cancel(2, &approval)).await, "0000", "{van}");
        eventually("the net-cancel is out", || (shop.van.truth().len() == 2).then_some(())).await;
        let mut shop = shop.revived().await;
        shop.settled().await;
        assert_eq!(
            events(&shop.van.truth()),
            [Event::Approved, Event::Ignored, Event::NetCancelled],
            "{van}"
        );
        assert_eq!(shop.code(&approval).await, "9013");
        assert_eq!(shop.van.live(), []);
    })
    .await;
}
