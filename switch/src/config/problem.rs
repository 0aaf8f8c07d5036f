//! What is wrong with a configuration, shown at its line.

use std::{fmt, ops::Range, path::PathBuf};

use miette::{Diagnostic, LabeledSpan, NamedSource, SourceCode};

use super::{hidden, shown::shown};

/// How many problems of a file are told: nobody mends more at a time, and the mistake that many of them follow from is among the first.
pub(super) const TOLD: usize = 20;

/// A configuration the switch cannot start with. The user's to mend.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("cannot read the configuration {path}")]
    Unreadable {
        /// Which file.
        path: PathBuf,
        /// Why.
        #[source]
        cause: std::io::Error,
    },
    /// It can be read and does not make sense.
    #[error("{0}")]
    Invalid(Box<Invalid>),
}

/// Everything wrong with a configuration file, or the first of very much.
#[derive(Debug, thiserror::Error)]
#[error("{}: {}", path.display(), lines.join("; "))]
pub struct Invalid {
    path: PathBuf,
    lines: Vec<String>,
    more: Option<String>,
    source_code: NamedSource<String>,
    labels: Vec<LabeledSpan>,
}

/// One thing wrong with a configuration.
#[derive(Clone, Debug)]
pub struct Problem {
    /// Bytes of the file it is about.
    pub span: Range<usize>,
    /// What was expected and what was found, without what may be a card number.
    pub what: String,
}

impl Problem {
    pub(super) fn new(span: Range<usize>, what: impl fmt::Display) -> Self {
        Self { span, what: hidden(&what.to_string()) }
    }
}

impl ConfigError {
    pub(super) fn invalid(path: &std::path::Path, text: &str, mut problems: Vec<Problem>) -> Self {
        problems.sort_by_key(|problem| problem.span.start);
        let more = problems.len().saturating_sub(TOLD);
        problems.truncate(TOLD);
        let more = (more > 0).then(|| format!("and {more} more"));
        let line = |at: usize| text[..at.min(text.len())].matches('\n').count() + 1;
        Self::Invalid(Box::new(Invalid {
            path: path.to_owned(),
            lines: problems
                .iter()
                .map(|problem| format!("line {}: {}", line(problem.span.start), problem.what))
                .chain(more.clone())
                .collect(),
            more,
            source_code: NamedSource::new(path.display().to_string(), shown(text)),
            labels: problems
                .into_iter()
                .map(|problem| LabeledSpan::new_with_span(Some(problem.what), problem.span))
                .collect(),
        }))
    }
}

impl Diagnostic for ConfigError {
    fn source_code(&self) -> Option<&dyn SourceCode> {
        match self {
            Self::Unreadable { .. } => None,
            Self::Invalid(invalid) => Some(&invalid.source_code),
        }
    }

    fn help(&self) -> Option<Box<dyn fmt::Display + '_>> {
        match self {
            Self::Unreadable { .. } => None,
            Self::Invalid(invalid) => invalid.more.as_ref().map(|more| Box::new(more) as _),
        }
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        match self {
            Self::Unreadable { .. } => None,
            Self::Invalid(invalid) => Some(Box::new(invalid.labels.iter().cloned())),
        }
    }
}
