//! KICC, a VAN: one layout of 538 bytes for what is asked and one of 465 for what is answered, told apart by their telegram type.
//! Multiplexed. A net-cancel (1060) names its original by carrying the same serial, so the type is part of what tells answers apart; a
//! cancel (1050) has a serial of its own and names its original by the approval number and the date.

#[cfg(any(test, fuzzing))]
pub(crate) mod compiled;
mod layout;
mod reply;
mod test_telegram;

use std::{collections::BTreeMap, time::Duration};

use acquirer_links::{LinkProfile, Mode};
use bytes::Bytes;
use codec::{
    Code, Digits, Korean, Secret, Telegram as _, Text,
    frame::{FrameFormat, Framing},
};
use jiff::civil::{Date, DateTime};
use payment::{
    Amounts, Answer, CancelAnswer, CancelOrder, CardFacts, ClearCard, EntryMode, NetCancelAnswer,
    NetCancelOrder, PartialCancel, Request, RequestOrder, Route, Serial,
};

use self::layout::{Header, KiccRequest};
use crate::{
    BadDialect, CannotExpress, ReplyKind, SlowestAnswer, Written,
    dialect::Speaks,
    fields::{check_identifiers, clock_skew, identifier, korea, only, param, partial_cancel, track2},
};

const REQUEST: &str = "1010";
const CANCEL: &str = "1050";
const NET_CANCEL: &str = "1060";
/// The encryption of a telegram in the clear.
const CLEAR: &str = "0";

/// KICC with the switch's identity there.
pub(crate) struct Kicc {
    institution: Text<5>,
    /// Whether that is the one of the simulated KICC.
    is_sandbox: bool,
    /// Seconds, 1 to 99.
    timeout: u8,
    partial_cancel: PartialCancel,
    /// How far its clock may be from ours.
    clock_skew: Duration,
}

impl Kicc {
    pub(crate) fn new(params: &BTreeMap<String, String>) -> Result<Self, BadDialect> {
        only(params, &["institution", "timeout_s", "partial_cancel", "clock_skew_s"])?;
        Ok(Self {
            institution: param(params, "institution", "00000")?,
            is_sandbox: !params.contains_key("institution"),
            timeout: timeout(params)?,
            partial_cancel: partial_cancel(params)?,
            clock_skew: clock_skew(params)?,
        })
    }
}

/// How long KICC may take to answer. A VAN stands in for a silent issuer after 8 seconds, and our own time for the answer is to be longer.
fn timeout(params: &BTreeMap<String, String>) -> Result<u8, BadDialect> {
    let text = params.get("timeout_s").map_or("8", String::as_str);
    text.parse()
        .ok()
        .filter(|seconds| (1..=99).contains(seconds))
        .ok_or_else(|| BadDialect::Param { key: "timeout_s".into(), expected: "seconds, 1 to 99".into() })
}

impl Speaks for Kicc {
    fn identity(&self) -> Vec<&str> {
        vec![self.institution.as_str()]
    }

    fn profile(&self) -> LinkProfile {
        let frame = FrameFormat { length_in_telegram: true, ..FrameFormat::new(Framing::Ascii4, 127, 1024) };
        LinkProfile {
            frame,
            mode: Mode::Multiplexed,
            key_of: reply::key_of,
            echo: Some(test_telegram::echo(self.institution, self.timeout)),
            sign_on: None,
        }
    }

