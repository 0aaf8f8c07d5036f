//! Shares of the VANs as they come out at the VANs.

use telegram_replay::acquirer::Script;

use crate::support::{Approval, Client, Home, Plan, Switch, acquirer, direct_card};

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
