use std::sync::Arc;
use std::time::Instant;

use tokio::sync::mpsc;
use tokio::time::timeout_at;

use crate::link::Link;
use crate::shared::{Shared, now};
use crate::traffic::Traffic;
use crate::{
    BadSettings, BreakerSettings, BreakerState, LinkEvent, LinkProfile, Mode, NotSent, Outgoing,
    PoolSettings, PoolState, clock, fetch,
};

/// The sockets to one acquirer.
///
/// `T` is a small tag of the caller, returned with each outcome. What happens is told on the channel of
/// events; while that channel is full the links wait and nothing is lost. Dropping a pool stops it at once.
pub struct Pool<T: Copy> {
    shared: Arc<Shared<T>>,
}

impl<T: Copy + Send + 'static> Pool<T> {
    /// Starts the links; they connect, and connect again, until the pool is closed (those of a per-request pool
    /// when there is a request). Must be called within a tokio
    /// runtime; a current-thread one is enough.
    ///
    /// # Errors
    /// The settings leave the pool unable to carry anything.
    pub fn start(
        profile: LinkProfile,
        settings: PoolSettings,
        events: mpsc::Sender<LinkEvent<T>>,
    ) -> Result<Self, BadSettings> {
        settings.check()?;
        profile.mode.check()?;
        settings.fit(&profile)?;
        let (links, mode) = (settings.links, profile.mode);
        let have_homes = settings.addresses.len() > 1 && !matches!(mode, Mode::PerRequest { .. });
        let shared = Arc::new(Shared::new(profile, settings, events));
        for lane in 0..links {
            let link = Link { shared: Arc::clone(&shared), lane };
            match mode {
                Mode::Multiplexed | Mode::OneInFlight => shared.tasks.spawn(link.run()),
                Mode::PerRequest { .. } => shared.tasks.spawn(link.run_per_request()),
            };
        }
        if have_homes {
            shared.tasks.spawn(fetch::run(Arc::clone(&shared)));
        }
        shared.tasks.spawn(clock::run(Arc::clone(&shared)));
        Ok(Self { shared })
    }

    /// Accepts a telegram, which then has exactly one [`LinkEvent::Outcome`]. Never waits.
    ///
    /// A key under way is refused. A key given up on may be sent again (a net-cancel keeps its identity
    /// over all its tries): the next answer to any of the tries then answers the last one. On a per-request
    /// pool each try has a socket of its own, and what answers an earlier one is late.
    ///
    /// # Errors
    /// The telegram was not accepted: no byte of it leaves, and no event follows.
    pub fn send(&self, send: Outgoing<T>) -> Result<(), NotSent> {
        self.shared.traffic().send(send, now())
    }

    /// Whether the pool lets requests through, which is what [`state`](Self::state) says too. While it is
    /// [`Probing`](BreakerState::Probing) it must be asked: nothing but a request that passes ends that.
    pub fn breaker(&self) -> BreakerState {
        self.shared.traffic().breaker()
    }

    /// What the pool carries at this moment.
    pub fn state(&self) -> PoolState {
        self.shared.traffic().state()
    }

    /// Has the breakers go by other settings from now on; they keep what they know, and the links stay as they are.
    ///
    /// # Errors
    /// They cannot: they go by those before.
    pub fn tune(&self, breaker: BreakerSettings) -> Result<(), BadSettings> {
        breaker.check()?;
        self.shared.traffic().tune(breaker);
        Ok(())
    }

    /// Accepts nothing more, waits for what is under way until `deadline`, and gives up the rest. Then reads on as long as a late answer
    /// may come, for a late window at most; sockets with nothing to wait for close at once. When this returns, all are closed, and
    /// every accepted send has had its outcome.
    ///
    /// Events must be received meanwhile: this waits for them to be taken.
    pub async fn close(&self, deadline: Instant) {
        self.shared.traffic().drain();
        let settled = timeout_at(deadline.into(), self.shared.until(Traffic::is_settled)).await;
        if settled.is_ok() {
            let read_until = now().max(deadline) + self.shared.settings.late_window;
            // Whether a late answer came or not, what follows is the same.
            let _ = timeout_at(read_until.into(), self.shared.until(Traffic::is_drained)).await;
        }
        self.shared.stop();
        self.shared.deliver().await;
        self.shared.tasks.close();
        self.shared.tasks.wait().await;
    }
}

impl<T: Copy> Drop for Pool<T> {
    fn drop(&mut self) {
        self.shared.stop();
    }
}
