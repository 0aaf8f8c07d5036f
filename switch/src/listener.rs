//! Where terminals connect: as many as there are places for, at a pace that leaves those inside their share.

mod entrance;
mod failing;
mod opening;
pub mod rooms;
pub mod seats;
pub mod shares;

use std::{io, sync::Arc, time::Duration};

use desk::Asker;
use tokio::time::{Instant, sleep_until};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

pub use self::{
    entrance::{Accepted, Entrance},
    opening::{open, open_over},
};
use self::{
    failing::Failing,
    rooms::Rooms,
    seats::{Seats, Taken},
};
use crate::{
    limits, meters,
    session::{self, Context},
};

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
    pub name: Arc<str>,
    /// Its socket, which a reload may give to another listener.
    pub entrance: Arc<Entrance>,
    /// Descriptors this process may have.
    pub descriptors: u64,
    /// Where the seats of its name are.
    pub rooms: Rooms,
}

/// Accepts terminals until `stop`; each gets a session of its own, by the configuration as it is when it comes. The seats are those of the
/// listener's name, whichever socket it had before. Who was accepted by then and has no seat is served without, or by the listener that has the socket
/// next where the name is gone.
pub async fn run(
    door: Door,
    mut context: Context,
    mut next_asker: impl FnMut() -> Asker,
    sessions: TaskTracker,
    stop: CancellationToken,
) {
    let seats = door.rooms.seats(&door.name);
    let mut accepting = Accepting { door, limit: 0, failing: Failing::default(), row: (0, Instant::now()) };
    loop {
        let accepted = tokio::select! {
            biased;
            // From then on the socket may be another listener's.
            () = stop.cancelled() => return,
            accepted = accepting.next(&seats) => accepted,
        };
        let asker = next_asker();
        let taken = tokio::select! {
            taken = accepting.seat(&seats, &mut context, asker.0) => taken,
            () = stop.cancelled() => {
                if context.closing.is_cancelled() {
                    return accepting.door.entrance.hand_on(accepted);
                }
                // One over the limit. It has waited at an address that nobody may have any more.
                seats.take(asker.0)
            }
        };
        let (stream, peer) = accepted;
        let (name, context) = (accepting.door.name.clone(), context.clone());
        sessions.spawn(async move {
            let gauge = meters::SessionGauge::up();
            session::run(stream, peer, asker, taken.seat.clone(), name, context).await;
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
    async fn next(&mut self, seats: &Seats) -> Accepted {
        if self.row.0 >= IN_A_ROW {
            sleep_until(self.row.1 + PACE).await;
            self.row = (0, Instant::now());
        }
        loop {
            match self.door.entrance.accept().await {
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

    /// Waits for a seat. The longest idle is asked for his.
    async fn seat(&mut self, seats: &Arc<Seats>, context: &mut Context, number: u64) -> Taken {
        while seats.taken() >= self.configure(context) {
            seats.make_room();
            let until = Instant::now() + ROOM_WITHIN;
            while seats.taken() >= self.configure(context) && Instant::now() < until {
                tokio::select! {
                    () = seats.freed() => {}
                    () = sleep_until(until) => {}
                }
            }
        }
        seats.take(number)
    }

    /// A reload changes what the next connection is served by. Tells how many there may be at a time.
    fn configure(&mut self, context: &mut Context) -> usize {
        let Door { name, descriptors, rooms, .. } = &self.door;
        context.follow(name);
        let config = context.config.load();
        let reserved = config.limits.descriptors_reserved;
        let limit = |descriptors| limits::connections(&config.listeners, name, descriptors, reserved).max(1);
        let ordinary = limit(*descriptors);
        if ordinary != self.limit {
            self.limit = ordinary;
            meters::door::connections(name, ordinary);
            let wanted = context.listener.max_connections;
            if ordinary < wanted {
                tracing::warn!(
                    listener = &**name,
                    connections = ordinary,
                    max_connections = wanted,
                    descriptors,
                    reserved,
                    "there are too few descriptors for max_connections"
                );
            }
        }
        // Those have their descriptors for as long as they are there.
        let elsewhere = u64::try_from(rooms.taken_elsewhere(&config.listeners)).unwrap_or(u64::MAX);
        limit(descriptors.saturating_sub(elsewhere))
    }
}
