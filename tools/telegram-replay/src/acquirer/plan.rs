//! A dialect with its spec files: where to look in a request, and how to write a reply.

use std::ops::Range;
use std::sync::Arc;

use specs::Kind;

use super::dialect::{Dialect, Fill, Operation, Original};
use super::truth::Named;
use crate::clock;
use crate::layout::{self, Field, Layout, Layouts, NameError};

/// What a number of a transaction begins with, so that no approval number is taken for one.
const TRANSACTION: &str = "TR";

/// Why a dialect cannot be played with these spec files.
#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    /// A layout is missing or faulty.
    #[error("{0}")]
    Layout(specs::Findings),
    /// A layout lacks a field that the dialect names.
    #[error(transparent)]
    Field(#[from] NameError),
    /// A text of the dialect does not fit its field.
    #[error("{layout} field \"{field}\" is too short for \"{text}\"")]
    Text {
        /// The layout's name.
        layout: &'static str,
        /// The field's name.
        field: &'static str,
        /// The text.
        text: &'static str,
    },
}

/// Every operation of a dialect, ready to be used.
pub(super) struct Plan {
    operations: Vec<Ready>,
}

/// One operation of a dialect with the places in its telegrams.
pub(super) struct Ready {
    pub(super) operation: &'static Operation,
    request: Arc<Layout>,
    told_by: Vec<(Range<usize>, Vec<u8>)>,
    serial: Field,
    amount: Vec<Field>,
    original: Option<Field>,
    empty_reply: Vec<u8>,
    copies: Vec<(Range<usize>, Range<usize>)>,
    fills: Vec<(Field, Fill)>,
    reply_serial: Field,
    reply_amount: Option<Field>,
}

