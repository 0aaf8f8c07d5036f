//! Where terminals connect: as many as there are places for, at a pace that leaves those inside their share.

mod failing;
pub mod seats;

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use desk::Asker;
use socket2::{Domain, Protocol, Socket, Type};
use tokio::{
    net::{TcpListener, TcpStream},
    time::{Instant, sleep_until},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use self::{
    failing::Failing,
    seats::{Seats, Taken},
};
use crate::{
    limits, meters,
    session::{self, Context},
};

/// Connections that may wait to be accepted.
const BACKLOG: i32 = 4096;
/// Bytes the kernel keeps for a connection in each direction at most, which it counts twice: terminals that never read, or that the
/// switch reads no more of, do not fill its memory.
const KERNEL_BUFFER: usize = 64 * 1024;
/// As many connections are accepted in a row, and no more than that in [`PACE`]: a flood of them takes its share and not all of it.
const IN_A_ROW: u32 = 32;
/// The least time of [`IN_A_ROW`] accepts.
const PACE: Duration = Duration::from_millis(4);
/// Who is asked to make room has so long before the next is asked.
const ROOM_WITHIN: Duration = Duration::from_millis(50);

/// A listener that is open.
#[derive(Debug)]
pub struct Door {
    /// Its name in the configuration.
    pub name: String,
    /// Its socket.
    pub socket: TcpListener,
    /// Descriptors this process may have.
    pub descriptors: u64,
}

/// Opens a listening socket.
///
/// # Errors
/// The address is in use, or not of this machine.
pub fn open(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    socket.set_reuse_address(true)?;
    socket.set_nonblocking(true)?;
    // Connections have them from their listener.
    socket.set_send_buffer_size(KERNEL_BUFFER)?;
    socket.set_recv_buffer_size(KERNEL_BUFFER)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    TcpListener::from_std(socket.into())
}

/// Accepts terminals until `stop`; each gets a session of its own, by the configuration as it is when it comes.
pub async fn run(
    door: Door,
    mut context: Context,
    mut next_asker: impl FnMut() -> Asker,
    sessions: TaskTracker,
    stop: CancellationToken,
) {
    let seats = Seats::new();
    let mut accepting = Accepting { door, limit: 0, failing: Failing::default(), row: (0, Instant::now()) };
    loop {
        let accepted = tokio::select! {
            accepted = accepting.next(&seats) => accepted,
            () = stop.cancelled() => return,
        };
        let (stream, peer) = accepted;
        accepting.configure(&mut context);
        let asker = next_asker();
        let taken = tokio::select! {
            taken = accepting.seat(&seats, asker.0) => taken,
            () = stop.cancelled() => return,
        };
        let context = context.clone();
        sessions.spawn(async move {
            let gauge = meters::SessionGauge::up();
            session::run(stream, peer, asker, taken.seat.clone(), context).await;
            drop((gauge, taken));
        });
    }
}

/// What a listener remembers from one connection to the next.
struct Accepting {
    door: Door,
    /// Connections at a time.
    limit: usize,
    failing: Failing,
    /// Connections accepted in a row, and since when.
    row: (u32, Instant),
}

impl Accepting {
    async fn next(&mut self, seats: &Seats) -> (TcpStream, SocketAddr) {
        if self.row.0 >= IN_A_ROW {
            sleep_until(self.row.1 + PACE).await;
            self.row = (0, Instant::now());
        }
        loop {
            match self.door.socket.accept().await {
                Ok(accepted) => {
                    self.row.0 += 1;
                    self.failing.succeeded();
                    return accepted;
                }
                // It went before it was its turn.
                Err(error) if error.kind() == io::ErrorKind::ConnectionAborted => {}
                Err(error) => {
                    meters::door::accept_failed();
                    // Whoever leaves gives a descriptor back.
                    seats.make_room();
                    sleep_until(Instant::now() + self.failing.pause(&error)).await;
                }
            }
        }
    }

    /// A reload changes what the next connection is served by.
    fn configure(&mut self, context: &mut Context) {
        let config = context.config.load();
        let Door { name, descriptors, .. } = &self.door;
        if let Some(listener) = config.listeners.get(name) {
            context.listener = listener.clone();
        }
        let reserved = config.limits.descriptors_reserved;
        let limit = limits::connections(&config.listeners, name, *descriptors, reserved).max(1);
        if limit != self.limit {
            self.limit = limit;
            meters::door::connections(name, limit);
            let wanted = context.listener.max_connections;
            if limit < wanted {
                tracing::warn!(
                    listener = name,
                    connections = limit,
                    max_connections = wanted,
                    descriptors,
                    reserved,
                    "there are too few descriptors for max_connections"
                );
            }
        }
    }

    /// Waits for a seat. The longest idle is asked for his.
    async fn seat(&mut self, seats: &Arc<Seats>, number: u64) -> Taken {
        while seats.taken() >= self.limit {
            seats.make_room();
            let until = Instant::now() + ROOM_WITHIN;
            while seats.taken() >= self.limit && Instant::now() < until {
                tokio::select! {
                    () = seats.freed() => {}
                    () = sleep_until(until) => {}
                }
            }
        }
        seats.take(number)
    }
}
