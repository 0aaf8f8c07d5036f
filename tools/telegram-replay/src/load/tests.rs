use std::collections::HashSet;

use super::*;
use crate::fake_switch::FakeSwitch;

fn settings(to: SocketAddr) -> Settings {
    Settings {
        to,
        connections: 4,
        pipeline: 1,
        rate: None,
        time: Duration::from_millis(300),
        answer_timeout: Duration::from_secs(10),
        first_terminal: 1_000_000_001,
        terminals: 3,
        merchant_no: "1208800001".into(),
        first_trace: 999_990,
        amount: 50_000,
        cards: "94100000".parse().unwrap(),
    }
}

async fn run(settings: &Settings) -> Report {
    load(settings, &Layouts::embedded(), |_, _| {}).await.unwrap()
}

#[tokio::test]
async fn every_telegram_is_a_payment_of_its_own_and_is_answered() {
    let switch = FakeSwitch::start().await;
    let report = run(&settings(switch.address)).await;
    assert!(report.sent > 10, "{report:?}");
    assert_eq!((report.approved, report.declined, report.refused, report.errors), (report.sent, 0, 0, 0));
    assert_eq!(switch.keys() as u64, report.sent, "no key was used twice");
    assert!(
        report.p50_ms <= report.p99_ms && report.p99_ms <= report.max_ms && report.max_ms > 0.0,
        "{report:?}"
    );
}

#[tokio::test]
async fn a_pipeline_keeps_several_telegrams_under_way() {
    let switch = FakeSwitch::start().await;
    let report = run(&Settings { pipeline: 16, ..settings(switch.address) }).await;
    assert_eq!((report.approved, report.errors), (report.sent, 0));
    assert_eq!(switch.keys() as u64, report.sent);
}

#[tokio::test]
async fn a_rate_is_kept() {
    let switch = FakeSwitch::start().await;
    let report =
        run(&Settings { rate: Some(200.0), time: Duration::from_millis(500), ..settings(switch.address) })
            .await;
    assert!((80..=101).contains(&report.sent), "{report:?}");
    assert_eq!(report.errors, 0);
}

#[tokio::test]
async fn declines_and_refusals_are_counted_apart() {
    let switch = FakeSwitch::start().await;
    let declined = run(&Settings { amount: 50_051, ..settings(switch.address) }).await;
    assert_eq!((declined.declined, declined.approved, declined.errors), (declined.sent, 0, 0));
    assert!(!declined.only_refusals());
    let refused = run(&Settings { amount: 50_052, first_trace: 0, ..settings(switch.address) }).await;
    assert!(refused.refused > 0 && refused.approved == 0, "{refused:?}");
    assert!(refused.only_refusals(), "{refused:?}");
    assert_eq!((refused.overloaded, refused.overloaded_p99_ms), (0, 0.0));
}

#[tokio::test]
async fn who_is_not_let_in_has_latencies_of_his_own() {
    let switch = FakeSwitch::start().await;
    let none_let_in = run(&Settings { amount: 50_053, ..settings(switch.address) }).await;
    assert_eq!((none_let_in.overloaded, none_let_in.refused), (none_let_in.sent, none_let_in.sent));
    assert_eq!((none_let_in.admitted_p50_ms, none_let_in.admitted_p99_ms), (0.0, 0.0));
    assert_eq!(
        (none_let_in.overloaded_p50_ms, none_let_in.overloaded_p99_ms),
        (none_let_in.p50_ms, none_let_in.p99_ms)
    );
    let all_let_in = run(&Settings { first_trace: 0, ..settings(switch.address) }).await;
    assert_eq!((all_let_in.overloaded, all_let_in.overloaded_p50_ms), (0, 0.0));
    assert_eq!(
        (all_let_in.admitted_p50_ms, all_let_in.admitted_p99_ms),
        (all_let_in.p50_ms, all_let_in.p99_ms)
    );
}

#[tokio::test]
async fn silence_lost_sockets_and_superfluous_answers_are_errors() {
    let switch = FakeSwitch::start().await;
    let silent =
        Settings { amount: 50_062, answer_timeout: Duration::from_millis(200), ..settings(switch.address) };
    let silent = run(&silent).await;
    assert!(silent.errors >= silent.sent && silent.sent > 0, "{silent:?}");
    let closed = run(&Settings { amount: 50_064, ..settings(switch.address) }).await;
    assert!(closed.errors >= closed.sent && closed.sent > 0, "{closed:?}");
    let twice = run(&Settings { amount: 50_066, ..settings(switch.address) }).await;
    assert!(twice.errors > 0 && twice.approved > 0, "{twice:?}");
}

#[tokio::test]
async fn nobody_listening_is_found_before_the_time_runs() {
    let error =
        load(&settings("127.0.0.1:1".parse().unwrap()), &Layouts::embedded(), |_, _| {}).await.unwrap_err();
    assert_eq!(error.to_string(), "cannot connect to 127.0.0.1:1");
}

#[test]
fn sockets_never_share_a_terminal_and_trace_number() {
    for (connections, terminals) in [(1, 1), (4, 3), (3, 4), (5, 1), (2, 7), (8, 8)] {
        let settings = Settings { connections, terminals, ..settings("127.0.0.1:1".parse().unwrap()) };
        let mut used = HashSet::new();
        for index in 0..connections {
            let share = Share::of(&settings, index);
            for n in 0..2000 {
                let (terminal, trace) = share.nth(n);
                assert!(
                    (settings.first_terminal..settings.first_terminal + u64::from(terminals))
                        .contains(&terminal)
                );
                assert!(trace < TRACES);
                assert!(
                    used.insert((terminal, trace)),
                    "{connections} sockets, {terminals} terminals, {index}:{n}"
                );
            }
        }
    }
}

#[test]
fn cards_differ_and_keep_their_check_digit() {
    let cards: Cards = "94100000".parse().unwrap();
    let text = |n| String::from_utf8(cards.nth(n).to_vec()).unwrap();
    assert_eq!(text(1_234_567), "9410000012345679");
    assert_eq!((0..1000).map(text).collect::<HashSet<_>>().len(), 1000);
    let one: Cards = "9410000012345679".parse().unwrap();
    assert_eq!(one.nth(5), one.nth(6));
    for wrong in ["9410000012345678", "94100", "9410000012345", "9410abcd", ""] {
        assert_eq!(wrong.parse::<Cards>(), Err(CardError), "{wrong}");
    }
    assert!(!format!("{one:?}").contains("9410"));
}
