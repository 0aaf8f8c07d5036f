mod day;
mod handshake;

use super::*;
use crate::fake_switch::FakeSwitch;

const HEADER: &str = "telegram-capture 1 framing=ascii4\n\
    default terminal-0100 terminal_id=1000000001 merchant_no=1208800001 sent_at=now entry_mode=I currency=410 \
    card_track=\"9410123412341237=2912\" card_bin=94101234\n";

async fn played(lines: &str, trace_base: u32) -> Report {
    played_within(Duration::from_secs(10), lines, trace_base).await
}

async fn played_within(answer_timeout: Duration, lines: &str, trace_base: u32) -> Report {
    let switch = FakeSwitch::start().await;
    let capture = Capture::parse("test.capture", format!("{HEADER}{lines}").as_bytes()).unwrap();
    let settings = Settings { answer_timeout, trace_base, ..Settings::new(switch.address) };
    play(&capture, &Layouts::embedded(), &settings, |_| {}).await.unwrap()
}

fn mismatches(report: &Report) -> Vec<String> {
    report.exchanges.iter().flat_map(|exchange| &exchange.mismatches).map(ToString::to_string).collect()
}

fn unmoved() -> Bases {
    Bases::of(&Settings::new("127.0.0.1:1".parse().unwrap()))
}

async fn refused(lines: &str) -> String {
    let capture = Capture::parse("test.capture", format!("{HEADER}{lines}").as_bytes()).unwrap();
    // Nobody listens there; it must not come to that.
    let settings = Settings::new("127.0.0.1:1".parse().unwrap());
    play(&capture, &Layouts::embedded(), &settings, |_| {}).await.unwrap_err().to_string()
}

#[tokio::test]
async fn a_day_with_an_approval_a_repeat_a_decline_and_a_refusal_is_counted() {
    let report = played(
        "say \"the day\"\n\
         > first terminal-0100 trace_no=000001 total_amount=50000\n\
         < terminal-0110 response_code=0000 total_amount=50000 route=kovan\n\
         > again first\n\
         < terminal-0110 response_code=0000\n\
         > poor terminal-0100 trace_no=000002 total_amount=50051\n\
         < terminal-0110 response_code=8035 approval_no=\"\"\n\
         > other terminal-0100 trace_no=000001 total_amount=60000\n\
         < terminal-0110 response_code=9011\n\
         > broken terminal-0100 trace_no=000003 total_amount=raw\"00000005000A\"\n\
         < terminal-0110 response_code=9001\n",
        0,
    )
    .await;
    assert_eq!(mismatches(&report), [""; 0]);
    let summary = Summary { sent: 5, approved: 1, declined: 1, refused: 2, repeats: 1, ..Summary::default() };
    assert_eq!(report.summary, summary);
    let first = &report.exchanges[0];
    assert_eq!(
        (first.caption.as_deref(), first.label.as_deref(), first.repeat),
        (Some("the day"), Some("first"), false)
    );
    assert_eq!(first.sent.value("card_track"), "*** (37 bytes)");
    assert_eq!(first.sent.value("telegram_type"), "0100");
    assert_eq!(first.answer.as_ref().unwrap().value("response_code"), "0000");
    assert!(report.exchanges[1].repeat && report.exchanges[1].elapsed_us.is_some());
    assert!(!serde_json::to_string(&report).unwrap().contains("9410123412341237"));
}

#[tokio::test]
async fn every_difference_is_a_mismatch_with_its_line() {
    let report = played(
        "> first terminal-0100 trace_no=000001 total_amount=50000\n\
         < terminal-0110 response_code=8035 total_amount=60000 route=kovan\n",
        0,
    )
    .await;
    assert_eq!(
        mismatches(&report),
        [
            "line 4: field \"header.response_code\": expected \"8035\", found \"0000\"",
            "line 4: field \"total_amount\": expected \"60000\", found \"50000\""
        ]
    );
    assert_eq!(report.summary.mismatches, 2);
}

#[tokio::test]
async fn several_telegrams_may_be_under_way_and_answered_in_any_order() {
    let report = played(
        "> a terminal-0100 trace_no=000001 total_amount=1000\n\
         > b terminal-0100 trace_no=000002 total_amount=2000\n\
         > c terminal-0100 trace_no=000003 total_amount=3000\n\
         < terminal-0110 for c total_amount=3000\n\
         < terminal-0110 for a total_amount=1000\n",
        0,
    )
    .await;
    assert_eq!(mismatches(&report), [""; 0]);
    assert_eq!(
        report.exchanges[1].answer.as_ref().unwrap().value("total_amount"),
        "2000",
        "waited for at the end"
    );
}

