//! Load: many terminals that send 0100s as fast as they are answered, or at a steady rate.
//!
//! Every telegram is one prepared buffer with terminal, trace number, time and card patched in, so that the tool is
//! cheap next to what it measures. At a rate, latency counts from the instant a telegram was due where it had to wait
//! for an answer or a socket, so that a stalled switch is not left out.

mod card;
mod line;
mod report;
mod template;
#[cfg(test)]
mod tests;

use std::cell::RefCell;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::Duration;

use tokio::task::LocalSet;
use tokio::time::Instant;

pub use card::{CardError, Cards};
pub use report::Report;
pub use template::TemplateError;

use crate::clock;
use crate::layout::Layouts;
use report::Counts;
use template::Template;

/// Trace numbers of one terminal on one date.
pub const TRACES: u32 = 1_000_000;

/// What load to put on a switch.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The switch.
    pub to: SocketAddr,
    /// Sockets, each with its own share of terminals and trace numbers.
    pub connections: u32,
    /// Telegrams on the way at once, on each socket.
    pub pipeline: u32,
    /// Telegrams per second altogether; as fast as they are answered when absent.
    pub rate: Option<f64>,
    /// How long to send.
    pub time: Duration,
    /// How long the last answers may take.
    pub answer_timeout: Duration,
    /// First terminal.
    pub first_terminal: u64,
    /// How many terminals, with consecutive numbers of ten digits.
    pub terminals: u32,
    /// The merchant of all of them.
    pub merchant_no: String,
    /// The first trace number of every share.
    pub first_trace: u32,
    /// Amount of every telegram, in won.
    pub amount: u64,
    /// Card numbers.
    pub cards: Cards,
}

/// Why no load can be put on the switch.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The layouts do not allow the telegram.
    #[error(transparent)]
    Template(#[from] TemplateError),
    /// No connection could be made at all.
    #[error("cannot connect to {to}")]
    Connect {
        /// Where to.
        to: SocketAddr,
        /// Why.
        source: std::io::Error,
    },
}

/// Puts the load on the switch; `progress` is told of the answers so far about five times a second.
///
/// Everything runs on the calling thread, so that one core of the tool is one core of the tool.
///
/// # Errors
/// [`LoadError`] when the telegram cannot be built, or the first connection cannot be made.
pub async fn load(
    settings: &Settings,
    layouts: &Layouts,
    mut progress: impl FnMut(Duration, u64),
) -> Result<Report, LoadError> {
    let template = Rc::new(Template::new(settings, layouts)?);
    let counts = Rc::new(RefCell::new(Counts::new()));
    // Whether anybody is there at all is worth knowing before the time runs.
    let first = tokio::net::TcpStream::connect(settings.to)
        .await
        .map_err(|source| LoadError::Connect { to: settings.to, source })?;
    drop(first);
    let local = LocalSet::new();
    let start = Instant::now();
    let until = start + settings.time;
    let mut lines = Vec::new();
    for index in 0..settings.connections {
        let share = Share::of(settings, index);
        let line = line::Line::new(settings, share, Rc::clone(&template), Rc::clone(&counts), start);
        lines.push(local.spawn_local(line.run()));
    }
    local
        .run_until(async {
            while Instant::now() < until {
                tokio::time::sleep(Duration::from_millis(200).min(until - Instant::now())).await;
                progress(start.elapsed(), counts.borrow().answered());
            }
            for line in lines {
                line.await.expect("a line ends without a panic");
            }
        })
        .await;
    let report = counts.borrow().report(settings.time);
    Ok(report)
}

/// A first trace number by the time of day: runs a minute apart on one day begin at different ones.
pub fn first_trace_now() -> u32 {
    let midnight = clock::kst_now().time().duration_since(jiff::civil::Time::midnight());
    // A day has 86,400 seconds, and there are a million trace numbers.
    u32::try_from(midnight.as_secs() * 11).unwrap_or(0) % TRACES
}

/// The terminals and trace numbers that one socket has for itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Share {
    index: u32,
    first_terminal: u64,
    terminals: u32,
    step: u32,
    first_trace: u32,
    traces: u32,
}

impl Share {
    /// With fewer terminals than sockets several sockets share a terminal and divide its trace numbers; with more,
    /// a socket has every n-th terminal with all its trace numbers.
    fn of(settings: &Settings, index: u32) -> Self {
        let (connections, terminals) = (settings.connections, settings.terminals);
        let terminal = index % terminals;
        let sharers = (connections - terminal).div_ceil(terminals).max(1);
        let own = if terminals > connections { (terminals - index).div_ceil(connections) } else { 1 };
        let traces = TRACES / sharers;
        Self {
            index,
            first_terminal: settings.first_terminal + u64::from(terminal),
            terminals: own,
            step: connections,
            first_trace: (settings.first_trace + index / terminals * traces) % TRACES,
            traces,
        }
    }

    /// Terminal and trace number of the nth telegram; they repeat only when every pair was used.
    fn nth(&self, n: u64) -> (u64, u32) {
        let terminal = n % u64::from(self.terminals);
        let round = u32::try_from(n / u64::from(self.terminals) % u64::from(self.traces))
            .expect("below the number of trace numbers");
        let terminal = self.first_terminal + terminal * u64::from(self.step);
        (terminal, (self.first_trace + round) % TRACES)
    }
}
