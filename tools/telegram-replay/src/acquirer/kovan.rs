//! KOVAN, a VAN.

use codec::frame::{FrameFormat, Framing};

use super::dialect::{Deed, Dialect, Fill, Operation, Original, Sockets};

const REPLY: &str = "kovan-reply";

/// What opens a line (function 001) or proves it (301); the reply repeats the function.
const fn line(deed: Deed, told_by: &'static [(&'static str, &'static str)]) -> Operation {
    Operation {
        deed,
        request: "kovan-network",
        told_by,
        serial: "trace",
        amount: &[],
        reply_amount: None,
        original: None,
        reply: "kovan-network-reply",
        fills: &[
            ("bitmap", Fill::Text("80200000020000000400000000000000")),
            ("result_code", Fill::Code("00")),
        ],
    }
}

/// Approval 0200, cancel 0420 (names its original by approval number), net-cancel 0520 (by the same transaction id), network management 0800.
pub(super) static KOVAN: Dialect = Dialect {
    name: "kovan",
    title: "KOVAN (VAN)",
    frame: FrameFormat::new(Framing::Ascii4, 57, 356),
    sockets: Sockets::Kept,
    operations: &[
        Operation {
            deed: Deed::Approval,
            request: "kovan-approval",
            told_by: &[("mti", "0200")],
            serial: "transaction_id",
            amount: &["amount"],
            reply_amount: Some("amount"),
            original: None,
            reply: REPLY,
            fills: &[
                ("mti", Fill::Text("0210")),
                ("issuer_code", Fill::Text("0401")),
                ("approval", Fill::ApprovalNo),
                ("card_company_code", Fill::IssuerCode("00")),
                ("van_code", Fill::VanCode("00")),
            ],
        },
        Operation {
            deed: Deed::Cancel,
            request: "kovan-cancel",
            told_by: &[("mti", "0420")],
            serial: "transaction_id",
            amount: &["amount"],
            reply_amount: Some("amount"),
            original: Some(Original::ApprovalNo("approval")),
            reply: REPLY,
            fills: &[
                ("mti", Fill::Text("0430")),
                ("issuer_code", Fill::Text("0401")),
                ("approval", Fill::ApprovalNo),
                ("card_company_code", Fill::IssuerCode("00")),
                ("van_code", Fill::VanCode("00")),
            ],
        },
        Operation {
            deed: Deed::NetCancel,
            request: "kovan-cancel",
            told_by: &[("mti", "0520")],
            serial: "transaction_id",
            amount: &["amount"],
            reply_amount: Some("amount"),
            original: Some(Original::Serial("transaction_id")),
            reply: REPLY,
            fills: &[
                ("mti", Fill::Text("0530")),
                ("issuer_code", Fill::Text("0401")),
                ("approval", Fill::ApprovalNo),
                ("card_company_code", Fill::IssuerCode("00")),
                ("van_code", Fill::VanCode("00")),
            ],
        },
        line(Deed::SignOn, &[("mti", "0800"), ("function", "001")]),
        line(Deed::Echo, &[("mti", "0800"), ("function", "301")]),
    ],
};
