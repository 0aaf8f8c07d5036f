//! What a terminal is told of a payment that was, and of its day.

use std::sync::Arc;

use dialects::terminal::{
    AskedReference, FromTerminal, NotUnderstood, read, write_answer, write_network_reply, write_refusal,
    write_totals,
};
use jiff::{
    Timestamp,
    civil::{DateTime, date},
};
use payment::{
    Acknowledgement, Approval, CancelRequest, ContentDigest, Decline, NetCancelRequest, PaymentState,
    Question, RESPONSES, Reference, Request, ResponseCode, Standing, TerminalAnswer, Totals, Verdict, Won,
};

use crate::{
    golden::{assert_golden, changed, golden},
    order::{dialect, request},
    questions::{
        self, ACKNOWLEDGEMENT, CANCEL, CANCEL_BLANK, INQUIRY, NET_CANCEL, OPENING, TOTALS, acknowledgement,
    },
    replies::kovan,
    second_reading::fields_of,
};

const CANCELLED: &str = include_str!("../golden/terminal_0410_cancelled.txt");
const CANCEL_REFUSED: &str = include_str!("../golden/terminal_0410_refused.txt");
const CANCEL_FORMAT_ERROR: &str = include_str!("../golden/terminal_0410_format_error.txt");
const WITHDRAWN: &str = include_str!("../golden/terminal_0430_done.txt");
const WITHDRAWAL_FORMAT_ERROR: &str = include_str!("../golden/terminal_0430_format_error.txt");
const ACKNOWLEDGED: &str = include_str!("../golden/terminal_0130.txt");
const ACKNOWLEDGEMENT_FORMAT_ERROR: &str = include_str!("../golden/terminal_0130_format_error.txt");
const STANDS: &str = include_str!("../golden/terminal_0310_approved.txt");
const UNKNOWN: &str = include_str!("../golden/terminal_0310_unknown.txt");
const INQUIRY_FORMAT_ERROR: &str = include_str!("../golden/terminal_0310_format_error.txt");
const EQUAL: &str = include_str!("../golden/terminal_0510_equal.txt");
const TOTALS_FORMAT_ERROR: &str = include_str!("../golden/terminal_0510_format_error.txt");
const OPENED: &str = include_str!("../golden/terminal_0810_opening.txt");
const FUNCTION_FORMAT_ERROR: &str = include_str!("../golden/terminal_0810_format_error.txt");

/// What the switch's clock shows.
fn then() -> DateTime {
    date(2026, 11, 6).at(14, 0, 4, 0)
}

fn received_at() -> Timestamp {
    Timestamp::from_second(1_794_100_000).unwrap()
}

/// The 0400 of that text, as the payment knows it.
fn cancel(text: &str) -> CancelRequest {
    let asked = questions::cancel(&golden(text));
    CancelRequest {
        key: asked.key,
        sent_at: asked.sent_at,
        digest: ContentDigest([8; 16]),
        received_at: received_at(),
        merchant: asked.merchant,
        original: asked.original,
        approval_no: asked.approval_no,
        card: None,
        amounts: asked.amounts,
        reason: asked.reason,
        merchant_data: asked.merchant_data,
    }
}

fn reference(asked: &AskedReference) -> Reference {
    asked.received(received_at())
}

fn to_cancel() -> Question {
    Question::Cancel(cancel(CANCEL).into())
}

fn to_withdraw() -> Question {
    let asked = questions::net_cancel(&golden(NET_CANCEL));
    let request = NetCancelRequest {
        reference: reference(&asked.reference),
        digest: ContentDigest([9; 16]),
        total: asked.total,
        approval_no: asked.approval_no,
        reason: asked.reason,
    };
    Question::NetCancel(request.into())
}

fn to_acknowledge(telegram: &[u8]) -> Question {
    let asked = acknowledgement(telegram);
    let request = Acknowledgement { reference: reference(&asked.reference), approval_no: asked.approval_no };
    Question::Acknowledgement(request.into())
}

fn to_inquire() -> Question {
    Question::Inquiry(reference(&questions::inquiry(&golden(INQUIRY))).into())
}

/// What kovan said of the 0100.
fn approval() -> Arc<Approval> {
    match dialect("kovan").answer(&golden(crate::kovan::APPROVED)).verdict {
        Verdict::Approved(approval) => approval,
        other => panic!("expected an approval, found {other:?}"),
    }
}

fn approved() -> TerminalAnswer {
    TerminalAnswer::Approved { approval: approval(), route: kovan() }
}

/// The part of `request()` that is cancelled, as an acquirer tells it.
fn cancelled(cancelled: Approval) -> TerminalAnswer {
    TerminalAnswer::Cancelled {
        original: request().into(),
        approval: approval(),
        cancelled: cancelled.into(),
        route: kovan(),
    }
}

