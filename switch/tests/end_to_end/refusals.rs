//! Refusals, one of each.
//!
//! What must be true: a telegram whose header can be read always gets an answer that the terminal can match, in the layout of its type, with a Korean
//! message where that has room; every refused telegram leaves an event; 9001–9004, 9012, 9040 claim no key. The tables that people read say what the
//! switch says.

use std::collections::BTreeSet;

use jiff::ToSpan as _;
use payment::RESPONSES;
use telegram_replay::acquirer::{Event, Order};

use crate::support::{Answer, Approval, Client, Plan, Said, Shop, Telegram, count, eventually};

impl Shop {
    fn journaled(&self) -> i64 {
        let count = "SELECT count(*) FROM payment_event";
        self.home.open().query_row(count, [], |row| row.get(0)).unwrap()
    }

    /// A telegram that is refused with this code, and that leaves an event.
    async fn refused(&mut self, telegram: &impl Said, expected: &str) {
        let mut client = Client::connect(self.switch.terminals).await;
        self.refused_on(&mut client, telegram, expected).await;
    }

    async fn refused_on(&self, client: &mut Client, telegram: &impl Said, expected: &str) {
        let before = self.journaled();
        let asked = telegram.bytes();
        let answer = client.ask_bytes(&asked).await;
        assert_refusal(&asked, &answer, expected);
        eventually(&format!("{} {expected} leaves an event", answer.kind()), || {
            (self.journaled() > before).then_some(())
        })
        .await;
    }
}

/// It has the shape of its type, and says in Korean what it is.
fn assert_refusal(asked: &[u8], answer: &Answer, expected: &str) {
    let kind = answer.kind();
    assert_eq!(answer.code(), expected, "{kind}");
    assert_eq!((kind.as_bytes()[..2].as_ref(), kind.as_bytes()[2]), (&asked[..2], asked[2] + 1), "{kind}");
    assert_eq!(answer.text("header.terminal_id").as_bytes(), &asked[6..16], "{kind}");
    assert_eq!(answer.text("header.trace_no").as_bytes(), &asked[26..32], "{kind}");
    let korean = RESPONSES.iter().find(|row| row.code.as_str() == expected).map(|row| row.korean);
    if ["0110", "0310", "0410", "0430"].contains(&kind.as_str())
        && let Some(korean) = korean
    {
        assert!(
            answer.text("message1").starts_with(korean),
            "{kind} {expected}: {}",
            answer.text("message1")
        );
    }
    match kind.as_str() {
        "0310" => assert_eq!(answer.text("state"), "00", "{expected}"),
        "0510" => assert_eq!(answer.totals().0, [(0, 0); 3], "{expected}"),
        _ => {}
    }
}

#[tokio::test]
async fn a_telegram_of_any_type_that_is_wrong_or_strange_is_refused_in_its_own_layout() {
    let mut shop = Shop::open(|plan| plan).await;
    let original = Approval::new(1, 10_000);
    shop.approve(&original).await;
    let of_each = |trace| {
        vec![
            Telegram::cancel(trace, &original, 1),
            Telegram::net_cancel(trace, &original),
            Telegram::acknowledgement(trace, &original, ""),
            Telegram::inquiry(trace, &original),
            Telegram::totals(trace, original.date(), [(0, 0); 3]),
            Telegram::network(trace, "001"),
        ]
    };
    for telegram in of_each(2) {
        shop.refused(&telegram.clone().with("header.terminal_id", "9999999999"), "9002").await;
        shop.refused(&telegram.clone().with("header.merchant_no", "9999999999"), "9002").await;
        shop.refused(&telegram.clone().with("header.version", "02"), "9001").await;
        shop.refused(&telegram.with("header.security", "1"), "9001").await;
    }
    for telegram in of_each(3) {
        let mut short = telegram.bytes();
        short.truncate(70);
        let answer = shop.client.ask_bytes(&short).await;
        assert_refusal(&short, &answer, "9001");
    }
    shop.refused(&Approval::new(4, 10_000).with("header.terminal_id", "9999999999"), "9002").await;
    shop.refused(&Telegram::inquiry(5, &original).with("header.sent_at", "20200101000000"), "9001").await;
    shop.refused(&Telegram::cancel(6, &original, 1).with("reason", "42"), "9001").await;
    shop.refused(&Telegram::net_cancel(7, &original).with("reason", "42"), "9001").await;
    shop.refused(&Telegram::net_cancel(8, &original).with("total_amount", "0"), "9001").await;
    shop.refused(&Telegram::cancel(9, &original, 1).sent_at(|at| at + 31.minutes()), "9004").await;
    assert_eq!(count(&shop.van.truth(), Event::Approved), 1);
    assert_eq!(shop.van.truth().len(), 1);
    assert_eq!(shop.state(&original).await, "02");
}

