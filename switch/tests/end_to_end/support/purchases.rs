//! What the terminals of a test noted down, as the checker's book has it.

use std::{collections::HashMap, ops::Range, sync::LazyLock};

use bytes::Bytes;
use jiff::{Timestamp, civil::Date};
use torture::{
    book::{Exchange, Heard, Purchase, Records, claims_no_key, is_open},
    telegram::{Key, Original, mark},
};

use super::{
    noted::{Asked, Fate, Line},
    terminal_layout,
};

/// Where fields stand that are read of thousands of telegrams.
struct Places {
    of_header: HashMap<&'static str, Range<usize>>,
    of: HashMap<(&'static str, &'static str), Range<usize>>,
}

static PLACES: LazyLock<Places> = LazyLock::new(|| {
    let header = ["telegram_type", "terminal_id", "trace_no", "sent_at", "response_code"];
    let layout = terminal_layout("header");
    let of_header = header.map(|name| (name, layout.field(name).expect("a field").range()));
    let fields = [
        ("0100", "total_amount"),
        ("0100", "merchant_data"),
        ("0110", "approval_no"),
        ("0110", "route"),
        ("0110", "total_amount"),
        ("0110", "merchant_data"),
        ("0120", "original_trace_no"),
        ("0120", "original_date"),
        ("0300", "original_trace_no"),
        ("0300", "original_date"),
        ("0310", "state"),
        ("0400", "original_trace_no"),
        ("0400", "original_date"),
        ("0400", "cancel_amount"),
        ("0420", "original_trace_no"),
        ("0420", "original_date"),
        ("0420", "total_amount"),
    ];
    let place = |(kind, name)| ((kind, name), terminal_layout(kind).field(name).expect("a field").range());
    Places { of_header: of_header.into(), of: fields.map(place).into() }
});

/// The key of an 0100: terminal, business date, trace number.
type Name = (String, Date, u32);

/// Everything that these sockets said and heard.
pub(super) fn records(lines: &[Line]) -> Records {
    let mut asked: Vec<(&Line, &Asked)> =
        lines.iter().flat_map(|line| line.asked.iter().map(move |asked| (line, asked))).collect();
    asked.sort_by_key(|(_, asked)| asked.at);
    let mut records = Records {
        strays: lines.iter().flat_map(|line| line.strays.iter().cloned()).collect(),
        ..Records::default()
    };
    let mut editions: HashMap<(String, u16, u32), Vec<&Bytes>> = HashMap::new();
    let mut first = Vec::new();
    for (line, asked) in asked {
        let telegram = &asked.telegram;
        let Some(name) = named(telegram) else { continue };
        let contents = editions.entry(name.clone()).or_default();
        let known = contents.iter().position(|content| *content == telegram);
        let edition = known.unwrap_or(contents.len());
        let (terminal, kind, trace) = name;
        let key = Key { terminal, kind, trace, edition: u32::try_from(edition).expect("a handful") };
        if known.is_none() {
            contents.push(telegram);
            first.push((line, key.clone(), telegram));
        }
        let exchange = records.exchanges.entry(key).or_default();
        add(exchange, asked);
    }
    for exchange in records.exchanges.values_mut() {
        exchange.heard.sort_by_key(|heard| heard.at);
    }
    purchases(&mut records, &first);
    records
}

/// A telegram was sent once more.
fn add(exchange: &mut Exchange, asked: &Asked) {
    exchange.sent += 1;
    exchange.first_sent.get_or_insert(asked.at);
    exchange.is_given_up = match asked.fate {
        Fate::Waiting | Fate::GivenUp => true,
        // Told to ask again, it would have.
        Fate::Answered => asked.heard.iter().all(|(_, answer)| is_open(&header(answer, "response_code"))),
        Fate::CutOff => false,
    };
    let heard = asked.heard.iter().map(|(at, answer)| heard(*at, &asked.telegram, answer));
    exchange.heard.extend(heard);
    if let (true, Some((_, last))) = (asked.has_ended, asked.heard.last()) {
        exchange.ended.push(header(last, "response_code"));
    }
}

