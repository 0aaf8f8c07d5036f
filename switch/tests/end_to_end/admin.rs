//! Health and metrics.

use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
    time::{Duration, Instant},
};

use telegram_replay::acquirer::Script;

use crate::support::{Approval, Client, Plan, Switch, acquirer, card, direct_card, eventually, get, metric};

#[tokio::test]
async fn health_is_told_and_counters_equal_what_happened() {
    let van = acquirer("kovan", Script::default()).await;
    let company = acquirer("card450", Script::default()).await;
    let plan = Plan { direct: Some(company.local_addr()), ..Plan::van(&van).impatient() };
    let (home, switch) = Switch::of(&plan).await;
    assert_eq!(get(switch.admin, "/healthz").0, 200);
    assert_eq!(get(switch.admin, "/nothing").0, 404);

    let mut client = Client::connect(switch.terminals).await;
    let mut trace = 0;
    let mut next = |amount: u64| {
        trace += 1;
        Approval::new(trace, amount).card(&card(trace))
    };
    for _ in 0..7 {
        assert_eq!(client.ask(&next(10_000)).await.code(), "0000");
    }
    assert_eq!(client.ask(&next(10_000).card(&direct_card(1))).await.code(), "0000");
    for _ in 0..3 {
        assert_eq!(client.ask(&next(10_051)).await.code(), "8035");
    }
    for _ in 0..2 {
        assert_eq!(client.ask(&next(10_061)).await.code(), "9022");
    }
    assert_eq!(client.ask_bytes(&next(1).spoiled("total_amount", b"00000000000x")).await.code(), "9001");
    assert_eq!(client.ask(&next(1).with("header.terminal_id", "9999999999")).await.code(), "9002");
    eventually("nothing is owed", || (home.open_payments() == 0).then_some(())).await;
    // The exchange forgets a settled payment with the turn that made it durable.
    eventually("the desk is empty", || {
        (metric(switch.admin, "switch_payments_at_desk") == 0.0).then_some(())
    })
    .await;

    let expected = [
        (r#"switch_answers_total{code="0000"}"#, 8.0),
        (r#"switch_answers_total{code="8035"}"#, 3.0),
        (r#"switch_answers_total{code="9022"}"#, 2.0),
        (r#"switch_answers_total{code="9001"}"#, 1.0),
        (r#"switch_answers_total{code="9002"}"#, 1.0),
        (r#"switch_acquirer_requests_total{acquirer="kovan",outcome="answered"}"#, 10.0),
        (r#"switch_acquirer_requests_total{acquirer="kovan",outcome="unanswered"}"#, 2.0),
        (r#"switch_acquirer_requests_total{acquirer="card450",outcome="answered"}"#, 1.0),
        (r#"switch_net_cancels_total{acquirer="kovan",outcome="answered"}"#, 2.0),
        (r#"switch_alarms_total{kind="every-route-failed"}"#, 2.0),
        (r#"switch_links_up{acquirer="kovan"}"#, 2.0),
        ("switch_sessions", 1.0),
        ("switch_answer_seconds_count", 13.0),
    ];
    for (name, value) in expected {
        assert!((metric(switch.admin, name) - value).abs() < 0.5, "{name}: {}", metric(switch.admin, name));
    }
    drop(client);
    eventually("the session is counted out", || {
        (metric(switch.admin, "switch_sessions") == 0.0).then_some(())
    })
    .await;
    switch.stop().await;
}

#[tokio::test]
async fn what_may_be_counted_is_there_at_0_before_it_ever_happened() {
    let van = acquirer("kovan", Script::default()).await;
    let company = acquirer("card450", Script::default()).await;
    let plan = Plan { direct: Some(company.local_addr()), ..Plan::van(&van) };
    let (_home, switch) = Switch::of(&plan).await;
    let text = get(switch.admin, "/metrics").1;
    let mut counters = vec![
        "switch_unopened_cards_total".to_owned(),
        "switch_accept_failures_total".to_owned(),
        "switch_sessions".to_owned(),
    ];
    let mut labelled = |name: &str, label: &str, values: &[&str]| {
        counters.extend(values.iter().map(|value| format!("{name}{{{label}=\"{value}\"}}")));
    };
    labelled(
        "switch_alarms_total",
        "kind",
        &[
            "every-route-failed",
            "net-cancel-overdue",
            "net-cancel-stuck",
            "cancel-stuck",
            "cancel-overdue",
            "needs-person",
            "overdue-at-start",
            "acquirer-not-configured",
            "lease-lapsed",
            "clocks-parted",
            "serials-run-out",
        ],
    );
    labelled("switch_shed_total", "reason", &["rate", "payments", "queue", "store"]);
    labelled(
        "switch_sessions_ended_total",
        "reason",
        &["closed", "idle", "not-taken", "made-room", "closing"],
    );
    labelled("switch_operator_steps_total", "outcome", &["done", "refused"]);
    labelled("switch_reloads_total", "outcome", &["done", "refused"]);
    labelled("switch_answers_total", "code", &["0000", "9013", "9020", "9022", "9040", "9099"]);
    for acquirer in ["kovan", "card450"] {
        for name in ["acquirer_requests", "net_cancels", "cancels"] {
            let of = format!("switch_{name}_total{{acquirer=\"{acquirer}\",outcome");
            counters.extend(
                ["answered", "not-sent", "unanswered"].map(|outcome| format!("{of}=\"{outcome}\"}}")),
            );
        }
        for name in
            ["acquirer_floods_total", "undoing_held", "net_cancels_owed", "net_cancels_oldest_seconds"]
        {
            counters.push(format!("switch_{name}{{acquirer=\"{acquirer}\"}}"));
        }
    }
    for counter in counters {
        assert!(text.lines().any(|line| line == format!("{counter} 0")), "{counter}: {text}");
    }
    switch.stop().await;
}

#[tokio::test]
async fn hundreds_who_ask_nothing_keep_nobody_from_health_and_an_answer_ends_its_connection() {
    let van = acquirer("kovan", Script::default()).await;
    let (_home, switch) = Switch::of(&Plan::van(&van)).await;
    let silent = |_| TcpStream::connect(switch.admin).unwrap();
    let mut silent: Vec<_> = (0..200).map(silent).collect();
    let began = Instant::now();
    assert_eq!(get(switch.admin, "/healthz").0, 200);
    assert_eq!(get(switch.admin, "/metrics").0, 200);
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    for stream in &mut silent {
        stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        // It makes room, or its time is over.
        assert!(matches!(stream.read(&mut [0; 1]), Ok(0)));
    }
    for path in ["/healthz", "/metrics", "/nothing"] {
        let mut kept = TcpStream::connect(switch.admin).unwrap();
        kept.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        write!(kept, "GET {path} HTTP/1.1\r\nHost: test\r\nConnection: keep-alive\r\n\r\n").unwrap();
        let mut answer = String::new();
        kept.read_to_string(&mut answer).expect("it ends with the answer");
        assert!(answer.to_lowercase().contains("connection: close"), "{answer}");
    }
    switch.stop().await;
}
