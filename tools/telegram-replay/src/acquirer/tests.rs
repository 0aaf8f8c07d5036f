mod cancels;
mod kicc;
mod kspay;
mod line;
mod tls;

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::*;
use crate::capture::{Assignment, Value};
use crate::clock;
use crate::layout::Layout;

const PATIENCE: Duration = Duration::from_secs(5);

/// A switch's end of a socket to an acquirer.
struct Asker {
    stream: TcpStream,
    dialect: &'static Dialect,
    input: BytesMut,
}

impl Asker {
    async fn connect(acquirer: &Acquirer, dialect: &'static Dialect) -> Self {
        let stream = TcpStream::connect(acquirer.local_addr()).await.unwrap();
        Self { stream, dialect, input: BytesMut::new() }
    }

    async fn ask(&mut self, telegram: &[u8]) {
        let mut framed = BytesMut::new();
        self.dialect.frame.encode(telegram, &mut framed).unwrap();
        self.stream.write_all(&framed).await.unwrap();
    }

    /// The next answer, or `None` when the acquirer closed the socket.
    async fn answer(&mut self) -> Option<Bytes> {
        loop {
            if let Some(telegram) = self.dialect.frame.decode(&mut self.input).unwrap() {
                return Some(telegram);
            }
            let read = tokio::time::timeout(PATIENCE, self.stream.read_buf(&mut self.input)).await;
            if read.expect("an answer in time").unwrap_or(0) == 0 {
                return None;
            }
        }
    }

    /// Asks and gives back the named fields of the answer.
    async fn exchange<const N: usize>(&mut self, telegram: &[u8], fields: [&str; N]) -> [String; N] {
        self.ask(telegram).await;
        self.answer_fields(fields).await
    }

    async fn answer_fields<const N: usize>(&mut self, fields: [&str; N]) -> [String; N] {
        let answer = self.answer().await.expect("an answer");
        let reply = Layout::embedded(self.dialect.operations[0].reply).unwrap();
        let decoded = reply.decode(&answer);
        assert!(decoded.is_valid(), "{decoded:?}");
        fields.map(|field| decoded.text(field).unwrap().into_owned())
    }
}

fn kovan() -> &'static Dialect {
    Dialect::named("kovan").unwrap()
}

fn card450() -> &'static Dialect {
    Dialect::named("card450").unwrap()
}

fn settings(script: &str) -> Settings {
    let mut settings = Settings::new("127.0.0.1:0".parse().unwrap());
    settings.script = Script::parse(script).unwrap();
    settings.late = Duration::from_millis(60);
    settings.after_net_cancel = Duration::from_millis(60);
    settings
}

async fn start(dialect: &'static Dialect, script: &str) -> Acquirer {
    Acquirer::start(dialect, &Layouts::embedded(), settings(script)).await.unwrap()
}

fn built(layout: &str, fields: &[(&str, &str)]) -> Vec<u8> {
    let values: Vec<_> = fields
        .iter()
        .map(|(field, text)| Assignment { field: (*field).to_owned(), value: Value::text(*text) })
        .collect();
    Layout::embedded(layout).unwrap().build(&values, clock::kst_now()).unwrap()
}

fn approval(serial: &str, amount: u64) -> Vec<u8> {
    let (amount, track) = (amount.to_string(), "9410123412341237=2912");
    built(
        "kovan-approval",
        &[
            ("host", "023400052"),
            ("entry", "05"),
            ("transaction_id", serial),
            ("amount", &amount),
            ("track2", track),
        ],
    )
}

fn net_cancel(serial: &str, amount: u64) -> Vec<u8> {
    let amount = amount.to_string();
    built("kovan-cancel", &[("mti", "0520"), ("transaction_id", serial), ("amount", &amount)])
}

fn cancel(serial: &str, approval_no: &str, amount: u64) -> Vec<u8> {
    let amount = amount.to_string();
    built(
        "kovan-cancel",
        &[("mti", "0420"), ("transaction_id", serial), ("amount", &amount), ("approval", approval_no)],
    )
}

