//! The listeners of terminals: opened at the start, and opened and closed by a reload.

use std::{collections::BTreeMap, io, net::SocketAddr, sync::Arc};

use desk::Asker;
use tokio::net::TcpListener;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    config::Listener,
    listener::{self, Door, Entrance, rooms::Rooms},
    session::Context,
};

/// Each listener names its askers from a range of its own.
const ASKERS: u64 = 1 << 40;

/// All listeners that are open.
pub(super) struct Doors {
    open: BTreeMap<String, Open>,
    pub(super) sessions: TaskTracker,
    /// No listener accepts once this is cancelled.
    stop_accepting: CancellationToken,
    /// No session reads on once this is cancelled.
    pub(super) stop_reading: CancellationToken,
    descriptors: u64,
    /// The seats of each name, whichever socket it listens at.
    rooms: Rooms,
    opened: u64,
}

struct Open {
    /// As it is configured, which may leave the port to the system.
    configured: SocketAddr,
    local: SocketAddr,
    entrance: Arc<Entrance>,
    accepting: CancellationToken,
    reading: CancellationToken,
}

impl Open {
    /// Whether it goes on at this address.
    fn stays(&self, listener: Option<&Listener>) -> bool {
        listener.is_some_and(|listener| listener.address == self.configured)
    }
}

/// A listening socket from which nobody accepts for this listener yet.
pub(super) struct Bound {
    name: String,
    configured: SocketAddr,
    local: SocketAddr,
    entrance: Arc<Entrance>,
}

/// Why there is no socket for a listener.
pub(super) enum NotBound {
    /// The system says so.
    Failed(io::Error),
    /// Another listener of this switch has it and keeps it.
    Held { by: String, at: SocketAddr },
    /// Another listener of this switch gives up an address that overlaps it, and the system does not let both be open at once.
    Overlaps { by: String, at: SocketAddr, cause: io::Error },
}

impl Bound {
    /// Listens.
    ///
    /// # Errors
    /// The address is in use, or not of this machine.
    pub(super) fn at(name: &str, address: SocketAddr) -> io::Result<Self> {
        Self::new(name, address, listener::open(address).map(Entrance::new)?.into())
    }

    fn new(name: &str, configured: SocketAddr, entrance: Arc<Entrance>) -> io::Result<Self> {
        let local = entrance.socket().local_addr()?;
        Ok(Self { name: name.to_owned(), configured, local, entrance })
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn local(&self) -> SocketAddr {
        self.local
    }
}

impl Doors {
    /// None open; this process may have so many descriptors.
    pub(super) fn new(descriptors: u64) -> Self {
        Self {
            open: BTreeMap::new(),
            sessions: TaskTracker::new(),
            stop_accepting: CancellationToken::new(),
            stop_reading: CancellationToken::new(),
            descriptors,
            rooms: Rooms::default(),
            opened: 0,
        }
    }

    /// Where each listens, by name.
    pub(super) fn addresses(&self) -> BTreeMap<String, SocketAddr> {
        self.open.iter().map(|(name, open)| (name.clone(), open.local)).collect()
    }

    /// Which of these listeners need another socket than they have.
    pub(super) fn missing<'a>(
        &self,
        listeners: &'a BTreeMap<String, Listener>,
    ) -> impl Iterator<Item = (&'a String, SocketAddr)> {
        listeners
            .iter()
            .filter(|(name, listener)| !self.open.get(*name).is_some_and(|open| open.stays(Some(listener))))
            .map(|(name, listener)| (name, listener.address))
    }

