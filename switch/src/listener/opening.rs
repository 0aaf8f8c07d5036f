//! Opening a listening socket.

use std::{io, net::SocketAddr};

use socket2::{Domain, Protocol, SockRef, Socket, Type};
use tokio::net::TcpListener;

/// Connections that may wait to be accepted.
const BACKLOG: i32 = 4096;
/// Bytes the kernel keeps for a connection in each direction at most, which it counts twice: terminals that never read, or that the
/// switch reads no more of, do not fill its memory.
const KERNEL_BUFFER: usize = 64 * 1024;

/// Opens a listening socket.
///
/// # Errors
/// The address is in use, or not of this machine.
pub fn open(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = made(address)?;
    listening(socket, address)
}

/// As [`open`], at an address that overlaps those of sockets of this process (127.0.0.1:7001 and 0.0.0.0:7001) which are given up soon. While both are
/// open each connection goes to the one with the narrower address.
///
/// # Errors
/// As of [`open`], and where the system lets no two such sockets be open at once.
pub fn open_over(address: SocketAddr, given_up: &[&TcpListener]) -> io::Result<TcpListener> {
    let share =
        |is_shared| given_up.iter().try_for_each(|socket| SockRef::from(*socket).set_reuse_port(is_shared));
    let opened = (|| {
        let socket = made(address)?;
        share(true)?;
        socket.set_reuse_port(true)?;
        let listener = listening(socket, address)?;
        SockRef::from(&listener).set_reuse_port(false)?;
        Ok(listener)
    })();
    // Only for the moment of opening: whoever else asks for the address later finds it in use.
    share(false)?;
    opened
}

fn made(address: SocketAddr) -> io::Result<Socket> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    socket.set_reuse_address(true)?;
    socket.set_nonblocking(true)?;
    // Connections have them from their listener.
    socket.set_send_buffer_size(KERNEL_BUFFER)?;
    socket.set_recv_buffer_size(KERNEL_BUFFER)?;
    Ok(socket)
}

fn listening(socket: Socket, address: SocketAddr) -> io::Result<TcpListener> {
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    TcpListener::from_std(socket.into())
}