fn card450_request(kind: &str, no: &str, original: &str, amount: u64) -> Vec<u8> {
    let amount = amount.to_string();
    built(
        "card450-request",
        &[("kind", kind), ("management_no", no), ("original_management_no", original), ("amount", &amount)],
    )
}

const CODES: [&str; 3] = ["mti", "card_company_code", "van_code"];

fn codes(mti: &str, issuer: &str, van: &str) -> [String; 3] {
    [mti, issuer, van].map(str::to_owned)
}

fn events(acquirer: &Acquirer) -> Vec<(Event, String, u64)> {
    acquirer.truth().into_iter().map(|truth| (truth.event, truth.serial, truth.amount)).collect()
}

#[tokio::test]
async fn an_approval_is_answered_and_kept_as_the_truth() {
    let acquirer = start(kovan(), "").await;
    let mut asker = Asker::connect(&acquirer, kovan()).await;
    let fields = ["mti", "transaction_id", "amount", "approval", "card_company_code", "van_code"];
    let answer = asker.exchange(&approval("A1", 50000), fields).await;
    assert_eq!(answer, ["0210", "A1", "50000", "30000001", "00", "00"]);
    assert_eq!(events(&acquirer), [(Event::Approved, "A1".to_owned(), 50000)]);
    assert_eq!(acquirer.live(), [("A1".to_owned(), 50000)]);
    acquirer.stop().await;
}

#[tokio::test]
async fn the_last_two_digits_of_the_amount_decide_an_answer() {
    let acquirer = start(kovan(), "").await;
    for (amount, issuer, van, event) in [
        (10_049, "00", "00", Event::Approved),
        (10_051, "8035", "00", Event::Declined),
        (10_052, "8324", "00", Event::Declined),
        (10_071, "7581", "00", Event::Approved),
        (10_072, "", "9099", Event::Declined),
        (10_074, "00", "00", Event::Approved),
    ] {
        let mut asker = Asker::connect(&acquirer, kovan()).await;
        let serial = format!("S{amount}");
        let answer = asker.exchange(&approval(&serial, amount), CODES).await;
        assert_eq!(answer, codes("0210", issuer, van), "{amount}");
        assert_eq!(events(&acquirer).last(), Some(&(event, serial, amount)));
    }
}

#[tokio::test]
async fn a_silent_acquirer_did_or_did_not_approve_as_its_amount_says() {
    let acquirer = start(kovan(), "").await;
    let mut asker = Asker::connect(&acquirer, kovan()).await;
    asker.ask(&approval("A61", 10_061)).await;
    asker.ask(&approval("A62", 10_062)).await;
    // The next answer on this socket is the one of the third approval: the two before got none.
    let answer = asker.exchange(&approval("A3", 10_000), ["transaction_id"]).await;
    assert_eq!(answer, ["A3"]);
    assert_eq!(
        events(&acquirer).iter().map(|(event, ..)| *event).collect::<Vec<_>>(),
        [Event::Approved, Event::Ignored, Event::Approved]
    );
    assert_eq!(acquirer.live().len(), 2);
}

#[tokio::test]
async fn a_late_answer_comes_after_those_asked_for_later() {
    let acquirer = start(kovan(), "").await;
    let mut asker = Asker::connect(&acquirer, kovan()).await;
    asker.ask(&approval("LATE", 10_063)).await;
    asker.ask(&approval("NEXT", 10_000)).await;
    assert_eq!(asker.answer_fields(["transaction_id"]).await, ["NEXT"]);
    assert_eq!(asker.answer_fields(["transaction_id"]).await, ["LATE"]);
}

#[tokio::test]
async fn sockets_are_dropped_before_after_and_during_an_answer() {
    let acquirer = start(kovan(), "").await;
    for (amount, live, received) in [(10_064, 0, 0), (10_065, 1, 0), (10_073, 2, 229 / 2)] {
        let mut asker = Asker::connect(&acquirer, kovan()).await;
        asker.ask(&approval(&format!("D{amount}"), amount)).await;
        assert_eq!(asker.answer().await, None, "{amount}");
        assert_eq!((acquirer.live().len(), asker.input.len()), (live, received), "{amount}");
    }
}

