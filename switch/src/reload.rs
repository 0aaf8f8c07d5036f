//! Reading the configuration again, for a signal or a command: what is asked of the running switch, and why it may not be done.

use std::{
    io,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use payment::AcquirerName;
use tokio::{
    sync::{Mutex, mpsc, oneshot},
    task::spawn_blocking,
    time::timeout,
};

use crate::{
    chain::chain,
    config::{Config, ConfigError, StoreConfig},
    exchange::{LineError, TooManyLines},
    meters,
};

/// How long reading the files may take: a folder that hangs holds no later reload up.
const READ_WITHIN: Duration = Duration::from_secs(20);

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

/// Why a reload came to nothing: everything is as it was. [`chain`] tells all of it.
#[derive(Debug, thiserror::Error)]
pub enum ReloadError {
    /// The file is not a valid configuration.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The disk does not give it.
    #[error("the configuration cannot be read: no answer within {} s", READ_WITHIN.as_secs())]
    Unread,
    /// What these keys say cannot change while the switch runs.
    #[error("{} cannot be other than what the switch was started with: that needs a restart", .0.join(", "))]
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
    #[error("acquirers.{acquirer}")]
    Acquirer {
        /// Which one.
        acquirer: AcquirerName,
        /// Why.
        #[source]
        cause: LineError,
    },
    /// More lines would be kept beside those of the configuration than may be.
    #[error(transparent)]
    Lines(#[from] TooManyLines),
    /// An address cannot be listened on.
    #[error("cannot listen on {address} (listen.{listener})")]
    Listen {
        /// Which listener.
        listener: String,
        /// Which address.
        address: SocketAddr,
        /// Why.
        #[source]
        cause: io::Error,
    },
    /// An address is one that this switch itself listens on, and goes on to.
    #[error(
        "cannot listen on {address} (listen.{listener}): this switch itself listens on {at} ({by}) and goes on to"
    )]
    Held {
        /// Which listener.
        listener: String,
        /// Which address.
        address: SocketAddr,
        /// Which key of the configuration the other has.
        by: String,
        /// Where that one listens.
        at: SocketAddr,
    },
    /// An address overlaps one that this switch gives up by the same reload, and the system does not let both be open at once.
    #[error(
        "cannot listen on {address} (listen.{listener}) while this switch itself still listens on {at} ({by}): go by another port in between, \
         in two reloads, or restart"
    )]
    Overlaps {
        /// Which listener.
        listener: String,
        /// Which address.
        address: SocketAddr,
        /// Which key of the configuration the other had.
        by: String,
        /// Where that one listens.
        at: SocketAddr,
        /// What the system said.
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
    /// One reload at a time, from reading the file to its end: who asks later gets what the file says later.
    turn: Arc<Mutex<()>>,
}

impl Reloader {
    /// Of this file.
    pub fn new(file: PathBuf, reloads: mpsc::Sender<Reload>) -> Self {
        Self { file, reloads, turn: Arc::default() }
    }

    /// The file it reads.
    pub fn file(&self) -> &Path {
        &self.file
    }

    /// Whether that path leads to the file it reads, wherever from.
    ///
    /// # Errors
    /// [`ReloadError::Unread`] and [`ReloadError::Unavailable`].
    pub async fn is_of(&self, asked: &Path) -> Result<bool, ReloadError> {
        let (asked, own) = (asked.to_owned(), self.file.clone());
        let is_same = move || match (asked.canonicalize(), own.canonicalize()) {
            (Ok(asked), Ok(own)) => asked == own,
            (Err(_), _) | (_, Err(_)) => asked == own,
        };
        beside_the_loop(is_same).await
    }

    /// Reads the file and has it swapped in, or keeps the old configuration; the log says which, and why. Tells what changed besides the
    /// rules for new telegrams. Whoever asks meanwhile has the file read again afterwards.
    ///
    /// # Errors
    /// [`ReloadError`]: everything is as it was.
    pub async fn reload(&self) -> Result<Vec<String>, ReloadError> {
        let turn = self.turn.lock().await;
        let reloaded = self.try_reload().await;
        drop(turn);
        meters::reloaded(reloaded.is_ok());
        match &reloaded {
            Ok(changes) => tracing::info!(file = %self.file.display(), ?changes, "configuration reloaded"),
            Err(error) => {
                tracing::error!(file = %self.file.display(), error = %chain(error), "configuration not reloaded: the old one stays");
            }
        }
        reloaded
    }

    async fn try_reload(&self) -> Result<Vec<String>, ReloadError> {
        let file = self.file.clone();
        // A file with many merchants takes a while to read, and payments do not wait for it.
        let config = beside_the_loop(move || Config::read(&file)).await??;
        let (answer, told) = oneshot::channel();
        self.reloads.try_send(Reload { config, answer }).map_err(|_| ReloadError::Unavailable)?;
        told.await.unwrap_or(Err(ReloadError::Unavailable))
    }
}

/// What asks the disk has a thread of its own: a folder that hangs holds up no payment.
async fn beside_the_loop<T: Send + 'static>(
    ask: impl FnOnce() -> T + Send + 'static,
) -> Result<T, ReloadError> {
    let asked = timeout(READ_WITHIN, spawn_blocking(ask)).await;
    asked.map_err(|_| ReloadError::Unread)?.map_err(|_| ReloadError::Unavailable)
}

