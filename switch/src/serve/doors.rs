//! The listeners of terminals: opened at the start, and opened and closed by a reload.

use std::{collections::BTreeMap, net::SocketAddr};

use desk::Asker;
use tokio::net::TcpListener;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    config::Listener,
    listener::{self, Door, rooms::Rooms},
    session::Context,
};

/// Each listener names its askers from a range of its own.
const ASKERS: u64 = 1 << 40;

/// All listeners that are open.
pub(super) struct Doors {
    open: BTreeMap<String, Open>,
    pub(super) sessions: TaskTracker,
    /// No listener accepts once this is cancelled.
    pub(super) stop_accepting: CancellationToken,
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
    accepting: CancellationToken,
    reading: CancellationToken,
}

/// A listening socket nobody accepts from yet.
pub(super) struct Bound {
    name: String,
    configured: SocketAddr,
    local: SocketAddr,
    socket: TcpListener,
}

impl Bound {
    /// Listens.
    ///
    /// # Errors
    /// The address is in use, or not of this machine.
    pub(super) fn at(name: &str, address: SocketAddr) -> std::io::Result<Self> {
        let socket = listener::open(address)?;
        let local = socket.local_addr()?;
        Ok(Self { name: name.to_owned(), configured: address, local, socket })
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

    /// Which of these need a socket that is not open yet.
    pub(super) fn missing<'a>(
        &self,
        listeners: &'a BTreeMap<String, Listener>,
    ) -> impl Iterator<Item = (&'a String, SocketAddr)> {
        listeners
            .iter()
            .map(|(name, listener)| (name, listener.address))
            .filter(|(name, address)| self.open.get(*name).is_none_or(|open| open.configured != *address))
    }

    /// Accepts from a socket. One of the same name accepts no more; those who came by it stay.
    pub(super) fn accept(&mut self, bound: Bound, context: Context) {
        let Bound { name, configured, local, socket } = bound;
        let accepting = self.stop_accepting.child_token();
        let reading = self.stop_reading.child_token();
        self.opened += 1;
        let mut asker = self.opened * ASKERS;
        let next_asker = move || {
            asker += 1;
            Asker(asker)
        };
        let door =
            Door { name: name.as_str().into(), socket, descriptors: self.descriptors, rooms: self.rooms.clone() };
        let context = Context { closing: reading.clone(), ..context };
        tokio::spawn(listener::run(door, context, next_asker, self.sessions.clone(), accepting.clone()));
        let before = self.open.insert(name, Open { configured, local, accepting, reading });
        if let Some(before) = before {
            before.accepting.cancel();
        }
    }

    /// Closes those whose name is not among these: nobody is accepted, nothing more is read, what was asked is answered. Tells which.
    pub(super) fn close_others(&mut self, listeners: &BTreeMap<String, Listener>) -> Vec<String> {
        let closed = self.open.extract_if(.., |name, _| !listeners.contains_key(name));
        closed
            .map(|(name, open)| {
                open.accepting.cancel();
                open.reading.cancel();
                name
            })
            .collect()
    }
}
