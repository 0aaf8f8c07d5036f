use std::io::{self, Write};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::Instant;
use tokio_rustls::client::TlsStream;

/// One write hands a TLS session at most this many bytes, which is one record.
const RECORD_BYTES: usize = 16 * 1024;

/// The socket of a link: as it is, or with TLS on it.
///
/// A byte counts as written once it was taken: by the kernel, or by the TLS session, which cannot give it back. What
/// the session took is brought on its way by `poll_flush`, which therefore must be called even when there is nothing more to
/// write; until it has left, the session takes nothing more, so that what waits stays where it is provably unsent.
pub(crate) enum Stream {
    Plain(TcpStream),
    Tls(Box<TlsSocket>),
}

/// A TLS session and its socket.
pub(crate) struct TlsSocket {
    stream: TlsStream<TcpStream>,
    /// When the session took what it still holds.
    taken_at: Option<Instant>,
    /// How long it may hold that: a peer that takes a byte now and then would keep a request from leaving for ever.
    stall_timeout: Duration,
}

impl TlsSocket {
    pub(crate) fn new(stream: TlsStream<TcpStream>, stall_timeout: Duration) -> Self {
        Self { stream, taken_at: None, stall_timeout }
    }

    /// Nothing may be done with a session that has held for too long what it took: any of it could leave now.
    fn check(&self) -> io::Result<()> {
        if self.taken_at.is_some_and(|taken_at| taken_at.elapsed() > self.stall_timeout) {
            return Err(io::ErrorKind::TimedOut.into());
        }
        Ok(())
    }

    fn poll_read(&mut self, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        // A session that cannot read what came writes all it holds, with a word on why.
        self.check()?;
        Pin::new(&mut self.stream).poll_read(cx, buffer)
    }

    fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.check()?;
        let flushed = ready!(Pin::new(&mut self.stream).poll_flush(cx));
        self.taken_at = None;
        Poll::Ready(flushed)
    }
}

impl Stream {
    /// Closes a socket that owes nothing and that nothing is owed on.
    pub(crate) fn close(self) {
        match self {
            Self::Plain(stream) => drop(stream),
            Self::Tls(mut tls) => {
                let (socket, session) = tls.stream.get_mut();
                if session.wants_write() {
                    // What a given-up request left in the session must not leave now.
                    return reset(socket);
                }
                session.send_close_notify();
                // A peer that takes no byte now is not waited for.
                let _ = session.write_tls(&mut AtOnce(socket));
            }
        }
    }

    /// Closes a socket so that nothing it still holds can leave.
    pub(crate) fn reset(self) {
        match self {
            Self::Plain(stream) => reset(&stream),
            Self::Tls(tls) => reset(tls.stream.get_ref().0),
        }
    }
}

fn reset(socket: &TcpStream) {
    // Without the reset the kernel would go on sending what it was handed; if it cannot be asked for, the socket
    // is already dead.
    let _ = socket.set_zero_linger();
}

/// Reads and writes what can be without waiting.
pub(crate) struct AtOnce<'a>(pub(crate) &'a TcpStream);

impl Write for AtOnce<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.try_write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl io::Read for AtOnce<'_> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        self.0.try_read(bytes)
    }
}

impl AsyncRead for Stream {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_read(cx, buffer),
            Self::Tls(tls) => match ready!(tls.poll_read(cx, buffer)) {
                // Closed without the farewell of TLS. Telegrams tell their length, so that a cut one is noticed anyway.
                Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Poll::Ready(Ok(())),
                read => Poll::Ready(read),
            },
        }
    }
}

impl AsyncWrite for Stream {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_write(cx, bytes),
            Self::Tls(tls) => {
                ready!(tls.poll_flush(cx))?;
                // Not by the stream's own write: that tells a failed socket where the session has taken bytes, some of which
                // may have left by then.
                let (_, session) = tls.stream.get_mut();
                let taken = session.writer().write(&bytes[..bytes.len().min(RECORD_BYTES)]);
                tls.taken_at = Some(Instant::now());
                Poll::Ready(taken)
            }
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_flush(cx),
            Self::Tls(tls) => tls.poll_flush(cx),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_shutdown(cx),
            Self::Tls(tls) => Pin::new(&mut tls.stream).poll_shutdown(cx),
        }
    }
}

#[cfg(test)]
mod tests;
