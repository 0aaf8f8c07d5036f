//! What the answers about one payment say of it.

use codec::{Binary, Truncated};
use jiff::civil::DateTime;
use payment::{
    AcquirerName, Approval, CancelRequest, NetCancelRequest, PaymentState, Request, ResponseCode, Standing,
    TerminalAnswer,
};

use super::layout::answer::Values;
use crate::fields::text;

/// Of an 0110.
pub(super) fn of_approval(request: &Request, answer: &TerminalAnswer) -> Values {
    let mut values = of_request(request);
    tell(&mut values, answer, request.sent_at, "승인 거절");
    values
}

fn of_request(request: &Request) -> Values {
    Values {
        masked_card: text(request.card.masked()),
        installment: request.installment,
        total_amount: request.amounts.total().get(),
        merchant_data: Binary::new(&request.merchant_data).unwrap_or_default(),
        ..Values::default()
    }
}

/// Fills in an answer. `sent_at` is the terminal's time of what is answered: where the acquirer tells none it stands for the approval's,
/// as every repeat of the answer must be the same.
fn tell(values: &mut Values, answer: &TerminalAnswer, sent_at: DateTime, declined: &str) {
    match answer {
        TerminalAnswer::Approved { approval, route } => approve(values, approval, route, sent_at),
        TerminalAnswer::Declined { decline, route } => {
            values.message1 = Truncated::cut(or(&decline.message1, declined));
            values.message2 = Truncated::cut(&decline.message2);
            values.route = Truncated::cut(route.as_str());
            values.host_code = text(&decline.host_code);
        }
        TerminalAnswer::Cancelled { original, approval, cancelled, route } => {
            values.masked_card = text(original.card.masked());
            values.installment = original.installment;
            approve(values, &of_cancel_or_original(cancelled, approval), route, sent_at);
        }
        TerminalAnswer::Done | TerminalAnswer::Standing(_) => {
            values.message1 = Truncated::cut(ResponseCode::APPROVED.korean());
        }
        TerminalAnswer::FormatError { field } => {
            values.message1 = Truncated::cut(&format!("{}: {field}", ResponseCode::FORMAT_ERROR.korean()));
        }
        TerminalAnswer::Refused(code) => values.message1 = Truncated::cut(code.korean()),
    }
}

fn approve(values: &mut Values, approval: &Approval, route: &AcquirerName, sent_at: DateTime) {
    values.approval_no = text(&approval.approval_no);
    values.approved_at = approval.approved_at.or(Some(sent_at));
    values.van_trace = text(&approval.van_trace);
    values.issuer_code = text(&approval.issuer_code);
    values.issuer_name = Truncated::cut(&approval.issuer_name);
    values.acquirer_code = text(&approval.acquirer_code);
    values.acquirer_name = Truncated::cut(&approval.acquirer_name);
    values.acquirer_merchant_no = text(&approval.acquirer_merchant_no);
    values.message1 = Truncated::cut(or(&approval.message1, ResponseCode::APPROVED.korean()));
    values.message2 = Truncated::cut(&approval.message2);
    values.route = Truncated::cut(route.as_str());
    values.host_code = text(&approval.host_code);
}

/// What a cancel's receipt tells: what the acquirer said of the cancel, and where it says nothing what it said of the original. Time,
/// code and messages are never the original's.
fn of_cancel_or_original(cancelled: &Approval, original: &Approval) -> Approval {
    let either = |cancelled: &String, original: &String| or(cancelled, original).to_owned();
    Approval {
        approval_no: either(&cancelled.approval_no, &original.approval_no),
        approved_at: cancelled.approved_at,
        van_trace: either(&cancelled.van_trace, &original.van_trace),
        issuer_code: either(&cancelled.issuer_code, &original.issuer_code),
        issuer_name: either(&cancelled.issuer_name, &original.issuer_name),
        acquirer_code: either(&cancelled.acquirer_code, &original.acquirer_code),
        acquirer_name: either(&cancelled.acquirer_name, &original.acquirer_name),
        acquirer_merchant_no: either(&cancelled.acquirer_merchant_no, &original.acquirer_merchant_no),
        host_code: cancelled.host_code.clone(),
        message1: or(&cancelled.message1, "취소 완료").to_owned(),
        message2: cancelled.message2.clone(),
    }
}

fn or<'a>(text: &'a str, default: &'a str) -> &'a str {
    if text.is_empty() { default } else { text }
}

/// Of an 0410: the amount is that of the cancel, and where nothing is cancelled the card stays blank.
pub(super) fn of_cancel(request: &CancelRequest, answer: &TerminalAnswer) -> Values {
    let mut values = Values {
        total_amount: request.amounts.total.get(),
        merchant_data: Binary::new(&request.merchant_data).unwrap_or_default(),
        ..Values::default()
    };
    tell(&mut values, answer, request.sent_at, "취소 거절");
    values
}

/// Of an 0430: the amount is that of the 0420, as the original may be unknown.
pub(super) fn of_net_cancel(request: &NetCancelRequest, answer: &TerminalAnswer) -> Values {
    let mut values = Values { total_amount: request.total.get(), ..Values::default() };
    tell(&mut values, answer, request.reference.sent_at, "망취소 거절");
    if *answer == TerminalAnswer::Done {
        values.message1 = Truncated::cut("망취소 접수 완료");
    }
    values
}

/// Of an 0310, and the state. An inquiry that is refused tells nothing of any payment.
pub(super) fn of_inquiry(answer: &TerminalAnswer) -> (Values, PaymentState) {
    match answer {
        TerminalAnswer::Standing(standing) => (standing_values(standing), standing.state),
        TerminalAnswer::Approved { .. }
        | TerminalAnswer::Declined { .. }
        | TerminalAnswer::Cancelled { .. }
        | TerminalAnswer::Done
        | TerminalAnswer::FormatError { .. }
        | TerminalAnswer::Refused(_) => {
            let values = Values { message1: Truncated::cut(answer.code().korean()), ..Values::default() };
            (values, PaymentState::Unknown)
        }
    }
}

fn standing_values(standing: &Standing) -> Values {
    let mut values = match (&standing.original, &standing.answer) {
        (Some(original), Some(answer)) => of_approval(original, answer),
        (Some(original), None) => of_request(original),
        (None, _) => Values::default(),
    };
    // A terminal that shows the recorded message shall not show an approval that does not stand.
    if let Some(message) = shown(standing.state) {
        values.message1 = Truncated::cut(message);
        values.message2 = Truncated::cut("");
    }
    values
}

/// What a terminal shows for a state whose recorded answer does not say it.
fn shown(state: PaymentState) -> Option<&'static str> {
    match state {
        PaymentState::Unknown => Some("원거래 없음"),
        PaymentState::InProgress => Some("처리중"),
        PaymentState::Approved | PaymentState::Declined => None,
        PaymentState::PartlyCancelled => Some("부분취소"),
        PaymentState::Cancelled => Some("취소"),
        PaymentState::NetCancelUnderWay => Some("망취소 진행"),
        PaymentState::NetCancelled => Some("망취소 완료"),
        PaymentState::NeedsPerson => Some("수기 처리 필요"),
    }
}
