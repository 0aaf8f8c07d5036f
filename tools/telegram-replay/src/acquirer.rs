//! Simulated acquirers: they speak a dialect by its spec files and misbehave on demand.
//!
//! An acquirer approves and cancels everything, unless the last two digits of the amount ([`BY_AMOUNT`],
//! [`BY_CANCEL_AMOUNT`]) or a [`Script`] say otherwise. A cancel repeated under its serial is never done twice. It keeps the truth: every approval it gave and every cancel it made, whatever it answered.

mod behaviour;
mod card450;
mod connection;
mod desk;
mod dialect;
mod kicc;
mod kovan;
mod kspay;
mod plan;
mod script;
#[cfg(test)]
mod tests;
mod tls;
mod tries;
mod truth;

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use codec::frame::FrameFormat;
use tokio::net::{TcpListener, TcpSocket};
use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

pub use behaviour::{Answer, BY_AMOUNT, BY_CANCEL_AMOUNT, Behaviour, Effect, amount_table};
pub use desk::TruthSink;
pub use dialect::{Deed, Dialect, Fill, Operation, Original, Sockets};
pub use plan::PlanError;
pub use script::{Rule, Script};
pub use tls::{Tls, TlsError};
pub use truth::{Event, Truth};

use crate::layout::Layouts;
use desk::{Desk, Parcel, Reaction, Waiting};
use tries::Tries;
use truth::Book;

type To = mpsc::Sender<Parcel>;

/// Answers held back at once, at most.
const MAX_HELD: usize = 100_000;

/// How a simulated acquirer is set up.
pub struct Settings {
    /// Where it listens; port 0 takes a free one.
    pub listen: SocketAddr,
    /// What it does other than by the table of amounts.
    pub script: Script,
    /// How late a late answer is.
    pub late: Duration,
    /// How long after its refused net-cancel an approval is given all the same.
    pub after_net_cancel: Duration,
    /// How long every answer takes.
    pub delay: Duration,
    /// Approvals and entries of the truth that are remembered; the oldest are forgotten first.
    pub remember: usize,
    /// Where the truth goes as JSON lines, besides memory.
    pub truth: Option<TruthSink>,
    /// Sockets at once; further ones are closed.
    pub max_connections: usize,
    /// TLS on every socket.
    pub tls: Option<Tls>,
}

impl Settings {
    /// Late answers after 3 s, the approval after a refused net-cancel after 1 s, no other delay, no TLS.
    pub fn new(listen: SocketAddr) -> Self {
        Self {
            listen,
            script: Script::default(),
            late: Duration::from_secs(3),
            after_net_cancel: Duration::from_secs(1),
            delay: Duration::ZERO,
            remember: 1_000_000,
            truth: None,
            max_connections: 4096,
            tls: None,
        }
    }
}

/// Why an acquirer cannot start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Its spec files do not fit.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// It cannot listen there.
    #[error("cannot listen on {address}")]
    Listen {
        /// Where.
        address: SocketAddr,
        /// Why.
        source: std::io::Error,
    },
}

/// In which order held answers leave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// As they were asked for.
    FirstFirst,
    /// The other way round.
    LastFirst,
}

/// A running simulated acquirer. Dropped, it stops.
pub struct Acquirer {
    address: SocketAddr,
    shared: Arc<Shared>,
    listening: mpsc::Sender<(bool, oneshot::Sender<std::io::Result<()>>)>,
}

/// What all sockets of an acquirer share.
struct Shared {
    frame: FrameFormat,
    after_answer: Sockets,
    reorder: usize,
    delay: Duration,
    desk: Mutex<Desk<To>>,
    held: Mutex<Option<Vec<(To, Parcel)>>>,
    tasks: TaskTracker,
    stopping: CancellationToken,
    sockets: Mutex<CancellationToken>,
    open: TaskTracker,
}

