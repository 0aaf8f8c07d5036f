//! The switch, put together: recovered before it listens, drained before it ends.

mod doors;
mod left;
mod queues;
mod reloading;

use std::{
    collections::BTreeMap,
    io,
    net::SocketAddr,
    path::PathBuf,
    sync::{Arc, atomic::Ordering},
    time::{Duration, Instant},
};

use arc_swap::ArcSwap;
use desk::{Desk, Limits, Serials};
use metrics_exporter_prometheus::PrometheusHandle;
use payment::AcquirerName;
use store::{Completion, Engine as _, Pile, Sqlite, SqliteFile, Store, StoreError, Stored, open_payments};
use tokio::{net::TcpListener, sync::mpsc, time::timeout};
use tokio_util::sync::CancellationToken;

use self::{
    doors::{Bound, Doors},
    left::{needing_person, tell_unconfigured, tell_what_is_left},
    queues::{ManualQueue, Queues, measurings},
    reloading::{Prepared, ready},
};
use crate::{
    admin::{self, Ready},
    admission::{self, Admission},
    clock::Clock,
    config::{Config, Listener},
    control::{Control, ControlError, ControlSocket},
    exchange::{Exchange, Line, LineError, Lines, Material, Message, Parts},
    keys::{Keys, KeysError},
    lease::Lease,
    limits, listener,
    reload::{Answer, Reload, Reloader},
    session::Context,
    vault::Vault,
};

/// Serials reserved at a time.
const SERIAL_BLOCK: u64 = 100_000;
/// Messages that may wait for the exchange.
const MESSAGES: usize = 8192;
/// Reloads that may wait for the one under way.
const RELOADS: usize = 4;
/// How long a killed switch's last bytes may still be on their way out of the kernel. The lock on the store proves that the process that had it is
/// gone, so that this counts from now, whatever was left of its lease.
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
        cause: LineError,
    },
    /// Commands cannot be taken.
    #[error(transparent)]
    Control(#[from] ControlError),
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
    doors: Doors,
    /// What every session is given, but for its listener.
    shared: Shared,
    reloads: (mpsc::Sender<Reload>, mpsc::Receiver<Reload>),
    control_socket: Option<ControlSocket>,
    control: Option<Control>,
    manual_queue: Option<ManualQueue>,
    ready: Ready,
}

/// What sessions, lines and commands are given.
struct Shared {
    config: Arc<ArcSwap<Config>>,
    vault: Arc<Vault>,
    clock: Clock,
    admission: Arc<Admission>,
    exchange: mpsc::Sender<Message>,
}

/// Holds the store's file, makes the control socket, opens the store, takes up what was open, and only then listens.
///
/// # Errors
/// [`ServeError`].
pub async fn start(config: Config, metrics: Option<PrometheusHandle>) -> Result<Serving, ServeError> {
    start_by(config, metrics, Clock::start()).await
}

