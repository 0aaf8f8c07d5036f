//! Echoes and sign-ons.

use super::*;

fn kicc() -> &'static Dialect {
    Dialect::named("kicc").unwrap()
}

fn network(function: &str, trace: &str) -> Vec<u8> {
    built("kovan-network", &[("host", "023400052"), ("trace", trace), ("function", function)])
}

fn test_telegram(serial: &str) -> Vec<u8> {
    built("kicc-test", &[("header.serial", serial), ("header.encryption", "0")])
}

/// The named fields of the answer, by the layout of the answers to what keeps a line.
async fn kept<const N: usize>(asker: &mut Asker, layout: &str, fields: [&str; N]) -> [String; N] {
    let answer = asker.answer().await.expect("an answer");
    let decoded = Layout::embedded(layout).unwrap();
    let decoded = decoded.decode(&answer);
    assert!(decoded.is_valid(), "{decoded:?}");
    fields.map(|field| decoded.text(field).unwrap().into_owned())
}

#[tokio::test]
async fn kovan_answers_a_sign_on_and_echoes_and_counts_them() {
    let acquirer = start(kovan(), "").await;
    let mut asker = Asker::connect(&acquirer, kovan()).await;
    for (function, trace) in [("001", "000001"), ("301", "000002"), ("301", "000003")] {
        asker.ask(&network(function, trace)).await;
        let fields = kept(&mut asker, "kovan-network-reply", ["mti", "trace", "result_code", "function"]);
        assert_eq!(fields.await, ["0810", trace, "00", function]);
    }
    let counted = [
        (Event::SignedOn, "000001".to_owned(), 0),
        (Event::Echoed, "000002".to_owned(), 0),
        (Event::Echoed, "000003".to_owned(), 0),
    ];
    assert_eq!(events(&acquirer), counted);
    assert!(acquirer.live().is_empty());
    // Payments go on beside them.
    asker.exchange(&approval("030000000042", 50_000), CODES).await;
    assert_eq!(acquirer.live().len(), 1);
}

#[tokio::test]
async fn kicc_and_card450_answer_echoes() {
    let acquirer = start(kicc(), "").await;
    let mut asker = Asker::connect(&acquirer, kicc()).await;
    asker.ask(&test_telegram("000000000007")).await;
    let fields = kept(&mut asker, "kicc-test-reply", ["header.serial", "telegram_type", "result_code"]);
    assert_eq!(fields.await, ["000000000007", "9001", "0000"]);
    assert_eq!(events(&acquirer), [(Event::Echoed, "000000000007".to_owned(), 0)]);

    let acquirer = start(card450(), "").await;
    let mut asker = Asker::connect(&acquirer, card450()).await;
    let echo = card450_request("ECHO", "00000000000000000007", "", 0);
    let fields = ["kind", "management_no", "result_code", "card_company_tid"];
    assert_eq!(asker.exchange(&echo, fields).await, ["ECHO", "00000000000000000007", "0000", ""]);
    assert_eq!(events(&acquirer), [(Event::Echoed, "00000000000000000007".to_owned(), 0)]);
}

#[tokio::test]
async fn a_script_silences_echoes_and_refuses_sign_ons() {
    let script = r#"
        [[rule]]
        on = "echo"
        times = 1
        do = "ignore"
        [[rule]]
        on = "sign-on"
        do = "refuse"
        code = "96"
    "#;
    let acquirer = start(kovan(), script).await;
    let mut asker = Asker::connect(&acquirer, kovan()).await;
    asker.ask(&network("301", "000001")).await;
    asker.ask(&network("001", "000002")).await;
    let fields = ["trace", "result_code"];
    assert_eq!(kept(&mut asker, "kovan-network-reply", fields).await, ["000002", "96"]);
    asker.ask(&network("301", "000003")).await;
    assert_eq!(kept(&mut asker, "kovan-network-reply", fields).await, ["000003", "00"]);
    let what: Vec<_> = acquirer.truth().into_iter().map(|truth| truth.event).collect();
    assert_eq!(what, [Event::Ignored, Event::SignOnRefused, Event::Echoed]);
}

#[tokio::test]
async fn what_names_an_amount_elsewhere_does_nothing_to_an_echo() {
    let acquirer = start(kovan(), "[[rule]]\non = \"echo\"\ndo = \"wrong-amount\"").await;
    let mut asker = Asker::connect(&acquirer, kovan()).await;
    asker.ask(&network("301", "000061")).await;
    assert_eq!(kept(&mut asker, "kovan-network-reply", ["trace"]).await, ["000061"]);
}

#[tokio::test]
async fn held_answers_are_those_to_echoes_too() {
    let acquirer = start(kovan(), "").await;
    let mut asker = Asker::connect(&acquirer, kovan()).await;
    acquirer.hold();
    asker.ask(&network("301", "000001")).await;
    while acquirer.held() == 0 {
        tokio::task::yield_now().await;
    }
    acquirer.release(Order::FirstFirst).await;
    assert_eq!(kept(&mut asker, "kovan-network-reply", ["trace"]).await, ["000001"]);
}