#[tokio::test]
async fn every_code_of_a_payment_is_told_in_korean_and_journaled() {
    let mut shop = Shop::open(|plan| Plan {
        duplicates: Some("window_ms = 600000"),
        partial_cancel: "no",
        answer_timeout_ms: 2_000,
        terminal_deadline_ms: 2_500,
        ..plan
    })
    .await;
    let original = Approval::new(1, 10_000);
    shop.approve(&original).await;
    shop.refused(&original.clone().with("total_amount", "9999"), "9011").await;
    shop.refused(&Approval::new(2, 10_000), "9012").await;
    let opaque = Approval::new(3, 10_000).with("card_track", "").with("card_bin", "54123000");
    shop.refused(&opaque.with("card_block_van", "opaque"), "9020").await;
    let silent = Approval::new(4, 10_061);
    shop.refused(&silent, "9022").await;
    shop.refused(&Telegram::cancel(5, &silent, 10_061), "9013").await;
    shop.refused(&Telegram::cancel(6, &Approval::new(90, 10_000), 1), "9030").await;
    shop.refused(&Telegram::acknowledgement(7, &Approval::new(90, 10_000), "1"), "9030").await;
    shop.refused(&Telegram::cancel(8, &original, 10_001), "9032").await;
    shop.refused(&Telegram::cancel(9, &original, 9_999), "9034").await;
    shop.refused(&Telegram::net_cancel(10, &original).with("total_amount", "1"), "9011").await;
    // In progress, and being cancelled.
    shop.van.hold();
    let held = Approval::new(11, 20_000);
    let mut waiting = shop.another().await;
    waiting.send(std::slice::from_ref(&held)).await;
    eventually("the request is at the VAN", || (shop.van.held() == 1).then_some(())).await;
    shop.refused(&Telegram::cancel(12, &held, 20_000), "9010").await;
    shop.refused(&Telegram::acknowledgement(13, &held, ""), "9010").await;
    shop.van.release(Order::FirstFirst).await;
    assert_eq!(waiting.receive().await.expect("an answer").code(), "0000");
    shop.van.hold();
    waiting.send(&[Telegram::cancel(14, &held, 20_000)]).await;
    eventually("the cancel is at the VAN", || (shop.van.held() == 1).then_some(())).await;
    shop.refused(&Telegram::cancel(15, &held, 20_000), "9033").await;
    shop.refused(&Telegram::net_cancel(16, &held), "9033").await;
    shop.van.release(Order::FirstFirst).await;
    let code = waiting.receive().await.expect("an answer").code();
    assert!(["0000", "9023"].contains(&code.as_str()), "{code}");
    shop.settled().await;
    shop.refused(&Telegram::cancel(17, &held, 1), "9031").await;
    shop.refused(&Telegram::net_cancel(18, &held), "9031").await;
    shop.refused(&Telegram::cancel(19, &original, 10_000).with("original_approval_no", "1"), "9030").await;
    shop.van.refuse_connections().await;
    shop.van.drop_connections();
    let down = || shop.switch.log().matches("link down").count() >= 2;
    eventually("the VAN's links are down", || down().then_some(())).await;
    shop.refused(&Approval::new(20, 30_000), "9021").await;
    shop.refused(&Telegram::cancel(21, &original, 10_000), "9021").await;
    // So does a repeat that is not told what it was told before.
    shop.refused(&silent, "9013").await;
    shop.refused(&held, "9031").await;
    let tombstone = Approval::new(22, 40_000);
    assert_eq!(shop.code(&Telegram::net_cancel(23, &tombstone)).await, "0000");
    shop.refused(&tombstone, "9013").await;
    shop.refused(&tombstone.clone().with("total_amount", "1"), "9013").await;
}

