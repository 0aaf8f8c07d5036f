//! What goes on at the same time, and ends when the supervisor ends.

use std::{future::Future, io};

use tokio::task::{JoinHandle, JoinSet};

use crate::{supervisor::Findings, terminal::Terminal};

/// A supervisor at work.
pub(super) type Supervising = JoinHandle<io::Result<Findings>>;

/// Ends a task that nobody waits for.
pub(super) struct AbortOnDrop(pub(super) JoinHandle<()>);

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Waits for it, unless the supervisor gives up before.
pub(super) async fn unless_it_ends<T>(
    doing: impl Future<Output = T>,
    supervisor: &mut Supervising,
) -> io::Result<T> {
    tokio::select! {
        done = doing => Ok(done),
        ended = supervisor => Err(match ended.map_err(io::Error::other).and_then(|ended| ended) {
            Ok(findings) => io::Error::other(format!("the supervisor ended: {:?}", findings.violations)),
            Err(error) => error,
        }),
    }
}

/// Has all of them do it, together.
pub(super) async fn all<F: Future<Output = Terminal> + Send + 'static>(
    terminals: Vec<Terminal>,
    what: impl Fn(Terminal) -> F,
    supervisor: &mut Supervising,
) -> io::Result<Vec<Terminal>> {
    let mut doing = JoinSet::new();
    for terminal in terminals {
        doing.spawn(what(terminal));
    }
    joined(doing, supervisor).await
}

/// Waits for all of them.
pub(super) async fn joined(
    mut doing: JoinSet<Terminal>,
    supervisor: &mut Supervising,
) -> io::Result<Vec<Terminal>> {
    let joining = async {
        let mut terminals = Vec::new();
        while let Some(ended) = doing.join_next().await {
            terminals.push(ended.map_err(io::Error::other)?);
        }
        Ok(terminals)
    };
    unless_it_ends(joining, supervisor).await?
}
