//! KICC, a VAN.

use codec::frame::{FrameFormat, Framing, LengthPad};

use super::dialect::{Deed, Dialect, Fill, Operation, Original, Sockets};

const REQUEST: &str = "kicc-request";
const REPLY: &str = "kicc-reply";

/// A request tells the total by its parts.
const AMOUNT: &[&str] = &["supply_amount", "service_charge", "tax"];

/// What a reply of this type says, whatever it answers.
const fn fills(telegram_type: &'static str) -> [(&'static str, Fill); 8] {
    [
        ("telegram_type", Fill::Text(telegram_type)),
        ("van_tr", Fill::TransactionNo),
        ("status", Fill::Status { well: "O", stood_in: "P", refused: "X" }),
        ("approved_at", Fill::DoneAt),
        ("total_amount", Fill::Amount),
        ("approval_no", Fill::ApprovalNoOrCode),
        ("issuer", Fill::Text("04")),
        ("acquirer", Fill::Text("04")),
    ]
}

/// Approval 1010, cancel 1050 (names its original by approval number), net-cancel 1060 (by the same serial), test 9000.
pub(super) static KICC: Dialect = Dialect {
    name: "kicc",
    title: "KICC (VAN)",
    frame: FrameFormat {
        framing: Framing::Ascii4,
        length_pad: LengthPad::Zero,
        length_in_telegram: true,
        min: 131,
        max: 538,
    },
    sockets: Sockets::Kept,
    operations: &[
        Operation {
            deed: Deed::Approval,
            request: REQUEST,
            told_by: &[("telegram_type", "1010")],
            serial: "header.serial",
            amount: AMOUNT,
            reply_amount: Some("total_amount"),
            original: None,
            reply: REPLY,
            fills: &fills("1011"),
        },
        Operation {
            deed: Deed::Cancel,
            request: REQUEST,
            told_by: &[("telegram_type", "1050")],
            serial: "header.serial",
            amount: AMOUNT,
            reply_amount: Some("total_amount"),
            original: Some(Original::ApprovalNo("approval_no")),
            reply: REPLY,
            fills: &fills("1051"),
        },
        Operation {
            deed: Deed::NetCancel,
            request: REQUEST,
            told_by: &[("telegram_type", "1060")],
            serial: "header.serial",
            amount: AMOUNT,
            reply_amount: Some("total_amount"),
            original: Some(Original::Serial("header.serial")),
            reply: REPLY,
            fills: &fills("1061"),
        },
        Operation {
            deed: Deed::Echo,
            request: "kicc-test",
            told_by: &[("telegram_type", "9000")],
            serial: "header.serial",
            amount: &[],
            reply_amount: None,
            original: None,
            reply: "kicc-test-reply",
            fills: &[("result_code", Fill::Code("0000"))],
        },
    ],
};