/// The same by this clock.
///
/// # Errors
/// [`ServeError`].
pub async fn start_by(
    config: Config,
    metrics: Option<PrometheusHandle>,
    clock: Clock,
) -> Result<Serving, ServeError> {
    let config = Arc::new(config);
    // A store whose keys are missing must not be given others: its cards could not be read, its repeats not be known.
    let is_first_start = !config.store.path.exists();
    let vault = Arc::new(Vault::new(&Keys::open(&config.keys_file, is_first_start)?));
    let instance = config.store.instance;
    // A start that is refused fences nobody off: its epoch begins once the file and the control socket are its own. The file comes first, for it tells a
    // second switch more plainly what is wrong.
    let file = SqliteFile::hold(&config.store.path)?;
    let control_socket = ControlSocket::make(config.control_socket.clone())?;
    let mut engine = Sqlite::begin(file, instance)?;
    let lease = first_lease(&mut engine, clock, &config)?;
    let mut reader = Sqlite::reader(&config.store.path)?;
    let first = engine.reserve_serials(SERIAL_BLOCK)?;
    let open = open_payments(&mut reader)?;
    tell_what_is_left(&open, store::count(&mut reader, Pile::NeedsPerson)?, clock);
    tell_unconfigured(&open, &config);
    let needing_person = needing_person(&mut reader)?;
    tracing::info!(store = %config.store.path.display(), open = open.len(), "store opened");

    let (complete, completions) = mpsc::unbounded_channel();
    // A completion nobody takes any more belongs to a switch that has stopped.
    let store = Store::start(engine, reader, move |completion| drop(complete.send(completion)))?;
    let (to_exchange, messages) = mpsc::channel(MESSAGES);
    let mut lines = Lines::default();
    for (name, acquirer) in &config.acquirers {
        let line = Material::of(acquirer).and_then(|material| {
            Line::start(lines.next_no(), name, acquirer.dialect.clone(), material, to_exchange.clone())
        });
        let line = line.map_err(|cause| ServeError::Acquirer { acquirer: name.clone(), cause })?;
        lines.put(line, Instant::now());
    }
    let mut desk = Desk::new(Serials::new(instance, first, SERIAL_BLOCK), Limits::default());
    limit(&mut desk, &config);
    let parts = Parts { config: config.clone(), vault: vault.clone(), clock, desk, store, lines, lease };
    let exchange = Exchange::new(parts);
    let admission = exchange.load.admission();
    let mut serving = Serving {
        terminals: BTreeMap::new(),
        admin: None,
        exchange,
        messages,
        completions,
        doors: Doors::new(limits::raise_descriptors()),
        shared: Shared {
            config: Arc::new(ArcSwap::from(config.clone())),
            vault,
            clock,
            admission,
            exchange: to_exchange,
        },
        reloads: mpsc::channel(RELOADS),
        control_socket: Some(control_socket),
        control: None,
        manual_queue: None,
        ready: Ready::default(),
    };
    let is_closed = |stored: &&Stored| !stored.payment().is_open();
    for stored in open.iter().chain(needing_person.iter().filter(is_closed)) {
        serving.exchange.note_standing(stored);
    }
    serving.recover(open).await?;
    serving.wait_for_links().await?;
    serving.listen(&config)?;
    if let Some(metrics) = &metrics {
        tokio::spawn(admin::keep_up(metrics.clone()));
        serving.manual_queue = Some(ManualQueue::measure(config.store.path.clone()));
    }
    if let (Some(address), Some(metrics)) = (config.admin, metrics) {
        let listener = open_listener("admin", address)?;
        serving.admin = listener.local_addr().ok();
        tokio::spawn(admin::serve(listener, serving.ready.clone(), metrics));
    }
    serving.ready.store(true, Ordering::Relaxed);
    Ok(serving)
}

/// Held before anything is sent.
fn first_lease(engine: &mut Sqlite, clock: Clock, config: &Config) -> Result<Lease, StoreError> {
    let now = Instant::now();
    let mut lease = Lease::new(clock, config.store.lease, now);
    if let Some(until) = lease.renewal(now) {
        engine.renew_lease(until)?;
        lease.renewed(until);
    }
    Ok(lease)
}

/// How much the desk takes on. An acquirer that is not named any more keeps the limit it had: what is owed there still goes.
fn limit(desk: &mut Desk, config: &Config) {
    desk.limit(Limits {
        payments: config.limits.payments,
        net_cancel_pause_ms: config.terms.net_cancel_max_delay_ms,
        ..Limits::default()
    });
    for (name, acquirer) in &config.acquirers {
        desk.limit_net_cancels(name, acquirer.net_cancels_in_flight);
    }
}

fn open_listener(what: &str, address: SocketAddr) -> Result<TcpListener, ServeError> {
    listener::open(address).map_err(|cause| ServeError::Listen { what: what.to_owned(), address, cause })
}

impl Serving {
    async fn recover(&mut self, open: Vec<Stored>) -> Result<(), ServeError> {
        let count = open.len();
        let last_byte_by = self.exchange.clock.at(Instant::now() + LAST_BYTES);
        self.exchange.recover(open, last_byte_by);
        let never = CancellationToken::new();
        let recovered = |exchange: &Exchange| exchange.desk.is_recovered();
        self.exchange.run(&mut self.messages, &mut self.completions, &never, recovered).await?;
        self.exchange.recovered();
        if count > 0 {
            tracing::warn!(payments = count, "payments that were open have been taken up again");
        }
        Ok(())
    }

