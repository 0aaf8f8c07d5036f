//! A capture checked against its layouts before anything is sent.

use std::collections::HashMap;
use std::sync::Arc;

use super::{Mismatch, Settings, reference};
use crate::capture::{Assignment, Capture, Expect, Reference, Send, Statement, Value};
use crate::clock;
use crate::layout::{BuildError, Field, Layout, Layouts};

/// Trace numbers count modulo this.
const TRACES: u64 = 1_000_000;

/// Fields that hold a trace number.
const TRACE_FIELDS: [&str; 2] = ["trace_no", "original_trace_no"];

/// The field that holds a terminal.
const TERMINAL_FIELD: &str = "terminal_id";

/// The digits of a terminal that is counted on.
const TERMINAL_DIGITS: usize = 10;

/// What a terminal's header holds unless the capture says otherwise, besides its own type.
const HEADER_DEFAULTS: [(&str, &str); 2] = [("version", "01"), ("security", "0")];

/// The layout that all of our own telegrams begin with.
const HEADER_LAYOUT: &str = "terminal-header";

/// What is expected where values that refer to other telegrams do not fit their fields.
pub(super) const VALUES_THAT_FIT: &str = "values that fit their fields";

/// Why a capture does not fit its layouts. Nothing was sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PrepareError {
    /// A layout is missing or faulty.
    #[error("line {line}: {findings}")]
    Layout {
        /// The line of the capture.
        line: usize,
        /// What the reader found.
        findings: specs::Findings,
    },
    /// A field or its value does not fit its layout.
    #[error("line {line}: {error}")]
    Field {
        /// The line of the capture.
        line: usize,
        /// Why.
        error: BuildError,
    },
    /// A text has characters that EUC-KR does not know.
    #[error("line {line}: expected characters of EUC-KR")]
    Unencodable {
        /// The line of the capture.
        line: usize,
    },
    /// A reference names the answer to a telegram of foreign layout.
    #[error("line {line}: expected a terminal's telegram, found {layout}: what answers it is unknown")]
    NoReply {
        /// The line of the capture.
        line: usize,
        /// The layout of the telegram referred to.
        layout: String,
    },
    /// A reference names a part that goes beyond its field.
    #[error(
        "line {line}: {layout} field \"{field}\": expected a part of its {expected} bytes, found one up to {found}"
    )]
    Part {
        /// The line of the capture.
        line: usize,
        /// The layout referred to.
        layout: String,
        /// The field's path.
        field: String,
        /// The field's length in bytes.
        expected: usize,
        /// Where the part ends.
        found: usize,
    },
    /// Something is expected before anything was sent.
    #[error("line {line}: expected a telegram sent above, found none")]
    NothingSent {
        /// The line of the capture.
        line: usize,
    },
}

/// What is added to numbers in field form.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bases {
    trace: u64,
    terminal: u64,
}

impl Bases {
    pub(super) fn of(settings: &Settings) -> Self {
        Self { trace: settings.trace_base.into(), terminal: settings.terminal_base }
    }

    /// The number moved on; `None` where it is not one to be moved.
    fn moved(self, field: &str, number: &str) -> Option<String> {
        if TRACE_FIELDS.contains(&field) && self.trace > 0 {
            let trace = number.parse::<u64>().ok()?;
            return Some(format!("{:06}", (trace + self.trace) % TRACES));
        }
        if field == TERMINAL_FIELD && self.terminal > 0 && number.len() == TERMINAL_DIGITS {
            return Some(number.parse::<u64>().ok()?.checked_add(self.terminal)?.to_string());
        }
        None
    }
}

/// A step with its layout and all its values.
pub(super) struct Prepared<'a> {
    pub(super) line: usize,
    pub(super) statement: &'a Statement,
    pub(super) layout: Option<Arc<Layout>>,
    values: Vec<Assignment>,
}

pub(super) fn prepare<'a>(
    capture: &'a Capture,
    layouts: &Layouts,
    bases: Bases,
) -> Result<Vec<Prepared<'a>>, PrepareError> {
    let mut defaults = Vec::new();
    let mut labels = HashMap::new();
    let mut prepared = Vec::with_capacity(capture.steps.len());
    let mut sent = false;
    for step in &capture.steps {
        let line = step.line;
        let get = |name: &str| layouts.get(name).map_err(|findings| PrepareError::Layout { line, findings });
        let (layout, values) = match &step.statement {
            Statement::Default { layout: name, fields } => {
                let layout = get(name)?;
                for assignment in fields {
                    let field = layout.field(&assignment.field);
                    let field = field.map_err(|error| PrepareError::Field { line, error: error.into() })?;
                    defaults.push((
                        name.as_str(),
                        Assignment { field: field.path.clone(), ..assignment.clone() },
                    ));
                }
                (None, Vec::new())
            }
            Statement::Send(Send::Fields { label, layout: name, fields }) => {
                labels.insert(label.as_str(), name.as_str());
                let mut values = header_values(name);
                values.extend(defaults.iter().filter_map(|(layout, value)| default_for(name, layout, value)));
                values.extend(fields.iter().cloned());
                (Some(get(name)?), values)
            }
            Statement::Expect(Expect::Answer { layout: name, fields, .. }) => {
                (Some(get(name)?), fields.clone())
            }
            Statement::Send(Send::Again { .. } | Send::Text(_) | Send::Hex(_) | Send::Raw(_))
            | Statement::Expect(Expect::Closed | Expect::Eot | Expect::Nothing(_))
            | Statement::Say(_)
            | Statement::Next(_)
            | Statement::Close
            | Statement::Wait(_) => (None, Vec::new()),
        };
        match &step.statement {
            Statement::Send(_) => sent = true,
            Statement::Expect(_) if !sent => return Err(PrepareError::NothingSent { line }),
            Statement::Expect(_)
            | Statement::Default { .. }
            | Statement::Say(_)
            | Statement::Next(_)
            | Statement::Close
            | Statement::Wait(_) => {}
        }
        let values = values.into_iter().map(|value| moved(value, bases)).collect();
        let step = Prepared { line, statement: &step.statement, layout, values };
        step.check(&labels, layouts)?;
        prepared.push(step);
    }
    Ok(prepared)
}

