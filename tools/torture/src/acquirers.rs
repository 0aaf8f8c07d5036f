//! The simulated acquirers of a run, each behind a proxy.

use std::{
    fs::File,
    io::{self, BufWriter, Write},
    net::SocketAddr,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use jiff::Timestamp;
use telegram_replay::{
    acquirer::{Acquirer, Dialect, Order, Settings, Truth},
    layout::Layouts,
};

use crate::{
    certificates::Certificates,
    configuration::{ACQUIRERS, AcquirerKind, Sealed},
    impostor::{Guise, Impostors},
    proxy::Proxy,
};

/// How late a late answer is: later than the switch waits.
const LATE: Duration = Duration::from_millis(2_200);

/// An acquirer and the line to it.
pub struct Line {
    /// What it is.
    pub kind: AcquirerKind,
    /// The simulated acquirer.
    pub acquirer: Acquirer,
    /// The line between the switch and it.
    pub proxy: Proxy,
    /// Those who may answer in its place, where the line has TLS.
    pub impostors: Option<Impostors>,
    last_deed: Arc<AtomicI64>,
}

/// A file that remembers when something of a payment was last written to it.
struct Noting {
    file: BufWriter<File>,
    line: Vec<u8>,
    last: Arc<AtomicI64>,
}

/// What goes on for ever on a healthy line.
const OF_NO_PAYMENT: [&str; 2] = ["\"echoed\"", "\"signed-on\""];

impl Write for Noting {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.line.extend_from_slice(bytes);
        if bytes.ends_with(b"\n") {
            let line = String::from_utf8_lossy(&self.line);
            if !OF_NO_PAYMENT.iter().any(|of_none| line.contains(of_none)) {
                self.last.store(Timestamp::now().as_millisecond(), Ordering::Relaxed);
            }
            self.line.clear();
        }
        self.file.write_all(bytes).map(|()| bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// What an acquirer did, by its name.
#[derive(Clone, Debug)]
pub struct Told {
    /// Its name.
    pub acquirer: String,
    /// What it speaks.
    pub dialect: String,
    /// Everything it did, oldest first.
    pub truth: Vec<Truth>,
}

/// Starts all of them, some with TLS. What each does is written to a file of its name in `folder` too.
///
/// # Errors
/// No port is free, no certificate can be made, or the spec files do not fit.
pub async fn start(
    seed: u64,
    folder: &Path,
    sealed: [Option<Sealed>; ACQUIRERS.len()],
    certificates: &Certificates,
) -> io::Result<Vec<Line>> {
    let mut lines = Vec::new();
    for (number, kind) in ACQUIRERS.into_iter().enumerate() {
        let dialect = Dialect::named(kind.dialect).ok_or_else(|| io::Error::other(kind.dialect))?;
        let mut settings = Settings::new(SocketAddr::from(([127, 0, 0, 1], 0)));
        settings.late = LATE;
        let file = BufWriter::new(File::create(folder.join(format!("{}.jsonl", kind.name)))?);
        let last_deed = Arc::new(AtomicI64::new(0));
        settings.truth = Some(Box::new(Noting { file, line: Vec::new(), last: Arc::clone(&last_deed) }));
        let mut impostors = None;
        if let Some(Sealed { wants_ours }) = sealed[number] {
            settings.tls = Some(certificates.proper(wants_ours)?);
            impostors = Some(Impostors::start(dialect, certificates).await?);
        }
        let acquirer =
            Acquirer::start(dialect, &Layouts::embedded(), settings).await.map_err(io::Error::other)?;
        // Behind TLS nobody can tell frames apart.
        let frame = impostors.is_none().then_some(dialect.frame);
        let proxy = Proxy::start(seed, number as u64, frame)?;
        proxy.lead_to(Some(acquirer.local_addr()));
        lines.push(Line { kind, acquirer, proxy, impostors, last_deed });
    }
    Ok(lines)
}

impl Line {
    /// What it did so far.
    pub fn told(&self) -> Told {
        Told {
            acquirer: self.kind.name.to_owned(),
            dialect: self.kind.dialect.to_owned(),
            truth: self.acquirer.truth(),
        }
    }

    /// The line leads to somebody else from now on; the connections that are open end.
    pub fn lead_to(&self, guise: Guise) {
        if let Some(address) = self.impostors.as_ref().and_then(|impostors| impostors.address(guise)) {
            self.proxy.lead_to(Some(address));
            self.acquirer.drop_connections();
        }
    }

    /// The line leads to the acquirer again.
    pub fn lead_home(&self) {
        self.proxy.lead_to(Some(self.acquirer.local_addr()));
        if let Some(impostors) = &self.impostors {
            impostors.drop_connections();
        }
    }

    /// When it last did anything; `None` before it did.
    pub fn last_deed_at(&self) -> Option<Timestamp> {
        let at = self.last_deed.load(Ordering::Relaxed);
        if at == 0 { None } else { Timestamp::from_millisecond(at).ok() }
    }

    /// Lets held answers go, the last first.
    pub async fn release(&self) {
        self.acquirer.release(Order::LastFirst).await;
    }
}
