//! The route of one payment, told step by step.

use std::fmt::{self, Write as _};

use ::payment::{
    AcquirerName, Amounts, Bin, CardFacts, ContentDigest, EntryMode, Failover, Fingerprint, MaskedCard,
    MerchantNo, Request, TelegramKey, TelegramKind, TerminalId, TraceNo, Won,
};
use jiff::{Timestamp, civil::Date};

use super::percent;
use crate::{
    config::{BinRange, Config, Direct, Fallback, hidden},
    route::{Candidate, Candidates, LeftOut},
};

/// The payment to explain, as it is asked for on the command line.
#[derive(clap::Args)]
pub struct PaymentArgs {
    /// Explains the route of one payment: the first 6 to 8 digits of its card (BIN).
    #[arg(long, value_name = "BIN", requires_all = ["merchant", "amount"])]
    card: Option<String>,
    /// The merchant of that payment (사업자등록번호).
    #[arg(long, value_name = "NO", requires = "card")]
    merchant: Option<String>,
    /// Its amount in won (거래금액).
    #[arg(long, value_name = "WON", requires = "card")]
    amount: Option<u64>,
    /// Its vat (부가세) [default: as of a blank field].
    #[arg(long, value_name = "WON", requires = "card")]
    vat: Option<u64>,
    /// Its service charge (봉사료).
    #[arg(long, value_name = "WON", requires = "card")]
    service_charge: Option<u64>,
    /// Its tax free part (면세금액).
    #[arg(long, value_name = "WON", requires = "card")]
    tax_free: Option<u64>,
}

/// What is asked for is no payment. The error never shows what stands for the card.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("--{option}: {expected}")]
pub struct NoPayment {
    option: &'static str,
    expected: &'static str,
}

/// A payment whose route is to be explained.
#[derive(Clone, Debug)]
pub struct Payment {
    bin: Bin,
    merchant: MerchantNo,
    amounts: Amounts,
}

/// Where a payment goes, for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation {
    /// What is told, line by line.
    pub text: String,
    /// Whether it goes anywhere.
    pub has_route: bool,
}

impl PaymentArgs {
    /// The payment that is asked for, if one is.
    ///
    /// # Errors
    /// [`NoPayment`].
    pub fn payment(&self) -> Result<Option<Payment>, NoPayment> {
        let (Some(card), Some(merchant), Some(amount)) = (&self.card, &self.merchant, self.amount) else {
            return Ok(None);
        };
        let option = |option, expected| move |_| NoPayment { option, expected };
        let bin = "expected the first 6 to 8 digits of a card; a whole card number has no place here";
        let won = |amount: u64, name| {
            Won::new(amount).map_err(|_| NoPayment { option: name, expected: "expected at most 12 digits" })
        };
        let part = |amount: Option<u64>, name| amount.map(|amount| won(amount, name)).transpose();
        let amounts = Amounts::of_approval(
            won(amount, "amount")?,
            part(self.vat, "vat")?,
            part(self.service_charge, "service-charge")?,
            part(self.tax_free, "tax-free")?,
        );
        let sum = "expected more than zero, and no less than vat, service charge and tax free together";
        Ok(Some(Payment {
            bin: Bin::new(card).map_err(option("card", bin))?,
            merchant: MerchantNo::new(merchant)
                .map_err(|_| NoPayment { option: "merchant", expected: "expected 10 digits" })?,
            amounts: amounts.map_err(|_| NoPayment { option: "amount", expected: sum })?,
        }))
    }
}

impl Payment {
    /// As a terminal would ask for it.
    fn request(&self) -> Request {
        let masked = format!("{}******0000", &self.bin.as_str()[..6]);
        let day = Date::constant(2000, 1, 1);
        Request {
            key: TelegramKey {
                terminal: TerminalId::new("0").expect("a digit is a terminal id"),
                business_date: day,
                trace_no: TraceNo::new(0).expect("0 is a trace number"),
                kind: TelegramKind::Approval,
            },
            sent_at: day.at(0, 0, 0, 0),
            digest: ContentDigest([0; 16]),
            received_at: Timestamp::UNIX_EPOCH,
            wall_ahead_ms: 0,
            merchant: self.merchant,
            entry_mode: EntryMode::Chip,
            card: CardFacts::Number {
                bin: self.bin.clone(),
                masked: MaskedCard::new(&masked).expect("six digits, six asterisks, four digits"),
                fingerprint: Fingerprint([0; 16]),
            },
            installment: 0,
            currency: 410,
            amounts: self.amounts,
            merchant_data: Vec::new(),
        }
    }
}

