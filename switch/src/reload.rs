//! Reading the configuration again, for a signal or a command: what is asked of the running switch, and why it may not be done.

use std::{
    io,
    net::SocketAddr,
    path::{Path, PathBuf},
};

use payment::AcquirerName;
use tokio::{
    sync::{mpsc, oneshot},
    task::spawn_blocking,
};

use crate::{
    config::{Config, ConfigError},
    exchange::LineError,
    meters,
};

/// Where the outcome of a reload goes: what changed, for people.
pub type Answer = oneshot::Sender<Result<Vec<String>, ReloadError>>;

/// A configuration to be swapped in.
#[derive(Debug)]
pub struct Reload {
    /// Valid in itself.
    pub config: Config,
    /// Where the outcome goes.
    pub answer: Answer,
}

/// Why a reload came to nothing: everything is as it was.
#[derive(Debug, thiserror::Error)]
pub enum ReloadError {
    /// The file is not a valid configuration.
    #[error("{}", reasons(.0))]
    Config(#[from] ConfigError),
    /// These sections cannot change while the switch runs.
    #[error("{} differ from what the switch was started with: that needs a restart", .0.join(", "))]
    NeedsRestart(Vec<&'static str>),
    /// An acquirer would speak another language: what is owed there could not be undone any more.
    #[error(
        "acquirers.{acquirer}.dialect cannot change while the switch runs: give the other acquirer another name"
    )]
    OtherLanguage {
        /// Which one.
        acquirer: AcquirerName,
    },
    /// An acquirer would know us by another identity: of what is owed there it would say that it knows no such original.
    #[error(
        "acquirers.{acquirer}.params: who we are there cannot change while the switch runs: give the other identity another name"
    )]
    OtherIdentity {
        /// Which one.
        acquirer: AcquirerName,
    },
    /// There can be no line with an acquirer's settings.
    #[error("acquirers.{acquirer}: {cause}")]
    Acquirer {
        /// Which one.
        acquirer: AcquirerName,
        /// Why.
        #[source]
        cause: LineError,
    },
    /// An address cannot be listened on.
    #[error("cannot listen on {address} (listen.{listener}): {cause}")]
    Listen {
        /// Which listener.
        listener: String,
        /// Which address.
        address: SocketAddr,
        /// Why.
        #[source]
        cause: io::Error,
    },
    /// Too many reloads wait, or the switch is closing.
    #[error("the switch takes no reload at the moment")]
    Unavailable,
}

/// Asks the running switch to read its configuration again.
#[derive(Clone, Debug)]
pub struct Reloader {
    file: PathBuf,
    reloads: mpsc::Sender<Reload>,
}

impl Reloader {
    /// Of this file.
    pub fn new(file: PathBuf, reloads: mpsc::Sender<Reload>) -> Self {
        Self { file, reloads }
    }

    /// The file it reads.
    pub fn file(&self) -> &Path {
        &self.file
    }

    /// Reads the file and has it swapped in, or keeps the old configuration; the log says which, and why. Tells what changed besides the
    /// rules for new telegrams.
    ///
    /// # Errors
    /// [`ReloadError`]: everything is as it was.
    pub async fn reload(&self) -> Result<Vec<String>, ReloadError> {
        let reloaded = self.try_reload().await;
        meters::reloaded(reloaded.is_ok());
        match &reloaded {
            Ok(changes) => tracing::info!(file = %self.file.display(), ?changes, "configuration reloaded"),
            Err(error) => {
                tracing::error!(file = %self.file.display(), %error, "configuration not reloaded: the old one stays");
            }
        }
        reloaded
    }

    async fn try_reload(&self) -> Result<Vec<String>, ReloadError> {
        let file = self.file.clone();
        // A file with many merchants takes a while to read, and payments do not wait for it.
        let config = spawn_blocking(move || Config::read(&file)).await;
        let config = config.map_err(|_| ReloadError::Unavailable)??;
        let (answer, told) = oneshot::channel();
        self.reloads.try_send(Reload { config, answer }).map_err(|_| ReloadError::Unavailable)?;
        told.await.unwrap_or(Err(ReloadError::Unavailable))
    }
}

/// Whether a running switch can go over to another configuration.
///
/// # Errors
/// What cannot change.
pub fn check(old: &Config, new: &Config) -> Result<(), ReloadError> {
    let sections = [
        ("[store]", old.store == new.store),
        ("[keys]", old.keys_file == new.keys_file),
        ("[admin]", (old.admin, &old.control_socket) == (new.admin, &new.control_socket)),
    ];
    let differing: Vec<_> =
        sections.into_iter().filter(|(_, is_same)| !is_same).map(|(section, _)| section).collect();
    if differing.is_empty() { Ok(()) } else { Err(ReloadError::NeedsRestart(differing)) }
}

/// What is wrong with a file, with the reason why it cannot be read.
fn reasons(error: &ConfigError) -> String {
    match error {
        ConfigError::Unreadable { cause, .. } => format!("{error}: {cause}"),
        ConfigError::Invalid(_) => error.to_string(),
    }
}
