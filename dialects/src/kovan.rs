//! KOVAN, a VAN: ASCII in the manner of ISO 8583 at fixed offsets. Multiplexed. A net-cancel (mti 0520) names its original by carrying
//! the same transaction id, so the mti is part of what tells answers apart; a cancel (mti 0420) has a transaction id of its own and
//! names its original by the approval number and the date.

#[cfg(any(test, fuzzing))]
pub(crate) mod compiled;
mod layout;
mod network;
mod reply;

use std::collections::BTreeMap;

use acquirer_links::{LinkProfile, Mode};
use bytes::Bytes;
use codec::{
    Code, Digits, MonthDayTime, Secret, Telegram as _, Text,
    frame::{FrameFormat, Framing},
};
use jiff::civil::DateTime;
use payment::{
    Answer, CancelAnswer, CancelOrder, CardFacts, ClearCard, EntryMode, NetCancelAnswer, NetCancelOrder,
    PartialCancel, Request, RequestOrder, Route, Serial, Won,
};

use self::layout::{ApprovalRequest, CancelRequest};
use crate::{
    BadDialect, CannotExpress, ReplyKind, Written,
    components::{cancelled_total_alone, total_alone},
    dialect::Speaks,
    fields::{check_identifiers, identifier, only, param, partial_cancel, track2},
};

const CANCEL: &str = "0420";
const NET_CANCEL: &str = "0520";

/// KOVAN with the switch's identity there.
pub(crate) struct Kovan {
    host: Text<9>,
    institution: Text<5>,
    partial_cancel: PartialCancel,
}

impl Kovan {
    pub(crate) fn new(params: &BTreeMap<String, String>) -> Result<Self, BadDialect> {
        only(params, &["host", "institution", "partial_cancel"])?;
        Ok(Self {
            host: param(params, "host", "023400052")?,
            institution: param(params, "institution", "00000")?,
            partial_cancel: partial_cancel(params)?,
        })
    }
}

impl Speaks for Kovan {
    fn identity(&self) -> Vec<&str> {
        vec![self.host.as_str(), self.institution.as_str()]
    }

    fn profile(&self) -> LinkProfile {
        LinkProfile {
            frame: FrameFormat::new(Framing::Ascii4, 1, 1024),
            mode: Mode::Multiplexed,
            key_of: reply::key_of,
            echo: Some(network::echo(self.host)),
            sign_on: Some(network::sign_on(self.host)),
        }
    }

    fn check_merchant(&self, row: &BTreeMap<String, String>) -> Result<(), String> {
        check_identifiers(row, &[("cat_id", 10), ("merchant_no", 15)])
    }

    fn can_carry(&self, request: &Request) -> Result<(), CannotExpress> {
        match request.card {
            CardFacts::Number { .. } => total_alone(&request.amounts),
            CardFacts::Opaque { .. } => Err(CannotExpress::OpaqueCard),
            CardFacts::Unseen => Err(CannotExpress::Unseen),
        }
    }

    fn partial_cancel(&self) -> PartialCancel {
        self.partial_cancel
    }

    fn request(
        &self,
        order: &RequestOrder,
        card: &ClearCard,
        now: DateTime,
    ) -> Result<Written, CannotExpress> {
        let (request, serial) = (&order.request, order.route.serial);
        total_alone(&request.amounts)?;
        let telegram = ApprovalRequest {
            host: self.host,
            amount: request.amounts.total().get(),
            transmitted_at: MonthDayTime::from(now),
            trace: trace(serial)?,
            time: request.sent_at.time(),
            date: request.sent_at.date(),
            entry: entry(request.entry_mode)?,
            institution: self.institution,
            track2: track2(card)?,
            transaction_id: transaction_id(serial)?,
            merchant_no: identifier(&order.route.merchant, "merchant_no")?,
            cat_id: identifier(&order.route.merchant, "cat_id")?,
            business_no: Text::new(request.merchant.as_str())?,
            sub_mall_business_no: Text::default(),
            sub_mall_url: Text::default(),
            sub_mall_ip: Text::default(),
            installment: request.installment,
            cavv: Text::default(),
            xid: Text::default(),
            retry: Digits::zero_padded(0)?,
        };
        Ok(Written { telegram: telegram.encode_to_bytes()?, key: ReplyKind::Request.key(serial) })
    }

