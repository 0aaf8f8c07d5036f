//! `switch sandbox`: simulated acquirers, the switch on an embedded store, and a sample day replayed over real TCP.

mod acquirers;
mod day;
mod folder;
mod outcome;
mod settings;
mod summary;
mod table;
#[cfg(test)]
mod tests;
mod world;

use std::{
    collections::BTreeMap,
    io::{self, Write as _},
    net::SocketAddr,
    path::{Path, PathBuf},
    time::Duration,
};

use store::{Sqlite, open_payments};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use self::{acquirers::Acquirers, day::Played, folder::Folder, summary::Summary, world::World};
use crate::{config::Config, serve};

/// The listeners, and how terminals talk to each.
const LISTENERS: [(&str, &str); 3] = [
    ("terminals", "framing ascii4"),
    ("acknowledged", "framing ascii4; an approval stands with its 0120"),
    ("handshake", "framing stx-lrc; ENQ, ACK, NAK and EOT"),
];
/// How long to wait for everything owed to be settled.
const SETTLED_WITHIN: Duration = Duration::from_mins(1);

/// What the sandbox is to do.
#[derive(Debug)]
pub struct Options {
    /// End after the replay.
    pub once: bool,
    /// End with one JSON object instead of a table.
    pub json: bool,
    /// Where store, keys and configuration go; a folder that is removed at the end when absent.
    pub data: Option<PathBuf>,
    /// Where the switch listens for terminals.
    pub listen: SocketAddr,
}

/// Why the sandbox cannot run.
#[derive(Debug, thiserror::Error)]
pub enum SandboxError {
    /// A file or socket of its own.
    #[error("cannot {what}")]
    Io {
        /// What was tried.
        what: &'static str,
        /// Why.
        #[source]
        cause: io::Error,
    },
    /// A simulated acquirer.
    #[error("cannot start a simulated acquirer")]
    Acquirer(#[from] telegram_replay::acquirer::StartError),
    /// The sample day.
    #[error("the sample day cannot be played: {0}")]
    Day(String),
    /// Its configuration.
    #[error(transparent)]
    Config(#[from] crate::config::ConfigError),
    /// The switch.
    #[error(transparent)]
    Serve(#[from] serve::ServeError),
    /// The store, read after the day.
    #[error("cannot read the store")]
    Store(#[from] store::StoreError),
}

impl SandboxError {
    fn io(what: &'static str) -> impl FnOnce(io::Error) -> Self {
        move |cause| Self::Io { what, cause }
    }
}

/// Runs the sandbox until `stop`, or to the end of the replay with `once`. Tells whether everything went as the sample day says,
/// nothing is owed, and the acquirers' books agree.
///
/// # Errors
/// [`SandboxError`].
pub async fn run(options: Options, stop: CancellationToken) -> Result<bool, SandboxError> {
    let folder = Folder::of(options.data.as_deref()).map_err(SandboxError::io("make the data folder"))?;
    let world = World::start().map_err(SandboxError::io("start a runtime"))?;
    let acquirers = Acquirers::start(&world).await?;
    let addresses = acquirers.addresses();
    let text = settings::configuration(options.listen, &addresses);
    let config_file = folder.path().join("sandbox.toml");
    std::fs::write(&config_file, &text).map_err(SandboxError::io("write sandbox.toml"))?;
    let config = Config::parse(&text, &config_file)?;
    let store = config.store.path.clone();
    let metrics = crate::admin::install_metrics().ok();
    let mut serving = serve::start(config, metrics).await?;
    serving.take_commands(config_file.clone());
    let listeners = serving.terminals.clone();
    for (name, of) in LISTENERS {
        say(&options, format_args!("{name:<13} {}  ({of})", listeners[name]));
    }
    if let Some(admin) = serving.admin {
        say(&options, format_args!("health        http://{admin}/healthz and /metrics"));
    }
    say(&options, format_args!("kovan         {} (a VAN)", addresses.kovan));
    say(&options, format_args!("kovan2        {} (a VAN without 부분취소)", addresses.kovan2));
    say(&options, format_args!("kspay         {} (a VAN with a socket for each request)", addresses.kspay));
    say(&options, format_args!("kicc          {} (a VAN)", addresses.kicc));
    say(&options, format_args!("card450       {} (a card company, directly)", addresses.card450));
    say(&options, format_args!("card451       {} (a card company that is down)", addresses.card451));
    say(&options, format_args!("data          {}", folder.path().display()));
    say(&options, format_args!("configuration {}\n", config_file.display()));

    let switch_stop = CancellationToken::new();
    let running = tokio::spawn(serving.run(switch_stop.clone()));
    let day = async {
        if let Some(rest) = day::rest_of_the_date(crate::clock::korea_now()) {
            say(
                &options,
                format_args!("a shop's day has one date: waiting {} s for the next one", rest.as_secs()),
            );
            tokio::time::sleep(rest).await;
        }
        say(&options, format_args!("playing a shop's day, from its opening to its closing: about 15 s\n"));
        let terminal_base = day::terminal_base(&mut Sqlite::reader(&store)?)?;
        let played = day::play(&world, &listeners, terminal_base).await?;
        let owed = settle(&store).await?;
        tell(&options, &played, &store, (owed, acquirers.live_won()))
    };
    let well = tokio::select! {
        well = day => Some(well?),
        () = stop.cancelled() => None,
    };
    if well.is_some() && !options.once {
        say(&options, format_args!("\nlistening on {}; Ctrl-C ends", listeners["terminals"]));
        stop.cancelled().await;
    }
    switch_stop.cancel();
    running.await.map_err(|error| SandboxError::Day(error.to_string()))??;
    folder.close();
    Ok(well.unwrap_or(false))
}

/// Progress for people; with `--json` stdout belongs to the result.
fn say(options: &Options, line: std::fmt::Arguments<'_>) {
    let told = if options.json { writeln!(io::stderr(), "{line}") } else { writeln!(io::stdout(), "{line}") };
    // A closed pipe is the reader's choice.
    drop(told);
}

/// Waits until nothing is open any more; tells how many payments still are when it gives up.
async fn settle(store: &Path) -> Result<usize, SandboxError> {
    let mut reader = Sqlite::reader(store)?;
    let until = Instant::now() + SETTLED_WITHIN;
    loop {
        let owed = open_payments(&mut reader)?.iter().filter(|stored| stored.payment().is_open()).count();
        if owed == 0 || Instant::now() >= until {
            return Ok(owed);
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

fn tell(
    options: &Options,
    played: &[Played],
    store: &Path,
    left: (usize, BTreeMap<&'static str, u64>),
) -> Result<bool, SandboxError> {
    let outcomes = outcome::outcomes(&mut Sqlite::reader(store)?, played)?;
    let summary = Summary::of(played, &outcomes, left);
    let mut stdout = io::stdout().lock();
    let told = if options.json {
        let json = serde_json::to_string(&summary).expect("plain numbers");
        writeln!(stdout, "{json}")
    } else {
        table::print(&mut stdout, &outcomes, &summary)
    };
    told.map_err(SandboxError::io("write the result"))?;
    Ok(summary.is_well())
}
