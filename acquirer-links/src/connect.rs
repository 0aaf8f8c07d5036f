use std::io;
use std::time::Duration;

use socket2::SockRef;
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout_at};

use crate::Tls;
use crate::stream::{Stream, TlsSocket};

/// So many bytes may wait in the kernel before it takes no more: what the acquirer does not read should
/// wait here, where it is provably unsent and can still be taken back.
#[cfg(target_os = "linux")]
const UNSENT_BYTES: u32 = 16 * 1024;

/// Connects to `host:port` within so long, name resolution and, where there is TLS, its handshake included.
pub(crate) async fn connect(
    address: &str,
    within: Duration,
    stall_timeout: Duration,
    tls: Option<&Tls>,
) -> io::Result<Stream> {
    let until = Instant::now() + within;
    let connected = timeout_at(until, TcpStream::connect(address)).await;
    let stream = connected.map_err(|_| timed_out(format!("no connection within {within:?}")))??;
    stream.set_nodelay(true)?;
    limit_stall(&stream, stall_timeout)?;
    match tls {
        None => Ok(Stream::Plain(stream)),
        Some(tls) => {
            let shaken = timeout_at(until, tls.shake_hands(stream, until)).await;
            let stalled = |_| timed_out(format!("connected, but no whole TLS handshake within {within:?}"));
            let session = shaken.map_err(stalled)??;
            Ok(Stream::Tls(Box::new(TlsSocket::new(session, stall_timeout))))
        }
    }
}

fn timed_out(what: String) -> io::Error {
    io::Error::new(io::ErrorKind::TimedOut, what)
}

#[cfg(target_os = "linux")]
fn limit_stall(stream: &TcpStream, limit: Duration) -> io::Result<()> {
    let socket = SockRef::from(stream);
    socket.set_tcp_user_timeout(Some(limit))?;
    socket.set_tcp_notsent_lowat(UNSENT_BYTES)
}

#[cfg(not(target_os = "linux"))]
fn limit_stall(stream: &TcpStream, _limit: Duration) -> io::Result<()> {
    // There are no such limits here; only the check that the socket is alive is left.
    SockRef::from(stream).take_error()?.map_or(Ok(()), Err)
}

#[cfg(test)]
pub(crate) mod tests;