    fn net_cancel(
        &self,
        order: &NetCancelOrder,
        card: Option<&ClearCard>,
        now: DateTime,
    ) -> Result<Written, CannotExpress> {
        let undoing = Undoing {
            mti: NET_CANCEL,
            serial: order.route.serial,
            amount: order.request.amounts.total(),
            approval: order.approval_no.as_deref().and_then(approval),
            request: &order.request,
            route: &order.route,
        };
        let key = ReplyKind::NetCancel.key(undoing.serial);
        Ok(Written { telegram: self.undo(&undoing, card, now)?, key })
    }

    fn cancel(
        &self,
        order: &CancelOrder,
        card: Option<&ClearCard>,
        now: DateTime,
    ) -> Result<Written, CannotExpress> {
        cancelled_total_alone(order)?;
        let approval = approval(&order.approval.approval_no).ok_or(CannotExpress::ApprovalNo)?;
        let undoing = Undoing {
            mti: CANCEL,
            serial: order.serial,
            amount: order.amounts.total(),
            approval: Some(approval),
            request: &order.request,
            route: &order.route,
        };
        let key = ReplyKind::Cancel.key(undoing.serial);
        Ok(Written { telegram: self.undo(&undoing, card, now)?, key })
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

/// What is to be undone, and how it is named.
struct Undoing<'a> {
    mti: &'static str,
    /// Of the telegram itself.
    serial: Serial,
    amount: Won,
    /// Of the original, where known.
    approval: Option<Digits<8>>,
    /// The original.
    request: &'a Request,
    /// Where the original went.
    route: &'a Route,
}

impl Kovan {
    fn undo(
        &self,
        undoing: &Undoing<'_>,
        card: Option<&ClearCard>,
        now: DateTime,
    ) -> Result<Bytes, CannotExpress> {
        let Undoing { mti, serial, amount, approval, request, route } = *undoing;
        let telegram = CancelRequest {
            host: self.host,
            mti: Digits::new(mti)?,
            amount: amount.get(),
            transmitted_at: MonthDayTime::from(now),
            trace: trace(serial)?,
            time: request.sent_at.time(),
            date: request.sent_at.date(),
            entry: entry(request.entry_mode)?,
            institution: self.institution,
            track2: card.map_or(Ok(Secret::default()), track2)?,
            transaction_id: transaction_id(serial)?,
            merchant_no: identifier(&route.merchant, "merchant_no")?,
            cat_id: identifier(&route.merchant, "cat_id")?,
            business_no: Text::new(request.merchant.as_str())?,
            sub_mall_business_no: Text::default(),
            sub_mall_url: Text::default(),
            sub_mall_ip: Text::default(),
            installment: request.installment,
            approval,
            route: Text::default(),
        };
        Ok(telegram.encode_to_bytes()?)
    }
}

/// An approval number here fills its field.
fn approval(number: &str) -> Option<Digits<8>> {
    Digits::new(number).ok().filter(|_| number.len() == 8)
}

fn trace(serial: Serial) -> Result<Digits<6>, CannotExpress> {
    Ok(Digits::zero_padded(serial.get() % 1_000_000)?)
}

fn transaction_id(serial: Serial) -> Result<Text<12>, CannotExpress> {
    Ok(Text::new(&serial.to_string())?)
}

/// As the point-of-service entry mode of ISO 8583 (assumed).
fn entry(mode: EntryMode) -> Result<Code<2>, CannotExpress> {
    Ok(Code::new(match mode {
        EntryMode::Chip => "05",
        EntryMode::Swipe => "90",
        EntryMode::KeyIn => "01",
        EntryMode::Fallback => "80",
        EntryMode::Contactless => "07",
        EntryMode::QrCode => "03",
        EntryMode::Unseen => return Err(CannotExpress::Unseen),
    })?)
}
