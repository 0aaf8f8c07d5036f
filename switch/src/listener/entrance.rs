//! A listening socket, which one listener hands to the next with who has come by it and has no place yet.

use std::{
    io,
    net::SocketAddr,
    sync::{Mutex, MutexGuard, PoisonError},
};

use tokio::{
    net::{TcpListener, TcpStream},
    sync::Notify,
};

/// A connection, and where it comes from.
pub type Accepted = (TcpStream, SocketAddr);

/// A listening socket.
#[derive(Debug)]
pub struct Entrance {
    socket: TcpListener,
    /// Who was accepted by a listener that is gone. Each leaves one at most.
    handed_on: Mutex<Vec<Accepted>>,
    is_handed_on: Notify,
}

impl Entrance {
    /// That of a socket.
    pub fn new(socket: TcpListener) -> Self {
        Self { socket, handed_on: Mutex::default(), is_handed_on: Notify::new() }
    }

    /// The socket itself.
    pub fn socket(&self) -> &TcpListener {
        &self.socket
    }

    /// The next: those first who were handed on. Nobody is lost when this is dropped before it is ready.
    ///
    /// # Errors
    /// As of accepting.
    pub async fn accept(&self) -> io::Result<Accepted> {
        loop {
            if let Some(accepted) = self.handed_on().pop() {
                return Ok(accepted);
            }
            tokio::select! {
                () = self.is_handed_on.notified() => {}
                accepted = self.socket.accept() => return accepted,
            }
        }
    }

    /// Leaves a connection to the listener that has the socket next. Where none has, it is closed with the socket.
    pub fn hand_on(&self, accepted: Accepted) {
        self.handed_on().push(accepted);
        self.is_handed_on.notify_one();
    }

    fn handed_on(&self) -> MutexGuard<'_, Vec<Accepted>> {
        // What a panic left behind is a list of connections, and still good.
        self.handed_on.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
