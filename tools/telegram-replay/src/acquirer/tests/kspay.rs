//! KSPAY: a socket for one request, cancels named in three ways, the code of a refusal where the approval number stands.

use super::*;

fn kspay() -> &'static Dialect {
    Dialect::named("kspay").unwrap()
}

fn credit(order_no: &str, amount: u64) -> Vec<u8> {
    let (amount, track) = (amount.to_string(), "9410123412341237=2912");
    built("kspay-credit", &[("header.order_no", order_no), ("amount", &amount), ("track2", track)])
}

fn cancel_of_all(order_no: &str, transaction_no: &str) -> Vec<u8> {
    let fields = [("header.order_no", order_no), ("cancel_kind", "0"), ("transaction_no", transaction_no)];
    built("kspay-cancel", &fields)
}

fn cancel_of_part(order_no: &str, transaction_no: &str, amount: u64) -> Vec<u8> {
    let amount = amount.to_string();
    let fields = [
        ("header.order_no", order_no),
        ("cancel_kind", "3"),
        ("transaction_no", transaction_no),
        ("cancel_amount", &amount),
        ("cancel_sequence", "1"),
    ];
    built("kspay-cancel", &fields)
}

fn cancel_by_order(order_no: &str, original: &str) -> Vec<u8> {
    built("kspay-cancel", &[("header.order_no", order_no), ("cancel_kind", "1"), ("order_no", original)])
}

const FIELDS: [&str; 5] = ["approval_type", "header.order_no", "status", "approval_no", "amount"];

/// Asks on a socket of its own, which is closed behind the answer.
async fn ask<const N: usize>(acquirer: &Acquirer, telegram: &[u8], fields: [&str; N]) -> [String; N] {
    let mut asker = Asker::connect(acquirer, kspay()).await;
    let answer = asker.exchange(telegram, fields).await;
    assert_eq!(asker.answer().await, None, "closed");
    answer
}

/// An approval of 100,000 won, and its transaction number.
async fn approved(acquirer: &Acquirer, order_no: &str) -> String {
    let [number] = ask(acquirer, &credit(order_no, 100_000), ["transaction_no"]).await;
    number
}

