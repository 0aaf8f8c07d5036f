//! The switch, put together: recovered before it listens, drained before it ends.

use std::{
    collections::BTreeMap,
    io,
    net::SocketAddr,
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use arc_swap::ArcSwap;
use desk::{Asker, Desk, Limits, Serials};
use metrics_exporter_prometheus::PrometheusHandle;
use payment::AcquirerName;
use store::{Completion, Engine as _, Sqlite, Store, StoreError, open_payments};
use tokio::{net::TcpListener, sync::mpsc, time::timeout};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    admin::{self, Ready},
    clock::Clock,
    config::{Config, Listener},
    exchange::{Exchange, Line, Message},
    keys::{Keys, KeysError},
    listener, meters,
    session::Context,
    vault::Vault,
};

/// Serials reserved at a time.
const SERIAL_BLOCK: u64 = 100_000;
/// Messages that may wait for the exchange.
const MESSAGES: usize = 8192;
/// How long a killed switch's last bytes may still be on their way out of the kernel.
const LAST_BYTES: Duration = Duration::from_secs(5);
/// How long the start waits for the first link to each acquirer.
const FIRST_LINKS: Duration = Duration::from_secs(1);
/// How long the drain may take beyond the longest a terminal waits.
const DRAIN_BEYOND: Duration = Duration::from_secs(2);

