use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Instant;

use tokio::sync::{Notify, mpsc};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::dial::Connected;
use crate::late_places::LatePlaces;
use crate::reasons::Reasons;
use crate::traffic::{Judgement, Traffic};
use crate::{BreakerState, LinkEvent, LinkProfile, PoolSettings};

/// What the tasks of one pool have in common.
pub(crate) struct Shared<T> {
    pub(crate) profile: LinkProfile,
    pub(crate) settings: PoolSettings,
    pub(crate) addresses: Vec<Arc<str>>,
    /// Of the attempts to reach them that failed, as far as told.
    pub(crate) reasons: Reasons,
    /// As many as there are links.
    pub(crate) late_places: LatePlaces,
    pub(crate) tasks: TaskTracker,
    pub(crate) stop: CancellationToken,
    /// Told when the pool is draining and nothing is under way.
    pub(crate) drained: Notify,
    /// Sockets that were fetched for a lane, which is to take them next.
    fetched: Mutex<Vec<Option<Connected>>>,
    traffic: Mutex<Traffic<T>>,
    delivery: tokio::sync::Mutex<Delivery<T>>,
}

struct Delivery<T> {
    events: mpsc::Sender<LinkEvent<T>>,
    batch: Vec<LinkEvent<T>>,
    judgements: Vec<Judgement>,
}

impl<T: Copy> Shared<T> {
    pub(crate) fn new(
        profile: LinkProfile,
        settings: PoolSettings,
        events: mpsc::Sender<LinkEvent<T>>,
    ) -> Self {
        Self {
            fetched: Mutex::new((0..settings.links).map(|_| None).collect()),
            traffic: Mutex::new(Traffic::new(profile.mode, &settings)),
            delivery: tokio::sync::Mutex::new(Delivery { events, batch: Vec::new(), judgements: Vec::new() }),
            addresses: settings.addresses.iter().map(|address| address.as_str().into()).collect(),
            reasons: Reasons::new(settings.addresses.len()),
            late_places: LatePlaces::new(settings.links),
            tasks: TaskTracker::new(),
            stop: CancellationToken::new(),
            drained: Notify::new(),
            profile,
            settings,
        }
    }

    /// Held briefly: never across an await, never across a system call.
    pub(crate) fn traffic(&self) -> MutexGuard<'_, Traffic<T>> {
        self.traffic.lock().expect("nothing panics while it holds the traffic")
    }

    /// Hands what happened to the receiver of events, waiting while it is behind.
    ///
    /// One task delivers at a time, so that events arrive in the order in which they happened.
    pub(crate) async fn deliver(&self) {
        if !self.traffic().has_events() {
            return;
        }
        let mut delivery = self.delivery.lock().await;
        let Delivery { events, batch, judgements } = &mut *delivery;
        {
            let mut traffic = self.traffic();
            traffic.take_events(batch);
            traffic.take_judgements(judgements);
            if traffic.is_drained() {
                self.drained.notify_waiters();
            }
        }
        judgements.drain(..).for_each(|judgement| self.log(judgement));
        for event in batch.drain(..) {
            if events.send(event).await.is_err() {
                // Nobody is left to be told, so nothing more may be sent.
                self.stop();
            }
        }
    }

    fn log(&self, judgement: Judgement) {
        let (acquirer, address) = (&self.settings.name, &self.addresses[judgement.address]);
        match judgement.state {
            BreakerState::Blocked => tracing::warn!(%acquirer, %address, "blocked after failures"),
            BreakerState::Probing => tracing::info!(%acquirer, %address, "tried again after a block"),
            BreakerState::Passing => tracing::info!(%acquirer, %address, "takes requests again"),
        }
    }

    /// Keeps a socket for a lane until that takes it.
    pub(crate) fn give_fetched(&self, lane: usize, connected: Connected) {
        self.fetched()[lane] = Some(connected);
    }

    /// The socket that was fetched for a lane.
    pub(crate) fn take_fetched(&self, lane: usize) -> Option<Connected> {
        self.fetched()[lane].take()
    }

    fn fetched(&self) -> MutexGuard<'_, Vec<Option<Connected>>> {
        self.fetched.lock().expect("nothing panics while it holds the fetched sockets")
    }

    /// Has every task of the pool give up what it carries and end.
    pub(crate) fn stop(&self) {
        self.traffic().stop();
        self.stop.cancel();
    }
}

/// The instant now, on the runtime's clock (which tests may drive).
pub(crate) fn now() -> Instant {
    tokio::time::Instant::now().into_std()
}