/// What a reply says.
#[derive(Debug, Clone, Default)]
pub(super) struct Verdict<'a> {
    /// The refusing code, and whether the VAN refused; none when all is well.
    pub(super) refusal: Option<(&'a str, RefusedBy)>,
    /// The approval number, if there is one.
    pub(super) approval_no: Option<&'a str>,
    /// The amount asked for, in won.
    pub(super) amount: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RefusedBy {
    Issuer,
    Van,
}

impl Plan {
    pub(super) fn new(dialect: &'static Dialect, layouts: &Layouts) -> Result<Self, PlanError> {
        let operations = dialect.operations.iter().map(|operation| Ready::new(operation, layouts));
        Ok(Self { operations: operations.collect::<Result<_, _>>()? })
    }

    /// The operation this telegram asks for.
    ///
    /// # Errors
    /// What is wrong with it, without content.
    pub(super) fn recognise(&self, telegram: &[u8]) -> Result<&Ready, String> {
        let ready = self
            .operations
            .iter()
            .find(|ready| {
                telegram.len() == ready.request.length()
                    && ready.told_by.iter().all(|(range, text)| telegram[range.clone()] == **text)
            })
            .ok_or_else(|| format!("no request of this dialect: {} bytes", telegram.len()))?;
        ready.request.check(telegram).map_err(|(field, fault)| match field {
            Some(field) => format!("{} field \"{}\": {fault}", ready.request.name(), field.path),
            None => format!("{}: {fault}", ready.request.name()),
        })?;
        Ok(ready)
    }
}

impl Ready {
    fn new(operation: &'static Operation, layouts: &Layouts) -> Result<Self, PlanError> {
        let request = layouts.get(operation.request).map_err(PlanError::Layout)?;
        let reply = layouts.get(operation.reply).map_err(PlanError::Layout)?;
        let told_by = operation
            .told_by
            .iter()
            .map(|&(name, text)| {
                let field = request.field(name)?;
                Ok((field.range(), fitting(operation.request, name, field, text)?))
            })
            .collect::<Result<_, PlanError>>()?;
        let fills = operation
            .fills
            .iter()
            .map(|&(name, fill)| {
                let field = reply.field(name)?;
                for text in texts(fill) {
                    fitting(operation.reply, name, field, text)?;
                }
                Ok((field.clone(), fill))
            })
            .collect::<Result<_, PlanError>>()?;
        let same = |to: &Field| {
            let from = request.fields().iter().find(|from| from.path == to.path && from.len == to.len)?;
            let copied = to.constant.is_none() && to.kind != Kind::Filler;
            copied.then(|| (from.range(), to.range()))
        };
        let amount = operation.amount.iter().map(|name| request.field(name).cloned());
        let reply_amount = operation.reply_amount.map(|name| reply.field(name).cloned());
        let original = operation.original.map(|original| match original {
            Original::Serial(name) | Original::ApprovalNo(name) | Original::TransactionNo(name) => {
                request.field(name).cloned()
            }
        });
        Ok(Self {
            operation,
            told_by,
            serial: request.field(operation.serial)?.clone(),
            amount: amount.collect::<Result<_, _>>()?,
            original: original.transpose()?,
            empty_reply: reply
                .build(&[], clock::kst_now())
                .expect("a telegram of defaults has no value to refuse"),
            copies: reply.fields().iter().filter_map(same).collect(),
            fills,
            reply_serial: reply.field(operation.serial)?.clone(),
            reply_amount: reply_amount.transpose()?,
            request,
        })
    }

    pub(super) fn serial(&self, telegram: &[u8]) -> String {
        layout::text_of(&self.serial, &telegram[self.serial.range()]).into_owned()
    }

    /// The amount in won, if the telegram tells any.
    pub(super) fn amount(&self, telegram: &[u8]) -> Option<u64> {
        let told = |field: &Field| layout::text_of(field, &telegram[field.range()]).parse::<u64>().ok();
        self.amount.iter().filter_map(told).reduce(u64::saturating_add)
    }

    /// What the telegram is about, if it names something; the text is written into `text`.
    pub(super) fn original<'a>(&self, telegram: &[u8], text: &'a mut String) -> Option<Named<'a>> {
        let field = self.original.as_ref()?;
        *text = layout::text_of(field, &telegram[field.range()]).into_owned();
        self.operation.original.map(|original| match original {
            Original::Serial(_) => Named::Serial(text),
            Original::ApprovalNo(_) => Named::ApprovalNo(text),
            Original::TransactionNo(_) => {
                Named::ApprovalNo(text.strip_prefix(TRANSACTION).unwrap_or_default())
            }
        })
    }

    /// The reply to a request.
    pub(super) fn reply(&self, request: &[u8], verdict: &Verdict<'_>) -> Vec<u8> {
        let mut reply = self.empty_reply.clone();
        for (from, to) in &self.copies {
            reply[to.clone()].copy_from_slice(&request[from.clone()]);
        }
        for (field, fill) in &self.fills {
            let text = match (*fill, verdict.refusal) {
                (Fill::Text(text), _) | (Fill::Status { well: text, .. }, None) => text,
                (Fill::Status { refused, .. }, Some(_)) => refused,
                (Fill::Code(well), refusal) => refusal.map_or(well, |(code, _)| code),
                (Fill::IssuerCode(well), refusal) => match refusal {
                    None => well,
                    Some((code, RefusedBy::Issuer)) => code,
                    Some((_, RefusedBy::Van)) => "",
                },
                (Fill::VanCode(well), refusal) => match refusal {
                    Some((code, RefusedBy::Van)) => code,
                    None | Some((_, RefusedBy::Issuer)) => well,
                },
                (Fill::ApprovalNoOrCode, Some((code, _))) => code,
                (Fill::ApprovalNo, _) | (Fill::ApprovalNoOrCode, None) => {
                    verdict.approval_no.unwrap_or_default()
                }
                (Fill::TransactionNo, _) => &verdict.approval_no.map(transaction_no).unwrap_or_default(),
                (Fill::Amount, _) => &verdict.amount.to_string(),
                (Fill::DoneAt, None) => &done_at(field),
                (Fill::DoneAt, Some(_)) => "",
            };
            put(field, text, &mut reply);
        }
        reply
    }

    /// Makes a reply to what is done say that the VAN did it in the card company's place.
    pub(super) fn stand_in(&self, reply: &mut [u8]) {
        for (field, fill) in &self.fills {
            if let Fill::Status { stood_in, .. } = fill {
                put(field, stood_in, reply);
            }
        }
    }

    /// Makes a reply speak of one won more, if it speaks of any.
    pub(super) fn falsify_amount(&self, reply: &mut [u8]) {
        let Some(field) = &self.reply_amount else { return };
        let amount: u64 = layout::text_of(field, &reply[field.range()]).parse().unwrap_or(0);
        put(field, &(amount + 1).to_string(), reply);
    }

    /// Makes a reply speak of another serial of the same form, which nobody waits for: one that is far from those a switch counts at
    /// present, not the serial of its next request.
    pub(super) fn falsify_serial(&self, reply: &mut [u8]) {
        let range = self.reply_serial.range();
        let serial = &mut reply[range];
        let length = serial.iter().rposition(|byte| *byte != b' ').map_or(0, |last| last + 1);
        // A switch's own serials begin with two digits that say which switch it is.
        if let Some(digit) = serial[..length].get_mut(2.min(length.saturating_sub(1))) {
            *digit = if *digit == b'9' { b'0' } else { b'9' };
        }
    }
}

/// The number of the transaction that has this approval number.
fn transaction_no(approval_no: &str) -> String {
    if approval_no.is_empty() { String::new() } else { format!("{TRANSACTION}{approval_no}") }
}

/// The texts that a fill may write whatever is asked.
fn texts(fill: Fill) -> Vec<&'static str> {
    match fill {
        Fill::Text(text) | Fill::Code(text) | Fill::IssuerCode(text) | Fill::VanCode(text) => vec![text],
        Fill::Status { well, stood_in, refused } => vec![well, stood_in, refused],
        Fill::ApprovalNo | Fill::TransactionNo | Fill::ApprovalNoOrCode | Fill::Amount | Fill::DoneAt => {
            Vec::new()
        }
    }
}

fn fitting(
    layout: &'static str,
    name: &'static str,
    field: &Field,
    text: &'static str,
) -> Result<Vec<u8>, PlanError> {
    if text.len() > field.len {
        return Err(PlanError::Text { layout, field: name, text });
    }
    Ok(layout::padded(field, text.as_bytes()))
}

fn done_at(field: &Field) -> String {
    field.format.map(|format| layout::present(format, clock::kst_now())).unwrap_or_default()
}

/// Writes a text into its field of a telegram, blank when it is empty; one too long for the field is cut.
fn put(field: &Field, text: &str, telegram: &mut [u8]) {
    let text = &text.as_bytes()[..text.len().min(field.len)];
    let slot = &mut telegram[field.range()];
    if text.is_empty() {
        slot.fill(b' ');
    } else {
        slot.copy_from_slice(&layout::padded(field, text));
    }
}
