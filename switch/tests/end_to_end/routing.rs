//! Shares of the VANs as they come out at the VANs.

use telegram_replay::acquirer::Script;

use crate::support::{Approval, Client, Home, Plan, Switch, Telegram, acquirer, direct_card};

#[tokio::test]
async fn shares_are_exact_whatever_is_in_flight_at_a_time() {
    let [a, b, c] = [
        acquirer("kovan", Script::default()).await,
        acquirer("kovan", Script::default()).await,
        acquirer("kovan", Script::default()).await,
    ];
    let (_home, switch) = Switch::of(&Plan::vans(&[("a", &a, 5), ("b", &b, 3), ("c", &c, 2)])).await;
    let mut client = Client::connect(switch.terminals).await;
    let approvals: Vec<_> = (1..=200).map(|trace| Approval::new(trace, 10_000)).collect();
    client.send(&approvals).await;
    for answer in client.receive_all(approvals.len()).await {
        assert_eq!(answer.code(), "0000");
    }
    assert_eq!([&a, &b, &c].map(|van| van.live().len()), [100, 60, 40]);
    switch.stop().await;
}

#[tokio::test]
async fn repeats_and_refused_telegrams_take_no_turn() {
    let [a, b] = [acquirer("kovan", Script::default()).await, acquirer("kovan", Script::default()).await];
    let plan = Plan::vans(&[("a", &a, 1), ("b", &b, 1)]);
    let plan = Plan { duplicates: Some("window_ms = 600000\nfingerprint = [\"card\", \"amount\"]"), ..plan };
    let (_home, switch) = Switch::of(&plan).await;
    let mut client = Client::connect(switch.terminals).await;
    let mut routes = Vec::new();
    for trace in 1..=10 {
        let approval = Approval::new(trace, u64::from(10_000 + 100 * trace));
        let answer = client.ask(&approval).await;
        assert_eq!(answer.code(), "0000");
        routes.push(answer.text("route"));
        // Of a finished payment, of another content under its key, and one that looks like the same purchase.
        for _ in 0..trace % 3 {
            assert_eq!(client.ask(&approval).await.content(), answer.content());
        }
        assert_eq!(client.ask(&Approval::new(trace, 77)).await.code(), "9011");
        let again = Approval::new(100 + trace, u64::from(10_000 + 100 * trace));
        assert_eq!(client.ask(&again).await.code(), "9012");
    }
    let expected: Vec<_> = ["a", "b"].into_iter().cycle().take(10).collect();
    assert_eq!(routes, expected);
    switch.stop().await;
}

#[tokio::test]
async fn a_merchant_goes_by_shares_of_its_own_and_never_directly_where_it_says_so() {
    let [a, b] = [acquirer("kovan", Script::default()).await, acquirer("kovan", Script::default()).await];
    let company = acquirer("card450", Script::default()).await;
    let plan = Plan::vans(&[("a", &a, 9), ("b", &b, 1)]).with_direct(&company).toml();
    let name = "name = \"한강상회\"";
    let home =
        Home::new(&plan.replace(name, &format!("{name}\nvan_weights = {{ b = 2, a = 1 }}\ndirect = false")));
    let switch = Switch::start(&home).await;
    let mut client = Client::connect(switch.terminals).await;
    let mut routes = Vec::new();
    for trace in 1..=6 {
        let answer = client.ask(&Approval::new(trace, 10_000).card(&direct_card(1))).await;
        assert_eq!(answer.code(), "0000");
        routes.push(answer.text("route"));
    }
    assert_eq!(routes, ["b", "a", "b", "b", "a", "b"]);
    assert_eq!(company.truth(), []);
    switch.stop().await;
}

#[tokio::test]
async fn a_payment_goes_only_to_acquirers_that_are_told_of_all_its_components() {
    let [kovan, kspay, kicc, company] = [
        acquirer("kovan", Script::default()).await,
        acquirer("kspay", Script::default()).await,
        acquirer("kicc", Script::default()).await,
        acquirer("card450", Script::default()).await,
    ];
    let vans = Plan::vans(&[("kovan", &kovan, 50), ("kspay", &kspay, 30), ("kicc", &kicc, 1)]);
    let (_home, switch) = Switch::of(&vans.with_direct(&company)).await;
    let mut client = Client::connect(switch.terminals).await;
    // What beside the total, and where it goes by a card of the VANs and by one of the card company.
    let table: [(&[(&str, &str)], _, _); 6] = [
        (&[("vat", "5000")], None, "card450"),
        (&[("service_charge", "5000")], Some("kicc"), "kicc"),
        (&[("vat", "5000"), ("tax_free", "0"), ("service_charge", "1")], Some("kicc"), "kicc"),
        (&[("vat", "0"), ("tax_free", "55000")], Some("kicc"), "kicc"),
        (&[("tax_free", "1")], Some("kicc"), "kicc"),
        (&[("vat", "0")], Some("kicc"), "card450"),
    ];
    let mut trace = 0;
    for (components, by_van, directly) in table {
        for (card, expected) in [(None, by_van), (Some(direct_card(1)), Some(directly))] {
            trace += 1;
            let plain = Approval::new(trace, 55_000);
            let plain = card.into_iter().fold(plain, |approval, card| approval.card(&card));
            let approval = components.iter().fold(plain, |approval, (field, won)| approval.with(field, won));
            let answer = client.ask(&approval).await;
            assert_eq!(answer.code(), "0000", "{components:?}");
            let route = answer.text("route");
            assert!(expected.is_none_or(|expected| route == expected), "{components:?} by {route}");
        }
    }
    assert_eq!(kicc.live().len(), 9, "of five for VANs, and four that the card company is not told of");
    switch.stop().await;
}

#[tokio::test]
async fn a_payment_of_which_no_contract_tells_a_component_has_no_route_and_nobody_is_asked() {
    let [kovan, kspay] =
        [acquirer("kovan", Script::default()).await, acquirer("kspay", Script::default()).await];
    let company = acquirer("card450", Script::default()).await;
    let plan = Plan::vans(&[("kovan", &kovan, 1), ("kspay", &kspay, 1)]).with_direct(&company);
    let (_home, switch) = Switch::of(&plan).await;
    let mut client = Client::connect(switch.terminals).await;
    for (trace, field) in [(1, "service_charge"), (2, "tax_free")] {
        let approval = Approval::new(trace, 55_000).card(&direct_card(1)).with(field, "5000");
        let refused = client.ask(&approval).await;
        assert_eq!(refused.code(), "9020", "{field}");
        assert_eq!(client.ask(&approval).await.content(), refused.content(), "{field}: its repeat");
        let withdrawn = Telegram::net_cancel(10 + trace, &approval);
        assert_eq!(client.ask(&withdrawn).await.code(), "0000", "{field}: there is nothing to undo");
    }
    assert_eq!(client.ask(&Approval::new(3, 55_000).with("vat", "0")).await.code(), "9020");
    for acquirer in [&kovan, &kspay, &company] {
        assert_eq!(acquirer.truth(), []);
    }
    switch.stop().await;
}
