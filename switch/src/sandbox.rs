//! `switch sandbox`: simulated acquirers, the switch on an embedded store, and a sample day replayed over real TCP.

mod settings;
mod table;

use std::{
    io::{self, Write as _},
    net::SocketAddr,
    path::{Path, PathBuf},
    time::Duration,
};

use payment::{TelegramKey, TelegramKind, TerminalId, TraceNo};
use serde::Serialize;
use store::{Lookup, Reader, Sqlite, Stored, look_up, open_payments};
use telegram_replay::{
    acquirer::{Acquirer, Dialect, Settings as AcquirerSettings},
    capture::Capture,
    layout::Layouts,
    terminal::{self, Exchange, Report, Settings as TerminalSettings},
};
use tokio::{runtime, task::JoinHandle, time::Instant};
use tokio_util::sync::CancellationToken;

use crate::{config::Config, serve};

/// The sample day.
const DAY: &str = "day";
/// How late the simulated acquirers' late answers are: later than the sandbox waits.
const LATE: Duration = Duration::from_secs(2);
/// How long an approval comes after its net-cancel was told that there is none.
const AFTER_NET_CANCEL: Duration = Duration::from_millis(500);
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

/// The last line of `--json`.
#[derive(Debug, Serialize)]
struct Summary {
    sent: usize,
    approved: usize,
    declined: usize,
    refused: usize,
    repeats: usize,
    net_cancelled: usize,
    owed: usize,
    mismatches: usize,
}

/// Runs the sandbox until `stop`, or to the end of the replay with `once`. Tells whether everything went as the sample day says and
/// nothing is owed.
///
/// # Errors
/// [`SandboxError`].
pub async fn run(options: Options, stop: CancellationToken) -> Result<bool, SandboxError> {
    let folder = Folder::of(options.data.as_deref())?;
    let world = World::start()?;
    let acquirers = Acquirers::start(&world).await?;
    let text = settings::configuration(
        options.listen,
        acquirers.kovan.local_addr(),
        acquirers.card450.local_addr(),
        acquirers.down,
    );
    let config_file = folder.path().join("sandbox.toml");
    std::fs::write(&config_file, &text).map_err(SandboxError::io("write sandbox.toml"))?;
    let config = Config::parse(&text, &config_file)?;
    let store = config.store.path.clone();
    let metrics = crate::admin::install_metrics().ok();
    let serving = serve::start(config, metrics).await?;
    let address = serving.terminals["terminals"];
    say(&options, format_args!("terminals     {address}  (framing ascii4)"));
    if let Some(admin) = serving.admin {
        say(&options, format_args!("health        http://{admin}/healthz and /metrics"));
    }
    say(&options, format_args!("kovan         {} (simulated VAN)", acquirers.kovan.local_addr()));
    say(&options, format_args!("card450       {} (simulated card company)", acquirers.card450.local_addr()));
    say(&options, format_args!("card451       {} (a card company that is down)", acquirers.down));
    say(&options, format_args!("data          {}", folder.path().display()));
    say(&options, format_args!("configuration {}\n", config_file.display()));

    let switch_stop = CancellationToken::new();
    let running = tokio::spawn(serving.run(switch_stop.clone()));
    let day = async {
        let report =
            world.spawn(play(address)).await.map_err(|error| SandboxError::Day(error.to_string()))??;
        let owed = settle(&store).await?;
        tell(&options, &report, &store, owed)
    };
    let well = tokio::select! {
        well = day => Some(well?),
        () = stop.cancelled() => None,
    };
    if well.is_some() && !options.once {
        say(&options, format_args!("\nlistening on {address}; Ctrl-C ends"));
        stop.cancelled().await;
    }
    switch_stop.cancel();
    running.await.map_err(|error| SandboxError::Day(error.to_string()))??;
    folder.close();
    Ok(well.unwrap_or(false))
}

/// The world outside the switch: it has a thread of its own, so that it takes none of the switch's time.
struct World(Option<runtime::Runtime>);

impl World {
    fn start() -> Result<Self, SandboxError> {
        let runtime = runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("sandbox-world")
            .enable_all()
            .build();
        Ok(Self(Some(runtime.map_err(SandboxError::io("start a runtime"))?)))
    }

    fn spawn<T: Send + 'static>(&self, task: impl Future<Output = T> + Send + 'static) -> JoinHandle<T> {
        self.0.as_ref().expect("taken by its drop alone").spawn(task)
    }
}

impl Drop for World {
    fn drop(&mut self) {
        // A runtime may not be waited for within another one.
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}

/// Progress for people; with `--json` stdout belongs to the result.
fn say(options: &Options, line: std::fmt::Arguments<'_>) {
    let told = if options.json { writeln!(io::stderr(), "{line}") } else { writeln!(io::stdout(), "{line}") };
    // A closed pipe is the reader's choice.
    drop(told);
}

/// The folder of store, keys and configuration.
enum Folder {
    Given(PathBuf),
    Temporary(tempfile::TempDir),
}

impl Folder {
    fn of(given: Option<&Path>) -> Result<Self, SandboxError> {
        let made = match given {
            Some(path) => std::fs::create_dir_all(path).map(|()| Self::Given(path.to_owned())),
            None => tempfile::Builder::new().prefix("telegram-switch-").tempdir().map(Self::Temporary),
        };
        made.map_err(SandboxError::io("make the data folder"))
    }

