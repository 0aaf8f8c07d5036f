//! What the terminals of a run sent and heard: their side of every doubt. Never card data.

use std::{
    collections::HashMap,
    fs::File,
    io::{self, BufWriter, Write as _},
    path::Path,
    sync::{Mutex, MutexGuard},
};

use jiff::Timestamp;
use serde::Serialize;

use crate::telegram::{Answer, Key, Original, mark};

/// How a listener wants approvals confirmed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Confirm {
    /// Not at all: the terminal repeats, withdraws or inquires when it has no answer.
    None,
    /// By an 0120.
    Ack,
    /// By the ACK of a handshake.
    Handshake,
}

/// An answer as a terminal heard it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Heard {
    /// When.
    pub at: Timestamp,
    /// The response code.
    pub code: String,
    /// 승인번호, where there is one.
    pub approval_no: String,
    /// Which acquirer approved, by the receipt.
    pub route: String,
    /// Won; 0 where it tells none.
    pub amount: u64,
    /// The state of an 0310.
    pub state: String,
    /// The merchant's own data that came back.
    pub mark: String,
}

/// One purchase of a terminal.
#[derive(Clone, Debug)]
pub struct Purchase {
    /// Its 0100, whose amount no other purchase of the run has.
    pub original: Original,
    /// Key of its 0100.
    pub approval: Key,
    /// How its listener wants it confirmed.
    pub confirm: Confirm,
    /// Won of another 0100 that was sent under the same key.
    pub impostor: Option<u64>,
    /// Its 0420.
    pub withdrawal: Option<Key>,
    /// Its 0120.
    pub acknowledgement: Option<Key>,
    /// Its 0400s, each with its amount in won.
    pub cancels: Vec<(Key, u64)>,
    /// Its 0300s.
    pub inquiries: Vec<Key>,
}

/// What became of one telegram.
#[derive(Clone, Debug, Default)]
pub struct Exchange {
    /// How often it was sent.
    pub sent: u32,
    /// When it was first sent.
    pub first_sent: Option<Timestamp>,
    /// Every answer, in order.
    pub heard: Vec<Heard>,
    /// The codes of the answers that EOT came behind, in order.
    pub ended: Vec<String>,
    /// Whether its terminal asks no more, by itself, although no final answer came to the last one sent.
    pub is_given_up: bool,
}

/// Everything the terminals know.
#[derive(Debug, Default)]
pub struct Records {
    /// By telegram.
    pub exchanges: HashMap<Key, Exchange>,
    /// Every purchase.
    pub purchases: Vec<Purchase>,
    /// Answers that came where nobody had asked for them, one too many, or by no layout: what is wrong with each.
    pub strays: Vec<String>,
}

/// The records while the run goes on, and their copy on disk.
#[derive(Debug)]
pub struct Book {
    records: Mutex<Records>,
    file: Mutex<BufWriter<File>>,
}

#[derive(Serialize)]
struct Entry<'e> {
    at: Timestamp,
    terminal: &'e str,
    kind: u16,
    trace: u32,
    #[serde(flatten)]
    what: What<'e>,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
enum What<'e> {
    Sent { amount: Option<u64> },
    Heard(&'e Heard),
    Ended,
}

impl Book {
    /// An empty book, copied to this file as JSON lines.
    ///
    /// # Errors
    /// The file cannot be made.
    pub fn new(file: &Path) -> io::Result<Self> {
        let file = Mutex::new(BufWriter::new(File::create(file)?));
        Ok(Self { records: Mutex::default(), file })
    }

    /// A telegram is about to be sent, perhaps again.
    pub fn sending(&self, key: &Key, amount: Option<u64>) {
        let at = Timestamp::now();
        let mut records = self.records();
        let exchange = records.exchanges.entry(key.clone()).or_default();
        exchange.sent += 1;
        exchange.first_sent.get_or_insert(at);
        drop(records);
        self.write(key, at, What::Sent { amount });
    }

    /// An answer came.
    pub fn heard(&self, answer: &Answer) {
        let at = Timestamp::now();
        let heard = Heard {
            at,
            code: answer.code(),
            approval_no: answer.text("approval_no"),
            route: answer.text("route"),
            amount: answer.text("total_amount").parse().unwrap_or(0),
            state: answer.text("state"),
            mark: answer.text("merchant_data"),
        };
        self.write(&answer.key, at, What::Heard(&heard));
        let mut records = self.records();
        let invalid = (!answer.is_valid()).then(|| format!("{answer:?} is not by its layout"));
        records.strays.extend(invalid);
        match records.exchanges.get_mut(&answer.key) {
            Some(exchange) => exchange.heard.push(heard),
            None => records.strays.push(format!("{answer:?}: nobody ever asked")),
        }
    }

    /// EOT came behind an answer of this code to this telegram.
    pub fn ended(&self, key: &Key, code: String) {
        let at = Timestamp::now();
        self.write(key, at, What::Ended);
        self.records().exchanges.entry(key.clone()).or_default().ended.push(code);
    }

    /// Something came that should not have come.
    pub fn stray(&self, what: String) {
        self.records().strays.push(what);
    }

    /// Keeps what a terminal knows of its purchases.
    pub fn keep(&self, purchases: Vec<Purchase>) {
        self.records().purchases.extend(purchases);
    }

