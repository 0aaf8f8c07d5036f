//! KSPAY, a VAN with one socket per request.

use codec::frame::{FrameFormat, Framing, LengthPad};

use super::dialect::{Deed, Dialect, Fill, Operation, Original, Sockets};

const REPLY: &str = "kspay-reply";

/// All cancels are of one layout; its kind tells them apart.
const CANCEL: &str = "kspay-cancel";

/// What a reply says of an approval and of a cancel; the approval type is repeated.
const FILLS: &[(&str, Fill)] = &[
    ("transaction_no", Fill::TransactionNo),
    ("status", Fill::Status { well: "O", stood_in: "O", refused: "X" }),
    ("date", Fill::DoneAt),
    ("time", Fill::DoneAt),
    ("issuer", Fill::Text("040001")),
    ("acquirer", Fill::Text("040001")),
    ("approval_no", Fill::ApprovalNoOrCode),
    ("amount", Fill::Amount),
];

/// 1000 approves, 1010 cancels: by transaction number all (kind 0) or a part (kind 3), or by order number (kind 1), which serves as
/// the net-cancel and carries no amount.
pub(super) static KSPAY: Dialect = Dialect {
    name: "kspay",
    title: "KSPAY (VAN)",
    frame: FrameFormat {
        framing: Framing::Ascii4,
        length_pad: LengthPad::Zero,
        length_in_telegram: true,
        min: 450,
        max: 580,
    },
    sockets: Sockets::ClosedAfterAnswer,
    operations: &[
        Operation {
            deed: Deed::Approval,
            request: "kspay-credit",
            told_by: &[("approval_type", "1000")],
            serial: "header.order_no",
            amount: &["amount"],
            reply_amount: Some("amount"),
            original: None,
            reply: REPLY,
            fills: FILLS,
        },
        Operation {
            deed: Deed::Cancel,
            request: CANCEL,
            told_by: &[("cancel_kind", "0")],
            serial: "header.order_no",
            amount: &["cancel_amount"],
            reply_amount: Some("amount"),
            original: Some(Original::TransactionNo("transaction_no")),
            reply: REPLY,
            fills: FILLS,
        },
        Operation {
            deed: Deed::NetCancel,
            request: CANCEL,
            told_by: &[("cancel_kind", "1")],
            serial: "header.order_no",
            amount: &["cancel_amount"],
            reply_amount: Some("amount"),
            original: Some(Original::Serial("order_no")),
            reply: REPLY,
            fills: FILLS,
        },
        Operation {
            deed: Deed::Cancel,
            request: CANCEL,
            told_by: &[("cancel_kind", "3")],
            serial: "header.order_no",
            amount: &["cancel_amount"],
            reply_amount: Some("amount"),
            original: Some(Original::TransactionNo("transaction_no")),
            reply: REPLY,
            fills: FILLS,
        },
    ],
};
