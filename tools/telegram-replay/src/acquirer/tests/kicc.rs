//! KICC: the total in three parts, the code of a refusal where the approval number stands.

use super::*;

fn kicc() -> &'static Dialect {
    Dialect::named("kicc").unwrap()
}

/// A request of this type for a total of which a tenth is service charge and another tax.
fn request(telegram_type: &str, serial: &str, approval_no: &str, total: u64) -> Vec<u8> {
    let tenth = (total / 10).to_string();
    let supply = (total - 2 * (total / 10)).to_string();
    built(
        "kicc-request",
        &[
            ("telegram_type", telegram_type),
            ("header.encryption", "0"),
            ("header.serial", serial),
            ("supply_amount", &supply),
            ("service_charge", &tenth),
            ("tax", &tenth),
            ("approval_no", approval_no),
        ],
    )
}

const FIELDS: [&str; 5] = ["telegram_type", "header.serial", "status", "approval_no", "total_amount"];

#[tokio::test]
async fn an_approval_a_net_cancel_and_a_cancel_are_told_apart_by_their_type() {
    let acquirer = start(kicc(), "").await;
    let mut asker = Asker::connect(&acquirer, kicc()).await;
    let approved = asker.exchange(&request("1010", "K1", "", 50_005), FIELDS).await;
    assert_eq!(approved, ["1011", "K1", "O", "30000001", "50005"]);
    let [at, van_tr, length] =
        asker.exchange(&request("1010", "K2", "", 50_005), ["approved_at", "van_tr", "length"]).await;
    assert_eq!((at.len(), van_tr.as_str(), length.as_str()), (12, "TR30000002", "461"));
    let undone = asker.exchange(&request("1060", "K1", "", 50_005), FIELDS).await;
    assert_eq!(undone, ["1061", "K1", "O", "30000001", "50005"]);
    let part = asker.exchange(&request("1050", "K3", "30000002", 20_000), FIELDS).await;
    assert_eq!(part, ["1051", "K3", "O", "30000002", "20000"]);
    assert_eq!(acquirer.live(), [("K2".to_owned(), 30_005)]);
    assert_eq!(acquirer.cancelled(), [("K1".to_owned(), 50_005), ("K2".to_owned(), 20_000)]);
}

#[tokio::test]
async fn a_refusal_has_its_code_where_the_approval_number_stands() {
    let acquirer = start(kicc(), "").await;
    let mut asker = Asker::connect(&acquirer, kicc()).await;
    asker.exchange(&request("1010", "R0", "", 10_000), FIELDS).await;
    for (telegram_type, serial, original, total, answered, code) in [
        ("1010", "R1", "", 10_051, "1011", "8035"),
        ("1010", "R2", "", 10_071, "1011", "7581"),
        ("1010", "R3", "", 10_072, "1011", "9099"),
        ("1010", "R0", "", 10_000, "1011", "4299"),
        ("1060", "R4", "", 10_000, "1061", "8414"),
        ("1060", "R0", "", 10_001, "1061", "8504"),
        ("1050", "R5", "99999999", 10_000, "1051", "8414"),
        ("1050", "R6", "30000001", 10_001, "1051", "8504"),
        ("1050", "R7", "30000001", 10_081, "1051", "8432"),
    ] {
        let answer = asker.exchange(&request(telegram_type, serial, original, total), FIELDS).await;
        assert_eq!(answer, [answered, serial, "X", code, &total.to_string()]);
    }
}

#[tokio::test]
async fn a_stand_ins_approval_and_cancel_have_a_status_of_their_own_but_a_refusal_has_none() {
    let script = "[[rule]]\non = \"cancel\"\ndo = \"stand-in\"\n";
    let acquirer = start(kicc(), script).await;
    let mut asker = Asker::connect(&acquirer, kicc()).await;
    let approved = asker.exchange(&request("1010", "S1", "", 10_075), FIELDS).await;
    assert_eq!(approved, ["1011", "S1", "P", "30000001", "10075"]);
    let cancelled = asker.exchange(&request("1050", "S2", "30000001", 10_075), FIELDS).await;
    assert_eq!(cancelled, ["1051", "S2", "P", "30000001", "10075"]);
    let refused = asker.exchange(&request("1050", "S3", "30000001", 10_075), FIELDS).await;
    assert_eq!(refused, ["1051", "S3", "X", "6999", "10075"]);

    let acquirer = start(kovan(), "").await;
    let mut asker = Asker::connect(&acquirer, kovan()).await;
    assert_eq!(asker.exchange(&approval("S4", 10_075), CODES).await, codes("0210", "00", "00"));
}

#[tokio::test]
async fn a_partial_cancel_repeated_under_its_serial_cancels_once() {
    let acquirer = start(kicc(), "").await;
    let mut asker = Asker::connect(&acquirer, kicc()).await;
    asker.exchange(&request("1010", "P1", "", 100_000), FIELDS).await;
    for (serial, total, status, code) in [
        ("P2", 20_000, "O", "30000001"),
        ("P2", 20_000, "X", "6999"),
        ("P3", 80_001, "X", "8504"),
        ("P4", 80_000, "O", "30000001"),
        ("P5", 1, "X", "6999"),
    ] {
        let answer = asker.exchange(&request("1050", serial, "30000001", total), FIELDS).await;
        assert_eq!(answer, ["1051", serial, status, code, &total.to_string()]);
    }
    assert_eq!(acquirer.live(), []);
}

#[tokio::test]
async fn wrong_answers_are_wrong_in_one_thing_each_and_garbage_still_is_a_frame() {
    let acquirer = start(kicc(), "").await;
    let mut asker = Asker::connect(&acquirer, kicc()).await;
    let wrong_amount = asker.exchange(&request("1010", "W1", "", 10_067), FIELDS).await;
    assert_eq!(wrong_amount, ["1011", "W1", "O", "30000001", "10068"]);
    let wrong_serial = asker.exchange(&request("1010", "W2", "", 10_069), FIELDS).await;
    assert_eq!(wrong_serial, ["1011", "W9", "O", "30000002", "10069"]);
    asker.ask(&request("1010", "W3", "", 10_068)).await;
    let garbage = asker.answer().await.unwrap();
    assert_eq!((garbage.len(), &garbage[..8]), (465, &b"0461????"[..]));
}
