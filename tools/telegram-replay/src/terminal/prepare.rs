//! A capture checked against its layouts before anything is sent.

use std::collections::HashMap;
use std::sync::Arc;

use jiff::civil::DateTime;

use super::Mismatch;
use crate::capture::{Assignment, Capture, Expect, Send, Statement, Value};
use crate::clock;
use crate::layout::{BuildError, Field, Layout, Layouts};

/// Trace numbers count modulo this.
const TRACES: u64 = 1_000_000;

/// Fields that hold a trace number.
const TRACE_FIELDS: [&str; 2] = ["trace_no", "original_trace_no"];

/// What a terminal's header holds unless the capture says otherwise, besides its own type.
const HEADER_DEFAULTS: [(&str, &str); 2] = [("version", "01"), ("security", "0")];

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
    /// Something is expected before anything was sent.
    #[error("line {line}: expected a telegram sent above, found none")]
    NothingSent {
        /// The line of the capture.
        line: usize,
    },
}

/// A step with its layout and, in field form, all its values.
pub(super) struct Prepared<'a> {
    pub(super) line: usize,
    pub(super) statement: &'a Statement,
    pub(super) layout: Option<Arc<Layout>>,
    values: Vec<Assignment>,
}

pub(super) fn prepare<'a>(
    capture: &'a Capture,
    layouts: &Layouts,
    trace_base: u32,
) -> Result<Vec<Prepared<'a>>, PrepareError> {
    let mut defaults: HashMap<&str, Vec<Assignment>> = HashMap::new();
    let mut prepared = Vec::with_capacity(capture.steps.len());
    let mut sent = false;
    for step in &capture.steps {
        let line = step.line;
        let get = |name: &str| layouts.get(name).map_err(|findings| PrepareError::Layout { line, findings });
        let (layout, values) = match &step.statement {
            Statement::Default { layout: name, fields } => {
                get(name)?;
                defaults.entry(name).or_default().extend(fields.iter().cloned());
                (None, Vec::new())
            }
            Statement::Send(Send::Fields { layout: name, fields, .. }) => {
                let mut values = header_values(name);
                values.extend(defaults.get(name.as_str()).into_iter().flatten().cloned());
                values.extend(fields.iter().cloned());
                (Some(get(name)?), values)
            }
            Statement::Expect(Expect::Answer { layout: name, fields, .. }) => {
                (Some(get(name)?), fields.clone())
            }
            Statement::Send(Send::Again { .. } | Send::Text(_) | Send::Hex(_) | Send::Raw(_))
            | Statement::Expect(Expect::Closed | Expect::Nothing(_))
            | Statement::Say(_)
            | Statement::Wait(_) => (None, Vec::new()),
        };
        match &step.statement {
            Statement::Send(_) => sent = true,
            Statement::Expect(_) if !sent => return Err(PrepareError::NothingSent { line }),
            Statement::Expect(_) | Statement::Default { .. } | Statement::Say(_) | Statement::Wait(_) => {}
        }
        let values = values.into_iter().map(|value| moved(value, trace_base)).collect();
        let step = Prepared { line, statement: &step.statement, layout, values };
        step.build(clock::kst_now())?;
        prepared.push(step);
    }
    Ok(prepared)
}

impl Prepared<'_> {
    /// The telegram of its values; empty where the step has no layout.
    pub(super) fn build(&self, now: DateTime) -> Result<Vec<u8>, PrepareError> {
        let Some(layout) = &self.layout else { return Ok(Vec::new()) };
        layout.build(&self.values, now).map_err(|error| PrepareError::Field { line: self.line, error })
    }

    /// What of an answer is other than expected: the whole, a field that breaks its rule, a named field.
    pub(super) fn compare(&self, answer: &[u8]) -> Vec<Mismatch> {
        let Some(layout) = &self.layout else { return Vec::new() };
        let decoded = layout.decode(answer);
        if let Some(length) = decoded.wrong_length() {
            let expected = format!("{} of {} bytes", layout.name(), length.expected);
            return vec![Mismatch {
                line: self.line,
                field: None,
                expected,
                found: format!("{} bytes", length.found),
            }];
        }
        let faulty = decoded.readings().iter().filter_map(|reading| {
            Some((reading.field(), "a sound value".to_owned(), reading.fault()?.to_string()))
        });
        // Both sides are compared as the wire has them, so that padding plays no part.
        let expected = layout
            .build(&self.values, clock::kst_now())
            .expect("the same values were built when the capture was prepared");
        let wanted = layout.decode(&expected);
        let differing = self.values.iter().filter_map(|Assignment { field, .. }| {
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

/// The type that a layout's name says, and the header's usual values; nothing for foreign layouts.
fn header_values(layout: &str) -> Vec<Assignment> {
    let kind = layout.strip_prefix("terminal-").filter(|kind| kind.len() == 4);
    let own = kind.into_iter().flat_map(|kind| [("telegram_type", kind)].into_iter().chain(HEADER_DEFAULTS));
    own.map(|(field, value)| Assignment { field: format!("header.{field}"), value: Value::text(value) })
        .collect()
}

fn moved(assignment: Assignment, trace_base: u32) -> Assignment {
    let name = assignment.field.rsplit('.').next().unwrap_or_default();
    match &assignment.value {
        Value::Text(text) if trace_base > 0 && TRACE_FIELDS.contains(&name) => match text.0.parse::<u64>() {
            Ok(trace) => {
                let trace = (trace + u64::from(trace_base)) % TRACES;
                Assignment { value: Value::text(format!("{trace:06}")), ..assignment }
            }
            Err(_) => assignment,
        },
        Value::Text(_) | Value::Bytes(_) | Value::Unchecked(_) | Value::Now(_) => assignment,
    }
}
