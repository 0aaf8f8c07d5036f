//! The socket itself: made for the switch's own user alone, never taken from another switch, and removed at the end.

use std::{
    io,
    os::unix::{fs::PermissionsExt as _, net::UnixStream as StdStream},
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader},
    net::{UnixListener, UnixStream},
    sync::{Semaphore, mpsc},
    time::{sleep, timeout},
};
use tokio_util::sync::{CancellationToken, DropGuard};

use super::{
    answering::Answering,
    protocol::{Answer, LONGEST_COMMAND},
};
use crate::{exchange::Message, reload::Reloader};

/// Connections at a time; further ones wait to be accepted.
const CONNECTIONS: usize = 32;
/// Commands that are answered at a time; who says nothing takes no place from those who do.
const COMMANDS: usize = 8;
/// How long a command may take to come.
const TOLD_WITHIN: Duration = Duration::from_secs(2);
/// How long its answer may take to be taken.
const TAKEN_WITHIN: Duration = Duration::from_secs(10);
/// After an accept that failed, before the next.
const PAUSE: Duration = Duration::from_millis(200);

/// Why commands cannot be taken.
#[derive(Debug, thiserror::Error)]
pub enum ControlError {
    /// Another switch takes commands there.
    #[error("another switch takes commands at {}: admin.socket must be another path", .0.display())]
    InUse(PathBuf),
    /// The path is something else than a socket.
    #[error("{} is no socket: admin.socket must be another path, or that file removed", .0.display())]
    NoSocket(PathBuf),
    /// The socket cannot be made.
    #[error("cannot take commands at {} (admin.socket)", path.display())]
    Failed {
        /// Where.
        path: PathBuf,
        /// Why.
        #[source]
        cause: io::Error,
    },
}

/// The control socket, made: whoever connects waits until commands are taken.
#[derive(Debug)]
pub struct ControlSocket {
    file: SocketFile,
    socket: UnixListener,
}

/// The control socket while commands are taken, which ends when this is dropped.
#[derive(Debug)]
pub struct Control {
    _file: SocketFile,
    _accepting: DropGuard,
}

/// Removed when this is dropped.
#[derive(Debug)]
struct SocketFile(PathBuf);

impl ControlSocket {
    /// Makes it at `path`. Must be called within a tokio runtime.
    ///
    /// # Errors
    /// [`ControlError`].
    pub fn make(path: PathBuf) -> Result<Self, ControlError> {
        is_free(&path)?;
        match listen(&path) {
            Ok(socket) => Ok(Self { file: SocketFile(path), socket }),
            Err(cause) => Err(ControlError::Failed { path, cause }),
        }
    }

    /// Takes commands from now on. Must be called within a tokio runtime.
    pub fn take_commands(self, exchange: mpsc::Sender<Message>, reloader: Reloader) -> Control {
        let stop = CancellationToken::new();
        tokio::spawn(accept(self.socket, Answering { exchange, reloader }, stop.clone()));
        Control { _file: self.file, _accepting: stop.drop_guard() }
    }
}

impl Drop for SocketFile {
    fn drop(&mut self) {
        // Whoever finds it left behind replaces it.
        let _ = std::fs::remove_file(&self.0);
    }
}

/// A socket nobody listens on was left by a switch that was killed.
fn is_free(path: &Path) -> Result<(), ControlError> {
    match StdStream::connect(path) {
        Ok(_) => Err(ControlError::InUse(path.to_owned())),
        Err(error) => match error.kind() {
            io::ErrorKind::NotFound => Ok(()),
            io::ErrorKind::ConnectionRefused if is_socket(path) => Ok(()),
            io::ErrorKind::ConnectionRefused => Err(ControlError::NoSocket(path.to_owned())),
            _ => Err(ControlError::Failed { path: path.to_owned(), cause: error }),
        },
    }
}

fn is_socket(path: &Path) -> bool {
    use std::os::unix::fs::FileTypeExt as _;
    std::fs::symlink_metadata(path).is_ok_and(|found| found.file_type().is_socket())
}

/// Under another name first: at its own it never stands open to others.
fn listen(path: &Path) -> io::Result<UnixListener> {
    let fresh = path.with_file_name(format!(".{}", std::process::id()));
    match std::fs::remove_file(&fresh) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        Ok(()) | Err(_) => {}
    }
    let socket = UnixListener::bind(&fresh)?;
    std::fs::set_permissions(&fresh, std::fs::Permissions::from_mode(0o600))?;
    std::fs::rename(&fresh, path)?;
    Ok(socket)
}

async fn accept(socket: UnixListener, answering: Answering, stop: CancellationToken) {
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    let commands = Arc::new(Semaphore::new(COMMANDS));
    let accepting = async {
        loop {
            let place = places.clone().acquire_owned().await.expect("never closed");
            match socket.accept().await {
                Ok((stream, _)) => {
                    let (answering, commands, stop) = (answering.clone(), commands.clone(), stop.clone());
                    tokio::spawn(async move {
                        tokio::select! {
                            () = converse(stream, &answering, &commands) => {}
                            () = stop.cancelled() => {}
                        }
                        drop(place);
                    });
                }
                Err(error) => {
                    tracing::warn!(%error, "cannot accept a command");
                    sleep(PAUSE).await;
                }
            }
        }
    };
    tokio::select! {
        () = accepting => {}
        () = stop.cancelled() => {}
    }
}

async fn converse(mut stream: UnixStream, answering: &Answering, commands: &Semaphore) {
    let mut line = Vec::new();
    let (reader, mut writer) = stream.split();
    let limit = u64::try_from(LONGEST_COMMAND).unwrap_or(u64::MAX);
    let mut reader = BufReader::new(reader.take(limit));
    // Who says nothing, or does not listen, is left.
    let Ok(Ok(_)) = timeout(TOLD_WITHIN, reader.read_until(b'\n', &mut line)).await else { return };
    let place = commands.acquire().await.expect("never closed");
    let answer = match serde_json::from_slice(&line) {
        Ok(command) => answering.answer(command).await,
        Err(error) => Answer::Refused { why: format!("the command cannot be read: {error}") },
    };
    let mut answer = serde_json::to_vec(&answer).expect("string keys and plain numbers");
    answer.push(b'\n');
    let _ = timeout(TAKEN_WITHIN, writer.write_all(&answer)).await;
    drop(place);
}
