use std::future::poll_fn;
use std::sync::Arc;

use bytes::BytesMut;
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout_at};

use crate::Key;
use crate::connect::reset;
use crate::receive::{poll_read, receive};
use crate::shared::Shared;

/// A one-in-flight or per-request socket that still owes an answer. Nothing is ever written to it again.
pub(crate) struct LateReader {
    pub(crate) stream: TcpStream,
    /// What the peer sent of its next telegram.
    pub(crate) inbox: BytesMut,
    /// The key of the answer it owes.
    pub(crate) key: Key,
}

impl LateReader {
    /// Reads until that answer came, the late window is over, the socket is lost or the pool is stopped; then
    /// closes it.
    pub(crate) async fn run<T: Copy>(mut self, shared: &Arc<Shared<T>>) {
        let until = Instant::now() + shared.settings.late_window;
        loop {
            let reading = poll_fn(|cx| poll_read(cx, &mut self.stream, &mut self.inbox));
            let read = shared.stop.run_until_cancelled(timeout_at(until, reading)).await;
            let Some(Ok(Ok(()))) = read else { break };
            let mut answered = false;
            let received = receive(shared, &mut self.inbox, None, |key| answered |= key == Some(self.key));
            shared.deliver().await;
            if answered || received.is_err() {
                break;
            }
        }
        reset(self.stream);
    }
}