/// Whether a running switch can go over to another configuration.
///
/// # Errors
/// What cannot change.
pub fn check(old: &Config, new: &Config) -> Result<(), ReloadError> {
    let StoreConfig { path, instance, lease } = &old.store;
    let keys = [
        ("store.path", *path == new.store.path),
        ("store.instance", *instance == new.store.instance),
        ("store.lease_s", *lease == new.store.lease),
        ("keys.file", old.keys_file == new.keys_file),
        ("admin.address", old.admin == new.admin),
        ("admin.socket", old.control_socket == new.control_socket),
    ];
    let differing: Vec<_> = keys.into_iter().filter(|(_, is_same)| !is_same).map(|(key, _)| key).collect();
    if differing.is_empty() { Ok(()) } else { Err(ReloadError::NeedsRestart(differing)) }
}

#[cfg(test)]
mod tests {
    use std::{
        fs::{self, OpenOptions},
        process::Command,
    };

    use super::*;

    /// A configuration whose acquirer has so many links.
    fn text(links: usize) -> String {
        format!(
            r#"[listen.terminals]
address = "127.0.0.1:0"
[store]
path = "switch.db"
[acquirers.kovan]
dialect = "kovan"
addresses = ["127.0.0.1:7101"]
links = {links}
[routing]
van_weights = {{ kovan = 1 }}
"#
        )
    }

    fn links(reload: &Reload) -> usize {
        reload.config.acquirers.values().map(|acquirer| acquirer.links).sum()
    }

    #[test]
    fn a_change_that_needs_a_restart_is_told_by_its_keys() {
        let config = |change: &str| {
            let all = "instance = 1\nlease_s = 9\n[keys]\nfile = \"keys.toml\"\n[admin]\naddress = \"127.0.0.1:7080\"\nsocket = \"switch.sock\"\n";
            let text = text(1).replace("[acquirers", &format!("{all}[acquirers"));
            let (from, to) = change.split_once(" => ").unwrap_or_default();
            Config::parse(&text.replacen(from, to, 1), Path::new("switch.toml")).expect("it is valid")
        };
        let old = config("");
        assert!(check(&old, &config("links = 1 => links = 2")).is_ok());
        for (change, key) in [
            ("switch.db => other.db", "store.path"),
            ("instance = 1 => instance = 2", "store.instance"),
            ("lease_s = 9 => lease_s = 10", "store.lease_s"),
            ("keys.toml => other.toml", "keys.file"),
            ("7080 => 7081", "admin.address"),
            ("switch.sock => other.sock", "admin.socket"),
            ("instance = 1\nlease_s = 9 => instance = 2", "store.instance, store.lease_s"),
        ] {
            let error = check(&old, &config(change)).expect_err(change).to_string();
            assert!(
                error.starts_with(&format!("{key} ")) && error.ends_with("that needs a restart"),
                "{error}"
            );
        }
    }

    #[tokio::test]
    async fn of_two_reloads_at_once_the_younger_reads_its_file_when_the_older_is_done() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("switch.toml");
        let (reloads, mut asked) = mpsc::channel(4);
        let reloader = Reloader::new(file.clone(), reloads);
        fs::write(&file, text(1)).expect("a file");
        let (one, other) = (reloader.clone(), reloader);
        let one = tokio::spawn(async move { one.reload().await });
        let older = asked.recv().await.expect("the older is asked for");
        fs::write(&file, text(2)).expect("a file");
        let other = tokio::spawn(async move { other.reload().await });
        // Its file would be read by now.
        assert!(timeout(Duration::from_millis(200), asked.recv()).await.is_err(), "one at a time");
        fs::write(&file, text(3)).expect("a file");
        assert_eq!(links(&older), 1);
        older.answer.send(Ok(Vec::new())).expect("somebody waits");
        let younger = asked.recv().await.expect("the younger is asked for");
        assert_eq!(links(&younger), 3, "what the file says now");
        younger.answer.send(Ok(Vec::new())).expect("somebody waits");
        assert!(one.await.expect("no panic").is_ok() && other.await.expect("no panic").is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn a_file_that_is_never_read_holds_no_later_reload_up() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("switch.toml");
        // Who reads it waits for somebody who writes.
        assert!(Command::new("mkfifo").arg(&file).status().expect("a program of every system").success());
        let held = OpenOptions::new().read(true).write(true).open(&file).expect("it is open at both ends");
        let (reloads, mut asked) = mpsc::channel(4);
        let reloader = Reloader::new(file.clone(), reloads);
        let stuck = reloader.clone();
        let stuck = tokio::spawn(async move { stuck.reload().await });
        tokio::task::yield_now().await;
        tokio::time::advance(READ_WITHIN * 2).await;
        assert!(matches!(stuck.await.expect("no panic"), Err(ReloadError::Unread)));
        fs::remove_file(&file).expect("it is there");
        fs::write(&file, text(1)).expect("a file");
        let later = tokio::spawn(async move { reloader.reload().await });
        let reload = asked.recv().await.expect("the later is asked for");
        reload.answer.send(Ok(Vec::new())).expect("somebody waits");
        assert!(later.await.expect("no panic").is_ok());
        // Who still reads comes to an end.
        drop(held);
    }
}
