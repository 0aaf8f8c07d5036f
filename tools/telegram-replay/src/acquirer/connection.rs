//! One socket of a simulated acquirer.

use std::sync::Arc;
use std::time::Duration;

use bytes::BytesMut;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::Shared;
use super::desk::{Leaves, Parcel, Reaction};
use super::dialect::Sockets;
use super::tls::Tls;

/// Late answers that wait to be written on one socket, at most.
pub(super) const QUEUE: usize = 1024;

/// How long an incomplete group of reordered answers waits for the rest.
const REORDER_WAIT: Duration = Duration::from_millis(50);

/// A handshake that takes longer is given up.
const HANDSHAKE: Duration = Duration::from_secs(10);

/// Serves one socket with TLS on it.
pub(super) async fn serve_tls(stream: TcpStream, tls: Tls, shared: Arc<Shared>, closing: CancellationToken) {
    let shaken = tokio::select! {
        () = closing.cancelled() => return,
        shaken = tokio::time::timeout(HANDSHAKE, tls.accept(stream)) => shaken,
    };
    match shaken {
        Ok(Ok(stream)) => serve(stream, shared, closing).await,
        Ok(Err(error)) => tracing::warn!(%error, "no TLS handshake"),
        Err(_) => tracing::warn!("no TLS handshake in time"),
    }
}

/// Serves one socket until it ends or is told to.
pub(super) async fn serve<S>(mut stream: S, shared: Arc<Shared>, closing: CancellationToken)
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let (to_here, mut parcels) = mpsc::channel(QUEUE);
    let mut input = BytesMut::with_capacity(16 * 1024);
    let mut output = BytesMut::with_capacity(16 * 1024);
    let mut group = Group::new(shared.reorder);
    let mut reactions = Vec::new();
    loop {
        let mut due = Vec::new();
        tokio::select! {
            () = closing.cancelled() => return,
            read = stream.read_buf(&mut input) => {
                if !matches!(read, Ok(1..)) {
                    return;
                }
                loop {
                    match shared.frame.decode(&mut input) {
                        Ok(Some(telegram)) => shared.take(&telegram, &to_here, &mut reactions),
                        Ok(None) => break,
                        Err(error) => {
                            tracing::warn!(%error, "broken frame");
                            return;
                        }
                    }
                }
                shared.flush();
                for reaction in reactions.drain(..) {
                    due.extend(shared.react(reaction, &to_here).and_then(|parcel| shared.hold_back(parcel, &to_here)));
                }
                group.add(&mut due);
            }
            Some(parcel) = parcels.recv() => due.extend(shared.hold_back(parcel, &to_here)),
            () = group.overdue() => group.release(&mut due),
        }
        // A socket may be full for as long as it likes; only being told to stop ends the wait.
        let written = tokio::select! {
            () = closing.cancelled() => return,
            written = write(&mut stream, &mut output, &due) => written,
        };
        if !matches!(written, Ok(Open::Yes)) {
            return;
        }
        if shared.after_answer == Sockets::ClosedAfterAnswer && !due.is_empty() {
            // Whoever asked may have closed it first.
            let _ = stream.shutdown().await;
            return;
        }
    }
}

enum Open {
    Yes,
    No,
}

async fn write<S>(stream: &mut S, output: &mut BytesMut, parcels: &[Parcel]) -> std::io::Result<Open>
where
    S: AsyncWrite + Unpin,
{
    for parcel in parcels {
        match parcel.leaves {
            Leaves::Whole => output.extend_from_slice(&parcel.bytes),
            Leaves::Bytewise => {
                stream.write_all_buf(output).await?;
                for byte in &parcel.bytes {
                    stream.write_all(&[*byte]).await?;
                    stream.flush().await?;
                    tokio::task::yield_now().await;
                }
            }
            Leaves::ThenClose => {
                output.extend_from_slice(&parcel.bytes);
                stream.write_all_buf(output).await?;
                stream.shutdown().await?;
                return Ok(Open::No);
            }
        }
    }
    stream.write_all_buf(output).await?;
    stream.flush().await?;
    Ok(Open::Yes)
}

/// Answers gathered to leave in reverse.
struct Group {
    size: usize,
    gathered: Vec<Parcel>,
    release_at: Instant,
}

impl Group {
    fn new(size: usize) -> Self {
        Self { size, gathered: Vec::new(), release_at: Instant::now() }
    }

    /// Takes the answers in, and gives back those that leave now.
    fn add(&mut self, due: &mut Vec<Parcel>) {
        if self.size < 2 {
            return;
        }
        for parcel in std::mem::take(due) {
            if self.gathered.is_empty() {
                self.release_at = Instant::now() + REORDER_WAIT;
            }
            self.gathered.push(parcel);
            if self.gathered.len() == self.size {
                self.release(due);
            }
        }
    }

    fn release(&mut self, due: &mut Vec<Parcel>) {
        due.extend(self.gathered.drain(..).rev());
    }

    async fn overdue(&self) {
        if self.gathered.is_empty() {
            std::future::pending::<()>().await;
        }
        tokio::time::sleep_until(self.release_at).await;
    }
}

impl Shared {
    /// Carries a reaction out, or gives back what is to be written now.
    fn react(
        self: &Arc<Self>,
        reaction: Reaction<mpsc::Sender<Parcel>>,
        to: &mpsc::Sender<Parcel>,
    ) -> Option<Parcel> {
        match reaction {
            Reaction::Send(parcel) if self.delay.is_zero() => Some(parcel),
            Reaction::Send(parcel) => {
                self.send_later(self.delay, parcel, to.clone());
                None
            }
            Reaction::SendLater(late, parcel) => {
                self.send_later(late, parcel, to.clone());
                None
            }
            Reaction::ApproveLater(late, waiting) => {
                let shared = Arc::clone(self);
                self.after(late, async move {
                    shared.approve_late(&waiting);
                    // The answer is lost with its socket, as it would be in earnest.
                    let _ = waiting.to.send(waiting.answer).await;
                });
                None
            }
        }
    }

    fn send_later(&self, late: Duration, parcel: Parcel, to: mpsc::Sender<Parcel>) {
        self.after(late, async move {
            let _ = to.send(parcel).await;
        });
    }
}
