//! What a terminal is told.

use bytes::Bytes;
use codec::{Digits, Text};
use dialects::terminal::{
    Envelope, FromTerminal, GivenBack, NotUnderstood, Refusal, read, write_answer, write_network_reply,
    write_refusal,
};
use jiff::civil::{DateTime, date};
use payment::{AcquirerName, Approval, Decline, Question, RESPONSES, Request, ResponseCode, TerminalAnswer};

use crate::{
    asked::{CLEAR, ECHO},
    golden::{assert_golden, changed, golden},
    order::{dialect, request},
    second_reading::fields_of,
};

const APPROVED: &str = include_str!("../golden/terminal_0110_approved.txt");
const DECLINED: &str = include_str!("../golden/terminal_0110_declined.txt");
const REFUSED: &str = include_str!("../golden/terminal_0110_refused.txt");
const FORMAT_ERROR: &str = include_str!("../golden/terminal_0110_format_error.txt");
const ECHO_REPLY: &str = include_str!("../golden/terminal_0810.txt");

/// What the switch's clock shows.
fn then() -> DateTime {
    date(2026, 11, 5).at(13, 20, 34, 0)
}

/// The answer to an 0100.
pub(crate) fn write_reply(request: &Request, answer: &TerminalAnswer, now: DateTime) -> Bytes {
    write_answer(&Question::Approval(request.clone().into()), answer, now)
}

pub(crate) fn kovan() -> AcquirerName {
    AcquirerName::new("kovan").unwrap()
}

#[test]
fn an_approval_is_told_byte_for_byte() {
    let answer = dialect("kovan").answer(&golden(crate::kovan::APPROVED));
    let approval = match answer.verdict {
        payment::Verdict::Approved(approval) => approval,
        other => panic!("expected an approval, found {other:?}"),
    };
    let answer = TerminalAnswer::Approved { approval, route: kovan() };
    assert_golden(&write_reply(&request(), &answer, then()), APPROVED);
}

#[test]
fn a_decline_is_told_byte_for_byte() {
    let telegram = changed(crate::kovan::APPROVED, &[(217, "8035")]);
    let decline = match dialect("kovan").answer(&telegram).verdict {
        payment::Verdict::Declined(decline) => decline,
        other => panic!("expected a decline, found {other:?}"),
    };
    let answer = TerminalAnswer::Declined { decline, route: kovan() };
    assert_golden(&write_reply(&request(), &answer, then()), DECLINED);
}

#[test]
fn a_code_of_our_own_is_told_byte_for_byte() {
    let answer = TerminalAnswer::Refused(ResponseCode::ACQUIRER_SILENT);
    assert_golden(&write_reply(&request(), &answer, then()), REFUSED);
}

#[test]
fn a_refused_telegram_is_answered_byte_for_byte() {
    match read(&changed(CLEAR, &[(365, "00000005000X")])) {
        Err(NotUnderstood::Refused(refusal)) => assert_golden(&write_refusal(&refusal, then()), FORMAT_ERROR),
        other => panic!("expected a refusal, found {other:?}"),
    }
}

#[test]
fn an_echo_is_answered_byte_for_byte() {
    match read(&golden(ECHO)) {
        Ok(FromTerminal::Network { function, data, envelope, .. }) => {
            assert_golden(&write_network_reply(&envelope, function, data, then()), ECHO_REPLY);
        }
        other => panic!("expected an echo, found {other:?}"),
    }
}

#[test]
fn an_approval_whose_time_nobody_told_carries_the_terminals_on_every_repeat() {
    let answer = TerminalAnswer::Approved { approval: Approval::default().into(), route: kovan() };
    let reply = fields_of("terminal-0110", &write_reply(&request(), &answer, then()));
    assert_eq!(reply["approved_at"], "20261105132030");
}

#[test]
fn every_message_of_our_own_stands_whole_in_its_field() {
    for row in RESPONSES {
        let answer = TerminalAnswer::Refused(row.code);
        let reply = fields_of("terminal-0110", &write_reply(&request(), &answer, then()));
        assert_eq!(reply["message1"], row.korean);
        assert_eq!(reply["header.response_code"], row.code.as_str());
    }
}

#[test]
fn every_refusal_has_the_type_of_its_request_and_the_layout_of_that_type() {
    let table = [
        ("0100", "0110", "terminal-0110"),
        ("0120", "0130", "terminal-0130"),
        ("0300", "0310", "terminal-0310"),
        ("0400", "0410", "terminal-0410"),
        ("0420", "0430", "terminal-0430"),
        ("0500", "0510", "terminal-0510"),
        ("0800", "0810", "terminal-0810"),
        ("0000", "0010", "terminal-0110"),
        ("9999", "9999", "terminal-0110"),
    ];
    for (asked, answered, layout) in table {
        let refusal = Refusal {
            envelope: Envelope {
                telegram_type: Digits::new(asked).unwrap(),
                terminal_id: Text::new("T").unwrap(),
                merchant_no: Digits::zero_padded(0).unwrap(),
                trace_no: Digits::zero_padded(7).unwrap(),
                given_back: GivenBack::Nothing,
            },
            code: ResponseCode::FORMAT_ERROR,
            message: String::new(),
            why: String::new(),
        };
        let reply = fields_of(layout, &write_refusal(&refusal, then()));
        assert_eq!(reply["header.telegram_type"], answered);
        assert_eq!(reply["header.response_code"], "9001");
        assert_eq!(
            (reply["header.terminal_id"].as_str(), reply["header.trace_no"].as_str()),
            ("T", "000007")
        );
    }
}

#[test]
fn what_an_acquirer_says_is_cut_where_its_field_allows_that_and_never_inside_a_character() {
    let long = "가나다라마바사아자차카타파하가나다라마바사".to_owned();
    let approval = Approval {
        approval_no: "1234567890123".into(),
        van_trace: "ABCDEFGHIJKLMNOPQRSTUVWXYZ".into(),
        issuer_code: "12345".into(),
        issuer_name: format!("A{long}"),
        acquirer_code: "  1\u{7}2".into(),
        message1: format!("A{long}"),
        message2: "😀 not in EUC-KR".into(),
        host_code: "카드".into(),
        ..Approval::default()
    };
    let answer = TerminalAnswer::Approved { approval: approval.into(), route: kovan() };
    let reply = fields_of("terminal-0110", &write_reply(&request(), &answer, then()));
    assert_eq!(reply["approval_no"], "", "half a number would be another one");
    assert_eq!(reply["van_trace"], "");
    assert_eq!(reply["issuer_code"], "");
    assert_eq!(reply["issuer_name"], "A가나다라마바사아자");
    assert_eq!(reply["acquirer_code"], "");
    assert_eq!(reply["message1"], "A가나다라마바사아자차카타파하가나다라마");
    assert!(reply["message2"].ends_with(" not in EUC-KR"), "{}", reply["message2"]);
    assert_eq!(reply["host_code"], "");
}

#[test]
fn a_decline_tells_the_acquirers_reason() {
    let decline = Decline {
        code: ResponseCode::new("8324").unwrap(),
        host_code: "8324".into(),
        message1: "거래정지 카드".into(),
        message2: "카드사 문의".into(),
    };
    let answer = TerminalAnswer::Declined { decline: decline.into(), route: kovan() };
    let reply = fields_of("terminal-0110", &write_reply(&request(), &answer, then()));
    assert_eq!(reply["header.response_code"], "8324");
    assert_eq!((reply["message1"].as_str(), reply["message2"].as_str()), ("거래정지 카드", "카드사 문의"));
    assert_eq!(reply["approval_no"], "");
}
