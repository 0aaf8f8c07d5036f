use std::future::{Future, poll_fn};
use std::io;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::BytesMut;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::{Instant, Sleep, sleep_until, timeout};

use crate::dial::{Connected, DialFailure, dial};
use crate::dialing::Turn as DialTurn;
use crate::heartbeat::Beat;
use crate::late_reader::LateReader;
use crate::outbox::Outbox;
use crate::receive::{poll_read, receive};
use crate::shared::{Shared, now};
use crate::source::Source;
use crate::stream::Stream;
use crate::traffic::Leave;
use crate::{Key, LinkLoss};

/// How long a link that seems silent is read from once more.
const LAST_READ: Duration = Duration::from_millis(1);

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
    GoingHome,
    Closing,
}

/// What one turn of the loop brought.
enum Turn {
    /// Bytes came in, or something is to be told.
    Progress,
    /// It was asked for a sign of life, and none was read in time.
    Silent,
    End(End),
}

impl<T: Copy + Send + 'static> Link<T> {
    /// Serves one socket after the other until the pool is stopped.
    pub(crate) async fn run(self) {
        while let Some(Connected { mut stream, mut inbox, address }) = self.connect().await {
            let link = self.shared.traffic().link_up(self.lane, address, now());
            let address = &self.shared.addresses[address];
            tracing::info!(acquirer = %self.shared.settings.name, %link, %address, "link up");
            if let Some(spare) = self.shared.take_fetched(self.lane) {
                // Fetched while this one was connected; nobody would read from it.
                spare.stream.close();
            }
            self.shared.deliver().await;
            let end = self.serve(&mut stream, &mut inbox).await;
            self.leave(end, stream, inbox).await;
        }
    }

    /// Takes the socket that was fetched for it, or connects, however long that takes; `None` when the pool is stopped.
    async fn connect(&self) -> Option<Connected> {
        loop {
            if let Some(fetched) = self.shared.take_fetched(self.lane) {
                return Some(fetched);
            }
            let Some(address) = self.shared.stop.run_until_cancelled(self.turn()).await? else { continue };
            let since = now();
            match self.shared.stop.run_until_cancelled(dial(&self.shared, self.lane, address)).await? {
                Ok(connected) => {
                    self.shared.traffic().dialed(address, now());
                    return Some(connected);
                }
                Err(failure) => {
                    failure.log(&self.shared, address);
                    {
                        let mut traffic = self.shared.traffic();
                        traffic.not_dialed(address, since, now());
                        match failure {
                            DialFailure::NotConnected(_) => {
                                traffic.connect_failed(self.lane);
                            }
                            DialFailure::NotSignedOn(why) => traffic.not_signed_on(self.lane, why),
                        }
                    }
                    self.shared.deliver().await;
                }
            }
        }
    }

    /// Waits for leave to connect to an address; `None` when a socket was fetched meanwhile.
    async fn turn(&self) -> Option<usize> {
        let mut timer = pin!(sleep_until(Instant::now()));
        loop {
            let turn = poll_fn(|cx| {
                self.shared.traffic().register(self.lane, cx.waker());
                if self.shared.has_fetched(self.lane) {
                    return Poll::Ready(None);
                }
                let turn = self.shared.traffic().turn(self.lane, now());
                match turn {
                    DialTurn::Dial(address) => return Poll::Ready(Some(address)),
                    DialTurn::Wait(None, _) => {}
                    DialTurn::Wait(Some(at), _) => {
                        if timer.deadline() != at.into() {
                            timer.as_mut().reset(at.into());
                        }
                        if timer.as_mut().poll(cx).is_ready() {
                            return Poll::Ready(None);
                        }
                    }
                }
                if self.shared.traffic().has_events() { Poll::Ready(None) } else { Poll::Pending }
            })
            .await;
            self.shared.deliver().await;
            if turn.is_some() || self.shared.has_fetched(self.lane) {
                return turn;
            }
        }
    }

    /// Carries telegrams both ways until the socket must be left. What came of the next telegram stays in `inbox`.
    pub(crate) async fn serve<S>(&self, stream: &mut S, inbox: &mut BytesMut) -> End
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let mut outbox = Outbox::new(self.shared.profile.frame);
        let (mut timer, mut pause) = (pin!(sleep_until(Instant::now())), pin!(sleep_until(Instant::now())));
        loop {
            let turn = poll_fn(|cx| {
                if self.is_silent(cx, timer.as_mut()) {
                    return Poll::Ready(Turn::Silent);
                }
                self.poll_turn(cx, stream, inbox, &mut outbox, pause.as_mut())
            })
            .await;
            match turn {
                Turn::Progress => {}
                Turn::Silent => {
                    if let Err(why) = self.read_last(stream, inbox).await {
                        return End::Lost(why);
                    }
                }
                Turn::End(end) => return end,
            }
            let received = receive(&self.shared, inbox, Source::Link(self.lane), |_| {});
            self.shared.deliver().await;
            if let Err(error) = received {
                return End::Lost(LinkLoss::BadFrame(error));
            }
        }
    }

    /// Has a link that heard nothing for too long ask for a sign of life; whether it was asked and gave none.
    fn is_silent(&self, cx: &mut Context<'_>, mut timer: Pin<&mut Sleep>) -> bool {
        let Some(echo) = self.shared.profile.echo.as_ref() else { return false };
        loop {
            let Some(beat) = self.shared.traffic().beat(self.lane, now()) else { return false };
            match beat {
                Beat::Silent => return true,
                Beat::Ask => {
                    let number = self.shared.traffic().next_number();
                    let telegram = (echo.write)(number);
                    self.shared.traffic().give_echo(self.lane, telegram);
                }
                Beat::Later(at) => {
                    // A timer that is early looks again; so words need not move it.
                    if timer.deadline() > at.into() || timer.is_elapsed() {
                        timer.as_mut().reset(at.into());
                    }
                    if timer.as_mut().poll(cx).is_pending() {
                        return false;
                    }
                }
            }
        }
    }

    /// Reads once more before a link counts as silent: where this task could not run for a while, its sign of life may lie in the kernel.
    async fn read_last<S>(&self, stream: &mut S, inbox: &mut BytesMut) -> Result<(), LinkLoss>
    where
        S: AsyncRead + Unpin,
    {
        // A timer goes off only after the runtime has looked at its sockets: until then, one that has bytes reads as if it had none.
        match timeout(LAST_READ, poll_fn(|cx| poll_read(cx, stream, inbox))).await {
            Ok(read) => read.map(|()| self.shared.traffic().heard(self.lane, now())),
            Err(_) => Err(LinkLoss::Silent),
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
        pause: Pin<&mut Sleep>,
    ) -> Poll<Turn>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let leave = {
            let mut traffic = self.shared.traffic();
            traffic.register(self.lane, cx.waker());
            traffic.leave(self.lane)
        };
        if outbox.is_too_late(now()) {
            return Poll::Ready(Turn::End(End::Lost(LinkLoss::Stuck)));
        }
        match leave {
            None => {}
            Some(Leave::Stuck) => return Poll::Ready(Turn::End(End::Lost(LinkLoss::Stuck))),
            // What has not wholly left cannot be answered, and who only reads looks at no instant.
            Some(Leave::ForLateAnswer(_)) if outbox.is_behind() => {
                return Poll::Ready(Turn::End(End::Lost(LinkLoss::Stuck)));
            }
            Some(Leave::ForLateAnswer(key)) => return Poll::Ready(Turn::End(End::ForLateAnswer(key))),
            Some(Leave::Served) => return Poll::Ready(Turn::End(End::Served)),
            Some(Leave::Home) => return Poll::Ready(Turn::End(End::GoingHome)),
            Some(Leave::Closing) => return Poll::Ready(Turn::End(End::Closing)),
        }
        let read = match self.poll_allowed(cx, stream, inbox, pause) {
            Poll::Ready(Err(why)) => return Poll::Ready(Turn::End(End::Lost(why))),
            Poll::Ready(Ok(())) => {
                self.shared.traffic().heard(self.lane, now());
                true
            }
            Poll::Pending => false,
        };
        match self.poll_write(cx, stream, outbox) {
            // What was just read comes first; a socket that cannot be written to fails the next turn as well.
            Err(why) if !read => Poll::Ready(Turn::End(End::Lost(why))),
            Ok(()) | Err(_) if read || self.shared.traffic().has_events() => Poll::Ready(Turn::Progress),
            Ok(()) | Err(_) => Poll::Pending,
        }
    }

    /// Reads once, unless the link has to make up for what it brought that nobody waits for.
    fn poll_allowed<S>(
        &self,
        cx: &mut Context<'_>,
        stream: &mut S,
        inbox: &mut BytesMut,
        mut pause: Pin<&mut Sleep>,
    ) -> Poll<Result<(), LinkLoss>>
    where
        S: AsyncRead + Unpin,
    {
        let reads_at = self.shared.traffic().reads_at(self.lane, now());
        if let Some(reads_at) = reads_at {
            if pause.deadline() != reads_at.into() {
                pause.as_mut().reset(reads_at.into());
            }
            ready!(pause.poll(cx));
        }
        poll_read(cx, stream, inbox)
    }

    /// Writes until the socket takes no more or nothing is left; then only brings on its way what it took.
    fn poll_write<S>(&self, cx: &mut Context<'_>, stream: &mut S, outbox: &mut Outbox) -> Result<(), LinkLoss>
    where
        S: AsyncWrite + Unpin,
    {
        loop {
            if outbox.is_too_late(now()) {
                return Err(LinkLoss::Stuck);
            }
            // What the stream took before may not have left it yet.
            match Pin::new(&mut *stream).poll_flush(cx).map_err(|error| LinkLoss::Io(error.kind()))? {
                Poll::Ready(()) => outbox.flushed(),
                Poll::Pending => return Ok(()),
            }
            self.shared.traffic().fill(self.lane, now(), outbox);
            if outbox.bytes().is_empty() {
                return Ok(());
            }
            let written = match Pin::new(&mut *stream).poll_write(cx, outbox.bytes()) {
                Poll::Ready(Ok(0)) => Err(io::ErrorKind::WriteZero.into()),
                Poll::Ready(Ok(count)) => Ok(count),
                Poll::Ready(Err(error)) => Err(error),
                Poll::Pending => Ok(0),
            };
            let count = *written.as_ref().unwrap_or(&0);
            self.shared.traffic().written(self.lane, count, now(), outbox);
            if written.map_err(|error| LinkLoss::Io(error.kind()))? == 0 {
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
            End::ForLateAnswer(key) => self.replace(LateReader { lane: self.lane, stream, inbox, key }).await,
            End::Served => {
                stream.close();
                self.down(LinkLoss::Served).await;
            }
            End::GoingHome => {
                stream.close();
                self.down(LinkLoss::WentHome).await;
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
        self.shared.tasks.spawn(async move {
            reader.run(&shared, place).await;
            shared.late_reading_over();
        });
    }

    async fn down(&self, why: LinkLoss) {
        let acquirer = &self.shared.settings.name;
        if matches!(why, LinkLoss::Served | LinkLoss::WentHome) {
            tracing::debug!(%acquirer, lane = self.lane, ?why, "link closed");
        } else {
            tracing::warn!(%acquirer, lane = self.lane, ?why, "link down");
        }
        self.shared.traffic().link_down(self.lane, why, now());
        self.shared.deliver().await;
    }
}

#[cfg(test)]
mod tests;