impl Prepared<'_> {
    /// Whether values and references fit their fields, as far as that can be known before anything is answered.
    fn check(&self, labels: &HashMap<&str, &str>, layouts: &Layouts) -> Result<(), PrepareError> {
        let Some(layout) = &self.layout else { return Ok(()) };
        let line = self.line;
        let unfit = |error| PrepareError::Field { line, error };
        let mut known = Vec::with_capacity(self.values.len());
        for assignment in &self.values {
            if let Value::Of(reference) = &assignment.value {
                layout.field(&assignment.field).map_err(|error| unfit(error.into()))?;
                // The parser has seen the label defined above; only field-form telegrams have labels.
                if let Some(sent) = labels.get(reference.label.as_str()) {
                    reference::check(line, reference, sent, layouts)?;
                }
            } else {
                known.push(assignment.clone());
            }
        }
        layout.build(&known, clock::kst_now()).map(|_| ()).map_err(unfit)
    }

    /// The values with every reference replaced by what `look` finds there.
    ///
    /// # Errors
    /// The first reference that finds nothing.
    pub(super) fn resolved(
        &self,
        look: impl Fn(&Reference) -> Option<Value>,
    ) -> Result<Vec<Assignment>, &Reference> {
        let mut resolved = Vec::with_capacity(self.values.len());
        for assignment in &self.values {
            let value = match &assignment.value {
                Value::Of(reference) => look(reference).ok_or(reference)?,
                known @ (Value::Text(_)
                | Value::Bytes(_)
                | Value::Unchecked(_)
                | Value::Now(_)
                | Value::Today(_)) => known.clone(),
            };
            resolved.push(Assignment { field: assignment.field.clone(), value });
        }
        Ok(resolved)
    }

    /// What of an answer is other than the values say: the whole, a field that breaks its rule, a named field.
    pub(super) fn compare(&self, values: &[Assignment], answer: &[u8]) -> Vec<Mismatch> {
        let Some(layout) = &self.layout else { return Vec::new() };
        let whole =
            |expected: String, found: String| Mismatch { line: self.line, field: None, expected, found };
        let decoded = layout.decode(answer);
        if let Some(length) = decoded.wrong_length() {
            let expected = format!("{} of {} bytes", layout.name(), length.expected);
            return vec![whole(expected, format!("{} bytes", length.found))];
        }
        // Both sides are compared as the wire has them, so that padding plays no part.
        let expected = match layout.build(values, clock::kst_now()) {
            Ok(expected) => expected,
            Err(error) => return vec![whole(VALUES_THAT_FIT.to_owned(), error.to_string())],
        };
        let faulty = decoded.readings().iter().filter_map(|reading| {
            Some((reading.field(), "a sound value".to_owned(), reading.fault()?.to_string()))
        });
        let wanted = layout.decode(&expected);
        let differing = values.iter().filter_map(|Assignment { field, .. }| {
            let (want, have) = (wanted.reading(field)?, decoded.reading(field)?);
            (want.raw() != have.raw()).then(|| (want.field(), quoted(want), quoted(have)))
        });
        let mismatch = |(field, expected, found): (&Field, String, String)| Mismatch {
            line: self.line,
            field: Some(field.path.clone()),
            expected,
            found,
        };
        faulty.chain(differing).map(mismatch).collect()
    }
}

fn quoted(reading: &crate::layout::Reading<'_>) -> String {
    format!("\"{}\"", reading.shown())
}

/// The default as a value of a telegram of that layout, if it holds for it; what is given for the header holds for all
/// of our own telegrams.
fn default_for(name: &str, layout: &str, default: &Assignment) -> Option<Assignment> {
    if layout == name {
        return Some(default.clone());
    }
    let holds = layout == HEADER_LAYOUT && own_type(name).is_some();
    holds.then(|| Assignment { field: format!("header.{}", default.field), value: default.value.clone() })
}

/// The type that a layout's name says, and the header's usual values; nothing for foreign layouts.
fn header_values(layout: &str) -> Vec<Assignment> {
    let own = own_type(layout)
        .into_iter()
        .flat_map(|kind| [("telegram_type", kind)].into_iter().chain(HEADER_DEFAULTS));
    own.map(|(field, value)| Assignment { field: format!("header.{field}"), value: Value::text(value) })
        .collect()
}

/// The type of a terminal's telegram by the name of its layout.
fn own_type(layout: &str) -> Option<&str> {
    layout.strip_prefix("terminal-").filter(|kind| kind.len() == 4)
}

fn moved(assignment: Assignment, bases: Bases) -> Assignment {
    let field = assignment.field.rsplit('.').next().unwrap_or_default();
    let moved = match &assignment.value {
        Value::Text(text) => bases.moved(field, &text.0),
        Value::Bytes(_) | Value::Unchecked(_) | Value::Now(_) | Value::Today(_) | Value::Of(_) => None,
    };
    match moved {
        Some(number) => Assignment { value: Value::text(number), ..assignment },
        None => assignment,
    }
}
