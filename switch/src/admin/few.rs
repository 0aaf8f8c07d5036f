//! A listener that takes few connections and keeps none for long: machines that ask for metrics get no descriptors that links and store need, and who says
//! nothing keeps nobody out who asks.

use std::{
    collections::VecDeque,
    io,
    net::SocketAddr,
    pin::Pin,
    sync::{
        Arc, Weak,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use axum::serve::Listener;
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore},
    time::{Instant, Sleep, sleep, sleep_until},
};
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};

/// Connections at a time; one more stands at the door, further ones wait in the backlog.
const PLACES: usize = 16;
/// How long a request may take to be whole.
const ASKED_WITHIN: Duration = Duration::from_secs(2);
/// How long its answer may take to be taken.
const TAKEN_WITHIN: Duration = Duration::from_secs(5);
/// For how long a connection without a request keeps its place while another stands at the door.
const GRACE: Duration = Duration::from_millis(50);
/// After an accept that failed, before the next.
const PAUSE: Duration = Duration::from_millis(50);

/// The listener.
pub(super) struct Few {
    listener: TcpListener,
    places: Arc<Semaphore>,
    /// Who has no place yet.
    at_the_door: Option<(TcpStream, SocketAddr)>,
    /// Who has one, oldest first; some of them are gone or have asked.
    visits: VecDeque<Weak<Visit>>,
}

/// A connection as the listener sees it.
struct Visit {
    since: Instant,
    has_asked: AtomicBool,
    makes_room: CancellationToken,
}

impl Few {
    pub(super) fn new(listener: TcpListener) -> Self {
        Self {
            listener,
            places: Arc::new(Semaphore::new(PLACES)),
            at_the_door: None,
            visits: VecDeque::new(),
        }
    }

    /// Waits for a place; the oldest connection that has not asked makes room.
    async fn place(&mut self) -> OwnedSemaphorePermit {
        let free = self.places.clone().acquire_owned();
        tokio::select! {
            biased;
            place = free => return place.expect("never closed"),
            () = self.make_room() => {}
        }
        // It goes as soon as it is woken.
        self.places.clone().acquire_owned().await.expect("never closed")
    }

    /// Never ends where all have asked: their places become free by themselves.
    async fn make_room(&mut self) {
        while let Some(visit) = self.visits.front() {
            let Some(since) = visit.upgrade().filter(|visit| !visit.has_asked()).map(|visit| visit.since)
            else {
                self.visits.pop_front();
                continue;
            };
            sleep_until(since + GRACE).await;
            if let Some(visit) = self.visits.pop_front().and_then(|visit| visit.upgrade())
                && !visit.has_asked()
            {
                visit.makes_room.cancel();
                return;
            }
        }
        std::future::pending::<()>().await;
    }
}

impl Visit {
    fn has_asked(&self) -> bool {
        self.has_asked.load(Ordering::Relaxed)
    }
}

impl Listener for Few {
    type Io = Brief;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Brief, SocketAddr) {
        while self.at_the_door.is_none() {
            match self.listener.accept().await {
                Ok(came) => self.at_the_door = Some(came),
                Err(_) => sleep(PAUSE).await,
            }
        }
        let place = self.place().await;
        let (stream, peer) = self.at_the_door.take().expect("it waits there until it has a place");
        let (brief, visit) = Brief::new(stream, place);
        self.visits.retain(|visit| visit.strong_count() > 0);
        self.visits.push_back(visit);
        (brief, peer)
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}

/// A connection that ends by itself.
pub(super) struct Brief {
    stream: TcpStream,
    visit: Arc<Visit>,
    end: Pin<Box<Sleep>>,
    makes_room: Pin<Box<WaitForCancellationFutureOwned>>,
    _place: OwnedSemaphorePermit,
}