/// Every 0100 that can be read is a purchase, and what names it belongs to it.
fn purchases(records: &mut Records, first: &[(&Line, Key, &Bytes)]) {
    let mut of: HashMap<Name, Vec<usize>> = HashMap::new();
    for (line, key, telegram) in first.iter().filter(|(_, key, _)| key.kind == 100) {
        let (Some(date), Ok(amount)) =
            (day(&header(telegram, "sent_at")), field("0100", "total_amount", telegram).parse())
        else {
            continue;
        };
        let original = Original { terminal: key.terminal.clone(), trace: key.trace, date, amount };
        of.entry((key.terminal.clone(), date, key.trace)).or_default().push(records.purchases.len());
        records.purchases.push(Purchase {
            original,
            approval: key.clone(),
            confirm: line.confirm,
            impostor: None,
            withdrawal: None,
            acknowledgement: None,
            cancels: Vec::new(),
            inquiries: Vec::new(),
        });
    }
    for (_, key, telegram) in first {
        let Some(name) = original(key, telegram) else { continue };
        let Some(place) = of.get(&name).and_then(|rivals| taken(records, rivals)) else { continue };
        let amount = |kind, name| field(kind, name, telegram).parse::<u64>().unwrap_or(0);
        let better =
            |known: Option<&Key>| known.is_none_or(|known| is_done(records, key) && !is_done(records, known));
        let purchase = &records.purchases[place];
        match key.kind {
            120 if better(purchase.acknowledgement.as_ref()) => {
                records.purchases[place].acknowledgement = Some(key.clone());
            }
            // One of another amount asks for nothing.
            420 if amount("0420", "total_amount") == purchase.original.amount
                && better(purchase.withdrawal.as_ref()) =>
            {
                records.purchases[place].withdrawal = Some(key.clone());
            }
            400 => records.purchases[place].cancels.push((key.clone(), amount("0400", "cancel_amount"))),
            300 => records.purchases[place].inquiries.push(key.clone()),
            _ => {}
        }
    }
}

/// Of several telegrams under one key the one that the switch took.
fn taken(records: &Records, rivals: &[usize]) -> Option<usize> {
    let tells = |heard: &Heard| !is_open(&heard.code) && !claims_no_key(&heard.code) && heard.code != "9011";
    let is_taken = |place: &&usize| {
        let exchange = records.of(&records.purchases[**place].approval);
        exchange.is_some_and(|exchange| exchange.heard.iter().any(tells))
    };
    rivals.iter().find(is_taken).or(rivals.first()).copied()
}

fn is_done(records: &Records, key: &Key) -> bool {
    records.of(key).is_some_and(|exchange| exchange.heard.iter().any(|heard| heard.code == "0000"))
}

fn heard(at: Timestamp, telegram: &[u8], answer: &[u8]) -> Heard {
    let (kind, code) = (header(answer, "telegram_type"), header(answer, "response_code"));
    let approval = |name| if kind == "0110" { field("0110", name, answer) } else { String::new() };
    Heard {
        at,
        approval_no: approval("approval_no"),
        route: approval("route"),
        amount: approval("total_amount").parse().unwrap_or(0),
        state: if kind == "0310" { field("0310", "state", answer) } else { String::new() },
        mark: if kind == "0110" { marked(telegram, answer, &code) } else { String::new() },
        code,
    }
}

/// The mark of the telegram's amount where its own data came back, or nothing is told in a refusal.
fn marked(telegram: &[u8], answer: &[u8], code: &str) -> String {
    let (sent, back) = (field("0100", "merchant_data", telegram), field("0110", "merchant_data", answer));
    let amount = field("0100", "total_amount", telegram).parse().unwrap_or(0);
    if sent == back || (back.is_empty() && code != "0000") { mark(amount) } else { "other data".to_owned() }
}

/// The 0100 that a telegram names.
fn original(key: &Key, telegram: &[u8]) -> Option<Name> {
    let kind = ["0120", "0300", "0400", "0420"].into_iter().find(|kind| kind.parse() == Ok(key.kind))?;
    let trace = field(kind, "original_trace_no", telegram).parse().ok()?;
    Some((key.terminal.clone(), day(&field(kind, "original_date", telegram))?, trace))
}

/// Terminal, type and trace number of what a switch can answer.
fn named(telegram: &[u8]) -> Option<(String, u16, u32)> {
    let kind = header(telegram, "telegram_type").parse().ok()?;
    Some((header(telegram, "terminal_id"), kind, header(telegram, "trace_no").parse().ok()?))
}

fn day(text: &str) -> Option<Date> {
    Date::strptime("%Y%m%d", text.get(..8)?).ok()
}

fn header(telegram: &[u8], name: &'static str) -> String {
    text(telegram, PLACES.of_header[name].clone())
}

fn field(kind: &'static str, name: &'static str, telegram: &[u8]) -> String {
    text(telegram, PLACES.of[&(kind, name)].clone())
}

fn text(telegram: &[u8], place: Range<usize>) -> String {
    let bytes = telegram.get(place).unwrap_or_default();
    String::from_utf8_lossy(bytes).trim().to_owned()
}
