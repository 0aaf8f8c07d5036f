//! Where terminals connect.

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use desk::Asker;
use socket2::{Domain, Protocol, Socket, Type};
use tokio::{net::TcpListener, sync::Semaphore, time::sleep};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    meters,
    session::{self, Context},
};

/// Connections that may wait to be accepted.
const BACKLOG: i32 = 4096;
/// After an accept that failed (no descriptors left, say), before the next.
const PAUSE: Duration = Duration::from_millis(50);

/// Opens a listening socket.
///
/// # Errors
/// The address is in use, or not of this machine.
pub fn open(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    socket.set_reuse_address(true)?;
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    TcpListener::from_std(socket.into())
}

/// Accepts terminals until `stop`; each gets a session of its own.
pub async fn run(
    listener: TcpListener,
    context: Context,
    mut next_asker: impl FnMut() -> Asker,
    sessions: TaskTracker,
    stop: CancellationToken,
) {
    let places = Arc::new(Semaphore::new(context.listener.max_connections));
    loop {
        let place = tokio::select! {
            place = places.clone().acquire_owned() => place.expect("never closed"),
            () = stop.cancelled() => return,
        };
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = stop.cancelled() => return,
        };
        match accepted {
            Ok((stream, peer)) => {
                let (context, asker) = (context.clone(), next_asker());
                sessions.spawn(async move {
                    let gauge = meters::SessionGauge::up();
                    session::run(stream, peer, asker, context).await;
                    drop((gauge, place));
                });
            }
            Err(error) => {
                tracing::error!(%error, "cannot accept a terminal; trying again");
                sleep(PAUSE).await;
            }
        }
    }
}
