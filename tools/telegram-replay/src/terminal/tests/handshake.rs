//! Terminals that exchange ENQ, ACK, NAK and EOT around every telegram.

use super::*;
use crate::fake_switch::Handshake;

async fn played(lines: &str) -> Report {
    played_with(Handshake::SaysEnq, Duration::from_secs(10), lines).await
}

async fn played_with(handshake: Handshake, patience: Duration, lines: &str) -> Report {
    let switch = FakeSwitch::with_handshake(handshake).await;
    let header = HEADER.replace("framing=ascii4", "framing=stx-lrc handshake=true");
    let capture = Capture::parse("test.capture", format!("{header}{lines}").as_bytes()).unwrap();
    let settings = Settings { answer_timeout: patience, ..Settings::new(switch.address) };
    play(&capture, &Layouts::embedded(), &settings, |_| {}).await.unwrap()
}

#[tokio::test]
async fn every_telegram_has_a_connection_that_ends_with_eot() {
    let report = played(
        "> a terminal-0100 trace_no=000001 total_amount=1000\n\
         < terminal-0110 response_code=0000\n\
         < eot\n\
         < closed\n\
         > b terminal-0100 trace_no=000002 total_amount=1051\n\
         < terminal-0110 response_code=8035\n\
         > c terminal-0100 trace_no=000003 total_amount=1000\n\
         > again a\n",
    )
    .await;
    assert_eq!(mismatches(&report), [""; 0]);
    assert_eq!(report.exchanges[2].answer.as_ref().unwrap().value("response_code"), "0000", "waited for");
    assert_eq!((report.summary.approved, report.summary.declined, report.summary.repeats), (2, 1, 1));
}

#[tokio::test]
async fn a_frame_with_a_wrong_lrc_is_repeated_at_nak_until_the_switch_gives_up() {
    let report = played(
        "next wrong-lrc\n\
         > a terminal-0100 trace_no=000001 total_amount=1000\n\
         < terminal-0110 response_code=0000\n\
         < eot\n\
         next wrong-lrc-always\n\
         > b terminal-0100 trace_no=000002 total_amount=1000\n\
         < closed\n\
         > c terminal-0100 trace_no=000003 total_amount=1000\n\
         < terminal-0110 response_code=0000\n",
    )
    .await;
    assert_eq!(mismatches(&report), [""; 0], "a quirk is for one telegram only");
}

#[tokio::test]
async fn an_answer_with_a_wrong_lrc_is_asked_for_again() {
    let report = played(
        "> a terminal-0100 trace_no=000001 total_amount=1041\n\
         < terminal-0110 response_code=0000 total_amount=1041\n",
    )
    .await;
    assert_eq!(mismatches(&report), [""; 0]);
}

#[tokio::test]
async fn a_terminal_that_does_not_acknowledge_gets_no_eot() {
    let report = played(
        "next no-ack\n\
         > a terminal-0100 trace_no=000001 total_amount=1000\n\
         < terminal-0110 response_code=0000\n\
         < closed\n\
         next no-ack\n\
         > b terminal-0100 trace_no=000002 total_amount=1000\n\
         < terminal-0110 response_code=0000\n\
         close\n\
         > c terminal-0100 trace_no=000003 total_amount=1000\n\
         close\n\
         next no-ack\n\
         > d terminal-0100 trace_no=000004 total_amount=1000\n\
         < terminal-0110\n\
         < eot\n",
    )
    .await;
    assert_eq!(mismatches(&report), ["line 16: expected EOT, found a closed connection"]);
}

#[tokio::test]
async fn eot_is_expected_unless_the_capture_says_otherwise() {
    let report = played_with(
        Handshake::SaysEnq,
        Duration::from_millis(300),
        "> a terminal-0100 trace_no=000001 total_amount=1042\n\
         < terminal-0110 response_code=0000\n\
         > b terminal-0100 trace_no=000002 total_amount=1042\n\
         < terminal-0110 response_code=0000\n\
         < closed\n\
         > c terminal-0100 trace_no=000003 total_amount=1000\n\
         < terminal-0110 response_code=0000\n\
         < closed\n\
         > d terminal-0100 trace_no=000004 total_amount=1043\n\
         < terminal-0110 response_code=0000\n",
    )
    .await;
    assert_eq!(
        mismatches(&report),
        [
            "line 3: expected EOT, found a closed connection",
            "line 10: expected a closed connection, found EOT",
            "line 11: expected EOT, found nothing in time"
        ]
    );
}

#[tokio::test]
async fn silence_closing_and_missing_enq_are_found() {
    let short = Duration::from_millis(200);
    let report = played_with(
        Handshake::SaysEnq,
        short,
        "> silent terminal-0100 trace_no=000001 total_amount=1062\n\
         < terminal-0110\n\
         > quiet terminal-0100 trace_no=000002 total_amount=1062\n\
         < none 20ms\n\
         > closes terminal-0100 trace_no=000003 total_amount=1064\n\
         < terminal-0110\n\
         > expected terminal-0100 trace_no=000004 total_amount=1064\n\
         < closed\n",
    )
    .await;
    assert_eq!(
        mismatches(&report),
        [
            "line 4: expected an answer, found none in time",
            "line 8: expected an answer, found a closed connection"
        ]
    );
    let report = played_with(
        Handshake::SaysNothing,
        short,
        "> a terminal-0100 trace_no=000001 total_amount=1000\n\
         < terminal-0110 response_code=0000\n",
    )
    .await;
    assert_eq!(mismatches(&report), ["line 3: expected ENQ, found nothing in time"]);
    assert_eq!(report.summary.sent, 0);
}
