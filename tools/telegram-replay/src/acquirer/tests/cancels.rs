//! Cancels: what is done once, twice, in part, and by the digits of the amount.

use super::*;

const KOVAN: [&str; 2] = ["mti", "card_company_code"];

fn kovan_code(code: &str) -> [String; 2] {
    ["0430", code].map(str::to_owned)
}

fn card450_cancel(serial: &str, original: &str, amount: u64) -> Vec<u8> {
    card450_request("CANCEL", serial, original, amount)
}

/// An approval of 100,000 won at KOVAN, and its number.
async fn approved(asker: &mut Asker, serial: &str) -> String {
    let [number] = asker.exchange(&approval(serial, 100_000), ["approval"]).await;
    number
}

#[tokio::test]
async fn a_partial_cancel_repeated_under_its_serial_cancels_once() {
    let acquirer = start(kovan(), "").await;
    let mut asker = Asker::connect(&acquirer, kovan()).await;
    let number = approved(&mut asker, "P1").await;
    assert_eq!(asker.exchange(&cancel("P2", &number, 20_000), KOVAN).await, kovan_code("00"));
    assert_eq!(asker.exchange(&cancel("P2", &number, 20_000), KOVAN).await, kovan_code("6999"));
    assert_eq!(acquirer.live(), [("P1".to_owned(), 80_000)]);
    assert_eq!(acquirer.cancelled(), [("P1".to_owned(), 20_000)]);
    let truth = acquirer.truth();
    let cancels: Vec<_> =
        truth.iter().skip(1).map(|t| (t.event, t.serial.as_str(), t.original.as_deref(), t.amount)).collect();
    assert_eq!(
        cancels,
        [(Event::Cancelled, "P2", Some("P1"), 20_000), (Event::AlreadyCancelled, "P2", Some("P1"), 20_000)]
    );

    let acquirer = start(card450(), "").await;
    let mut asker = Asker::connect(&acquirer, card450()).await;
    asker.exchange(&card450_request("PAYMENT", "M1", "", 100_000), ["result_code"]).await;
    for code in ["0000", "6999"] {
        assert_eq!(asker.exchange(&card450_cancel("M2", "M1", 20_000), ["result_code"]).await, [code]);
    }
    assert_eq!(acquirer.cancelled(), [("M1".to_owned(), 20_000)]);
}

#[tokio::test]
async fn a_full_cancel_repeated_under_its_serial_or_another_is_already_cancelled() {
    let acquirer = start(kovan(), "").await;
    let mut asker = Asker::connect(&acquirer, kovan()).await;
    let number = approved(&mut asker, "F1").await;
    for (serial, code) in [("F2", "00"), ("F2", "6999"), ("F3", "6999")] {
        assert_eq!(asker.exchange(&cancel(serial, &number, 100_000), KOVAN).await, kovan_code(code));
    }
    assert_eq!(acquirer.live(), []);
    assert_eq!(acquirer.cancelled(), [("F1".to_owned(), 100_000)]);
}

#[tokio::test]
async fn a_serial_used_for_one_cancel_is_no_other_cancel() {
    let acquirer = start(kovan(), "").await;
    let mut asker = Asker::connect(&acquirer, kovan()).await;
    let (first, second) = (approved(&mut asker, "O1").await, approved(&mut asker, "O2").await);
    assert_eq!(asker.exchange(&cancel("O3", &first, 100_000), KOVAN).await, kovan_code("00"));
    assert_eq!(asker.exchange(&cancel("O3", &second, 100_000), KOVAN).await, kovan_code("6999"));
    assert_eq!(acquirer.live(), [("O2".to_owned(), 100_000)]);
}

#[tokio::test]
async fn two_partial_cancels_count_both_and_nothing_goes_above_what_is_left() {
    let acquirer = start(kovan(), "").await;
    let mut asker = Asker::connect(&acquirer, kovan()).await;
    let number = approved(&mut asker, "T1").await;
    for (serial, amount, code, cancelled) in [
        ("T2", 30_000, "00", 30_000),
        ("T3", 30_000, "00", 60_000),
        ("T4", 40_001, "8504", 60_000),
        ("T5", 40_000, "00", 100_000),
        ("T6", 1, "6999", 100_000),
    ] {
        let answer = asker.exchange(&cancel(serial, &number, amount), KOVAN).await;
        assert_eq!(answer, kovan_code(code), "{serial}");
        assert_eq!(acquirer.cancelled(), [("T1".to_owned(), cancelled)], "{serial}");
    }
    let done = acquirer.truth().into_iter().filter(|truth| truth.event == Event::Cancelled);
    assert_eq!(done.map(|truth| truth.amount).sum::<u64>(), 100_000, "the log adds up to the same");
}

#[tokio::test]
async fn a_net_cancel_takes_what_is_left_and_finds_what_is_cancelled() {
    let acquirer = start(kovan(), "").await;
    let mut asker = Asker::connect(&acquirer, kovan()).await;
    let number = approved(&mut asker, "N1").await;
    asker.exchange(&cancel("N2", &number, 30_000), KOVAN).await;
    assert_eq!(asker.exchange(&net_cancel("N1", 100_000), CODES).await, codes("0530", "00", "00"));
    assert_eq!(acquirer.cancelled(), [("N1".to_owned(), 100_000)]);
    let number = approved(&mut asker, "N3").await;
    asker.exchange(&cancel("N4", &number, 100_000), KOVAN).await;
    assert_eq!(asker.exchange(&net_cancel("N3", 100_000), CODES).await, codes("0530", "6999", "00"));
}

