//! A card company asked directly, with telegrams of 450 bytes.

use codec::frame::{FrameFormat, Framing, LengthPad};

use super::dialect::{Deed, Dialect, Fill, Operation, Original, Sockets};

const REPLY: &str = "card450-reply";

const FILLS: &[(&str, Fill)] = &[
    ("result_code", Fill::Code("0000")),
    ("card_company_tid", Fill::ApprovalNo),
    ("approved_at", Fill::DoneAt),
];

/// PAYMENT, and CANCEL which is also the net-cancel; both name the original by our own management number;
/// and ECHO.
pub(super) static CARD450: Dialect = Dialect {
    name: "card450",
    title: "카드사 직승인",
    frame: FrameFormat {
        framing: Framing::Ascii4,
        length_pad: LengthPad::Blank,
        length_in_telegram: true,
        min: 450,
        max: 450,
    },
    sockets: Sockets::Kept,
    operations: &[
        Operation {
            deed: Deed::Approval,
            request: "card450-request",
            told_by: &[("kind", "PAYMENT")],
            serial: "management_no",
            amount: &["amount"],
            reply_amount: Some("amount"),
            original: None,
            reply: REPLY,
            fills: FILLS,
        },
        Operation {
            deed: Deed::EitherCancel,
            request: "card450-request",
            told_by: &[("kind", "CANCEL")],
            serial: "management_no",
            amount: &["amount"],
            reply_amount: Some("amount"),
            original: Some(Original::Serial("original_management_no")),
            reply: REPLY,
            fills: FILLS,
        },
        Operation {
            deed: Deed::Echo,
            request: "card450-request",
            told_by: &[("kind", "ECHO")],
            serial: "management_no",
            amount: &[],
            reply_amount: None,
            original: None,
            reply: REPLY,
            fills: &[("result_code", Fill::Code("0000"))],
        },
    ],
};
