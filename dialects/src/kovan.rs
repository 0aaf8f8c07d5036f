//! KOVAN, a VAN: ASCII in the manner of ISO 8583 at fixed offsets. Multiplexed; a net-cancel (mti 0520) names its original by carrying
//! the same transaction id, so the mti is part of what tells answers apart.

use std::collections::BTreeMap;

use acquirer_links::{Key, LinkProfile, Mode};
use codec::{
    Code, Digits, MonthDayTime, Secret, Telegram, Text,
    frame::{FrameFormat, Framing},
};
use jiff::civil::{Date, DateTime, Time};
use payment::{
    Answer, Approval, CardFacts, ClearCard, Decline, EntryMode, HostCodes, NetCancelAnswer, NetCancelOrder,
    NetCancelVerdict, Request, RequestOrder, Serial, Verdict, Won,
};

use crate::{
    BadDialect, CannotExpress, ReplyKind, Written,
    codes::{Class, class, net_cancel_class},
    dialect::Speaks,
    fields::{only, param},
};

/// Both result codes of an approval.
const SUCCESS: &str = "00";
/// The VAN's code for a request it passed on to nobody (assumed); it leaves the card company's code blank.
const NOT_PROCESSED: &str = "9099";
const NET_CANCEL: &str = "0520";
const REQUEST_REPLY: &str = "0210";
const NET_CANCEL_REPLY: &str = "0530";

/// KOVAN 승인 요청.
#[derive(Telegram)]
#[telegram(spec = "kovan-approval", length = 356)]
struct ApprovalRequest {
    #[field(at = 3, len = 9, kind = "text")]
    host: Text<9>,
    #[field(at = 38, len = 12, kind = "number")]
    amount: u64,
    #[field(at = 50, len = 10, kind = "datetime")]
    transmitted_at: MonthDayTime,
    #[field(at = 60, len = 6, kind = "digits")]
    trace: Digits<6>,
    #[field(at = 66, len = 6, kind = "datetime")]
    time: Time,
    #[field(at = 72, len = 6, kind = "datetime")]
    date: Date,
    #[field(at = 79, len = 2, kind = "code")]
    entry: Code<2>,
    #[field(at = 84, len = 5, kind = "text")]
    institution: Text<5>,
    #[field(at = 91, len = 37, kind = "text", secret = "track")]
    track2: Secret<Text<37>>,
    #[field(at = 128, len = 12, kind = "text")]
    transaction_id: Text<12>,
    #[field(at = 140, len = 15, kind = "text")]
    merchant_no: Text<15>,
    #[field(at = 155, len = 10, kind = "text")]
    cat_id: Text<10>,
    #[field(at = 165, len = 10, kind = "text")]
    business_no: Text<10>,
    #[field(at = 208, len = 10, kind = "text")]
    sub_mall_business_no: Text<10>,
    #[field(at = 233, len = 40, kind = "text")]
    sub_mall_url: Text<40>,
    #[field(at = 273, len = 20, kind = "text")]
    sub_mall_ip: Text<20>,
    #[field(at = 296, len = 2, kind = "number")]
    installment: u8,
    #[field(at = 298, len = 28, kind = "text")]
    cavv: Text<28>,
    #[field(at = 326, len = 28, kind = "text")]
    xid: Text<28>,
    #[field(at = 354, len = 2, kind = "digits")]
    retry: Digits<2>,
}

/// KOVAN 취소 · 망취소 요청.
#[derive(Telegram)]
#[telegram(spec = "kovan-cancel", length = 311)]
struct CancelRequest {
    #[field(at = 3, len = 9, kind = "text")]
    host: Text<9>,
    #[field(at = 12, len = 4, kind = "digits")]
    mti: Digits<4>,
    #[field(at = 38, len = 12, kind = "number")]
    amount: u64,
    #[field(at = 50, len = 10, kind = "datetime")]
    transmitted_at: MonthDayTime,
    #[field(at = 60, len = 6, kind = "digits")]
    trace: Digits<6>,
    #[field(at = 66, len = 6, kind = "datetime")]
    time: Time,
    #[field(at = 72, len = 6, kind = "datetime")]
    date: Date,
    #[field(at = 79, len = 2, kind = "code")]
    entry: Code<2>,
    #[field(at = 84, len = 5, kind = "text")]
    institution: Text<5>,
    #[field(at = 91, len = 37, kind = "text", secret = "track")]
    track2: Secret<Text<37>>,
    #[field(at = 128, len = 12, kind = "text")]
    transaction_id: Text<12>,
    #[field(at = 140, len = 15, kind = "text")]
    merchant_no: Text<15>,
    #[field(at = 155, len = 10, kind = "text")]
    cat_id: Text<10>,
    #[field(at = 165, len = 10, kind = "text")]
    business_no: Text<10>,
    #[field(at = 208, len = 10, kind = "text")]
    sub_mall_business_no: Text<10>,
    #[field(at = 233, len = 40, kind = "text")]
    sub_mall_url: Text<40>,
    #[field(at = 273, len = 20, kind = "text")]
    sub_mall_ip: Text<20>,
    #[field(at = 296, len = 2, kind = "number")]
    installment: u8,
    #[field(at = 301, len = 8, kind = "digits")]
    approval: Option<Digits<8>>,
    #[field(at = 309, len = 2, kind = "text")]
    route: Text<2>,
}