    /// How many answers of each code there were to telegrams of this kind.
    pub fn codes(&self, kind: u16) -> std::collections::BTreeMap<String, u64> {
        let mut codes = std::collections::BTreeMap::new();
        let records = self.records();
        for (_, exchange) in records.exchanges.iter().filter(|(key, _)| key.kind == kind) {
            for heard in &exchange.heard {
                *codes.entry(heard.code.clone()).or_default() += 1;
            }
        }
        codes
    }

    /// The last code that was heard to a telegram.
    pub fn last_code(&self, key: &Key) -> Option<String> {
        self.records().exchanges.get(key)?.heard.last().map(|heard| heard.code.clone())
    }

    /// Whether an 0000 was ever heard to this telegram.
    pub fn is_approved(&self, key: &Key) -> bool {
        let records = self.records();
        records
            .exchanges
            .get(key)
            .is_some_and(|exchange| exchange.heard.iter().any(|heard| heard.code == "0000"))
    }

    /// Whether EOT came behind an 0000 to this telegram.
    pub fn has_ended(&self, key: &Key) -> bool {
        self.records().exchanges.get(key).is_some_and(Exchange::has_ended_well)
    }

    /// The records, when nobody writes any more.
    pub fn take(&self) -> Records {
        // What is on disk is for people; the check does not read it.
        let _ = self.file.lock().expect("nothing panics while it is held").flush();
        std::mem::take(&mut self.records())
    }

    fn records(&self) -> MutexGuard<'_, Records> {
        self.records.lock().expect("nothing panics while it is held")
    }

    fn write(&self, key: &Key, at: Timestamp, what: What<'_>) {
        let entry = Entry { at, terminal: &key.terminal, kind: key.kind, trace: key.trace, what };
        let mut file = self.file.lock().expect("nothing panics while it is held");
        // A full disk ends the run elsewhere.
        let _ = serde_json::to_writer(&mut *file, &entry)
            .map_err(io::Error::from)
            .and_then(|()| file.write_all(b"\n"));
    }
}

impl Exchange {
    fn has_ended_well(&self) -> bool {
        self.ended.iter().any(|code| code == "0000")
    }
}

impl Records {
    /// What became of a telegram.
    pub fn of(&self, key: &Key) -> Option<&Exchange> {
        self.exchanges.get(key)
    }

    /// The last code heard to a telegram.
    pub fn last_code(&self, key: &Key) -> Option<&str> {
        self.of(key)?.heard.last().map(|heard| heard.code.as_str())
    }

    /// Whether the terminal asked for this purchase to be withdrawn, answered or not.
    pub fn asked_to_withdraw(&self, purchase: &Purchase) -> bool {
        purchase.withdrawal.as_ref().and_then(|key| self.of(key)).is_some_and(|exchange| exchange.sent > 0)
    }

    /// Whether the terminal was told that it is withdrawn.
    pub fn is_withdrawn(&self, purchase: &Purchase) -> bool {
        let told = |key| {
            self.of(key).is_some_and(|exchange| exchange.heard.iter().any(|heard| heard.code == "0000"))
        };
        purchase.withdrawal.as_ref().is_some_and(told)
    }

    /// Whether the terminal knows that the switch knows of the approval: what it may print.
    pub fn is_confirmed(&self, purchase: &Purchase) -> bool {
        match purchase.confirm {
            Confirm::None => self.approved(purchase).is_some(),
            Confirm::Ack => purchase
                .acknowledgement
                .as_ref()
                .and_then(|key| self.of(key))
                .is_some_and(|exchange| exchange.heard.iter().any(|heard| heard.code == "0000")),
            Confirm::Handshake => {
                self.approved(purchase).is_some()
                    && self.of(&purchase.approval).is_some_and(Exchange::has_ended_well)
            }
        }
    }

    /// The first time it was told to be approved.
    pub fn approved(&self, purchase: &Purchase) -> Option<&Heard> {
        let expected = mark(purchase.original.amount);
        let heard = &self.of(&purchase.approval)?.heard;
        heard.iter().find(|heard| heard.code == "0000" && heard.mark == expected)
    }

    /// Whether by all the terminal knows the approval stands, or stood until the terminal had it cancelled: confirmed, not withdrawn, and not told
    /// later that it does not stand.
    pub fn stands(&self, purchase: &Purchase) -> bool {
        let is_told_so = matches!(self.last_of_it(purchase), Some("0000" | "9031"));
        self.is_confirmed(purchase) && !self.is_withdrawn(purchase) && is_told_so
    }

    /// Whether what the terminal was last told of its approval is that all of it is cancelled.
    pub fn is_told_cancelled(&self, purchase: &Purchase) -> bool {
        self.last_of_it(purchase) == Some("9031")
    }

    /// What was last told of the approval itself.
    fn last_of_it(&self, purchase: &Purchase) -> Option<&str> {
        let of_the_original =
            |heard: &&Heard| !is_open(&heard.code) && !claims_no_key(&heard.code) && heard.code != "9011";
        let last = self.of(&purchase.approval)?.heard.iter().rfind(of_the_original)?;
        Some(&last.code)
    }
}

/// Whether the switch keeps nothing under the key of a telegram that it answers so: another may come under it.
pub fn claims_no_key(code: &str) -> bool {
    matches!(code, "9001" | "9002" | "9003" | "9004" | "9012")
}

/// Whether a terminal told this has to ask again.
pub fn is_open(code: &str) -> bool {
    matches!(code, "9010" | "9040" | "9099")
}
