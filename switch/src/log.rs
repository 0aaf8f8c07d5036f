//! Log lines go out by a thread of their own: whoever reads them and stands still holds up no payment.

use std::{
    io::{self, Write},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
        mpsc::{Receiver, SyncSender, TrySendError, sync_channel},
    },
    thread,
    time::Duration,
};

use tracing_subscriber::fmt::MakeWriter;

/// Lines that may wait to be written; further ones are lost, and counted.
pub const WAITING: usize = 8192;
/// How long the end waits for the last lines.
const LAST_LINES: Duration = Duration::from_secs(1);

/// Takes log lines and never waits.
#[derive(Clone, Debug)]
pub struct Log {
    orders: SyncSender<Order>,
    lost: Arc<AtomicU64>,
}

#[derive(Debug)]
enum Order {
    Line(Vec<u8>),
    End(SyncSender<()>),
}

impl Log {
    /// Starts the thread that writes to `sink`.
    ///
    /// # Errors
    /// The thread cannot be started.
    pub fn start(sink: impl Write + Send + 'static) -> io::Result<Self> {
        let (orders, waiting) = sync_channel(WAITING);
        let lost = Arc::new(AtomicU64::new(0));
        let counted = lost.clone();
        thread::Builder::new().name("log".to_owned()).spawn(move || write(sink, &waiting, &counted))?;
        Ok(Self { orders, lost })
    }

    /// Waits for the lines taken so far, if they go out soon.
    pub fn finish(&self) {
        let (written, told) = sync_channel(1);
        if self.orders.try_send(Order::End(written)).is_ok() {
            // Nobody is left to hear of lines that nobody reads.
            let _ = told.recv_timeout(LAST_LINES);
        }
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = &'a Self;

    fn make_writer(&'a self) -> Self::Writer {
        self
    }
}

/// One write is one line.
impl Write for &Log {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        match self.orders.try_send(Order::Line(line.to_vec())) {
            Ok(()) => {}
            Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) => {
                self.lost.fetch_add(1, Ordering::Relaxed);
            }
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn write(mut sink: impl Write, orders: &Receiver<Order>, lost: &AtomicU64) {
    for order in orders {
        // Nobody is left to hear of a broken sink.
        let _ = match order {
            Order::Line(line) => sink.write_all(&line),
            Order::End(written) => written.send(()).map_err(io::Error::other),
        };
        let lost = lost.swap(0, Ordering::Relaxed);
        if lost > 0 {
            let _ = writeln!(
                sink,
                r#"{{"timestamp":"{}","level":"ERROR","fields":{{"message":"log lines were lost: nobody read them in time","lines":{lost}}},"target":"switch::log"}}"#,
                jiff::Timestamp::now()
            );
        }
    }
}