/// Why the switch cannot start, or had to stop.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The keys cannot be had.
    #[error(transparent)]
    Keys(#[from] KeysError),
    /// The store cannot be used, or failed: the switch takes no more traffic.
    #[error("the store cannot be used")]
    Store(#[from] StoreError),
    /// An address cannot be listened on.
    #[error("cannot listen on {address} ({what})")]
    Listen {
        /// Which listener.
        what: String,
        /// Which address.
        address: SocketAddr,
        /// Why.
        #[source]
        cause: io::Error,
    },
    /// An acquirer's settings leave its links unable to carry anything.
    #[error("acquirers.{acquirer}")]
    Acquirer {
        /// Which one.
        acquirer: AcquirerName,
        /// Why.
        #[source]
        cause: acquirer_links::BadSettings,
    },
    /// The system cannot tell about signals, or another such call failed.
    #[error("cannot {what}")]
    System {
        /// What was tried.
        what: &'static str,
        /// Why.
        #[source]
        cause: io::Error,
    },
}

/// A switch that has recovered and listens.
pub struct Serving {
    /// Where each listener of terminals listens, by its name.
    pub terminals: BTreeMap<String, SocketAddr>,
    /// Where health and metrics are served.
    pub admin: Option<SocketAddr>,
    exchange: Exchange,
    messages: mpsc::Receiver<Message>,
    completions: mpsc::UnboundedReceiver<Completion>,
    sessions: TaskTracker,
    stop_accepting: CancellationToken,
    stop_reading: CancellationToken,
    ready: Ready,
}

/// Opens the store, takes up what was open, and only then listens.
///
/// # Errors
/// [`ServeError`].
pub async fn start(config: Config, metrics: Option<PrometheusHandle>) -> Result<Serving, ServeError> {
    let config = Arc::new(config);
    let clock = Clock::start();
    // A store whose keys are missing must not be given others: its cards could not be read, its repeats not be known.
    let is_first_start = !config.store.path.exists();
    let vault = Arc::new(Vault::new(&Keys::open(&config.keys_file, is_first_start)?));
    let instance = config.store.instance;
    let mut engine = Sqlite::open(&config.store.path, instance)?;
    let mut reader = Sqlite::reader(&config.store.path)?;
    let first = engine.reserve_serials(SERIAL_BLOCK)?;
    let open = open_payments(&mut reader)?;
    tracing::info!(store = %config.store.path.display(), open = open.len(), "store opened");

    let (complete, completions) = mpsc::unbounded_channel();
    // A completion nobody takes any more belongs to a switch that has stopped.
    let store = Store::start(engine, reader, move |completion| drop(complete.send(completion)))?;
    let (to_exchange, messages) = mpsc::channel(MESSAGES);
    let mut lines = BTreeMap::new();
    for (name, acquirer) in &config.acquirers {
        let line = Line::start(name, acquirer, to_exchange.clone());
        let line = line.map_err(|cause| ServeError::Acquirer { acquirer: name.clone(), cause })?;
        meters::links(name, line.state().links_up);
        lines.insert(name.clone(), line);
    }
    let desk = Desk::new(Serials::new(instance, first, SERIAL_BLOCK), Limits::default());
    let mut serving = Serving {
        terminals: BTreeMap::new(),
        admin: None,
        exchange: Exchange::new(config.clone(), vault.clone(), clock, desk, store, lines),
        messages,
        completions,
        sessions: TaskTracker::new(),
        stop_accepting: CancellationToken::new(),
        stop_reading: CancellationToken::new(),
        ready: Ready::default(),
    };
    serving.recover(open).await?;
    serving.wait_for_links().await?;

    let mut askers = 0;
    for (name, settings) in &config.listeners {
        let listener = open_listener(name, settings.address)?;
        serving.terminals.insert(name.clone(), local(&listener, name, settings)?);
        let context = Context {
            config: Arc::new(ArcSwap::from(config.clone())),
            listener: settings.clone(),
            vault: vault.clone(),
            clock,
            exchange: to_exchange.clone(),
            closing: serving.stop_reading.clone(),
        };
        // Each listener names its askers from a range of its own.
        askers += 1 << 48;
        let mut asker = askers;
        let next_asker = move || {
            asker += 1;
            Asker(asker)
        };
        let (sessions, stop) = (serving.sessions.clone(), serving.stop_accepting.clone());
        tokio::spawn(listener::run(listener, context, next_asker, sessions, stop));
    }
    if let Some(metrics) = &metrics {
        tokio::spawn(admin::keep_up(metrics.clone()));
    }
    if let (Some(address), Some(metrics)) = (config.admin, metrics) {
        let listener = open_listener("admin", address)?;
        serving.admin = listener.local_addr().ok();
        tokio::spawn(admin::serve(listener, serving.ready.clone(), metrics));
    }
    serving.ready.store(true, Ordering::Relaxed);
    Ok(serving)
}

fn open_listener(what: &str, address: SocketAddr) -> Result<TcpListener, ServeError> {
    listener::open(address).map_err(|cause| ServeError::Listen { what: what.to_owned(), address, cause })
}

fn local(listener: &TcpListener, name: &str, settings: &Listener) -> Result<SocketAddr, ServeError> {
    let address = settings.address;
    listener.local_addr().map_err(|cause| ServeError::Listen { what: name.to_owned(), address, cause })
}

impl Serving {
    async fn recover(&mut self, open: Vec<store::Stored>) -> Result<(), ServeError> {
        let count = open.len();
        let last_byte_by = self.exchange.clock.at(std::time::Instant::now() + LAST_BYTES);
        self.exchange.recover(open, last_byte_by);
        let never = CancellationToken::new();
        let recovered = |exchange: &Exchange| exchange.desk.is_recovered();
        self.exchange.run(&mut self.messages, &mut self.completions, &never, recovered).await?;
        if count > 0 {
            tracing::warn!(payments = count, "payments that were open have been taken up again");
        }
        Ok(())
    }

    /// Gives the links a moment to connect, so that the first telegrams do not find every acquirer down; one that stays down does not
    /// hold the others back.
    async fn wait_for_links(&mut self) -> Result<(), ServeError> {
        let never = CancellationToken::new();
        let up = |exchange: &Exchange| exchange.lines.values().all(|line| line.state().links_up > 0);
        let connected = self.exchange.run(&mut self.messages, &mut self.completions, &never, up);
        if let Ok(result) = timeout(FIRST_LINKS, connected).await {
            result?;
        }
        Ok(())
    }

    /// Serves until `stop`, then drains: no new telegrams, what terminals wait for is answered, debts are left to the next start.
    ///
    /// # Errors
    /// The store failed.
    pub async fn run(mut self, stop: CancellationToken) -> Result<(), ServeError> {
        let ended = self.exchange.run(&mut self.messages, &mut self.completions, &stop, |_| false).await;
        self.ready.store(false, Ordering::Relaxed);
        self.stop_accepting.cancel();
        ended?;
        tracing::info!("closing: no new telegrams; answering what terminals wait for");
        self.stop_reading.cancel();
        self.sessions.close();
        let never = CancellationToken::new();
        let sessions = self.sessions.clone();
        let gone = CancellationToken::new();
        let all_gone = gone.clone();
        tokio::spawn(async move {
            sessions.wait().await;
            all_gone.cancel();
        });
        let longest = Duration::from_millis(self.exchange.config.terms.terminal_deadline_ms)
            .saturating_add(DRAIN_BEYOND);
        let drained = async {
            self.exchange.run(&mut self.messages, &mut self.completions, &gone, |_| false).await?;
            // What the last sessions reported is in the channel; what it led to is saved.
            let quiet = |exchange: &Exchange| exchange.desk.is_quiet();
            self.exchange.run(&mut self.messages, &mut self.completions, &never, quiet).await
        };
        if let Ok(result) = timeout(longest, drained).await {
            result?;
        } else {
            tracing::warn!("closing with payments in flight: the next start takes them up");
        }
        self.exchange.store.close();
        tracing::info!("closed");
        Ok(())
    }
}
