use std::future::poll_fn;
use std::hash::{BuildHasher, RandomState};
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::BytesMut;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::sleep;

use crate::connect::connect;
use crate::late_reader::LateReader;
use crate::outbox::Outbox;
use crate::receive::{poll_read, receive};
use crate::shared::{Shared, now};
use crate::stream::Stream;
use crate::traffic::Leave;
use crate::{Key, LinkLoss};

/// The task that owns one socket of a pool, and takes another whenever it is lost.
pub(crate) struct Link<T> {
    pub(crate) shared: Arc<Shared<T>>,
    pub(crate) lane: usize,
}

/// How the service of one socket ended.
pub(crate) enum End {
    Lost(LinkLoss),
    ForLateAnswer(Key),
    Served,
    Closing,
}

/// What one turn of the loop brought.
enum Turn {
    /// Bytes came in, or something is to be told.
    Progress,
    End(End),
}

impl<T: Copy + Send + 'static> Link<T> {
    /// Serves one socket after the other until the pool is stopped.
    pub(crate) async fn run(self) {
        let mut attempt = 0;
        while let Some(mut stream) = self.connect(&mut attempt).await {
            let mut inbox = BytesMut::new();
            let mut heard = false;
            let end = self.serve(&mut stream, &mut inbox, &mut heard).await;
            // An address that accepts sockets and never says a word on them is no better than a dead one.
            attempt = if heard { 0 } else { attempt.wrapping_add(1) };
            self.leave(end, stream, inbox).await;
        }
    }

    /// Connects, however long that takes; `None` when the pool is stopped.
    async fn connect(&self, attempt: &mut u32) -> Option<Stream> {
        let Shared { settings, addresses, stop, .. } = &*self.shared;
        loop {
            let (turn, round) = (*attempt as usize % addresses.len(), *attempt as usize / addresses.len());
            let round = u32::try_from(round).expect("a quotient is not above its dividend");
            let pause = settings.backoff.delay(round, RandomState::new().hash_one(self.lane));
            stop.run_until_cancelled(sleep(pause)).await?;
            let address = &addresses[(self.lane + turn) % addresses.len()];
            let connecting =
                connect(address, settings.connect_timeout, settings.stall_timeout, settings.tls.as_ref());
            match stop.run_until_cancelled(connecting).await? {
                Ok(stream) => {
                    let link = self.shared.traffic().link_up(self.lane, Arc::clone(address), now());
                    tracing::info!(acquirer = %settings.name, %link, %address, "link up");
                    self.shared.deliver().await;
                    return Some(stream);
                }
                Err(error) => {
                    if *attempt == 0 {
                        tracing::warn!(acquirer = %settings.name, lane = self.lane, %address, %error, "cannot connect");
                    } else {
                        tracing::debug!(acquirer = %settings.name, lane = self.lane, %address, %error, "still cannot connect");
                    }
                    *attempt = attempt.wrapping_add(1);
                    self.shared.traffic().connect_failed(self.lane);
                    self.shared.deliver().await;
                }
            }
        }
    }

    /// Carries telegrams both ways until the socket must be left. Notes in `heard` whether the peer sent
    /// any telegram; what it sent of the next one stays in `inbox`.
    pub(crate) async fn serve<S>(&self, stream: &mut S, inbox: &mut BytesMut, heard: &mut bool) -> End
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let mut outbox = Outbox::new(self.shared.profile.frame);
        loop {
            let turn = poll_fn(|cx| self.poll_turn(cx, stream, inbox, &mut outbox)).await;
            if let Turn::End(end) = turn {
                return end;
            }
            let received = receive(&self.shared, inbox, Some(self.lane), |_| *heard = true);
            self.shared.deliver().await;
            if let Err(error) = received {
                return End::Lost(LinkLoss::BadFrame(error));
            }
        }
    }

    /// Reads once, then writes all the socket takes.
    ///
    /// Reading comes first, so that a socket the peer has closed is found out before a request is written to it.
    fn poll_turn<S>(
        &self,
        cx: &mut Context<'_>,
        stream: &mut S,
        inbox: &mut BytesMut,
        outbox: &mut Outbox,
    ) -> Poll<Turn>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let leave = {
            let mut traffic = self.shared.traffic();
            traffic.register(self.lane, cx.waker());
            traffic.leave(self.lane)
        };
        match leave {
            None => {}
            Some(Leave::Stuck) => return Poll::Ready(Turn::End(End::Lost(LinkLoss::Stuck))),
            Some(Leave::ForLateAnswer(key)) => return Poll::Ready(Turn::End(End::ForLateAnswer(key))),
            Some(Leave::Served) => return Poll::Ready(Turn::End(End::Served)),
            Some(Leave::Closing) => return Poll::Ready(Turn::End(End::Closing)),
        }
        let read = match poll_read(cx, stream, inbox) {
            Poll::Ready(Err(why)) => return Poll::Ready(Turn::End(End::Lost(why))),
            Poll::Ready(Ok(())) => true,
            Poll::Pending => false,
        };
        match self.poll_write(cx, stream, outbox) {
            // What was just read comes first; a socket that cannot be written to fails the next turn as well.
            Err(error) if !read => Poll::Ready(Turn::End(End::Lost(LinkLoss::Io(error.kind())))),
            Ok(()) | Err(_) if read || self.shared.traffic().has_events() => Poll::Ready(Turn::Progress),
            Ok(()) | Err(_) => Poll::Pending,
        }
    }

    /// Writes until the socket takes no more or nothing is left; then only brings on its way what it took.
    fn poll_write<S>(&self, cx: &mut Context<'_>, stream: &mut S, outbox: &mut Outbox) -> io::Result<()>
    where
        S: AsyncWrite + Unpin,
    {
        loop {
            self.shared.traffic().fill(self.lane, now(), outbox);
            if outbox.bytes().is_empty() {
                // What the stream took before may not have left it yet.
                return match Pin::new(&mut *stream).poll_flush(cx) {
                    Poll::Ready(flushed) => flushed,
                    Poll::Pending => Ok(()),
                };
            }
            let written = match Pin::new(&mut *stream).poll_write(cx, outbox.bytes()) {
                Poll::Ready(Ok(0)) => Err(io::ErrorKind::WriteZero.into()),
                Poll::Ready(Ok(count)) => Ok(count),
                Poll::Ready(Err(error)) => Err(error),
                Poll::Pending => Ok(0),
            };
            let count = *written.as_ref().unwrap_or(&0);
            self.shared.traffic().written(self.lane, count, now(), outbox);
            if written? == 0 {
                return Ok(());
            }
        }
    }

    /// Leaves a socket as its service ended.
    pub(crate) async fn leave(&self, end: End, stream: Stream, inbox: BytesMut) {
        match end {
            End::Lost(why) => {
                stream.reset();
                self.down(why).await;
            }
            End::ForLateAnswer(key) => self.replace(LateReader { stream, inbox, key }).await,
            End::Served => {
                stream.close();
                self.down(LinkLoss::Served).await;
            }
            End::Closing => {
                if self.shared.traffic().is_idle(self.lane) {
                    stream.close();
                } else {
                    stream.reset();
                }
                self.down(LinkLoss::Closed).await;
            }
        }
    }

    /// Gives the socket to a late reader, in the place of the oldest when there are as many as may be: a silent
    /// acquirer takes no link away.
    async fn replace(&self, reader: LateReader) {
        let shared = Arc::clone(&self.shared);
        shared.traffic().replaced(self.lane);
        tracing::warn!(acquirer = %shared.settings.name, lane = self.lane, "no answer in time; socket replaced");
        shared.deliver().await;
        let place = shared.late_places.take().await;
        self.shared.tasks.spawn(async move { reader.run(&shared, place).await });
    }

    async fn down(&self, why: LinkLoss) {
        let acquirer = &self.shared.settings.name;
        if why == LinkLoss::Served {
            tracing::debug!(%acquirer, lane = self.lane, "link closed");
        } else {
            tracing::warn!(%acquirer, lane = self.lane, ?why, "link down");
        }
        self.shared.traffic().link_down(self.lane, why, now());
        self.shared.deliver().await;
    }
}
