//! KSPAY, KSNET's VAN: one socket per request, a common header whose first field is the frame's length. Every telegram has an order
//! number of its own, our serial, which its answer carries back. There is no net-cancel telegram: an approval request that went
//! unanswered is undone by a cancel that names its order number, and is never sent again. Other cancels name the transaction number of the
//! approval.

#[cfg(any(test, fuzzing))]
pub(crate) mod compiled;
mod layout;
mod reply;

use std::{collections::BTreeMap, time::Duration};

use acquirer_links::{LinkProfile, Mode};
use codec::{
    Code, Digits, Korean, Secret, Telegram as _, Text,
    frame::{FrameFormat, Framing},
};
use jiff::civil::DateTime;
use payment::{
    Answer, CancelAnswer, CancelOrder, CardFacts, ClearCard, EntryMode, NetCancelAnswer, NetCancelOrder,
    PartialCancel, Request, RequestOrder, Route, Serial,
};

use self::layout::{CancelRequest, CreditRequest, Header};
use crate::{
    BadDialect, CannotExpress, ReplyKind, SlowestAnswer, Written,
    components::{cancelled_total_alone, total_alone},
    dialect::Speaks,
    fields::{check_identifiers, clock_skew, identifier, korea, only, partial_cancel, track2},
};

/// The encryption of a telegram in the clear.
const CLEAR: &str = "0";
const BY_TRANSACTION_NO: &str = "0";
const BY_ORDER_NO: &str = "1";
const PARTIAL: &str = "3";
/// An amount has nine digits.
const GREATEST_AMOUNT: u64 = 999_999_999;
/// The bytes of the header, the length included.
const HEADER: usize = 300;

/// KSPAY, which knows the switch by its merchants' store ids alone.
pub(crate) struct Kspay {
    partial_cancel: PartialCancel,
    /// How far its clock may be from ours.
    clock_skew: Duration,
}

impl Kspay {
    pub(crate) fn new(params: &BTreeMap<String, String>) -> Result<Self, BadDialect> {
        only(params, &["partial_cancel", "clock_skew_s"])?;
        Ok(Self { partial_cancel: partial_cancel(params)?, clock_skew: clock_skew(params)? })
    }
}

impl Speaks for Kspay {
    fn profile(&self) -> LinkProfile {
        let frame =
            FrameFormat { length_in_telegram: true, ..FrameFormat::new(Framing::Ascii4, HEADER, 1024) };
        let mode = Mode::PerRequest { send_timeout: Duration::from_secs(2) };
        LinkProfile { frame, mode, key_of: reply::key_of, echo: None, sign_on: None }
    }

    fn slowest_answer(&self) -> Option<SlowestAnswer> {
        Some(SlowestAnswer::Published(Duration::from_secs(20)))
    }

    fn check_merchant(&self, row: &BTreeMap<String, String>) -> Result<(), String> {
        check_identifiers(row, &[("store_id", 10)])
    }