fn standing(
    state: PaymentState,
    original: Option<Request>,
    answer: Option<TerminalAnswer>,
) -> TerminalAnswer {
    TerminalAnswer::Standing(Standing {
        state,
        original: original.map(Arc::new),
        answer: answer.map(Box::new),
    })
}

#[test]
fn a_cancel_that_is_done_is_told_byte_for_byte() {
    let answer = cancelled(Approval {
        approval_no: "30000009".into(),
        approved_at: Some(date(2026, 11, 6).at(14, 0, 3, 0)),
        van_trace: "030000000052".into(),
        issuer_code: "0401".into(),
        issuer_name: "신한카드".into(),
        acquirer_code: "0402".into(),
        acquirer_name: "BC카드".into(),
        host_code: "00".into(),
        ..Approval::default()
    });
    assert_golden(&write_answer(&to_cancel(), &answer, then()), CANCELLED);
}

#[test]
fn a_cancel_without_a_number_or_time_of_its_own_has_the_originals_number_and_its_telegrams_time() {
    let answer = cancelled(Approval { host_code: "00".into(), ..Approval::default() });
    let reply = fields_of("terminal-0410", &write_answer(&to_cancel(), &answer, then()));
    assert_eq!(reply["approval_no"], "30000001");
    assert_eq!(reply["approved_at"], "20261106140000", "never the original's time");
    assert_eq!((reply["issuer_code"].as_str(), reply["acquirer_merchant_no"].as_str()), ("0401", "1"));
    assert_eq!((reply["message1"].as_str(), reply["host_code"].as_str()), ("취소 완료", "00"));
    assert_eq!((reply["masked_card"].as_str(), reply["installment"].as_str()), ("941012******1237", "3"));
    assert_eq!(reply["total_amount"], "20000", "the cancel's, not the original's");
}

#[test]
fn a_cancel_that_is_refused_is_told_byte_for_byte() {
    let answer = TerminalAnswer::Refused(ResponseCode::EXCEEDS_REST);
    assert_golden(&write_answer(&to_cancel(), &answer, then()), CANCEL_REFUSED);
}

#[test]
fn a_cancel_that_the_acquirer_declines_tells_its_reason() {
    let mut decline = Decline {
        code: ResponseCode::new("8420").unwrap(),
        host_code: "8420".into(),
        message1: "기매입 거래".into(),
        message2: "카드사 문의".into(),
    };
    for (said, shown) in [("기매입 거래", "기매입 거래"), ("", "취소 거절")] {
        decline.message1 = said.into();
        let answer = TerminalAnswer::Declined { decline: decline.clone().into(), route: kovan() };
        let reply = fields_of("terminal-0410", &write_answer(&to_cancel(), &answer, then()));
        assert_eq!(reply["header.response_code"], "8420");
        assert_eq!((reply["message1"].as_str(), reply["message2"].as_str()), (shown, "카드사 문의"));
        assert_eq!((reply["route"].as_str(), reply["host_code"].as_str()), ("kovan", "8420"));
        assert_eq!((reply["approval_no"].as_str(), reply["masked_card"].as_str()), ("", ""));
    }
}

#[test]
fn a_component_that_cannot_be_so_is_named_in_the_reply() {
    let answer = TerminalAnswer::FormatError { field: "부가세" };
    let reply = fields_of("terminal-0410", &write_answer(&to_cancel(), &answer, then()));
    assert_eq!(reply["header.response_code"], "9001");
    assert_eq!(reply["message1"], "전문오류: 부가세");
}

#[test]
fn a_withdrawal_is_told_byte_for_byte() {
    assert_golden(&write_answer(&to_withdraw(), &TerminalAnswer::Done, then()), WITHDRAWN);
}

#[test]
fn a_withdrawal_that_is_refused_tells_the_code_and_its_own_amount() {
    let answer = TerminalAnswer::Refused(ResponseCode::ALREADY_CANCELLED);
    let reply = fields_of("terminal-0430", &write_answer(&to_withdraw(), &answer, then()));
    assert_eq!(reply["header.response_code"], "9031");
    assert_eq!((reply["message1"].as_str(), reply["total_amount"].as_str()), ("기취소된 거래", "50000"));
}

#[test]
fn an_acknowledgement_is_told_byte_for_byte() {
    let question = to_acknowledge(&golden(ACKNOWLEDGEMENT));
    assert_golden(&write_answer(&question, &TerminalAnswer::Done, then()), ACKNOWLEDGED);
}

