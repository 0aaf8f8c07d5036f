//! The baseline.

use std::{net::SocketAddr, sync::mpsc};

use tokio::{io::copy_bidirectional, net::TcpStream};
use tokio_util::sync::CancellationToken;

use crate::party::listen;

/// Copies bytes both ways between each terminal and a socket of its own to the responder.
pub(crate) async fn relay(to: SocketAddr, tell: mpsc::Sender<SocketAddr>, stop: CancellationToken) {
    listen(tell, stop, |mut terminal| async move {
        let mut upstream = TcpStream::connect(to).await.expect("the responder listens");
        upstream.set_nodelay(true).expect("a socket of TCP");
        // Whichever side ends first ends both.
        let _ = copy_bidirectional(&mut terminal, &mut upstream).await;
    })
    .await;
}
