//! From what a terminal is told to its bytes.

use bytes::Bytes;
use codec::{Binary, Code, Digits, Telegram, Text};
use jiff::civil::DateTime;
use payment::{Request, ResponseCode, TerminalAnswer};

use super::{
    layout::{Approval0110, Header, Network0810},
    read::{Envelope, Refusal},
};
use crate::fields::{korean, text};

/// The answer to an approval request, at `now` (KST).
pub fn write_reply(request: &Request, answer: &TerminalAnswer, now: DateTime) -> Bytes {
    let key = &request.key;
    let envelope = Envelope {
        telegram_type: Digits::new(key.kind.code()).expect("four digits"),
        terminal_id: text(key.terminal.as_str()),
        merchant_no: Digits::new(request.merchant.as_str()).expect("ten digits"),
        trace_no: Digits::zero_padded(key.trace_no.get().into()).expect("six digits"),
    };
    let mut reply = Approval0110 {
        masked_card: text(request.card.masked()),
        installment: request.installment,
        total_amount: request.amounts.total().get(),
        merchant_data: Binary::new(&request.merchant_data).unwrap_or_default(),
        ..blank_reply(&envelope, answer.code(), now)
    };
    match answer {
        TerminalAnswer::Approved { approval, route } => {
            reply.approval_no = text(&approval.approval_no);
            // Where the acquirer does not say, the terminal's own time: every repeat of the answer must be the same.
            reply.approved_at = approval.approved_at.or(Some(request.sent_at));
            reply.van_trace = text(&approval.van_trace);
            reply.issuer_code = text(&approval.issuer_code);
            reply.issuer_name = korean(&approval.issuer_name);
            reply.acquirer_code = text(&approval.acquirer_code);
            reply.acquirer_name = korean(&approval.acquirer_name);
            reply.acquirer_merchant_no = text(&approval.acquirer_merchant_no);
            reply.message1 = korean(or(&approval.message1, ResponseCode::APPROVED.korean()));
            reply.message2 = korean(&approval.message2);
            reply.route = text(route.as_str());
            reply.host_code = text(&approval.host_code);
        }
        TerminalAnswer::Declined { decline, route } => {
            reply.message1 = korean(or(&decline.message1, "승인 거절"));
            reply.message2 = korean(&decline.message2);
            reply.route = text(route.as_str());
            reply.host_code = text(&decline.host_code);
        }
        TerminalAnswer::Refused(code) => reply.message1 = korean(code.korean()),
    }
    encode(&reply)
}

/// The answer to a telegram that is refused before it is anything else, at `now` (KST).
pub fn write_refusal(refusal: &Refusal, now: DateTime) -> Bytes {
    let mut reply = blank_reply(&refusal.envelope, refusal.code, now);
    reply.message1 = korean(&refusal.message);
    encode(&reply)
}

/// 0810, at `now` (KST).
pub fn write_network_reply(envelope: &Envelope, data: Text<64>, now: DateTime) -> Bytes {
    let function = Digits::new("301").expect("three digits");
    encode(&Network0810 { header: header(envelope, ResponseCode::APPROVED, now), function, data })
}

fn encode(telegram: &impl Telegram) -> Bytes {
    telegram.encode_to_bytes().expect("every value is made to fit its field")
}

fn or<'a>(text: &'a str, default: &'a str) -> &'a str {
    if text.is_empty() { default } else { text }
}

fn blank_reply(envelope: &Envelope, code: ResponseCode, now: DateTime) -> Approval0110 {
    Approval0110 {
        header: header(envelope, code, now),
        approval_no: Text::default(),
        approved_at: None,
        van_trace: Text::default(),
        issuer_code: Text::default(),
        issuer_name: korean(""),
        acquirer_code: Text::default(),
        acquirer_name: korean(""),
        acquirer_merchant_no: Text::default(),
        masked_card: Text::default(),
        installment: 0,
        total_amount: 0,
        message1: korean(""),
        message2: korean(""),
        capture_kind: Code::default(),
        route: Text::default(),
        host_code: Text::default(),
        emv_length: 0,
        emv_data: Binary::default(),
        merchant_data: Binary::default(),
    }
}

/// The reply's type is the request's with a one in its third place.
fn header(envelope: &Envelope, code: ResponseCode, now: DateTime) -> Header {
    let mut kind = [0; 4];
    kind.copy_from_slice(envelope.telegram_type.as_bytes());
    kind[2] = if kind[2] == b'9' { b'9' } else { kind[2] + 1 };
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