    /// Gives the links a moment to connect, so that the first telegrams do not find every acquirer down; one that stays down does not
    /// hold the others back.
    async fn wait_for_links(&mut self) -> Result<(), ServeError> {
        let never = CancellationToken::new();
        let up = |exchange: &Exchange| exchange.lines.serving().all(|(_, line)| line.state().links_up > 0);
        let connected = self.exchange.run(&mut self.messages, &mut self.completions, &never, up);
        if let Ok(result) = timeout(FIRST_LINKS, connected).await {
            result?;
        }
        Ok(())
    }

    fn listen(&mut self, config: &Config) -> Result<(), ServeError> {
        for (name, listener) in &config.listeners {
            let address = listener.address;
            let bound = Bound::at(name, address);
            let bound = bound.map_err(|cause| ServeError::Listen { what: name.clone(), address, cause })?;
            self.doors.accept(bound, self.context(listener));
        }
        self.terminals = self.doors.addresses();
        let Shared { admission, exchange, .. } = &self.shared;
        let closing = self.doors.stop_reading.clone();
        self.doors.sessions.spawn(admission::report(admission.clone(), exchange.clone(), closing));
        Ok(())
    }

    /// What a session of this listener is given.
    fn context(&self, listener: &Listener) -> Context {
        let Shared { config, vault, clock, admission, exchange } = &self.shared;
        Context {
            config: config.clone(),
            listener: listener.clone(),
            vault: vault.clone(),
            clock: *clock,
            admission: admission.clone(),
            exchange: exchange.clone(),
            closing: self.doors.stop_reading.clone(),
        }
    }

    /// Takes commands of people through the control socket from now on. `file` is what a reload reads. What it gives asks for a
    /// reload, as a signal does.
    pub fn take_commands(&mut self, file: PathBuf) -> Reloader {
        let reloader = Reloader::new(file, self.reloads.0.clone());
        if let Some(socket) = self.control_socket.take() {
            self.control = Some(socket.take_commands(self.shared.exchange.clone(), reloader.clone()));
        }
        reloader
    }

    /// Serves until `stop`, then drains: no new telegrams, what terminals wait for is answered, debts are left to the next start.
    ///
    /// # Errors
    /// The store failed.
    pub async fn run(mut self, stop: CancellationToken) -> Result<(), ServeError> {
        let mut prepared: Option<(Prepared, Answer)> = None;
        let (mut queues, mut measurings) = (Queues::default(), measurings());
        let ended = loop {
            tokio::select! {
                biased;
                Some(Reload { config, answer }) = self.reloads.1.recv(), if prepared.is_none() => {
                    match self.prepare(config) {
                        Ok(reload) => prepared = Some((reload, answer)),
                        // Who asked may have gone; the log tells it too.
                        Err(error) => drop(answer.send(Err(error))),
                    }
                }
                () = ready(prepared.as_ref().map(|(reload, _)| reload)), if prepared.is_some() => {
                    if let Some((reload, answer)) = prepared.take() {
                        drop(answer.send(Ok(self.swap(reload))));
                    }
                }
                _ = measurings.tick() => queues.measure(&self.exchange.desk, self.exchange.clock.now()),
                // Nothing of a turn is lost between two of them.
                ended = self.exchange.run(&mut self.messages, &mut self.completions, &stop, |_| false) => break ended,
            }
        };
        self.ready.store(false, Ordering::Relaxed);
        self.doors.close();
        drop(self.control.take());
        // Whoever still asks for a reload is told that there is none.
        self.reloads.1.close();
        ended?;
        tracing::info!("closing: no new telegrams; answering what terminals wait for");
        self.doors.stop_reading.cancel();
        self.doors.sessions.close();
        let never = CancellationToken::new();
        let sessions = self.doors.sessions.clone();
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
        if let Some(manual_queue) = self.manual_queue.take() {
            manual_queue.close().await;
        }
        self.exchange.close();
        tracing::info!("closed");
        Ok(())
    }
}