/// KOVAN 응답.
#[derive(Telegram)]
#[telegram(spec = "kovan-reply", length = 225)]
struct Reply {
    #[field(at = 3, len = 9, kind = "text")]
    host: Text<9>,
    #[field(at = 12, len = 4, kind = "digits")]
    mti: Digits<4>,
    #[field(at = 16, len = 16, kind = "text")]
    bitmap: Text<16>,
    #[field(at = 32, len = 6, kind = "digits")]
    transaction_kind: Digits<6>,
    #[field(at = 38, len = 12, kind = "number")]
    amount: u64,
    #[field(at = 50, len = 10, kind = "datetime")]
    transmitted_at: MonthDayTime,
    #[field(at = 60, len = 6, kind = "digits")]
    trace: Digits<6>,
    #[field(at = 66, len = 6, kind = "datetime")]
    time: Time,
    #[field(at = 72, len = 6, kind = "datetime")]
    date: Date,
    #[field(at = 81, len = 5, kind = "text")]
    institution: Text<5>,
    #[field(at = 88, len = 37, kind = "text", secret = "track")]
    track2: Secret<Text<37>>,
    #[field(at = 125, len = 12, kind = "text")]
    transaction_id: Text<12>,
    #[field(at = 137, len = 2, kind = "text")]
    pg_code: Text<2>,
    #[field(at = 139, len = 15, kind = "text")]
    merchant_no: Text<15>,
    #[field(at = 154, len = 10, kind = "text")]
    cat_id: Text<10>,
    #[field(at = 164, len = 10, kind = "text")]
    business_no: Text<10>,
    #[field(at = 200, len = 2, kind = "number")]
    installment: Option<u8>,
    #[field(at = 205, len = 8, kind = "digits")]
    approval: Option<Digits<8>>,
    #[field(at = 213, len = 4, kind = "text")]
    issuer_code: Text<4>,
    #[field(at = 217, len = 4, kind = "text")]
    card_company_code: Text<4>,
    #[field(at = 221, len = 4, kind = "text")]
    van_code: Text<4>,
}

/// KOVAN with the switch's identity there.
pub(crate) struct Kovan {
    host: Text<9>,
    institution: Text<5>,
}

impl Kovan {
    pub(crate) fn new(params: &BTreeMap<String, String>) -> Result<Self, BadDialect> {
        only(params, &["host", "institution"])?;
        Ok(Self {
            host: param(params, "host", "023400052")?,
            institution: param(params, "institution", "00000")?,
        })
    }
}

impl Speaks for Kovan {
    fn profile(&self) -> LinkProfile {
        LinkProfile { frame: FrameFormat::new(Framing::Ascii4, 1, 1024), mode: Mode::Multiplexed, key_of }
    }

    fn check_merchant(&self, row: &BTreeMap<String, String>) -> Result<(), String> {
        for (key, length) in [("cat_id", 10), ("merchant_no", 15)] {
            let value = row.get(key).ok_or_else(|| format!("a {key}"))?;
            if value.is_empty() || value.len() > length || !value.bytes().all(|byte| byte.is_ascii_graphic())
            {
                return Err(format!("a {key} of 1 to {length} printable ASCII characters"));
            }
        }
        only(row, &["cat_id", "merchant_no"]).map_err(|error| error.to_string())
    }

    fn can_carry(&self, request: &Request) -> Result<(), CannotExpress> {
        match request.card {
            CardFacts::Number { .. } => Ok(()),
            CardFacts::Opaque { .. } => Err(CannotExpress::OpaqueCard),
        }
    }

    fn request(
        &self,
        order: &RequestOrder,
        card: &ClearCard,
        now: DateTime,
    ) -> Result<Written, CannotExpress> {
        let (request, serial) = (&order.request, order.route.serial);
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
        let (request, serial) = (&order.request, order.route.serial);
        let telegram = CancelRequest {
            host: self.host,
            mti: Digits::new(NET_CANCEL)?,
            amount: request.amounts.total().get(),
            transmitted_at: MonthDayTime::from(now),
            trace: trace(serial)?,
            time: request.sent_at.time(),
            date: request.sent_at.date(),
            entry: entry(request.entry_mode)?,
            institution: self.institution,
            track2: card.map_or(Ok(Secret::default()), track2)?,
            transaction_id: transaction_id(serial)?,
            merchant_no: identifier(&order.route.merchant, "merchant_no")?,
            cat_id: identifier(&order.route.merchant, "cat_id")?,
            business_no: Text::new(request.merchant.as_str())?,
            sub_mall_business_no: Text::default(),
            sub_mall_url: Text::default(),
            sub_mall_ip: Text::default(),
            installment: request.installment,
            approval: order.approval_no.as_deref().and_then(|number| Digits::new(number).ok()),
            route: Text::default(),
        };
        Ok(Written { telegram: telegram.encode_to_bytes()?, key: ReplyKind::NetCancel.key(serial) })
    }