impl Acquirer {
    /// Starts an acquirer on the caller's runtime.
    ///
    /// # Errors
    /// [`StartError`] when the spec files do not fit the dialect, or the address cannot be listened on.
    pub async fn start(
        dialect: &'static Dialect,
        layouts: &Layouts,
        settings: Settings,
    ) -> Result<Self, StartError> {
        let book = Book::new(settings.remember, settings.truth);
        let late = (settings.late, settings.after_net_cancel);
        let tries = Tries::new(settings.remember);
        let desk = Desk::new(dialect, layouts, &settings.script, late, (book, tries))?;
        let in_vain = |source| StartError::Listen { address: settings.listen, source };
        let listener = listen(settings.listen).map_err(in_vain)?;
        let address = listener.local_addr().map_err(in_vain)?;
        let stopping = CancellationToken::new();
        let shared = Arc::new(Shared {
            frame: dialect.frame,
            after_answer: dialect.sockets,
            reorder: settings.script.reorder,
            delay: settings.delay,
            desk: Mutex::new(desk),
            held: Mutex::new(None),
            tasks: TaskTracker::new(),
            sockets: Mutex::new(stopping.child_token()),
            open: TaskTracker::new(),
            stopping,
        });
        let (listening, commands) = mpsc::channel(1);
        let (max_connections, tls) = (settings.max_connections, settings.tls);
        let accept = Accept { address, max_connections, tls, shared: Arc::clone(&shared) };
        shared.tasks.spawn(accept.run(Some(listener), commands));
        let acquirer = Self { address, shared, listening };
        if settings.script.refuse_connections_ms > 0 {
            acquirer.refuse_connections().await;
            let listening = acquirer.listening.clone();
            acquirer.shared.after(Duration::from_millis(settings.script.refuse_connections_ms), async move {
                let (done, _) = oneshot::channel();
                let _ = listening.send((true, done)).await;
            });
        }
        Ok(acquirer)
    }

    /// Where it listens.
    pub fn local_addr(&self) -> SocketAddr {
        self.address
    }

    /// What it did, oldest first.
    pub fn truth(&self) -> Vec<Truth> {
        self.shared.desk().log()
    }

    /// Serial and amount left, in won, of every approval that is not wholly cancelled.
    pub fn live(&self) -> Vec<(String, u64)> {
        self.shared.desk().live()
    }

    /// Serial and sum cancelled, in won, of every approval of which something was cancelled, by cancels and net-cancels.
    pub fn cancelled(&self) -> Vec<(String, u64)> {
        self.shared.desk().cancelled()
    }

    /// Sockets open now.
    pub fn connections(&self) -> usize {
        self.shared.open.len()
    }

    /// From now on no answer leaves until [`Self::release`].
    pub fn hold(&self) {
        self.shared.held().get_or_insert_default();
    }

    /// How many answers are held.
    pub fn held(&self) -> usize {
        self.shared.held().as_ref().map_or(0, Vec::len)
    }

    /// Lets the held answers leave, and all further ones at once.
    pub async fn release(&self, order: Order) {
        let mut held = self.shared.held().take().unwrap_or_default();
        if order == Order::LastFirst {
            held.reverse();
        }
        for (to, parcel) in held {
            // An answer to a socket that is gone is lost.
            let _ = to.send(parcel).await;
        }
    }

    /// Stops listening: connections are refused. Open sockets live on.
    pub async fn refuse_connections(&self) {
        self.set_listening(false).await.expect("ceasing to listen cannot fail");
    }

    /// Listens again at the same address.
    ///
    /// # Errors
    /// Somebody else listens there now.
    pub async fn accept_connections(&self) -> std::io::Result<()> {
        self.set_listening(true).await
    }

    async fn set_listening(&self, listening: bool) -> std::io::Result<()> {
        let (done, result) = oneshot::channel();
        self.listening
            .send((listening, done))
            .await
            .expect("the accepting task lives as long as the acquirer");
        result.await.expect("the accepting task answers every command")
    }