#[test]
fn a_late_acknowledgement_is_refused_with_the_fields_it_came_with() {
    let blank = changed(ACKNOWLEDGEMENT, &[(74, "            ")]);
    for (telegram, approval_no) in [(golden(ACKNOWLEDGEMENT), "30000001"), (blank, "")] {
        let answer = TerminalAnswer::Refused(ResponseCode::NET_CANCELLED);
        let reply = write_answer(&to_acknowledge(&telegram), &answer, then());
        let reply = fields_of("terminal-0130", &reply);
        assert_eq!(reply["header.response_code"], "9013");
        assert_eq!(reply["original_trace_no"], "000123");
        assert_eq!((reply["original_date"].as_str(), &*reply["approval_no"]), ("20261105", approval_no));
    }
}

#[test]
fn an_approval_that_stands_is_told_to_an_inquiry_byte_for_byte() {
    let answer = standing(PaymentState::Approved, Some(request()), Some(approved()));
    assert_golden(&write_answer(&to_inquire(), &answer, then()), STANDS);
}

#[test]
fn an_inquiry_about_nothing_is_answered_byte_for_byte() {
    let answer = standing(PaymentState::Unknown, None, None);
    assert_golden(&write_answer(&to_inquire(), &answer, then()), UNKNOWN);
}

#[test]
fn every_state_is_told_by_its_code_and_shown_unless_the_recorded_answer_says_it() {
    let decline = Decline {
        code: ResponseCode::new("8035").unwrap(),
        host_code: "8035".into(),
        message1: "잔액부족".into(),
        message2: "계좌 확인".into(),
    };
    let declined = TerminalAnswer::Declined { decline: decline.into(), route: kovan() };
    let silent = TerminalAnswer::Refused(ResponseCode::ACQUIRER_SILENT);
    let table = [
        (PaymentState::Unknown, None, "원거래 없음", ""),
        (PaymentState::InProgress, None, "처리중", ""),
        (PaymentState::Approved, Some(approved()), "정상승인", "30000001"),
        (PaymentState::Declined, Some(declined), "잔액부족", ""),
        (PaymentState::PartlyCancelled, Some(approved()), "부분취소", "30000001"),
        (PaymentState::Cancelled, Some(approved()), "취소", "30000001"),
        (PaymentState::NetCancelUnderWay, Some(silent), "망취소 진행", ""),
        (PaymentState::NetCancelled, Some(approved()), "망취소 완료", "30000001"),
        (PaymentState::NeedsPerson, Some(approved()), "수기 처리 필요", "30000001"),
    ];
    let layout = specs::embedded("terminal-0310").unwrap();
    let codes = &layout.field("state").unwrap().codes;
    assert_eq!(codes.len(), table.len());
    for ((state, answer, shown, approval_no), (code, meaning)) in table.into_iter().zip(codes) {
        let answer = standing(state, Some(request()), answer);
        let reply = fields_of("terminal-0310", &write_answer(&to_inquire(), &answer, then()));
        assert_eq!((reply["state"].as_str(), state.code()), (code.as_str(), code.as_str()));
        assert_eq!(reply["header.response_code"], "0000", "the inquiry itself is answered");
        assert_eq!((reply["message1"].as_str(), &*reply["approval_no"]), (shown, approval_no));
        assert_eq!((reply["masked_card"].as_str(), &*reply["total_amount"]), ("941012******1237", "50000"));
        if !matches!(state, PaymentState::Approved | PaymentState::Declined) {
            assert_eq!(shown, meaning, "as the layout calls it");
            assert_eq!(reply["message2"], "");
        }
    }
}

#[test]
fn an_inquiry_that_is_refused_tells_nothing_of_any_payment() {
    let answer = TerminalAnswer::Refused(ResponseCode::OVERLOADED);
    let reply = fields_of("terminal-0310", &write_answer(&to_inquire(), &answer, then()));
    assert_eq!(reply["header.response_code"], "9040");
    assert_eq!((reply["state"].as_str(), reply["message1"].as_str()), ("00", "처리 지연, 잠시 후 재시도"));
    assert_eq!((reply["approval_no"].as_str(), reply["total_amount"].as_str()), ("", "0"));
}

#[test]
fn equal_totals_are_told_byte_for_byte() {
    let asked = questions::totals(&golden(TOTALS));
    let reply = write_totals(&asked.envelope, asked.business_date, &asked.claimed, &asked.claimed, then());
    assert_golden(&reply, EQUAL);
}