    fn answer(&self, telegram: &[u8]) -> Answer {
        match Reply::decode(telegram) {
            Ok(reply) if reply.mti == REQUEST_REPLY => {
                Answer { amount: Won::new(reply.amount).ok(), codes: codes(&reply), verdict: verdict(&reply) }
            }
            Ok(_) | Err(_) => Answer { amount: None, codes: HostCodes::default(), verdict: Verdict::InDoubt },
        }
    }

    fn net_cancel_answer(&self, telegram: &[u8]) -> NetCancelAnswer {
        let reply = match Reply::decode(telegram) {
            Ok(reply) if reply.mti == NET_CANCEL_REPLY => reply,
            Ok(_) | Err(_) => {
                return NetCancelAnswer { codes: HostCodes::default(), verdict: NetCancelVerdict::TryAgain };
            }
        };
        let issuer = net_cancel_class(reply.card_company_code.as_str(), SUCCESS);
        let van = net_cancel_class(reply.van_code.as_str(), SUCCESS);
        let verdict = match (issuer, van) {
            (verdict, NetCancelVerdict::Accepted) => verdict,
            // The VAN knows something the card company was never asked for, or both say the same.
            (_, verdict) if reply.card_company_code.is_empty() || issuer == van => verdict,
            _ => NetCancelVerdict::TryAgain,
        };
        NetCancelAnswer { codes: codes(&reply), verdict }
    }
}

fn key_of(telegram: &[u8]) -> Option<Key> {
    let reply = Reply::view(telegram).ok()?;
    let kind = match reply.mti().as_str() {
        REQUEST_REPLY => ReplyKind::Request,
        NET_CANCEL_REPLY => ReplyKind::NetCancel,
        _ => return None,
    };
    kind.key_of(reply.transaction_id().as_str())
}

fn codes(reply: &Reply) -> HostCodes {
    let code = |text: &Text<4>| (!text.is_empty()).then(|| text.as_str().to_owned());
    HostCodes { issuer: code(&reply.card_company_code), van: code(&reply.van_code) }
}

/// Approved only when both say so; declined when one declines and the other does not speak of an approval.
fn verdict(reply: &Reply) -> Verdict {
    let (issuer, van) = (reply.card_company_code.as_str(), reply.van_code.as_str());
    if issuer.is_empty() && van == NOT_PROCESSED {
        return Verdict::NotProcessed;
    }
    match (class(issuer, SUCCESS), class(van, SUCCESS)) {
        (Class::Approved, Class::Approved) => match &reply.approval {
            Some(number) => Verdict::Approved(
                Approval {
                    approval_no: number.as_str().to_owned(),
                    approved_at: Some(reply.date.to_datetime(reply.time)),
                    van_trace: reply.transaction_id.as_str().to_owned(),
                    issuer_code: reply.issuer_code.as_str().to_owned(),
                    acquirer_merchant_no: reply.merchant_no.as_str().to_owned(),
                    host_code: van.to_owned(),
                    ..Approval::default()
                }
                .into(),
            ),
            None => Verdict::InDoubt,
        },
        (Class::Declined(code), Class::Approved | Class::Declined(_)) => declined(code, issuer),
        (Class::InDoubt, Class::Declined(code)) if issuer.is_empty() => declined(code, van),
        (Class::Declined(code), Class::InDoubt) if van.is_empty() => declined(code, issuer),
        (Class::Approved | Class::InDoubt | Class::Declined(_), _) => Verdict::InDoubt,
    }
}

fn declined(code: payment::ResponseCode, host_code: &str) -> Verdict {
    Verdict::Declined(
        Decline { code, host_code: host_code.to_owned(), message1: String::new(), message2: String::new() }
            .into(),
    )
}

fn trace(serial: Serial) -> Result<Digits<6>, CannotExpress> {
    Ok(Digits::zero_padded(serial.get() % 1_000_000)?)
}

fn transaction_id(serial: Serial) -> Result<Text<12>, CannotExpress> {
    Ok(Text::new(&serial.to_string())?)
}

fn identifier<const N: usize>(row: &BTreeMap<String, String>, key: &str) -> Result<Text<N>, CannotExpress> {
    Ok(Text::new(row.get(key).map_or("", String::as_str))?)
}

fn track2(card: &ClearCard) -> Result<Secret<Text<37>>, CannotExpress> {
    let track = zeroize::Zeroizing::new(format!("{}={}", card.number.expose(), card.expiry.expose()));
    Ok(Secret::new(Text::new(&track)?))
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
    })?)
}