    fn path(&self) -> &Path {
        match self {
            Self::Given(path) => path,
            Self::Temporary(folder) => folder.path(),
        }
    }

    fn close(self) {
        if let Self::Temporary(folder) = self {
            // What cannot be removed is left to the system's cleaning of temporary files.
            let _ = folder.close();
        }
    }
}

struct Acquirers {
    kovan: Acquirer,
    card450: Acquirer,
    /// An address that refuses connections, for as long as this socket is bound and does not listen.
    down: SocketAddr,
    _down: socket2::Socket,
}

impl Acquirers {
    async fn start(world: &World) -> Result<Self, SandboxError> {
        let start = |name: &'static str| {
            world.spawn(async move {
                let dialect = Dialect::named(name).expect("a dialect of the simulated acquirers");
                let any_port = SocketAddr::from(([127, 0, 0, 1], 0));
                let settings = AcquirerSettings {
                    late: LATE,
                    after_net_cancel: AFTER_NET_CANCEL,
                    ..AcquirerSettings::new(any_port)
                };
                Acquirer::start(dialect, &Layouts::embedded(), settings).await
            })
        };
        let ended = |error: tokio::task::JoinError| SandboxError::Day(error.to_string());
        let kovan = start("kovan").await.map_err(ended)??;
        let card450 = start("card450").await.map_err(ended)??;
        let bound = || {
            let socket = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None)?;
            socket.bind(&SocketAddr::from(([127, 0, 0, 1], 0)).into())?;
            let down =
                socket.local_addr()?.as_socket().ok_or_else(|| io::Error::other("not an IP address"))?;
            Ok((down, socket))
        };
        let (down, socket) = bound().map_err(SandboxError::io("reserve the address of card451"))?;
        Ok(Self { kovan, card450, down, _down: socket })
    }
}

async fn play(to: SocketAddr) -> Result<Report, SandboxError> {
    let day = specs::sample(DAY).ok_or_else(|| SandboxError::Day("it is not in this build".into()))?;
    let file = format!("specs/samples/{DAY}.capture");
    let capture =
        Capture::parse(&file, day.as_bytes()).map_err(|error| SandboxError::Day(error.to_string()))?;
    // On a store that is kept, yesterday's or an earlier run's trace numbers are taken.
    let settings = TerminalSettings {
        trace_base: telegram_replay::load::first_trace_now(),
        ..TerminalSettings::new(to)
    };
    let played = terminal::play(&capture, &Layouts::embedded(), &settings, |_| {}).await;
    played.map_err(|error| SandboxError::Day(error.to_string()))
}

/// Waits until nothing is open any more; tells how many payments still owe when it gives up.
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

fn tell(options: &Options, report: &Report, store: &Path, owed: usize) -> Result<bool, SandboxError> {
    let mut reader = Sqlite::reader(store)?;
    let mut rows = Vec::new();
    let mut net_cancelled = std::collections::BTreeSet::new();
    for exchange in &report.exchanges {
        let stored = stored(&mut reader, exchange)?;
        if let Some(stored) = &stored {
            let done = |attempt: &payment::Attempt| {
                attempt.debt().is_some_and(|debt| matches!(debt.state(), payment::DebtState::Done { .. }))
            };
            if stored.payment().attempts().iter().any(done) {
                net_cancelled.insert(stored.id());
            }
        }
        rows.push((exchange, stored));
    }
    let counts = &report.summary;
    let summary = Summary {
        sent: counts.sent,
        approved: counts.approved,
        declined: counts.declined,
        refused: counts.refused,
        repeats: counts.repeats,
        net_cancelled: net_cancelled.len(),
        owed,
        mismatches: counts.mismatches,
    };
    let mut stdout = io::stdout().lock();
    let told = if options.json {
        let json = serde_json::to_string(&summary).expect("plain numbers");
        writeln!(stdout, "{json}")
    } else {
        table::print(&mut stdout, &rows, &summary)
    };
    told.map_err(SandboxError::io("write the result"))?;
    Ok(summary.mismatches == 0 && summary.owed == 0)
}

/// The payment an exchange led to.
fn stored(reader: &mut impl Reader, exchange: &Exchange) -> Result<Option<Stored>, SandboxError> {
    let sent = |name: &str| exchange.sent.value(name);
    let key = || {
        Some(TelegramKey {
            terminal: TerminalId::new(sent("terminal_id")).ok()?,
            business_date: sent("sent_at").get(..8)?.parse().ok()?,
            trace_no: TraceNo::new(sent("trace_no").parse().ok()?).ok()?,
            kind: (sent("telegram_type") == TelegramKind::Approval.code())
                .then_some(TelegramKind::Approval)?,
        })
    };
    match key() {
        Some(key) => Ok(look_up(reader, Lookup::Key(key))?),
        None => Ok(None),
    }
}