#[tokio::test]
async fn wrong_answers_are_wrong_in_one_thing_each() {
    let acquirer = start(kovan(), "").await;
    let mut asker = Asker::connect(&acquirer, kovan()).await;
    let fields = ["transaction_id", "amount", "van_code"];
    assert_eq!(asker.exchange(&approval("W1", 10_067), fields).await, ["W1", "10068", "00"]);
    assert_eq!(asker.exchange(&approval("W2", 10_069), fields).await, ["W9", "10069", "00"]);
    assert_eq!(asker.exchange(&approval("W3", 10_066), fields).await, ["W3", "10066", "00"]);
    assert_eq!(asker.answer_fields(fields).await, ["W3", "10066", "00"], "the same answer once more");
    asker.ask(&approval("W4", 10_068)).await;
    assert_eq!(asker.answer().await.unwrap(), vec![b'?'; 225]);
    assert_eq!(acquirer.live().len(), 4, "it approved all of them");
}

#[tokio::test]
async fn a_net_cancel_is_answered_from_the_truth() {
    let acquirer = start(kovan(), "").await;
    let mut asker = Asker::connect(&acquirer, kovan()).await;
    assert_eq!(asker.exchange(&net_cancel("N1", 50_000), CODES).await, codes("0530", "8414", "00"));
    asker.exchange(&approval("N1", 50_000), CODES).await;
    assert_eq!(asker.exchange(&net_cancel("N1", 49_000), CODES).await, codes("0530", "8504", "00"));
    assert_eq!(asker.exchange(&net_cancel("N1", 50_000), CODES).await, codes("0530", "00", "00"));
    assert_eq!(asker.exchange(&net_cancel("N1", 50_000), CODES).await, codes("0530", "6999", "00"));
    assert_eq!(asker.exchange(&approval("N1", 50_000), CODES).await, codes("0210", "4299", "00"));
    assert_eq!(acquirer.live(), []);
    assert_eq!(
        events(&acquirer).iter().map(|(event, ..)| *event).collect::<Vec<_>>(),
        [
            Event::NoSuchOriginal,
            Event::Approved,
            Event::AmountDiffers,
            Event::NetCancelled,
            Event::AlreadyCancelled,
            Event::Repeated
        ]
    );
}

#[tokio::test]
async fn a_cancel_names_its_original_by_approval_number_and_may_be_partial() {
    let acquirer = start(kovan(), "").await;
    let mut asker = Asker::connect(&acquirer, kovan()).await;
    let [number] = asker.exchange(&approval("C1", 50_000), ["approval"]).await;
    assert_eq!(asker.exchange(&cancel("C2", &number, 20_000), CODES).await, codes("0430", "00", "00"));
    assert_eq!(acquirer.live(), [("C1".to_owned(), 30_000)]);
    assert_eq!(asker.exchange(&cancel("C3", &number, 40_000), CODES).await, codes("0430", "8504", "00"));
    assert_eq!(asker.exchange(&cancel("C4", &number, 30_000), CODES).await, codes("0430", "00", "00"));
    assert_eq!(asker.exchange(&cancel("C5", &number, 1), CODES).await, codes("0430", "6999", "00"));
    assert_eq!(asker.exchange(&cancel("C6", "12345678", 1), CODES).await, codes("0430", "8414", "00"));
}

#[tokio::test]
async fn an_approval_may_come_after_its_net_cancel_was_refused() {
    let acquirer = start(kovan(), "").await;
    let mut asker = Asker::connect(&acquirer, kovan()).await;
    asker.ask(&approval("P1", 10_070)).await;
    assert_eq!(asker.exchange(&net_cancel("P1", 10_070), CODES).await, codes("0530", "8414", "00"));
    assert_eq!(acquirer.live(), []);
    let answer = asker.answer_fields(["mti", "transaction_id", "van_code"]).await;
    assert_eq!(answer, ["0210", "P1", "00"], "the late approval");
    assert_eq!(acquirer.live(), [("P1".to_owned(), 10_070)]);
    assert_eq!(asker.exchange(&net_cancel("P1", 10_070), CODES).await, codes("0530", "00", "00"));
}

