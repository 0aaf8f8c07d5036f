use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;

use bytes::BytesMut;
use tokio::time::{Instant, sleep_until, timeout_at};

use crate::Key;
use crate::late_places::LatePlace;
use crate::receive::{poll_read, readable, receive};
use crate::shared::Shared;
use crate::source::Source;
use crate::stream::Stream;

/// A one-in-flight or per-request socket that still owes an answer. Nothing is ever written to it again.
pub(crate) struct LateReader {
    /// Whose socket it was.
    pub(crate) lane: usize,
    pub(crate) stream: Stream,
    /// What the peer sent of its next telegram.
    pub(crate) inbox: BytesMut,
    /// The key of the answer it owes.
    pub(crate) key: Key,
}

impl LateReader {
    /// Reads until that answer came, the time for it is over, the socket is lost, its place is wanted or the pool is
    /// stopped; then closes it.
    pub(crate) async fn run<T: Copy>(mut self, shared: &Arc<Shared<T>>, place: LatePlace) {
        let Shared { settings, stop, .. } = &**shared;
        let until = Instant::now() + settings.late_reading.min(settings.late_window);
        let mut wanted = pin!(place.wanted.cancelled());
        loop {
            // What has come in already is read before the place is given up, or the time is over while the lane may not be read from.
            let reading = poll_fn(|cx| match poll_read(cx, &mut self.stream, &mut self.inbox) {
                Poll::Ready(read) => Poll::Ready(read.is_ok()),
                Poll::Pending => wanted.as_mut().poll(cx).map(|()| false),
            });
            let reading = async {
                tokio::select! {
                    () = readable(shared, self.lane) => {}
                    () = place.wanted.cancelled() => {}
                    () = sleep_until(until) => {}
                }
                reading.await
            };
            let read = stop.run_until_cancelled(timeout_at(until, reading)).await;
            let Some(Ok(true)) = read else { break };
            let mut answered = false;
            let received = receive(shared, &mut self.inbox, Source::Beside(self.lane), |key| {
                answered |= key == Some(self.key);
            });
            shared.deliver().await;
            if answered || received.is_err() || place.wanted.is_cancelled() || Instant::now() >= until {
                break;
            }
        }
        self.stream.reset();
    }
}