#[tokio::test]
async fn silence_and_closing_can_be_expected_and_are_found_otherwise() {
    let report = played(
        "> silent terminal-0100 trace_no=000001 total_amount=1062\n\
         < none 20ms\n\
         > closes terminal-0100 trace_no=000002 total_amount=1064\n\
         < closed\n\
         > after terminal-0100 trace_no=000003 total_amount=1000\n\
         < terminal-0110 response_code=0000\n",
        0,
    )
    .await;
    assert_eq!(mismatches(&report), [""; 0], "and the next telegram opens a new socket");
    let report = played_within(
        Duration::from_millis(300),
        "> silent terminal-0100 trace_no=000001 total_amount=1062\n\
         < terminal-0110\n\
         > answers terminal-0100 trace_no=000002 total_amount=1000\n\
         < none 200ms\n\
         > open terminal-0100 trace_no=000003 total_amount=1000\n\
         < closed\n\
         > closes terminal-0100 trace_no=000004 total_amount=1064\n\
         < terminal-0110\n",
        0,
    )
    .await;
    assert_eq!(
        mismatches(&report),
        [
            "line 4: expected an answer, found none in time",
            "line 6: expected nothing, found an answer",
            "line 8: expected a closed connection, found an open one",
            "line 10: expected an answer, found a closed connection"
        ]
    );
}

#[tokio::test]
async fn raw_bytes_and_telegrams_as_bytes_are_sent_as_they_are() {
    let report = played(
        "> hex 30 31 30 30\n< none 20ms\n> raw hex 30 30\n< none 20ms\n> text \"0800\"\n< none 20ms\n",
        0,
    )
    .await;
    assert_eq!(report.exchanges.iter().map(|exchange| exchange.sent.bytes).collect::<Vec<_>>(), [4, 2, 4]);
    assert_eq!(report.summary, Summary { mismatches: report.summary.mismatches, ..Summary::default() });
}

#[tokio::test]
async fn the_trace_base_moves_every_trace_number() {
    let report = played(
        "> a terminal-0100 trace_no=000001 total_amount=1000\n\
         < terminal-0110 trace_no=000001\n",
        999_999,
    )
    .await;
    assert_eq!(mismatches(&report), [""; 0]);
    assert_eq!(report.exchanges[0].sent.value("trace_no"), "000000");
}

#[tokio::test]
async fn the_terminal_base_moves_every_terminal_of_ten_digits() {
    let switch = FakeSwitch::start().await;
    let lines = "> a terminal-0100 trace_no=000001 total_amount=1000\n\
                 < terminal-0110 terminal_id=1000000001\n\
                 > b terminal-0100 terminal_id=UNKNOWN trace_no=000001 total_amount=1000\n";
    let capture = Capture::parse("test.capture", format!("{HEADER}{lines}").as_bytes()).unwrap();
    let settings = Settings { terminal_base: 30, ..Settings::new(switch.address) };
    let report = play(&capture, &Layouts::embedded(), &settings, |_| {}).await.unwrap();
    assert_eq!(mismatches(&report), [""; 0], "what is expected is moved too");
    let sent = |index: usize| report.exchanges[index].sent.value("terminal_id").to_owned();
    assert_eq!((sent(0), sent(1)), ("1000000031".into(), "UNKNOWN".into()));
}

#[tokio::test]
async fn a_capture_that_does_not_fit_its_layouts_is_not_sent_at_all() {
    let first = "> a terminal-0100 trace_no=000001 total_amount=1000\n";
    for (line, expected) in [
        ("> b terminal-0999 x=1", "line 4: specs/layouts/terminal-0999.toml"),
        ("> b terminal-0100 amount=1", "line 4: terminal-0100 has no field \"amount\""),
        (
            "> b terminal-0100 total_amount=x",
            "line 4: terminal-0100 field \"total_amount\": expected digits only",
        ),
        (
            "< terminal-0110 response_code=00000",
            "line 4: terminal-0110 field \"header.response_code\": expected at most 4 bytes",
        ),
    ] {
        let error = refused(&format!("{first}{line}\n")).await;
        assert!(error.starts_with(expected), "{error}");
    }
    assert_eq!(refused("< closed\n").await, "line 3: expected a telegram sent above, found none");
    assert_eq!(refused(first).await, "line 3: cannot connect to 127.0.0.1:1");
}

#[test]
fn the_sample_captures_fit_the_layouts() {
    for name in specs::sample_names() {
        let text = specs::sample(name).unwrap();
        let capture = Capture::parse(name, text.as_bytes()).unwrap();
        let steps = prepare::prepare(&capture, &Layouts::embedded(), unmoved()).unwrap();
        assert!(!steps.is_empty(), "{name}");
    }
    assert!(specs::sample("day").is_some());
}

#[test]
fn the_example_of_the_grammar_fits_the_layouts() {
    let grammar = crate::capture::grammar();
    let example = grammar.split("One statement a line").next().unwrap();
    let capture = Capture::parse("grammar", example.as_bytes()).unwrap();
    assert!(prepare::prepare(&capture, &Layouts::embedded(), unmoved()).unwrap().len() > 10);
}