    fn can_carry(&self, request: &Request) -> Result<(), CannotExpress> {
        match request.card {
            CardFacts::Opaque { .. } => Err(CannotExpress::OpaqueCard),
            CardFacts::Unseen => Err(CannotExpress::Unseen),
            CardFacts::Number { .. } if request.amounts.total().get() > GREATEST_AMOUNT => {
                Err(CannotExpress::AmountTooLarge)
            }
            CardFacts::Number { .. } => total_alone(&request.amounts),
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
        let (request, serial) = (&order.request, order.route.serial);
        total_alone(&request.amounts)?;
        let telegram = CreditRequest {
            // By this date a net-cancel that saw no approval names it. The terminal's clock may be on another day.
            header: header(serial, request, &order.route, korea(request.read_at()))?,
            interest: Code::new("1")?,
            track2: track2(card)?,
            installment: request.installment,
            amount: request.amounts.total().get(),
            password: Secret::default(),
            id_no: Text::default(),
            currency: Code::new("0")?,
            batch_use: Code::new("0")?,
            card_send: Code::new("0")?,
            visa_auth: Code::new("0")?,
            domain: Text::default(),
            ip: Text::default(),
            business_no: Text::new(request.merchant.as_str())?,
            auth_type: Code::default(),
            mpi_position: Code::default(),
            mpi_reuse: Code::default(),
        };
        Ok(Written { telegram: telegram.encode_to_bytes()?, key: ReplyKind::Request.key(serial) })
    }

    fn net_cancel(
        &self,
        order: &NetCancelOrder,
        _card: Option<&ClearCard>,
        now: DateTime,
    ) -> Result<Written, CannotExpress> {
        let (request, original) = (&order.request, order.route.serial);
        let serial = original.of_net_cancel();
        let telegram = CancelRequest {
            header: header(serial, request, &order.route, now)?,
            cancel_kind: Code::new(BY_ORDER_NO)?,
            transaction_no: Text::default(),
            date: order.approved_at.unwrap_or_else(|| korea(request.read_at())).date(),
            order_no: order_no(original)?,
            cancel_amount: None,
            cancel_sequence: None,
            refund_check: Code::default(),
        };
        Ok(Written { telegram: telegram.encode_to_bytes()?, key: ReplyKind::Cancel.key(serial) })
    }

    fn cancel(
        &self,
        order: &CancelOrder,
        _card: Option<&ClearCard>,
        now: DateTime,
    ) -> Result<Written, CannotExpress> {
        cancelled_total_alone(order)?;
        let (request, approval, is_partial) = (&order.request, &order.approval, order.is_partial());
        let telegram = CancelRequest {
            header: header(order.serial, request, &order.route, now)?,
            cancel_kind: Code::new(if is_partial { PARTIAL } else { BY_TRANSACTION_NO })?,
            transaction_no: transaction_no(&approval.van_trace)?,
            date: approval.approved_at.unwrap_or_else(|| korea(request.read_at())).date(),
            order_no: Text::default(),
            cancel_amount: is_partial.then(|| order.amounts.total().get()),
            // Of this cancel, whichever try it is.
            cancel_sequence: is_partial.then(|| order.cancel.saturating_add(1)),
            refund_check: Code::default(),
        };
        Ok(Written { telegram: telegram.encode_to_bytes()?, key: ReplyKind::Cancel.key(order.serial) })
    }

    fn fault(&self, telegram: &[u8]) -> Option<codec::Error> {
        reply::fault(telegram)
    }

    fn undoes_without_card(&self) -> bool {
        true
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

/// The header of a telegram about this request, under this serial.
fn header(
    serial: Serial,
    request: &Request,
    route: &Route,
    requested_at: DateTime,
) -> Result<Header, CannotExpress> {
    Ok(Header {
        encryption: Code::new(CLEAR)?,
        telegram_type: Digits::new("00")?,
        resend: Code::new("0")?,
        requested_at,
        store_id: identifier(&route.merchant, "store_id")?,
        order_no: order_no(serial)?,
        customer: Korean::EMPTY,
        id_no: Text::default(),
        email: Text::default(),
        goods_type: Code::new("0")?,
        goods: Korean::EMPTY,
        key_in: Code::new(key_in(request.entry_mode)?)?,
        line: Code::new("0")?,
        phone: Text::default(),
        count: Digits::new("1")?,
    })
}

fn order_no(serial: Serial) -> Result<Text<50>, CannotExpress> {
    Ok(Text::new(&serial.to_string())?)
}

/// The number of the approval's transaction, without which no cancel finds it.
fn transaction_no(number: &str) -> Result<Text<12>, CannotExpress> {
    Text::new(number).ok().filter(|number| !number.is_empty()).ok_or(CannotExpress::ApprovalNo)
}

/// S where the card was read by whatever means (assumed), K where its number was keyed in.
fn key_in(mode: EntryMode) -> Result<&'static str, CannotExpress> {
    match mode {
        EntryMode::Chip
        | EntryMode::Swipe
        | EntryMode::Fallback
        | EntryMode::Contactless
        | EntryMode::QrCode => Ok("S"),
        EntryMode::KeyIn => Ok("K"),
        EntryMode::Unseen => Err(CannotExpress::Unseen),
    }
}