#[tokio::test]
async fn a_direct_card_company_approves_and_cancels_by_management_number() {
    let acquirer = start(card450(), "").await;
    let mut asker = Asker::connect(&acquirer, card450()).await;
    let ask = card450_request;
    let fields = ["kind", "management_no", "amount", "result_code", "card_company_tid"];
    let answer = asker.exchange(&ask("PAYMENT", "M1", "", 7000), fields).await;
    assert_eq!(answer, ["PAYMENT", "M1", "7000", "0000", "30000001"]);
    let declined = asker.exchange(&ask("PAYMENT", "M2", "", 7051), fields).await;
    assert_eq!(declined, ["PAYMENT", "M2", "7051", "8035", ""]);
    let cancelled = asker.exchange(&ask("CANCEL", "M3", "M1", 7000), fields).await;
    assert_eq!(cancelled, ["CANCEL", "M3", "7000", "0000", "30000001"]);
    let again = asker.exchange(&ask("CANCEL", "M4", "M1", 7000), fields).await;
    assert_eq!(again[3], "6999");
    let garbage = asker.exchange(&ask("PAYMENT", "M5", "", 7000), ["approved_at"]).await;
    assert_eq!(garbage[0].len(), 14);
    asker.ask(&ask("PAYMENT", "M6", "", 7068)).await;
    assert_eq!(&asker.answer().await.unwrap()[..8], b" 446????", "garbage still is a frame");
}

#[tokio::test]
async fn a_script_overrides_the_amount_as_often_as_it_says() {
    let script = r#"
        [[rule]]
        on = "net-cancel"
        times = 2
        do = "ignore"
        [[rule]]
        nth = 2
        do = "refuse"
        code = "8350"
        [[rule]]
        serial = "X3"
        do = "answer"
    "#;
    let acquirer = start(kovan(), script).await;
    let mut asker = Asker::connect(&acquirer, kovan()).await;
    assert_eq!(asker.exchange(&approval("X1", 10_000), CODES).await, codes("0210", "00", "00"));
    assert_eq!(asker.exchange(&approval("X2", 10_000), CODES).await, codes("0210", "8350", "00"));
    assert_eq!(asker.exchange(&approval("X3", 10_051), CODES).await, codes("0210", "00", "00"));
    asker.ask(&net_cancel("X1", 10_000)).await;
    asker.ask(&net_cancel("X1", 10_000)).await;
    assert_eq!(asker.exchange(&net_cancel("X1", 10_000), CODES).await, codes("0530", "00", "00"));
    assert_eq!(events(&acquirer).iter().filter(|(event, ..)| *event == Event::Ignored).count(), 2);
}

#[test]
fn a_script_with_a_mistake_names_its_line() {
    for (script, expected) in [
        ("[[rule]]\ndo = \"aprove\"", "unknown behaviour \"aprove\", expected one of answer, refuse"),
        ("[[rule]]\ndo = \"answer\"\namont = 5", "unknown field `amont`"),
        ("[[rule]]\non = \"sale\"\ndo = \"answer\"", "unknown variant `sale`"),
    ] {
        let error = Script::parse(script).unwrap_err().to_string();
        assert!(error.contains(expected) && error.contains("line "), "{error}");
    }
}

#[tokio::test]
async fn answers_leave_out_of_order_when_the_script_says_so() {
    let acquirer = start(kovan(), "reorder = 3").await;
    let mut asker = Asker::connect(&acquirer, kovan()).await;
    for serial in ["1", "2", "3", "4"] {
        asker.ask(&approval(serial, 10_000)).await;
    }
    for serial in ["3", "2", "1", "4"] {
        assert_eq!(asker.answer_fields(["transaction_id"]).await, [serial]);
    }
}

#[tokio::test]
async fn held_answers_leave_when_released() {
    let acquirer = start(kovan(), "").await;
    let mut asker = Asker::connect(&acquirer, kovan()).await;
    acquirer.hold();
    asker.ask(&approval("1", 10_000)).await;
    asker.ask(&approval("2", 10_000)).await;
    while acquirer.held() < 2 {
        tokio::task::yield_now().await;
    }
    assert_eq!(acquirer.live().len(), 2, "they are approved all the same");
    acquirer.release(Order::LastFirst).await;
    assert_eq!(asker.answer_fields(["transaction_id"]).await, ["2"]);
    assert_eq!(asker.answer_fields(["transaction_id"]).await, ["1"]);
}