    fn warning(&self) -> Option<&'static str> {
        self.is_sandbox
            .then_some("params.institution is not set: KICC is told the institution 00000 of the sandbox")
    }

    fn slowest_answer(&self) -> Option<SlowestAnswer> {
        Some(SlowestAnswer::Told(Duration::from_secs(self.timeout.into())))
    }

    fn check_merchant(&self, row: &BTreeMap<String, String>) -> Result<(), String> {
        check_identifiers(row, &[("terminal_id", 10)])
    }

    /// Every component: the tax-free part is inside the supply, of which the tax is told.
    fn can_carry(&self, request: &Request) -> Result<(), CannotExpress> {
        match request.card {
            CardFacts::Number { .. } => Ok(()),
            CardFacts::Opaque { .. } => Err(CannotExpress::OpaqueCard),
            CardFacts::Unseen => Err(CannotExpress::Unseen),
        }
    }

    fn partial_cancel(&self) -> PartialCancel {
        self.partial_cancel
    }

    /// By our day, while it books by its own clock.
    fn day_skew(&self) -> Option<Duration> {
        Some(self.clock_skew)
    }

    fn request(
        &self,
        order: &RequestOrder,
        card: &ClearCard,
        _now: DateTime,
    ) -> Result<Written, CannotExpress> {
        let serial = order.route.serial;
        let asked = Asked {
            telegram_type: REQUEST,
            serial,
            named: track2(card)?,
            amounts: &order.request.amounts,
            approval_no: Text::default(),
            original_date: None,
            request: &order.request,
            route: &order.route,
        };
        Ok(Written { telegram: self.write(asked)?, key: ReplyKind::Request.key(serial) })
    }

    fn net_cancel(
        &self,
        order: &NetCancelOrder,
        card: Option<&ClearCard>,
        _now: DateTime,
    ) -> Result<Written, CannotExpress> {
        let serial = order.route.serial;
        let approval_no = order.approval_no.as_deref().and_then(|number| Text::new(number).ok());
        let asked = Asked {
            telegram_type: NET_CANCEL,
            serial,
            named: card.map_or(Ok(Secret::default()), track2)?,
            amounts: &order.request.amounts,
            approval_no: approval_no.unwrap_or_default(),
            original_date: Some(order.approved_at.unwrap_or_else(|| korea(order.request.read_at())).date()),
            request: &order.request,
            route: &order.route,
        };
        Ok(Written { telegram: self.write(asked)?, key: ReplyKind::NetCancel.key(serial) })
    }

    fn cancel(
        &self,
        order: &CancelOrder,
        card: Option<&ClearCard>,
        _now: DateTime,
    ) -> Result<Written, CannotExpress> {
        let (serial, approval) = (order.serial, &order.approval);
        let approval_no = Text::new(&approval.approval_no).ok().filter(|number| !number.is_empty());
        let named = match card {
            Some(card) => track2(card)?,
            None => Secret::new(Text::new(&approval.van_trace)?),
        };
        let asked = Asked {
            telegram_type: CANCEL,
            serial,
            named,
            amounts: &order.amounts,
            approval_no: approval_no.ok_or(CannotExpress::ApprovalNo)?,
            original_date: Some(
                approval.approved_at.unwrap_or_else(|| korea(order.request.read_at())).date(),
            ),
            request: &order.request,
            route: &order.route,
        };
        Ok(Written { telegram: self.write(asked)?, key: ReplyKind::Cancel.key(serial) })
    }

    fn fault(&self, telegram: &[u8]) -> Option<codec::Error> {
        reply::fault(telegram)
    }

    fn answer(&self, telegram: &[u8]) -> Answer {
        reply::answer(telegram)
    }

    fn net_cancel_answer(&self, telegram: &[u8]) -> NetCancelAnswer {
        reply::net_cancel_answer(telegram)
    }

    fn cancel_answer(&self, telegram: &[u8]) -> CancelAnswer {
        reply::cancel_answer(telegram)
    }
}

/// What tells one telegram from another.
struct Asked<'a> {
    telegram_type: &'static str,
    /// Of the telegram itself.
    serial: Serial,
    /// The card, or the VAN's number of the original; blank where neither is known.
    named: Secret<Text<37>>,
    amounts: &'a Amounts,
    /// Of the original; blank where there is none, or it is not known.
    approval_no: Text<12>,
    /// Of the original.
    original_date: Option<Date>,
    /// What the terminal asked to approve.
    request: &'a Request,
    /// Where that goes, or went.
    route: &'a Route,
}

impl Kicc {
    fn write(&self, asked: Asked<'_>) -> Result<Bytes, CannotExpress> {
        let Asked { telegram_type, serial, named, amounts, approval_no, original_date, request, route } =
            asked;
        let telegram = KiccRequest {
            header: self.header(serial, route)?,
            telegram_type: Digits::new(telegram_type)?,
            entry_mode: entry_mode(request.entry_mode)?,
            track2_or_van_tr: named,
            installment: request.installment,
            supply_amount: amounts.supply().get(),
            service_charge: amounts.service_charge().get(),
            tax: amounts.vat().get(),
            approval_no,
            original_date,
            working_key_index: Text::default(),
            password: Secret::default(),
            goods: Text::default(),
            id_no: Text::default(),
            e_commerce: Code::default(),
            domain: Text::default(),
            ip: Text::default(),
            mall_business_no: Text::default(),
            card_sort: Code::default(),
            merchant_id: Text::default(),
            // Ours are 40 bytes of anything, which 30 of text cannot hold: the switch gives them back itself.
            merchant_data: Text::default(),
            cheque_no: Text::default(),
            cheque_bank: Text::default(),
            cheque_branch: Text::default(),
            cheque_kind: Text::default(),
            cheque_amount: None,
            cheque_issued: None,
            account: Text::default(),
            cvv2: Secret::default(),
            auth: Code::default(),
            mpi: Code::default(),
            cavv_reuse: Code::default(),
            auth_data: Text::default(),
        };
        Ok(telegram.encode_to_bytes()?)
    }

    fn header(&self, serial: Serial, route: &Route) -> Result<Header, CannotExpress> {
        Ok(Header {
            encryption: Code::new(CLEAR)?,
            terminal_id: identifier(&route.merchant, "terminal_id")?,
            institution: self.institution,
            serial: Text::new(&serial.to_string())?,
            timeout: self.timeout,
            manager: Korean::default(),
            phone: Text::default(),
            mobile: Text::default(),
        })
    }
}

/// What is not keyed in was read (assumed).
fn entry_mode(mode: EntryMode) -> Result<Code<1>, CannotExpress> {
    Ok(Code::new(match mode {
        EntryMode::KeyIn => "K",
        EntryMode::Chip
        | EntryMode::Swipe
        | EntryMode::Fallback
        | EntryMode::Contactless
        | EntryMode::QrCode => "S",
        EntryMode::Unseen => return Err(CannotExpress::Unseen),
    })?)
}