#[tokio::test]
async fn an_approval_is_answered_with_its_numbers_and_time_and_the_socket_is_closed() {
    let acquirer = start(kspay(), "").await;
    let answer = ask(&acquirer, &credit("A1", 50_000), FIELDS).await;
    assert_eq!(answer, ["1000", "A1", "O", "30000001", "50000"]);
    let fields = ["transaction_no", "date", "time", "length", "installment"];
    let [number, date, time, length, installment] = ask(&acquirer, &credit("A2", 50_000), fields).await;
    assert_eq!((number.as_str(), date.len(), time.len()), ("TR30000002", 8, 6));
    assert_eq!((length.as_str(), installment.as_str()), ("576", "00"));
    assert_eq!(acquirer.live(), [("A1".to_owned(), 50_000), ("A2".to_owned(), 50_000)]);
    while acquirer.connections() > 0 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_refusal_has_its_code_where_the_approval_number_would_stand() {
    let acquirer = start(kspay(), "").await;
    let fields = ["status", "approval_no", "transaction_no", "date", "amount"];
    let answer = ask(&acquirer, &credit("D1", 10_052), fields).await;
    assert_eq!(answer, ["X", "8324", "", "", "10052"]);
    let answer = ask(&acquirer, &cancel_by_order("D2", "D1"), FIELDS).await;
    assert_eq!(answer, ["1010", "D2", "X", "8414", "0"]);
    let doubt = ask(&acquirer, &credit("D3", 10_071), FIELDS).await;
    assert_eq!(doubt, ["1000", "D3", "X", "7581", "10071"], "it is approved all the same");
    assert_eq!(acquirer.live(), [("D3".to_owned(), 10_071)]);
}

#[tokio::test]
async fn a_cancel_without_an_amount_takes_all_by_either_name_and_only_once() {
    let acquirer = start(kspay(), "").await;
    let number = approved(&acquirer, "F1").await;
    for (order_no, status, code) in [("F2", "O", "30000001"), ("F2", "X", "6999"), ("F3", "X", "6999")] {
        let answer = ask(&acquirer, &cancel_of_all(order_no, &number), FIELDS).await;
        assert_eq!(answer, ["1010", order_no, status, code, "100000"]);
    }
    approved(&acquirer, "N1").await;
    for (status, code) in [("O", "30000002"), ("X", "6999")] {
        let answer = ask(&acquirer, &cancel_by_order("N2", "N1"), FIELDS).await;
        assert_eq!(answer, ["1010", "N2", status, code, "100000"]);
    }
    assert_eq!(acquirer.live(), []);
    let done: Vec<_> = acquirer
        .truth()
        .into_iter()
        .filter(|truth| matches!(truth.event, Event::Cancelled | Event::NetCancelled))
        .map(|truth| (truth.event, truth.original.unwrap(), truth.amount))
        .collect();
    let expected = [(Event::Cancelled, "F1"), (Event::NetCancelled, "N1")];
    assert_eq!(done, expected.map(|(event, original)| (event, original.to_owned(), 100_000)));
}

#[tokio::test]
async fn a_cancel_that_names_the_approval_number_for_the_transaction_number_finds_nothing() {
    let acquirer = start(kspay(), "").await;
    approved(&acquirer, "W1").await;
    for telegram in [cancel_of_all("W2", "30000001"), cancel_of_part("W3", "30000001", 10_000)] {
        let [status, code] = ask(&acquirer, &telegram, ["status", "approval_no"]).await;
        assert_eq!((status.as_str(), code.as_str()), ("X", "8414"));
    }
    assert_eq!(acquirer.live(), [("W1".to_owned(), 100_000)]);
}

#[tokio::test]
async fn a_cancel_of_a_part_takes_that_part_once_and_what_is_cut_is_not_taken_whole() {
    let acquirer = start(kspay(), "").await;
    let number = approved(&acquirer, "P1").await;
    for (order_no, amount, status, code, cancelled) in [
        ("P2", 30_000, "O", "30000001", 30_000),
        ("P2", 30_000, "X", "6999", 30_000),
        ("P3", 70_001, "X", "8504", 30_000),
        ("P4", 70_000, "O", "30000001", 100_000),
    ] {
        let answer = ask(&acquirer, &cancel_of_part(order_no, &number, amount), FIELDS).await;
        assert_eq!(answer, ["1010", order_no, status, code, amount.to_string().as_str()]);
        assert_eq!(acquirer.cancelled(), [("P1".to_owned(), cancelled)]);
    }
    let number = approved(&acquirer, "Q1").await;
    ask(&acquirer, &cancel_of_part("Q2", &number, 10_000), FIELDS).await;
    let [status, code] = ask(&acquirer, &cancel_of_all("Q3", &number), ["status", "approval_no"]).await;
    assert_eq!((status.as_str(), code.as_str()), ("X", "8504"));
    assert_eq!(acquirer.live(), [("Q1".to_owned(), 90_000)]);
}

#[tokio::test]
async fn the_digits_of_what_was_approved_decide_the_first_cancel_that_names_no_amount() {
    let acquirer = start(kspay(), "").await;
    let [number] = ask(&acquirer, &credit("S1", 10_085), ["transaction_no"]).await;
    let mut asker = Asker::connect(&acquirer, kspay()).await;
    asker.ask(&cancel_of_all("S2", &number)).await;
    assert_eq!(asker.answer().await, None, "closed instead of answered");
    let [code] = ask(&acquirer, &cancel_of_all("S2", &number), ["approval_no"]).await;
    assert_eq!(code, "6999");
    let [number] = ask(&acquirer, &credit("S3", 10_081), ["transaction_no"]).await;
    for _ in 0..2 {
        let [code] = ask(&acquirer, &cancel_of_all("S4", &number), ["approval_no"]).await;
        assert_eq!(code, "8432");
    }
    let [status] = ask(&acquirer, &cancel_by_order("S5", "S3"), ["status"]).await;
    assert_eq!(status, "O", "a net-cancel is not affected");
}

#[tokio::test]
async fn a_socket_waits_for_a_late_answer_carries_a_second_one_and_is_closed_then() {
    let acquirer = start(kspay(), "").await;
    let [serial] = ask(&acquirer, &credit("L1", 10_063), ["header.order_no"]).await;
    assert_eq!(serial, "L1", "late");
    let mut asker = Asker::connect(&acquirer, kspay()).await;
    for order_no in asker.exchange(&credit("L2", 10_066), ["header.order_no"]).await {
        assert_eq!(order_no, "L2");
    }
    assert_eq!(asker.answer_fields(["header.order_no"]).await, ["L2"], "twice");
    assert_eq!(asker.answer().await, None);
    let [amount] = ask(&acquirer, &credit("L3", 10_067), ["amount"]).await;
    assert_eq!(amount, "10068");
    let mut asker = Asker::connect(&acquirer, kspay()).await;
    asker.ask(&credit("L4", 10_073)).await;
    assert_eq!(asker.answer().await, None, "half an answer is none");
}
