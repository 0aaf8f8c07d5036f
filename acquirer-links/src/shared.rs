use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
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
    /// Told when the pool is draining and nothing is under way, and again when no late answer is waited for.
    drained: Notify,
    /// Sockets that were fetched for a lane, which is to take them next.
    fetched: Mutex<Vec<Option<Connected>>>,
    traffic: Mutex<Traffic<T>>,
    delivery: tokio::sync::Mutex<Delivery<T>>,
    /// A task that delivered was given up before it had told all it had taken.
    is_behind: AtomicBool,
}

struct Delivery<T> {
    events: mpsc::Sender<LinkEvent<T>>,
    batch: Vec<LinkEvent<T>>,
    /// What is still to be told, in order.
    untold: VecDeque<LinkEvent<T>>,
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
            delivery: tokio::sync::Mutex::new(Delivery {
                events,
                batch: Vec::new(),
                untold: VecDeque::new(),
                judgements: Vec::new(),
            }),
            is_behind: AtomicBool::new(false),
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
    /// One task delivers at a time, so that events arrive in the order in which they happened. One that is given up meanwhile
    /// leaves what it has not told to the next.
    pub(crate) async fn deliver(&self) {
        if !self.traffic().has_events() && !self.is_behind.load(Ordering::Acquire) {
            return;
        }
        let mut delivery = self.delivery.lock().await;
        let Delivery { events, batch, untold, judgements } = &mut *delivery;
        {
            let mut traffic = self.traffic();
            traffic.take_events(batch);
            traffic.take_judgements(judgements);
            if traffic.is_settled() {
                self.drained.notify_waiters();
            }
        }
        judgements.drain(..).for_each(|judgement| self.log(judgement));
        untold.extend(batch.drain(..));
        self.is_behind.store(true, Ordering::Release);
        while !untold.is_empty() {
            let Ok(place) = events.reserve().await else {
                // Nobody is left to be told, so nothing more may be sent.
                self.stop();
                untold.clear();
                break;
            };
            if let Some(event) = untold.pop_front() {
                place.send(event);
            }
        }
        self.is_behind.store(false, Ordering::Release);
    }

    /// Waits until a draining pool has come so far.
    pub(crate) async fn until(&self, is_so_far: impl Fn(&Traffic<T>) -> bool) {
        loop {
            let told = self.drained.notified();
            if is_so_far(&self.traffic()) {
                return;
            }
            told.await;
        }
    }

    /// Has whoever waits for a draining pool look again.
    pub(crate) fn tell_drained(&self) {
        if self.traffic().is_drained() {
            self.drained.notify_waiters();
        }
    }

    /// A socket that only read is closed.
    pub(crate) fn late_reading_over(&self) {
        self.traffic().late_reading_over();
        self.tell_drained();
    }

    fn log(&self, judgement: Judgement) {
        let (acquirer, address) = (&self.settings.name, &self.addresses[judgement.address]);
        match judgement.state {
            BreakerState::Blocked => tracing::warn!(%acquirer, %address, "blocked after failures"),
            BreakerState::Probing => tracing::info!(%acquirer, %address, "tried again after a block"),
            BreakerState::Passing => tracing::info!(%acquirer, %address, "takes requests again"),
        }
    }

    /// Keeps a socket for a lane until that takes it, which it does at once if it has none.
    pub(crate) fn give_fetched(&self, lane: usize, connected: Connected) {
        self.fetched()[lane] = Some(connected);
        self.traffic().wake(lane);
    }

    /// Whether a socket was fetched for a lane.
    pub(crate) fn has_fetched(&self, lane: usize) -> bool {
        self.fetched()[lane].is_some()
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

#[cfg(test)]
mod tests {
    use std::pin::pin;
    use std::time::Duration;

    use bytes::Bytes;
    use codec::frame::{FrameFormat, Framing};
    use tokio::time::timeout;

    use super::*;
    use crate::{Key, LinkLoss, Mode, Outgoing, Purpose};

    fn shared(events: mpsc::Sender<LinkEvent<u32>>) -> Shared<u32> {
        let frame = FrameFormat::new(Framing::Binary2, 1, 100);
        let profile =
            LinkProfile { frame, mode: Mode::Multiplexed, key_of: |_| None, echo: None, sign_on: None };
        Shared::new(profile, PoolSettings::new("test", vec!["10.0.0.1:1".into()]), events)
    }

    #[tokio::test(start_paused = true)]
    async fn a_delivery_that_is_given_up_loses_nothing_and_keeps_the_order() {
        let (events, mut told) = mpsc::channel(1);
        let shared = shared(events);
        shared.traffic().link_up(0, 0, now());
        let deadline = now() + Duration::from_secs(9);
        for tag in 0..5 {
            let key = Key { kind: 1, serial: tag.into() };
            let telegram = Bytes::from_static(b"request");
            let purpose = Purpose::Request;
            let not_after = deadline;
            let outgoing = Outgoing { tag, key, telegram, deadline, not_after, follow: None, purpose };
            shared.traffic().send(outgoing, now()).unwrap();
        }
        shared.traffic().link_down(0, LinkLoss::ClosedByPeer, now());
        for _ in 0..2 {
            let mut given_up = pin!(shared.deliver());
            assert!(timeout(Duration::ZERO, &mut given_up).await.is_err(), "one place, and nobody takes it");
        }
        let mut seen = Vec::new();
        let mut deliver = pin!(shared.deliver());
        loop {
            tokio::select! {
                biased;
                Some(event) = told.recv() => {
                    if let LinkEvent::Outcome { tag, .. } = event {
                        seen.push(tag);
                    }
                }
                () = &mut deliver => break,
            }
        }
        while let Ok(event) = told.try_recv() {
            if let LinkEvent::Outcome { tag, .. } = event {
                seen.push(tag);
            }
        }
        seen.sort_unstable();
        assert_eq!(seen, [0, 1, 2, 3, 4]);
    }
}