#[test]
fn totals_that_differ_in_anything_are_told_as_ours_and_different() {
    let asked = questions::totals(&golden(TOTALS));
    let claimed = asked.claimed;
    let changes: [fn(&mut Totals); 6] = [
        |totals| totals.approvals.count += 1,
        |totals| totals.approvals.amount += 1,
        |totals| totals.cancels.count -= 1,
        |totals| totals.cancels.amount -= 1,
        |totals| totals.net_cancels.count = 0,
        |totals| totals.net_cancels.amount = 0,
    ];
    for change in changes {
        let mut ours = claimed;
        change(&mut ours);
        let reply = write_totals(&asked.envelope, asked.business_date, &claimed, &ours, then());
        let reply = fields_of("terminal-0510", &reply);
        assert_eq!(reply["difference"], "1");
        for (name, sum) in
            [("approval", ours.approvals), ("cancel", ours.cancels), ("net_cancel", ours.net_cancels)]
        {
            assert_eq!(reply[&format!("{name}_count")], sum.count.to_string());
            assert_eq!(reply[&format!("{name}_amount")], sum.amount.to_string());
        }
    }
}

#[test]
fn totals_too_great_for_their_fields_are_told_as_the_greatest_and_different() {
    let asked = questions::totals(&changed(TOTALS, &[(68, "999999999999999999")]));
    let mut ours = asked.claimed;
    ours.approvals.count = 1_000_000;
    ours.approvals.amount = u64::MAX;
    let reply = write_totals(&asked.envelope, asked.business_date, &asked.claimed, &ours, then());
    let reply = fields_of("terminal-0510", &reply);
    assert_eq!((reply["approval_count"].as_str(), &*reply["approval_amount"]), ("999999", "999999999999"));
    assert_eq!(reply["difference"], "1");
}

#[test]
fn an_opening_is_answered_byte_for_byte() {
    match read(&golden(OPENING)) {
        Ok(FromTerminal::Network { function, data, envelope, .. }) => {
            assert_golden(&write_network_reply(&envelope, function, data, then()), OPENED);
        }
        other => panic!("expected an opening, found {other:?}"),
    }
}

#[test]
fn every_type_is_refused_in_its_own_layout_byte_for_byte() {
    let table = [
        (changed(CANCEL, &[(434, "00")]), CANCEL_FORMAT_ERROR),
        (changed(NET_CANCEL, &[(74, "000000000000")]), WITHDRAWAL_FORMAT_ERROR),
        (changed(INQUIRY, &[(66, "20261131")]), INQUIRY_FORMAT_ERROR),
        (changed(ACKNOWLEDGEMENT, &[(66, "20261131")]), ACKNOWLEDGEMENT_FORMAT_ERROR),
        (changed(TOTALS, &[(68, "     1")]), TOTALS_FORMAT_ERROR),
        (changed(OPENING, &[(60, "002")]), FUNCTION_FORMAT_ERROR),
    ];
    for (telegram, expected) in table {
        match read(&telegram) {
            Err(NotUnderstood::Refused(refusal)) => assert_golden(&write_refusal(&refusal, then()), expected),
            other => panic!("expected a refusal, found {other:?}"),
        }
    }
}

#[test]
fn every_answer_of_any_kind_to_any_question_can_be_written_in_the_questions_layout() {
    let questions = [
        (Question::Approval(request().into()), "terminal-0110"),
        (to_cancel(), "terminal-0410"),
        (to_withdraw(), "terminal-0430"),
        (to_acknowledge(&golden(ACKNOWLEDGEMENT)), "terminal-0130"),
        (to_inquire(), "terminal-0310"),
    ];
    let mut answers = vec![
        approved(),
        cancelled(Approval::default()),
        TerminalAnswer::Done,
        standing(PaymentState::NetCancelled, Some(request()), Some(approved())),
        TerminalAnswer::FormatError { field: "취소금액" },
    ];
    answers.extend(RESPONSES.iter().map(|row| TerminalAnswer::Refused(row.code)));
    for (question, layout) in &questions {
        for answer in &answers {
            let reply = fields_of(layout, &write_answer(question, answer, then()));
            assert_eq!(reply["header.response_code"], answer.code().as_str());
            assert_eq!(reply["header.trace_no"], question.trace_no().to_string());
            assert_eq!(reply["header.terminal_id"], "1000000001");
            assert_eq!(reply["header.merchant_no"], "1208800001");
            let kind = layout.strip_prefix("terminal-").unwrap();
            assert_eq!(reply["header.telegram_type"], kind);
            assert_eq!(reply["header.sent_at"], "20261106140004");
        }
    }
}

#[test]
fn the_greatest_cancel_fits_its_answer() {
    let mut request = cancel(CANCEL_BLANK);
    request.amounts.total = Won::MAX;
    request.merchant_data = vec![0xff; 40];
    let question = Question::Cancel(request.into());
    let reply = write_answer(&question, &cancelled(Approval::default()), then());
    assert_eq!(fields_of("terminal-0410", &reply)["total_amount"], "999999999999");
    assert_eq!(reply[557..], [0xff; 40]);
}
