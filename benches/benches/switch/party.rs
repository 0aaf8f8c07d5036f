//! Threads of this process that others connect to.

use std::{
    net::SocketAddr,
    sync::mpsc,
    thread::{self, JoinHandle},
};

use tokio::{
    net::{TcpListener, TcpStream},
    runtime::Runtime,
};
use tokio_util::sync::CancellationToken;

/// Somebody with a thread of its own, who listens.
pub(crate) struct Party {
    pub(crate) address: SocketAddr,
    stop: CancellationToken,
    thread: Option<JoinHandle<()>>,
}

impl Party {
    /// `run` tells where it listens and ends when it is told to stop.
    pub(crate) fn start<F>(name: &str, run: F) -> Self
    where
        F: AsyncFnOnce(mpsc::Sender<SocketAddr>, CancellationToken) + Send + 'static,
    {
        let (tell, told) = mpsc::channel();
        let stop = CancellationToken::new();
        let until = stop.clone();
        let thread = thread::Builder::new()
            .name(name.to_owned())
            .spawn(move || runtime().block_on(run(tell, until)))
            .expect("a thread can be started");
        Self { address: told.recv().expect("it listens"), stop, thread: Some(thread) }
    }
}

impl Drop for Party {
    fn drop(&mut self) {
        self.stop.cancel();
        // A panic of it has been printed.
        let _ = self.thread.take().map(JoinHandle::join);
    }
}

/// A runtime on the thread that uses it.
pub(crate) fn runtime() -> Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime can be built")
}

/// Serves whoever connects until `stop`.
pub(crate) async fn listen<F>(
    tell: mpsc::Sender<SocketAddr>,
    stop: CancellationToken,
    serve: impl Fn(TcpStream) -> F,
) where
    F: Future<Output = ()> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    tell.send(listener.local_addr().expect("it is bound")).expect("its starter waits for it");
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            accepted = listener.accept() => {
                let (stream, _) = accepted.expect("descriptors are left");
                stream.set_nodelay(true).expect("a socket of TCP");
                tokio::spawn(serve(stream));
            }
        }
    }
}