#[tokio::test]
async fn a_decline_by_the_acquirer_says_so_in_korean() {
    let mut shop = Shop::open(|plan| plan).await;
    for (trace, amount, code) in [(1, 10_051, "8035"), (2, 10_052, "8324"), (3, 10_053, "8350")] {
        let answer = shop.client.ask(&Approval::new(trace, amount)).await;
        assert_eq!((answer.code(), answer.text("host_code")), (code.into(), code.into()));
    }
    let approval = Approval::new(4, 10_081);
    shop.approve(&approval).await;
    let refused = shop.client.ask(&Telegram::cancel(5, &approval, 10_081)).await;
    assert_eq!((refused.code(), refused.text("host_code")), ("8432".into(), "8432".into()));
}

/// The cells of the rows of a Markdown table that begin with a code.
fn rows(text: &str) -> Vec<Vec<String>> {
    let is_code = |cell: &str| cell.len() == 4 && cell.bytes().all(|byte| byte.is_ascii_digit());
    let cells = |line: &str| -> Vec<String> {
        line.trim().trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect()
    };
    text.lines().filter(|line| line.starts_with('|')).map(cells).filter(|row| is_code(&row[0])).collect()
}

fn file(path: &str) -> String {
    let path = format!("{}/../{path}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

#[test]
fn the_readme_has_the_table_of_response_codes_as_the_switch_has_it() {
    let readme = file("README.md");
    let told = rows(&readme);
    let expected: Vec<Vec<String>> = RESPONSES
        .iter()
        .map(|row| {
            let meaning = row.meaning.strip_suffix('.').unwrap_or(row.meaning);
            [row.code.as_str(), row.korean, meaning].map(str::to_owned).to_vec()
        })
        .collect();
    assert_eq!(told, expected);
}

#[test]
fn the_terminals_page_speaks_of_no_other_codes_and_of_every_type() {
    let page = file("docs/terminal.md");
    let known: BTreeSet<&str> = RESPONSES.iter().map(|row| row.code.as_str()).collect();
    let words = page.split(|character: char| !character.is_ascii_digit()).filter(|word| word.len() == 4);
    let told: BTreeSet<&str> = words.filter(|word| word.starts_with('9')).collect();
    assert!(told.is_subset(&known), "{:?}", told.difference(&known).collect::<Vec<_>>());
    let answers: BTreeSet<String> = rows(&page).into_iter().map(|row| row[0].clone()).collect();
    for code in ["0000", "9010", "9013", "9023", "9030", "9031", "9032", "9033", "9034"] {
        assert!(answers.contains(code), "what {code} means for a cancel");
    }
    for (asked, answered) in [
        ("0100", "0110"),
        ("0400", "0410"),
        ("0420", "0430"),
        ("0120", "0130"),
        ("0300", "0310"),
        ("0500", "0510"),
        ("0800", "0810"),
    ] {
        assert!(page.contains(&format!("| {asked} | {answered} |")), "{asked}");
    }
    // A code is explained as what it is: the word of the terminal's message.
    let unconfirmed = rows(&page).into_iter().find(|row| row[0] == "9023").expect("its row");
    assert!(unconfirmed[1].contains("취소 확인중"), "{unconfirmed:?}");
}
