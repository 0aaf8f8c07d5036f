//! The other end: asking the switch that runs on a configuration.

use std::{
    fmt,
    io::{self, BufRead as _, BufReader, Read as _, Write as _},
    os::unix::net::UnixStream,
    path::{Path, PathBuf},
    time::Duration,
};

use super::protocol::{Answer, Command, LONGEST_ANSWER};
use crate::config::{Config, ConfigError};

/// How long the switch may take to answer.
const WITHIN: Duration = Duration::from_mins(1);

/// Why a command got no answer.
#[derive(Debug, thiserror::Error)]
pub enum AskError {
    /// The configuration does not tell where the switch takes commands.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// Nobody takes commands there.
    #[error(
        "no switch takes commands at {}: a command finds the running switch by {by} of {}. Is it running? If it was started before {by} was \
         changed, it takes them at the old path and no reload moves it: stop it and start it anew, or put the old path back",
        path.display(), config.display()
    )]
    NobodyThere {
        /// Where.
        path: PathBuf,
        /// What tells the place.
        by: ToldBy,
        /// Of this file.
        config: PathBuf,
        /// Why.
        #[source]
        cause: io::Error,
    },
    /// The switch ended the conversation.
    #[error("the switch gave no answer, and may have done what it was told")]
    NoAnswer(#[source] io::Error),
    /// Its answer makes no sense: it is another version.
    #[error("the answer of the switch cannot be read; is it of another version?")]
    BadAnswer(#[source] serde_json::Error),
}

/// Which key of a configuration tells where the switch takes commands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ToldBy {
    /// `admin.socket`, where it is set.
    AdminSocket,
    /// `store.path`, beside which the socket stands where nothing else is said.
    StorePath,
}

impl fmt::Display for ToldBy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::AdminSocket => "admin.socket",
            Self::StorePath => "store.path",
        })
    }
}

/// Asks the switch that runs on this configuration, of which only the place of the socket counts.
///
/// # Errors
/// [`AskError`].
pub fn ask(config: &Path, command: &Command) -> Result<Answer, AskError> {
    let (path, by) = socket_of(config)?;
    let mut stream = UnixStream::connect(&path).map_err(|cause| {
        let config = config.to_owned();
        AskError::NobodyThere { path, by, config, cause }
    })?;
    let line = converse(&mut stream, command).map_err(AskError::NoAnswer)?;
    serde_json::from_str(&line).map_err(AskError::BadAnswer)
}

/// Where the configuration puts the socket. What else is wrong with it is for the running switch to say.
fn socket_of(config: &Path) -> Result<(PathBuf, ToldBy), ConfigError> {
    let text = std::fs::read_to_string(config)
        .map_err(|cause| ConfigError::Unreadable { path: config.to_owned(), cause })?;
    let told = text.parse::<toml::Table>().ok().and_then(|table| {
        let text = |section: &str, key: &str| Some(table.get(section)?.get(key)?.as_str()?.to_owned());
        let beside_the_store = || Some((format!("{}.sock", text("store", "path")?), ToldBy::StorePath));
        text("admin", "socket").map(|socket| (socket, ToldBy::AdminSocket)).or_else(beside_the_store)
    });
    match told {
        Some((path, by)) => Ok((config.parent().unwrap_or(Path::new(".")).join(path), by)),
        None => Ok((Config::read(config)?.control_socket, ToldBy::StorePath)),
    }
}

fn converse(stream: &mut UnixStream, command: &Command) -> io::Result<String> {
    stream.set_read_timeout(Some(WITHIN))?;
    stream.set_write_timeout(Some(WITHIN))?;
    let mut line = serde_json::to_vec(command)?;
    line.push(b'\n');
    stream.write_all(&line)?;
    let mut answer = String::new();
    let limit = u64::try_from(LONGEST_ANSWER).unwrap_or(u64::MAX);
    BufReader::new(stream.take(limit)).read_line(&mut answer)?;
    if answer.is_empty() {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(answer)
}
