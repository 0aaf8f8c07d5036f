//! What a terminal's own book of a day would say: read off a capture, by its telegrams and the answers it expects.

use std::collections::BTreeMap;

use telegram_replay::capture::{Assignment, Capture, Expect, Part, Send, Statement, Value};

/// The fields of 0500, in the order of a ledger's totals.
pub(super) const TOTALS: [&str; 6] = [
    "approval_count",
    "approval_amount",
    "cancel_count",
    "cancel_amount",
    "net_cancel_count",
    "net_cancel_amount",
];

/// A telegram of a capture.
pub(super) struct Sent {
    pub(super) label: String,
    pub(super) layout: String,
    /// How often it was sent.
    pub(super) times: usize,
    fields: BTreeMap<String, String>,
    answers: Vec<BTreeMap<String, String>>,
}

impl Sent {
    /// What it says in a field; nothing where it says none.
    pub(super) fn field(&self, name: &str) -> &str {
        self.fields.get(name).map_or("", String::as_str)
    }

    /// A number it says; zero where it says none.
    pub(super) fn number(&self, name: &str) -> u64 {
        self.field(name).parse().unwrap_or(0)
    }

    /// What its answers say in a field.
    pub(super) fn told(&self, name: &str) -> impl Iterator<Item = &str> {
        self.answers.iter().filter_map(move |answer| answer.get(name).map(String::as_str))
    }

    pub(super) fn was_told(&self, code: &str) -> bool {
        self.was_told_as("response_code", code)
    }

    pub(super) fn was_told_as(&self, name: &str, value: &str) -> bool {
        self.told(name).any(|told| told == value)
    }

    /// The totals its answer must say.
    pub(super) fn answered_totals(&self) -> [u64; 6] {
        TOTALS.map(|name| self.told(name).next().map_or(0, |number| number.parse().unwrap()))
    }

    /// Terminal and trace number of the approval it speaks of.
    fn original(&self) -> (&str, &str) {
        let trace_no = if self.layout == "terminal-0100" { "trace_no" } else { "original_trace_no" };
        (self.field("terminal_id"), self.field(trace_no))
    }
}

/// The telegrams of a capture, in their order.
pub(super) struct Ledger(Vec<Sent>);

impl Ledger {
    pub(super) fn of(capture: &Capture) -> Self {
        let mut ledger = Self(Vec::new());
        let mut defaults: Vec<(&str, &[Assignment])> = Vec::new();
        let mut latest = 0;
        for step in &capture.steps {
            match &step.statement {
                Statement::Default { layout, fields } => defaults.push((layout, fields)),
                Statement::Send(Send::Fields { label, layout, fields }) => {
                    let usual = defaults.iter().filter(|(of, _)| of == layout || *of == "terminal-header");
                    let all = usual.flat_map(|(_, fields)| *fields).chain(fields);
                    let fields = all.map(|field| (field.field.clone(), ledger.value(&field.value))).collect();
                    latest = ledger.0.len();
                    let (label, layout) = (label.clone(), layout.clone());
                    ledger.0.push(Sent { label, layout, times: 1, fields, answers: Vec::new() });
                }
                Statement::Send(Send::Again { label }) => {
                    latest = ledger.position(label);
                    ledger.0[latest].times += 1;
                }
                Statement::Send(Send::Text(_) | Send::Hex(_) | Send::Raw(_)) => {
                    panic!("line {}: the samples are in field form", step.line)
                }
                Statement::Expect(Expect::Answer { of, fields, .. }) => {
                    let index = of.as_ref().map_or(latest, |label| ledger.position(label));
                    let fields = fields.iter().map(|field| (field.field.clone(), ledger.value(&field.value)));
                    let answer = fields.collect();
                    ledger.0[index].answers.push(answer);
                }
                Statement::Expect(Expect::Closed | Expect::Eot | Expect::Nothing(_))
                | Statement::Say(_)
                | Statement::Next(_)
                | Statement::Close
                | Statement::Wait(_) => {}
            }
        }
        ledger
    }

    pub(super) fn sent(&self) -> impl Iterator<Item = &Sent> {
        self.0.iter()
    }

    /// Count and amount of the approvals, cancels and net-cancels of a terminal.
    pub(super) fn totals(&self, terminal: &str) -> [u64; 6] {
        let of = |layout: &'static str| {
            self.sent().filter(move |sent| sent.layout == layout && sent.field("terminal_id") == terminal)
        };
        let mut undone = BTreeMap::new();
        for sent in of("terminal-0420").filter(|sent| sent.was_told("0000")) {
            undone.insert(sent.original(), sent.number("total_amount"));
        }
        for sent in of("terminal-0100").filter(|sent| sent.was_told("9022") || sent.was_told("9013")) {
            undone.insert(sent.original(), sent.number("total_amount"));
        }
        let stands = |sent: &&Sent| {
            // A terminal that vanished asks what became of it.
            let asked = || of("terminal-0300").filter(|asked| asked.original() == sent.original());
            let approved = sent.was_told("0000") || asked().any(|asked| asked.was_told_as("state", "02"));
            approved && !undone.contains_key(&sent.original())
        };
        let mut totals = [0; 6];
        let mut add = |at: usize, amount: u64| {
            totals[at] += 1;
            totals[at + 1] += amount;
        };
        of("terminal-0100").filter(stands).for_each(|sent| add(0, sent.number("total_amount")));
        of("terminal-0400")
            .filter(|sent| sent.was_told("0000"))
            .for_each(|sent| add(2, sent.number("cancel_amount")));
        for amount in undone.values() {
            add(4, *amount);
        }
        totals
    }

    fn position(&self, label: &str) -> usize {
        self.0.iter().position(|sent| sent.label == label).unwrap()
    }

    /// The value as text; nothing of one that only the play can know.
    fn value(&self, value: &Value) -> String {
        match value {
            Value::Text(text) | Value::Unchecked(text) => text.0.clone(),
            Value::Of(reference) if reference.part == Part::Sent => {
                self.0[self.position(&reference.label)].field(&reference.field).to_owned()
            }
            Value::Of(_) | Value::Bytes(_) | Value::Now(_) | Value::Today(_) => String::new(),
        }
    }
}
