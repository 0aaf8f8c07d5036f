//! A listener that takes few connections and keeps none for long: machines that ask for metrics get no descriptors that links and store need.

use std::{
    io,
    net::SocketAddr,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use axum::serve::Listener;
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore},
    time::{Sleep, sleep},
};

/// Connections at a time; further ones wait in the backlog.
const PLACES: usize = 16;
/// How long a connection may last, whatever it does: who asks often connects again.
const LIFE: Duration = Duration::from_secs(30);
/// After an accept that failed, before the next.
const PAUSE: Duration = Duration::from_millis(50);

/// The listener.
pub(super) struct Few {
    listener: TcpListener,
    places: Arc<Semaphore>,
}

impl Few {
    pub(super) fn new(listener: TcpListener) -> Self {
        Self { listener, places: Arc::new(Semaphore::new(PLACES)) }
    }
}

impl Listener for Few {
    type Io = Brief;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Brief, SocketAddr) {
        loop {
            let place = self.places.clone().acquire_owned().await.expect("never closed");
            match self.listener.accept().await {
                Ok((stream, peer)) => {
                    return (Brief { stream, end: Box::pin(sleep(LIFE)), _place: place }, peer);
                }
                Err(_) => sleep(PAUSE).await,
            }
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}

/// A connection that ends by itself.
pub(super) struct Brief {
    stream: TcpStream,
    end: Pin<Box<Sleep>>,
    _place: OwnedSemaphorePermit,
}

impl Brief {
    /// Whether its time is over; if not, whoever asked is woken then.
    fn is_over(&mut self, cx: &mut Context<'_>) -> bool {
        self.end.as_mut().poll(cx).is_ready()
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
    use tokio::{io::AsyncReadExt as _, time::timeout};

    use super::*;

    async fn few() -> (Few, SocketAddr) {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("it listens");
        (Few::new(listener), address)
    }

    #[tokio::test]
    async fn no_more_connections_are_taken_than_there_are_places() {
        let (mut few, address) = few().await;
        let mut peers = Vec::new();
        let mut taken = Vec::new();
        for _ in 0..PLACES {
            peers.push(TcpStream::connect(address).await.expect("it listens"));
            taken.push(few.accept().await);
        }
        peers.push(TcpStream::connect(address).await.expect("it waits in the backlog"));
        assert!(timeout(Duration::from_millis(50), few.accept()).await.is_err());
        taken.pop();
        few.accept().await;
    }

    #[tokio::test]
    async fn a_silent_connection_ends_by_itself() {
        let (mut few, address) = few().await;
        let _silent = TcpStream::connect(address).await.expect("it listens");
        let (mut brief, _) = few.accept().await;
        brief.end = Box::pin(sleep(Duration::ZERO));
        let ended = brief.read(&mut [0; 1]).await.map_err(|error| error.kind());
        assert_eq!(ended, Err(io::ErrorKind::TimedOut));
    }
}
