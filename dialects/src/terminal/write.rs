//! From what a terminal is told to its bytes.

use bytes::Bytes;
use codec::{Code, Digits, Telegram, Text, Truncated};
use jiff::civil::{Date, DateTime};
use payment::{PaymentState, Question, ResponseCode, Sum, TerminalAnswer, Totals, TraceNo};

use super::{
    asked::NetworkFunction,
    envelope::{Envelope, GivenBack},
    layout::{
        Header,
        answer::{
            Acknowledgement0130, Approval0110, Cancel0410, Inquiry0310, NetCancel0430, Network0810,
            Totals0510, Values,
        },
    },
    refusal::Refusal,
    values,
};
use crate::fields::text;

/// The answer to a telegram that speaks of one payment, at `now` (KST), in the layout of its type:
///
/// - **0110** (승인 응답): approved, with what the receipt needs; declined or refused, with the reason in `message1` and
///   `message2`.
/// - **0410** (취소 응답): cancelled, with the number and time of the cancel where the acquirer gives them, else the original's number and
///   the time of the 0400; card and installment are the original's, `total_amount` is what was cancelled.
/// - **0430** (망취소 응답): 0000 says that the original is not, or will not stay, approved.
/// - **0130** (승인 확인 응답): 0000 says that the approval stands for good. It names the original as the 0120 did.
/// - **0310** (거래 조회 응답): `state` says what stands now; the rest is what the 0110 said, or would have said, except that
///   `message1` tells the state where that is neither approved nor declined.
pub fn write_answer(question: &Question, answer: &TerminalAnswer, now: DateTime) -> Bytes {
    let header = header(&Envelope::of(question), answer.code(), now);
    match question {
        Question::Approval(request) => {
            encode(&Approval0110::new(header, values::of_approval(request, answer)))
        }
        Question::Cancel(request) => encode(&Cancel0410::new(header, values::of_cancel(request, answer))),
        Question::NetCancel(request) => {
            encode(&NetCancel0430::new(header, values::of_net_cancel(request, answer)))
        }
        Question::Acknowledgement(request) => {
            let original = &request.reference.original;
            encode(&Acknowledgement0130 {
                header,
                original_trace_no: six_digits(original.trace_no),
                original_date: Some(original.business_date),
                approval_no: request.approval_no.as_deref().map(text),
            })
        }
        Question::Inquiry(_) => {
            let (values, state) = values::of_inquiry(answer);
            encode(&Inquiry0310::new(header, values, state_code(state)))
        }
    }
}

fn six_digits(trace_no: TraceNo) -> Digits<6> {
    Digits::zero_padded(trace_no.get().into()).expect("six digits")
}

fn state_code(state: PaymentState) -> Code<2> {
    Code::new(state.code()).expect("two characters")
}

/// 0510 (마감 응답), at `now` (KST): what the switch counted for that day, and whether it differs from what the terminal counted.
/// A sum too great for its field is told as the greatest that fits, and the comparison is that of the sums themselves.
pub fn write_totals(
    envelope: &Envelope,
    business_date: Date,
    claimed: &Totals,
    counted: &Totals,
    now: DateTime,
) -> Bytes {
    let header = header(envelope, ResponseCode::APPROVED, now);
    encode(&totals_reply(header, Some(business_date), counted, claimed == counted))
}

fn totals_reply(header: Header, business_date: Option<Date>, counted: &Totals, is_equal: bool) -> Totals0510 {
    let count = |sum: &Sum| u32::try_from(sum.count.min(999_999)).expect("six digits");
    let amount = |sum: &Sum| sum.amount.min(999_999_999_999);
    Totals0510 {
        header,
        business_date,
        approval_count: count(&counted.approvals),
        approval_amount: amount(&counted.approvals),
        cancel_count: count(&counted.cancels),
        cancel_amount: amount(&counted.cancels),
        net_cancel_count: count(&counted.net_cancels),
        net_cancel_amount: amount(&counted.net_cancels),
        difference: Code::new(if is_equal { "0" } else { "1" }).expect("one character"),
    }
}

/// 0810 (망관리 응답) 0000, at `now` (KST): function and data as they came. A terminal sets its clock by its `sent_at`.
pub fn write_network_reply(
    envelope: &Envelope,
    function: NetworkFunction,
    data: Text<64>,
    now: DateTime,
) -> Bytes {
    let function = Digits::new(function.code()).expect("three digits");
    encode(&Network0810 { header: header(envelope, ResponseCode::APPROVED, now), function, data })
}

/// The answer to a telegram that is refused before it is anything else, at `now` (KST).
///
/// It has the layout of its type's answer; that of an 0110 where nobody knows the type. The layouts with a message tell it in
/// `message1`. An 0130, 0510 and 0810 give back what could be read of the request, the rest is blank or zero; an 0310 has state 00
/// and an 0510 the difference 1, as nothing was compared.
pub fn write_refusal(refusal: &Refusal, now: DateTime) -> Bytes {
    let envelope = &refusal.envelope;
    let header = header(envelope, refusal.code, now);
    let values = Values { message1: Truncated::cut(&refusal.message), ..Values::default() };
    match (envelope.telegram_type.as_str(), envelope.given_back) {
        ("0120", given) => {
            let (trace_no, date, approval_no) = match given {
                GivenBack::Original { trace_no, date, approval_no } => (trace_no, date, approval_no),
                GivenBack::Nothing | GivenBack::BusinessDate(_) | GivenBack::Network { .. } => {
                    (zeros(), None, None)
                }
            };
            encode(&Acknowledgement0130 {
                header,
                original_trace_no: trace_no,
                original_date: date,
                approval_no,
            })
        }
        ("0300", _) => encode(&Inquiry0310::new(header, values, state_code(PaymentState::Unknown))),
        ("0400", _) => encode(&Cancel0410::new(header, values)),
        ("0420", _) => encode(&NetCancel0430::new(header, values)),
        ("0500", given) => {
            let date = match given {
                GivenBack::BusinessDate(date) => date,
                GivenBack::Nothing | GivenBack::Original { .. } | GivenBack::Network { .. } => None,
            };
            encode(&totals_reply(header, date, &Totals::default(), false))
        }
        ("0800", given) => {
            let (function, data) = match given {
                GivenBack::Network { function, data } => (function, data),
                GivenBack::Nothing | GivenBack::Original { .. } | GivenBack::BusinessDate(_) => {
                    (zeros(), Text::default())
                }
            };
            encode(&Network0810 { header, function, data })
        }
        _ => encode(&Approval0110::new(header, values)),
    }
}

fn zeros<const N: usize>() -> Digits<N> {
    Digits::zero_padded(0).expect("zero fits")
}

fn encode(telegram: &impl Telegram) -> Bytes {
    telegram.encode_to_bytes().expect("every value is made to fit its field")
}

/// The reply's type is the request's with one more in its third place, where a request has an even digit.
fn header(envelope: &Envelope, code: ResponseCode, now: DateTime) -> Header {
    let mut kind = [0; 4];
    kind.copy_from_slice(envelope.telegram_type.as_bytes());
    kind[2] |= 1;
    Header {
        telegram_type: Digits::new(str::from_utf8(&kind).expect("digits")).expect("four digits"),
        version: Digits::new("01").expect("two digits"),
        terminal_id: envelope.terminal_id,
        merchant_no: envelope.merchant_no,
        trace_no: envelope.trace_no,
        sent_at: now,
        security: Code::new("0").expect("one character"),
        key_index: Digits::zero_padded(0).expect("zero fits"),
        response_code: text(code.as_str()),
    }
}