    /// A socket for one of these listeners that needs one. Where another gives its socket at that address up, it is that socket: who waits there to be
    /// accepted, or for a seat, is served. Nothing has changed when it fails.
    pub(super) fn bind(
        &self,
        name: &str,
        address: SocketAddr,
        listeners: &BTreeMap<String, Listener>,
    ) -> Result<Bound, NotBound> {
        let (staying, leaving): (Vec<_>, Vec<_>) =
            self.open.iter().partition(|(name, open)| open.stays(listeners.get(*name)));
        let entrance = match leaving.iter().find(|(_, open)| open.local == address) {
            Some((_, open)) => Ok(open.entrance.clone()),
            None => match listener::open(address) {
                Err(error) if error.kind() == io::ErrorKind::AddrInUse => {
                    open_over(address, &staying, &leaving, error).map(Entrance::new).map(Arc::new)
                }
                opened => opened.map(Entrance::new).map(Arc::new).map_err(NotBound::Failed),
            },
        };
        Bound::new(name, address, entrance?).map_err(NotBound::Failed)
    }

    /// Accepts from a socket. One of the same name accepts no more; those who came by it stay.
    pub(super) fn accept(&mut self, bound: Bound, context: Context) {
        let Bound { name, configured, local, entrance } = bound;
        let accepting = self.stop_accepting.child_token();
        let before = self.open.remove(&name);
        // Whoever came by the socket it had before leaves with the listener, too.
        let reading =
            before.as_ref().map_or_else(|| self.stop_reading.child_token(), |before| before.reading.clone());
        self.opened += 1;
        let mut asker = self.opened * ASKERS;
        let next_asker = move || {
            asker += 1;
            Asker(asker)
        };
        let door = Door {
            name: name.as_str().into(),
            entrance: entrance.clone(),
            descriptors: self.descriptors,
            rooms: self.rooms.clone(),
        };
        let context = Context { closing: reading.clone(), ..context };
        tokio::spawn(listener::run(door, context, next_asker, self.sessions.clone(), accepting.clone()));
        if let Some(before) = before {
            before.accepting.cancel();
        }
        self.open.insert(name, Open { configured, local, entrance, accepting, reading });
    }

    /// Closes all: nobody is accepted any more. Those who are connected stay.
    pub(super) fn close(&mut self) {
        self.stop_accepting.cancel();
        self.open.clear();
    }

    /// Closes those whose name is not among these: nobody is accepted, nothing more is read, what was asked is answered. Tells which.
    pub(super) fn close_others(&mut self, listeners: &BTreeMap<String, Listener>) -> Vec<String> {
        let closed = self.open.extract_if(.., |name, _| !listeners.contains_key(name));
        closed
            .map(|(name, open)| {
                // First this: by it the other knows that the name is gone.
                open.reading.cancel();
                open.accepting.cancel();
                name
            })
            .collect()
    }
}

/// Opens an address that is in use, if that is only because of those who leave.
fn open_over(
    address: SocketAddr,
    staying: &[(&String, &Open)],
    leaving: &[(&String, &Open)],
    cause: io::Error,
) -> Result<TcpListener, NotBound> {
    let by = |name: &str| format!("listen.{name}");
    if let Some((name, open)) = staying.iter().find(|(_, open)| overlaps(open.local, address)) {
        return Err(NotBound::Held { by: by(name), at: open.local });
    }
    let over: Vec<_> = leaving.iter().filter(|(_, open)| overlaps(open.local, address)).collect();
    let Some((name, open)) = over.first() else { return Err(NotBound::Failed(cause)) };
    let sockets: Vec<_> = over.iter().map(|(_, open)| open.entrance.socket()).collect();
    let overlap = |cause| NotBound::Overlaps { by: by(name), at: open.local, cause };
    listener::open_over(address, &sockets).map_err(overlap)
}

/// Whether a socket at one of two addresses may keep one at the other from being opened.
pub(super) fn overlaps(one: SocketAddr, other: SocketAddr) -> bool {
    let covers = |wide: SocketAddr, other: SocketAddr| {
        wide.ip().is_unspecified() && (wide.is_ipv6() || other.is_ipv4())
    };
    one.port() == other.port() && (one.ip() == other.ip() || covers(one, other) || covers(other, one))
}