impl Brief {
    fn new(stream: TcpStream, place: OwnedSemaphorePermit) -> (Self, Weak<Visit>) {
        let since = Instant::now();
        let makes_room = CancellationToken::new();
        let visit =
            Arc::new(Visit { since, has_asked: AtomicBool::new(false), makes_room: makes_room.clone() });
        let seen = Arc::downgrade(&visit);
        let end = Box::pin(sleep_until(since + ASKED_WITHIN));
        let makes_room = Box::pin(makes_room.cancelled_owned());
        (Self { stream, visit, end, makes_room, _place: place }, seen)
    }

    /// Whether its time is over; if not, whoever asked is woken then.
    fn is_over(&mut self, cx: &mut Context<'_>) -> bool {
        self.end.as_mut().poll(cx).is_ready() || self.makes_room.as_mut().poll(cx).is_ready()
    }

    /// A request is answered when it is whole, and not before.
    fn answers(&mut self) {
        if !self.visit.has_asked.swap(true, Ordering::Relaxed) {
            self.end.as_mut().reset(Instant::now() + TAKEN_WITHIN);
        }
    }
}

impl AsyncRead for Brief {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.is_over(cx) {
            return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
        }
        Pin::new(&mut self.stream).poll_read(cx, into)
    }
}

impl AsyncWrite for Brief {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.answers();
        if self.is_over(cx) {
            return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
        }
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use tokio::{
        io::{AsyncReadExt as _, AsyncWriteExt as _},
        time::timeout,
    };

    use super::*;

    async fn few() -> (Few, SocketAddr) {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("it listens");
        (Few::new(listener), address)
    }

    /// Every place taken: who has them, and the other ends.
    async fn full(few: &mut Few, address: SocketAddr) -> (Vec<Brief>, Vec<TcpStream>) {
        let (mut taken, mut peers) = (Vec::new(), Vec::new());
        for _ in 0..PLACES {
            peers.push(TcpStream::connect(address).await.expect("it listens"));
            taken.push(few.accept().await.0);
        }
        (taken, peers)
    }

    #[tokio::test]
    async fn no_more_connections_are_taken_than_there_are_places() {
        let (mut few, address) = few().await;
        let (mut taken, mut peers) = full(&mut few, address).await;
        for brief in &mut taken {
            brief.write_all(b"an answer").await.expect("it fits the socket");
        }
        peers.push(TcpStream::connect(address).await.expect("it waits in the backlog"));
        assert!(timeout(2 * GRACE, few.accept()).await.is_err());
        taken.pop();
        few.accept().await;
    }

    #[tokio::test]
    async fn who_has_asked_nothing_makes_room_for_the_next_the_oldest_first_and_no_other() {
        let (mut few, address) = few().await;
        let (mut taken, _peers) = full(&mut few, address).await;
        taken[0].write_all(b"an answer").await.expect("it fits the socket");
        let rest = taken.split_off(2);
        let (answered, mut oldest) = (taken.remove(0), taken.remove(0));
        let gone = tokio::spawn(async move { oldest.read(&mut [0; 1]).await.map_err(|error| error.kind()) });
        let _next = TcpStream::connect(address).await.expect("it waits in the backlog");
        timeout(ASKED_WITHIN / 2, few.accept()).await.expect("a place long before the oldest's time is over");
        assert_eq!(gone.await.expect("it ended"), Err(io::ErrorKind::TimedOut));
        assert!(!answered.visit.makes_room.is_cancelled());
        assert!(rest.iter().all(|brief| !brief.visit.makes_room.is_cancelled()));
    }

    #[tokio::test]
    async fn a_connection_that_asks_nothing_ends_by_itself() {
        let (mut few, address) = few().await;
        let _silent = TcpStream::connect(address).await.expect("it listens");
        let (mut brief, _) = few.accept().await;
        brief.end = Box::pin(sleep(Duration::ZERO));
        let ended = brief.read(&mut [0; 1]).await.map_err(|error| error.kind());
        assert_eq!(ended, Err(io::ErrorKind::TimedOut));
    }
}