#[tokio::test]
async fn connections_are_refused_until_they_are_accepted_again() {
    let acquirer = start(kovan(), "").await;
    let mut before = Asker::connect(&acquirer, kovan()).await;
    before.exchange(&approval("1", 10_000), CODES).await;
    acquirer.refuse_connections().await;
    assert!(TcpStream::connect(acquirer.local_addr()).await.is_err());
    before.exchange(&approval("2", 10_000), CODES).await;
    acquirer.drop_connections();
    assert_eq!(before.answer().await, None);
    acquirer.accept_connections().await.unwrap();
    let mut after = Asker::connect(&acquirer, kovan()).await;
    after.exchange(&approval("3", 10_000), CODES).await;
    let address = acquirer.local_addr();
    acquirer.stop().await;
    assert!(TcpStream::connect(address).await.is_err());
}

#[tokio::test]
async fn a_script_keeps_the_listener_away_at_first() {
    let acquirer = start(kovan(), "refuse_connections_ms = 80").await;
    assert!(TcpStream::connect(acquirer.local_addr()).await.is_err());
    let connected = async {
        while TcpStream::connect(acquirer.local_addr()).await.is_err() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, connected).await.unwrap();
}

#[tokio::test]
async fn an_unreadable_request_is_noted_with_its_field_and_not_answered() {
    let acquirer = start(kovan(), "").await;
    let mut asker = Asker::connect(&acquirer, kovan()).await;
    let mut broken = approval("B1", 10_000);
    broken[40] = b'x';
    asker.ask(&broken).await;
    asker.ask(&[b'?'; 356]).await;
    asker.exchange(&approval("B2", 10_000), CODES).await;
    let findings: Vec<_> = acquirer.truth().into_iter().filter_map(|truth| truth.finding).collect();
    assert_eq!(
        findings,
        ["kovan-approval field \"amount\": expected digits only", "no request of this dialect: 356 bytes"]
    );
}

#[tokio::test]
async fn the_truth_goes_to_its_file_as_json_lines_without_card_numbers() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let mut settings = settings("");
    settings.truth = Some(Box::new(std::io::BufWriter::new(file.reopen().unwrap())));
    let acquirer = Acquirer::start(kovan(), &Layouts::embedded(), settings).await.unwrap();
    let mut asker = Asker::connect(&acquirer, kovan()).await;
    asker.exchange(&approval("T1", 50_000), CODES).await;
    asker.exchange(&net_cancel("T1", 50_000), CODES).await;
    let text = std::fs::read_to_string(file.path()).unwrap();
    let lines: Vec<serde_json::Value> =
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 2, "what is answered is written already");
    assert_eq!(
        (&lines[0]["event"], &lines[0]["serial"], &lines[0]["amount"]),
        (&"approved".into(), &"T1".into(), &50_000.into())
    );
    assert_eq!((&lines[1]["event"], &lines[1]["original"]), (&"net-cancelled".into(), &"T1".into()));
    assert!(!text.contains("94101234"), "{text}");
}

#[tokio::test]
async fn only_so_many_approvals_are_remembered() {
    let mut settings = settings("");
    settings.remember = 2;
    let acquirer = Acquirer::start(kovan(), &Layouts::embedded(), settings).await.unwrap();
    let mut asker = Asker::connect(&acquirer, kovan()).await;
    for serial in ["1", "2", "3"] {
        asker.exchange(&approval(serial, 10_000), CODES).await;
    }
    assert_eq!(acquirer.live(), [("2".to_owned(), 10_000), ("3".to_owned(), 10_000)]);
    assert_eq!(acquirer.truth().len(), 2);
}

#[test]
fn every_dialect_fits_its_spec_files() {
    for dialect in Dialect::ALL {
        plan::Plan::new(dialect, &Layouts::embedded())
            .unwrap_or_else(|error| panic!("{}: {error}", dialect.name));
    }
}