    /// Closes every open socket.
    pub fn drop_connections(&self) {
        let mut sockets = self.shared.sockets.lock().expect("nothing panics while it is held");
        sockets.cancel();
        *sockets = self.shared.stopping.child_token();
    }

    /// Closes everything and waits until it is closed.
    pub async fn stop(self) {
        self.shared.stopping.cancel();
        self.shared.tasks.close();
        self.shared.open.close();
        self.shared.tasks.wait().await;
        self.shared.open.wait().await;
    }
}

impl Drop for Acquirer {
    fn drop(&mut self) {
        self.shared.stopping.cancel();
    }
}

impl Shared {
    fn desk(&self) -> MutexGuard<'_, Desk<To>> {
        self.desk.lock().expect("nothing panics while it is held")
    }

    fn held(&self) -> MutexGuard<'_, Option<Vec<(To, Parcel)>>> {
        self.held.lock().expect("nothing panics while it is held")
    }

    fn take(&self, telegram: &[u8], to: &To, reactions: &mut Vec<Reaction<To>>) {
        self.desk().take(telegram, to, reactions);
    }

    fn flush(&self) {
        self.desk().flush();
    }

    fn approve_late(&self, waiting: &Waiting<To>) {
        self.desk().approve_late(waiting);
    }

    /// Keeps an answer while answers are held; gives it back otherwise.
    fn hold_back(&self, parcel: Parcel, to: &To) -> Option<Parcel> {
        match self.held().as_mut() {
            Some(held) if held.len() < MAX_HELD => {
                held.push((to.clone(), parcel));
                None
            }
            Some(_) | None => Some(parcel),
        }
    }

    /// Does something later, unless the acquirer stops before.
    fn after(&self, late: Duration, then: impl Future<Output = ()> + Send + 'static) {
        let stopping = self.stopping.clone();
        self.tasks.spawn(async move {
            tokio::select! {
                () = stopping.cancelled() => {}
                () = async { tokio::time::sleep(late).await; then.await } => {}
            }
        });
    }
}

struct Accept {
    address: SocketAddr,
    max_connections: usize,
    tls: Option<Tls>,
    shared: Arc<Shared>,
}

impl Accept {
    async fn run(
        self,
        mut listener: Option<TcpListener>,
        mut commands: mpsc::Receiver<(bool, oneshot::Sender<std::io::Result<()>>)>,
    ) {
        loop {
            tokio::select! {
                () = self.shared.stopping.cancelled() => return,
                Some((on, done)) = commands.recv() => {
                    let result = match (on, &listener) {
                        (true, None) => listen(self.address).map(|new| listener = Some(new)),
                        (true, Some(_)) => Ok(()),
                        (false, _) => {
                            listener = None;
                            Ok(())
                        }
                    };
                    // Whoever asked may be gone.
                    let _ = done.send(result);
                }
                accepted = accept(listener.as_ref()) => match accepted {
                    Ok(stream) if self.shared.open.len() < self.max_connections => self.serve(stream),
                    Ok(_) => tracing::warn!("too many connections"),
                    // No descriptors left, most likely: accepting at once again would only spin.
                    Err(error) => {
                        tracing::warn!(%error, "cannot accept");
                        tokio::time::sleep(Duration::from_millis(50)).await;
                    }
                },
            }
        }
    }

    fn serve(&self, stream: tokio::net::TcpStream) {
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "no TCP_NODELAY");
        }
        let closing = self.shared.sockets.lock().expect("nothing panics while it is held").clone();
        let shared = Arc::clone(&self.shared);
        match self.tls.clone() {
            None => self.shared.open.spawn(connection::serve(stream, shared, closing)),
            Some(tls) => self.shared.open.spawn(connection::serve_tls(stream, tls, shared, closing)),
        };
    }
}

async fn accept(listener: Option<&TcpListener>) -> std::io::Result<tokio::net::TcpStream> {
    match listener {
        Some(listener) => listener.accept().await.map(|(stream, _)| stream),
        None => std::future::pending().await,
    }
}

fn listen(address: SocketAddr) -> std::io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(1024)
}
