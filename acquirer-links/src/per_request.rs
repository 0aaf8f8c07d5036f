use std::future::{Future, poll_fn};
use std::hash::{BuildHasher, RandomState};
use std::io;
use std::pin::pin;
use std::task::Poll;
use std::time::{Duration, Instant};

use bytes::BytesMut;

use crate::NotSent;
use crate::addresses::Attempt;
use crate::connect::connect;
use crate::link::Link;
use crate::shared::{Shared, now};
use crate::stream::Stream;

/// What came of one attempt to connect.
enum Dialed {
    Connected(Stream),
    Failed(io::Error),
    /// The request is gone, or the pool is stopped.
    GivenUp,
}

impl<T: Copy + Send + 'static> Link<T> {
    /// Takes one request after the other, each with a socket of its own, until the pool is stopped.
    pub(crate) async fn run_per_request(self) {
        while self.called().await {
            if let Some(mut stream) = self.dial().await {
                let mut inbox = BytesMut::new();
                let end = self.serve(&mut stream, &mut inbox).await;
                self.leave(end, stream, inbox).await;
            }
        }
        self.shared.traffic().not_connected(self.lane, NotSent::Closing, now());
        self.shared.deliver().await;
    }

    /// Waits for a request; `false` when the pool is stopped.
    async fn called(&self) -> bool {
        poll_fn(|cx| {
            let mut traffic = self.shared.traffic();
            traffic.register(self.lane, cx.waker());
            traffic.free(self.lane);
            if traffic.is_stopped() {
                Poll::Ready(false)
            } else if traffic.is_called(self.lane) {
                Poll::Ready(true)
            } else {
                Poll::Pending
            }
        })
        .await
    }

    /// Connects for the request at hand: to one address after the other, while the connect time lasts. `None` when that
    /// failed, or the request did not wait for it.
    async fn dial(&self) -> Option<Stream> {
        let Shared { settings, addresses, .. } = &*self.shared;
        let until = now() + settings.connect_timeout;
        let mut behind = 0;
        loop {
            let left = until.saturating_duration_since(now());
            let in_time = !left.is_zero();
            let next = if in_time {
                self.shared.traffic().next_address(self.lane, behind, now())
            } else {
                Err(NotSent::NoLink)
            };
            let attempt = match next {
                Ok(attempt) => attempt,
                Err(why) => {
                    self.shared.traffic().not_connected(self.lane, why, now());
                    self.shared.deliver().await;
                    return None;
                }
            };
            let since = now();
            behind = attempt.behind;
            let address = &addresses[attempt.address];
            // The last address may use all that is left; an earlier one leaves the others their share.
            match self.attempt(address, left / attempt.others.saturating_add(1)).await {
                Dialed::Connected(stream) => {
                    let link = {
                        let mut traffic = self.shared.traffic();
                        traffic.reached(attempt);
                        traffic.link_up(self.lane, attempt.address, now())
                    };
                    if attempt.failures > 0 {
                        tracing::info!(acquirer = %settings.name, %link, %address, "reached again");
                    }
                    self.shared.deliver().await;
                    return Some(stream);
                }
                Dialed::Failed(error) => self.missed(attempt, since, &error),
                Dialed::GivenUp => {
                    self.shared.traffic().given_up(attempt, now());
                    return None;
                }
            }
        }
    }

    async fn attempt(&self, address: &str, within: Duration) -> Dialed {
        let settings = &self.shared.settings;
        let mut connecting = pin!(connect(address, within, settings.stall_timeout, settings.tls.as_ref()));
        poll_fn(|cx| {
            let leave = {
                let mut traffic = self.shared.traffic();
                traffic.register(self.lane, cx.waker());
                traffic.leave(self.lane)
            };
            if leave.is_some() {
                return Poll::Ready(Dialed::GivenUp);
            }
            connecting.as_mut().poll(cx).map(|connected| match connected {
                Ok(stream) => Dialed::Connected(stream),
                Err(error) => Dialed::Failed(error),
            })
        })
        .await
    }

    fn missed(&self, attempt: Attempt, since: Instant, error: &io::Error) {
        let Shared { settings, addresses, .. } = &*self.shared;
        let address = &addresses[attempt.address];
        let random = RandomState::new().hash_one(self.lane);
        let pause = settings.backoff.delay(attempt.failures.saturating_add(1), random);
        let is_first = attempt.failures == 0;
        if self.shared.reasons.is_news(attempt.address, is_first, &error.to_string(), now()) {
            tracing::warn!(acquirer = %settings.name, lane = self.lane, %address, %error, "cannot connect");
        } else {
            tracing::debug!(acquirer = %settings.name, lane = self.lane, %address, %error, "still cannot connect");
        }
        self.shared.traffic().missed(attempt, since, pause, now());
    }
}
