//! `switch net-cancels`, `switch cancels` and `switch reload`: what people type.

use std::{
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use clap::{Args, Subcommand, ValueEnum};
use payment::{CancelFinding, Finding};

use super::{
    client::{AskError, ask},
    protocol::{Answer, Command, MOST_ROWS, Only, Row, Step, What},
    table,
};
use crate::config::ConfigError;

/// Rows of a list where nobody asks for more.
const ROWS: u32 = 100;

/// What is done with net-cancels.
#[derive(Debug, Subcommand)]
pub enum NetCancels {
    /// What is owed, and what needs a person.
    List(List),
    /// Tries one again now, also one that was given up.
    Retry(Target),
    /// Settles one as a person found it at the acquirer.
    Resolve {
        /// Which one.
        #[command(flatten)]
        target: Target,
        /// What was found: the approval is undone, there never was one, or it stands and is kept, which cannot be taken back.
        #[arg(long = "as", value_name = "FINDING")]
        found: Found,
    },
}

/// What is done with cancels.
#[derive(Debug, Subcommand)]
pub enum Cancels {
    /// What no answer has settled, and what needs a person.
    List(List),
    /// Tries one again now, also one that was given up.
    Retry(Target),
    /// Settles one as a person found it at the acquirer.
    Resolve {
        /// Which one.
        #[command(flatten)]
        target: Target,
        /// What was found: it is done, or it is not and will not be.
        #[arg(long = "as", value_name = "FINDING")]
        found: CancelFound,
    },
}

/// What is listed.
#[derive(Debug, Args)]
pub struct List {
    /// The configuration the switch runs on.
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
    /// Only what needs a person.
    #[arg(long)]
    stuck: bool,
    /// As many as there are, up to ten thousand, instead of a hundred.
    #[arg(long)]
    all: bool,
    /// One JSON object for each instead of the table.
    #[arg(long)]
    json: bool,
}

/// Which one, and who does it.
#[derive(Debug, Args)]
pub struct Target {
    /// Id of the payment, as listed.
    payment: i64,
    /// Which attempt or cancel of it, as listed [default: the only one that waits].
    #[arg(long, value_name = "N", visible_alias = "attempt", visible_alias = "cancel")]
    number: Option<u8>,
    /// Who does it; kept in the journal.
    #[arg(long, value_name = "NAME")]
    by: String,
    /// Why; kept in the journal. Never a card number.
    #[arg(long, value_name = "TEXT")]
    reason: String,
    /// The configuration the switch runs on.
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
}

/// What a person found about a net-cancel.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Found {
    /// The approval is undone there.
    Undone,
    /// There never was an approval.
    NeverApproved,
    /// The approval stands, and is kept: no acquirer is asked again. To its terminal the payment stays withdrawn (a 0420 is told 0000, a repeat or a 0400
    /// 9013, an inquiry 08), so that it has to be settled with the shop by hand.
    Stands,
}

/// What a person found about a cancel.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum CancelFound {
    /// It is done.
    Done,
    /// It is not done, and will not be.
    NotDone,
}

/// Why a command came to nothing.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    /// There is no answer.
    #[error(transparent)]
    Ask(#[from] AskError),
    /// The switch was told and has not said what became of it.
    #[error(
        "not known yet: the switch is busy, and may still do it; look at the list before you do anything else"
    )]
    Unknown,
    /// The result cannot be written.
    #[error("cannot write the result")]
    Write(#[from] io::Error),
}

impl NetCancels {
    /// Asks the running switch. Tells whether it did what was asked.
    ///
    /// # Errors
    /// [`CommandError`].
    pub fn run(&self) -> Result<bool, CommandError> {
        match self {
            Self::List(list) => list.run(What::NetCancels),
            Self::Retry(target) => target.run(Step::RetryNetCancel),
            Self::Resolve { target, found } => target.run(Step::ResolveNetCancel(match found {
                Found::Undone => Finding::Undone,
                Found::NeverApproved => Finding::NeverApproved,
                Found::Stands => Finding::Stands,
            })),
        }
    }
}

impl Cancels {
    /// Asks the running switch. Tells whether it did what was asked.
    ///
    /// # Errors
    /// [`CommandError`].
    pub fn run(&self) -> Result<bool, CommandError> {
        match self {
            Self::List(list) => list.run(What::Cancels),
            Self::Retry(target) => target.run(Step::RetryCancel),
            Self::Resolve { target, found } => target.run(Step::ResolveCancel(match found {
                CancelFound::Done => CancelFinding::Done,
                CancelFound::NotDone => CancelFinding::NotDone,
            })),
        }
    }
}

/// Has the running switch read its configuration again. Tells whether it goes by it now.
///
/// # Errors
/// [`CommandError`].
pub fn reload(config: &Path) -> Result<bool, CommandError> {
    let asked = std::path::absolute(config)?;
    match ask(config, &Command::Reload { config: asked }) {
        Ok(answer) => tell(answer, "reloaded"),
        // What makes no sense here makes none there.
        Err(AskError::Config(error @ ConfigError::Invalid(_))) => {
            tell(Answer::Refused { why: error.to_string() }, "")
        }
        Err(error) => Err(error.into()),
    }
}

impl List {
    fn run(&self, what: What) -> Result<bool, CommandError> {
        let only = if self.stuck { Only::Stuck } else { Only::Unsettled };
        let limit = if self.all { MOST_ROWS } else { ROWS };
        match ask(&self.config, &Command::List { what, only, limit })? {
            Answer::Listed { rows, more } => {
                self.print(what, &rows, more)?;
                Ok(true)
            }
            other @ (Answer::Done { .. } | Answer::Unknown | Answer::Refused { .. }) => tell(other, "done"),
        }
    }

    fn print(&self, what: What, rows: &[Row], more: bool) -> io::Result<()> {
        let mut out = io::stdout().lock();
        if !self.json {
            return table::print(&mut out, what, rows, more);
        }
        for row in rows {
            serde_json::to_writer(&mut out, row)?;
            writeln!(out)?;
        }
        Ok(())
    }
}

impl Target {
    fn run(&self, step: Step) -> Result<bool, CommandError> {
        let Self { payment, number, by, reason, config } = self;
        let (by, reason) = (by.clone(), reason.clone());
        let command = Command::Operate { payment: *payment, number: *number, step, by, reason };
        tell(ask(config, &command)?, "done, and recorded in the journal")
    }
}

/// Results go to stdout, refusals to stderr.
fn tell(answer: Answer, done: &str) -> Result<bool, CommandError> {
    match answer {
        Answer::Done { changes } => {
            let mut out = io::stdout().lock();
            for change in changes {
                writeln!(out, "{change}")?;
            }
            writeln!(out, "{done}")?;
            Ok(true)
        }
        Answer::Unknown => Err(CommandError::Unknown),
        Answer::Refused { why } => {
            writeln!(io::stderr(), "{why}")?;
            Ok(false)
        }
        Answer::Listed { .. } => {
            writeln!(io::stderr(), "the switch answered something else; is it of another version?")?;
            Ok(false)
        }
    }
}