#[tokio::test]
async fn the_last_two_digits_of_a_cancel_decide_its_first_try() {
    let acquirer = start(kovan(), "").await;
    for (amount, second_try, events) in [
        (10_082, "6999", [Event::Cancelled, Event::AlreadyCancelled]),
        (10_083, "6999", [Event::Cancelled, Event::AlreadyCancelled]),
        (10_084, "00", [Event::Ignored, Event::Cancelled]),
        (10_085, "6999", [Event::Cancelled, Event::AlreadyCancelled]),
    ] {
        let mut asker = Asker::connect(&acquirer, kovan()).await;
        let original = format!("A{amount}");
        let [number, code] =
            asker.exchange(&approval(&original, amount), ["approval", "card_company_code"]).await;
        assert_eq!(code, "00", "an approval of this amount is plain");
        let serial = format!("C{amount}");
        asker.ask(&cancel(&serial, &number, amount)).await;
        if amount == 10_085 {
            assert_eq!(asker.answer().await, None, "closed instead of answered");
            asker = Asker::connect(&acquirer, kovan()).await;
        }
        assert_eq!(
            asker.exchange(&cancel(&serial, &number, amount), KOVAN).await,
            kovan_code(second_try),
            "{amount}"
        );
        if amount == 10_083 {
            assert_eq!(asker.answer_fields(KOVAN).await, kovan_code("00"), "the late answer");
        }
        let truth = acquirer.truth();
        let told: Vec<_> = truth.iter().filter(|truth| truth.serial == serial).map(|t| t.event).collect();
        assert_eq!(told, events, "{amount}");
    }
    assert_eq!(acquirer.live(), []);
}

#[tokio::test]
async fn a_cancel_ending_in_81_is_refused_at_every_try() {
    let acquirer = start(kovan(), "").await;
    let mut asker = Asker::connect(&acquirer, kovan()).await;
    let number = approved(&mut asker, "R1").await;
    for _ in 0..2 {
        assert_eq!(asker.exchange(&cancel("R2", &number, 10_081), KOVAN).await, kovan_code("8432"));
    }
    assert_eq!(acquirer.cancelled(), []);
    assert_eq!(
        events(&acquirer)[1..],
        [(Event::CancelRefused, "R2".to_owned(), 10_081), (Event::CancelRefused, "R2".to_owned(), 10_081)]
    );
}

#[tokio::test]
async fn a_net_cancel_is_unaffected_by_the_digits_but_card450_cannot_tell() {
    let acquirer = start(kovan(), "").await;
    let mut asker = Asker::connect(&acquirer, kovan()).await;
    for amount in 10_081..=10_085 {
        let serial = format!("N{amount}");
        asker.exchange(&approval(&serial, amount), CODES).await;
        assert_eq!(asker.exchange(&net_cancel(&serial, amount), CODES).await, codes("0530", "00", "00"));
    }

    let acquirer = start(card450(), "").await;
    let mut asker = Asker::connect(&acquirer, card450()).await;
    let code = ["result_code"];
    for amount in [10_081, 10_082] {
        let original = format!("M{amount}");
        let payment = card450_request("PAYMENT", &original, "", amount);
        assert_eq!(asker.exchange(&payment, code).await, ["0000"]);
    }
    assert_eq!(asker.exchange(&card450_cancel("C1", "M10081", 10_081), code).await, ["8432"]);
    asker.ask(&card450_cancel("C2", "M10082", 10_082)).await;
    assert_eq!(asker.exchange(&card450_cancel("C2", "M10082", 10_082), code).await, ["6999"]);
    assert_eq!(acquirer.live(), [("M10081".to_owned(), 10_081)]);
}

#[tokio::test]
async fn a_script_overrides_the_digits_of_a_cancel() {
    let script = "[[rule]]\non = \"cancel\"\namount_ends = 81\ntimes = 1\ndo = \"answer\"\n";
    let acquirer = start(kovan(), script).await;
    let mut asker = Asker::connect(&acquirer, kovan()).await;
    let number = approved(&mut asker, "S1").await;
    assert_eq!(asker.exchange(&cancel("S2", &number, 10_081), KOVAN).await, kovan_code("00"));
    assert_eq!(asker.exchange(&cancel("S3", &number, 10_081), KOVAN).await, kovan_code("8432"));
}

#[test]
fn the_table_tells_approvals_and_cancels_with_their_codes() {
    let table = amount_table();
    for line in [
        "  51  refuse            refuses it with 8035\n",
        "  52  refuse            refuses it with 8324\n",
        "  53  refuse            refuses it with 8350\n",
        "  81  refuse            refuses it with 8432\n",
        "  82  answer-never      does it and never answers\n",
        "  84  ignore            neither does it nor answers\n",
    ] {
        assert!(table.contains(line), "{line}{table}");
    }
}
