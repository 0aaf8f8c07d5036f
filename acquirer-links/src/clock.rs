use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;

use tokio::time::{Instant, sleep_until};

use crate::shared::{Shared, now};

enum Wake {
    Due,
    Stopped,
}

/// Ends the requests of a pool that fall due: one timer for all of them, set to the earliest.
pub(crate) async fn run<T: Copy>(shared: Arc<Shared<T>>) {
    let mut timer = pin!(sleep_until(Instant::now()));
    loop {
        let wake = poll_fn(|cx| {
            let due = {
                let mut traffic = shared.traffic();
                if traffic.is_stopped() {
                    return Poll::Ready(Wake::Stopped);
                }
                traffic.set_clock(cx.waker())
            };
            let Some(due) = due.map(Instant::from_std) else { return Poll::Pending };
            if timer.deadline() != due {
                timer.as_mut().reset(due);
            }
            timer.as_mut().poll(cx).map(|()| Wake::Due)
        })
        .await;
        match wake {
            Wake::Due => shared.traffic().expire(now()),
            Wake::Stopped => return shared.deliver().await,
        }
        shared.deliver().await;
        // The end of a wait for late answers is no event.
        shared.tell_drained();
    }
}