/// Tells which acquirers a payment goes to, in which order, who is left out and why, and what happens when one fails.
pub fn explain(config: &Config, payment: &Payment) -> Explanation {
    let mut told = Told::default();
    let Payment { bin, merchant, amounts } = payment;
    told.line(format_args!(
        "payment of {} won (supply {}, vat {}, service charge {}, tax free {}) by card {}…",
        amounts.total().get(),
        amounts.supply().get(),
        amounts.vat().get(),
        amounts.service_charge().get(),
        amounts.tax_free().get(),
        bin.as_str()
    ));
    let Some(known) = config.merchants.get(merchant) else {
        told.line(format_args!("merchant {merchant}: in no [[merchants]] row; its terminals get 9002"));
        return Explanation { text: told.0, has_route: false };
    };
    told.line(format_args!("merchant {merchant} ({})", hidden(&known.name)));
    let request = payment.request();
    let candidates = Candidates::of(config, &request);
    told.line(format_args!("direct: {}", direct(bin, &candidates)));
    for (range, acquirer) in splitting(config, bin) {
        told.line(format_args!(
            "  note: some cards of {} are in range {range}, to {acquirer}: give all 8 digits",
            bin.as_str()
        ));
    }
    told.line(format_args!("VANs: {}", vans(&candidates)));
    for Candidate { acquirer, way, .. } in candidates.direct.iter().chain(&candidates.vans) {
        if let Err(why) = way {
            told.line(format_args!("  left out: {acquirer}: {why}"));
        }
    }
    let has_route = order(&mut told, &candidates);
    if has_route {
        failures(&mut told, config);
    }
    Explanation { text: told.0, has_route }
}

fn direct(bin: &Bin, Candidates { line, direct, .. }: &Candidates<'_>) -> String {
    let (Some(line), Some(direct)) = (line, direct) else {
        return format!("{} is in no range of routing.direct", bin.as_str());
    };
    let range = line.narrowest(bin).map(ToString::to_string).unwrap_or_default();
    let fallback = match (line.fallback, &direct.way) {
        // Who never goes directly has nobody but the VANs, whatever the line says.
        (_, Err(LeftOut::NotDirectly)) => "",
        (Fallback::Vans, _) => " with the VANs behind it",
        (Fallback::None, _) => " and nowhere else (fallback = \"none\")",
    };
    format!("{} is in range {range}, to {}{fallback}", bin.as_str(), direct.acquirer)
}

/// Ranges that decide about only some of the cards that begin so.
fn splitting<'a>(config: &'a Config, bin: &'a Bin) -> impl Iterator<Item = (&'a BinRange, &'a AcquirerName)> {
    let ranges = |direct: &'a Direct| direct.bins.iter().map(|range| (range, &direct.acquirer));
    config.routing.direct.iter().flat_map(ranges).filter(|(range, _)| range.splits(bin))
}

fn vans(Candidates { vans, has_own_shares, .. }: &Candidates<'_>) -> String {
    if vans.is_empty() {
        return "none".to_owned();
    }
    let shares: Vec<String> = vans.iter().map(|van| format!("{} {}", van.acquirer, van.weight)).collect();
    let whose = if *has_own_shares { "the merchant's own weights" } else { "routing.van_weights" };
    format!("{} ({whose})", shares.join(", "))
}

/// In which order those are tried that can carry it; whether there is any.
fn order(told: &mut Told, Candidates { direct, vans, .. }: &Candidates<'_>) -> bool {
    let direct = direct.as_ref().filter(|direct| direct.way.is_ok());
    let vans: Vec<&Candidate<'_>> = vans.iter().filter(|van| van.way.is_ok()).collect();
    let names =
        |vans: &[&Candidate<'_>]| vans.iter().map(|van| van.acquirer.as_str()).collect::<Vec<_>>().join(", ");
    match (direct, vans.as_slice()) {
        (None, []) => {
            told.line(format_args!("route: none; the terminal gets 9020"));
            return false;
        }
        (Some(direct), []) => told.line(format_args!("route: {}, nobody after it", direct.acquirer)),
        (Some(direct), vans) => told.line(format_args!("route: {}, then {}", direct.acquirer, names(vans))),
        (None, [only]) => told.line(format_args!("route: {}, nobody after it", only.acquirer)),
        (None, vans) => {
            let total: u64 = vans.iter().map(|van| u64::from(van.weight)).sum();
            let share = |van: &&Candidate<'_>| format!("{} {}", van.acquirer, percent(van.weight, total));
            let shares: Vec<String> = vans.iter().map(share).collect();
            told.line(format_args!(
                "route: in turns {}; then the others, the greatest share first",
                shares.join(", ")
            ));
        }
    }
    true
}

fn failures(told: &mut Told, config: &Config) {
    let terms = &config.terms;
    told.line(format_args!(
        "  not sent, or not processed: the next one is tried while the terminal waits, {} ms; none left: 9021",
        terms.terminal_deadline_ms
    ));
    let unanswered = match terms.failover {
        Failover::Never => "nobody else is tried: 9022, and its net-cancel is owed",
        Failover::AfterNetCancel => {
            "its net-cancel is owed and sent first; once that is accepted the next one is tried, or else 9022"
        }
        Failover::AtOnce => "its net-cancel is owed, and the next one is tried at once; none left: 9022",
    };
    told.line(format_args!("  unanswered: {unanswered}"));
    told.line(format_args!(
        "  blocked (it failed too often): left out, its turns go to the others by weight; where all are blocked: 9021"
    ));
}

/// Lines.
#[derive(Default)]
struct Told(String);

impl Told {
    fn line(&mut self, line: fmt::Arguments<'_>) {
        self.0.write_fmt(line).expect("a String takes everything");
        self.0.push('\n');
    }
}
