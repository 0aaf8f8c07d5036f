use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;

use tokio::time::{Instant, sleep_until};

use crate::LinkId;
use crate::dial::dial;
use crate::shared::{Shared, now};
use crate::traffic::Stray;

/// Brings links back to the address they belong to, once it can be reached again: connects there for one of
/// them after the other, while it goes on carrying requests where it is.
pub(crate) async fn run<T: Copy>(shared: Arc<Shared<T>>) {
    let fetching = async {
        loop {
            let (lane, home) = stray(&shared).await;
            let since = now();
            match dial(&shared, lane, home).await {
                Ok(connected) => {
                    shared.traffic().dialed(home, now());
                    shared.give_fetched(lane, connected);
                    // Asked once it is there: a link that came up before looks for it when it is left, one that comes up later, then.
                    let link = shared.traffic().link(lane);
                    // Behind the reply to its sign-on, or before it, more may have come.
                    shared.deliver().await;
                    left(&shared, link).await;
                }
                Err(failure) => {
                    failure.log(&shared, home);
                    shared.traffic().not_dialed(home, since, now());
                    shared.deliver().await;
                }
            }
        }
    };
    let _: Option<std::convert::Infallible> = shared.stop.run_until_cancelled(fetching).await;
}

/// Waits for a link that can be fetched, and takes leave to connect for it.
async fn stray<T: Copy>(shared: &Shared<T>) -> (usize, usize) {
    let mut timer = pin!(sleep_until(Instant::now()));
    poll_fn(|cx| {
        loop {
            let at = match shared.traffic().stray(cx.waker(), now()) {
                Stray::Fetch { lane, home } => return Poll::Ready((lane, home)),
                Stray::Wait(None) => return Poll::Pending,
                Stray::Wait(Some(at)) => at,
            };
            timer.as_mut().reset(at.into());
            if timer.as_mut().poll(cx).is_pending() {
                return Poll::Pending;
            }
        }
    })
    .await
}

/// Waits until the link has left its socket for the one that was fetched.
async fn left<T: Copy>(shared: &Shared<T>, link: LinkId) {
    let mut timer = pin!(sleep_until(Instant::now()));
    poll_fn(|cx| {
        loop {
            let at = match shared.traffic().go_home(cx.waker(), link, now()) {
                Ok(()) => return Poll::Ready(()),
                Err(None) => return Poll::Pending,
                Err(Some(at)) => at,
            };
            timer.as_mut().reset(at.into());
            if timer.as_mut().poll(cx).is_pending() {
                return Poll::Pending;
            }
        }
    })
    .await;
}
