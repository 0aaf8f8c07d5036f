use std::io;
use std::time::Duration;

use socket2::SockRef;
use tokio::net::TcpStream;
use tokio::time::timeout;

/// So many bytes may wait in the kernel before it takes no more: what the acquirer does not read should
/// wait here, where it is provably unsent and can still be taken back.
#[cfg(target_os = "linux")]
const UNSENT_BYTES: u32 = 16 * 1024;

/// Connects to `host:port` within so long, name resolution included.
pub(crate) async fn connect(
    address: &str,
    within: Duration,
    stall_timeout: Duration,
) -> io::Result<TcpStream> {
    let stream = timeout(within, TcpStream::connect(address)).await??;
    stream.set_nodelay(true)?;
    limit_stall(&stream, stall_timeout)?;
    Ok(stream)
}

/// Closes a socket so that nothing it still holds can leave.
pub(crate) fn reset(stream: TcpStream) {
    // Without the reset the kernel would go on sending what it was handed; if it cannot be asked for, the socket
    // is already dead.
    let _ = stream.set_zero_linger();
    drop(stream);
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
