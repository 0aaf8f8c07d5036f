//! Those who answer in an acquirer's place when a line leads to the wrong machine: what they show is not what the switch was told to expect.

use std::{
    io,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use socket2::SockRef;
use telegram_replay::{
    acquirer::{Acquirer, Dialect, Settings, Tls},
    layout::Layouts,
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    time::{sleep, timeout},
};
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::certificates::Certificates;

/// What is wrong with whoever answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Guise {
    /// Its certificate comes from nobody the switch trusts.
    Stranger,
    /// Its certificate is for another name.
    OtherName,
    /// Its certificate has expired.
    Expired,
    /// It wants a certificate that the switch does not have.
    WantsAnothers,
    /// It speaks no TLS.
    Plain,
    /// It takes the connection and never says anything.
    Mute,
    /// It resets the connection in the middle of the handshake.
    Cut,
}

impl Guise {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Stranger,
        Self::OtherName,
        Self::Expired,
        Self::WantsAnothers,
        Self::Plain,
        Self::Mute,
        Self::Cut,
    ];
}

/// All that may answer in the place of one acquirer. Dropped, they stop.
pub struct Impostors {
    shown: Vec<(Guise, Acquirer)>,
    bare: Vec<(Guise, SocketAddr)>,
    /// Connections to those without TLS that did not begin with a handshake.
    in_clear: Arc<AtomicU64>,
    _listening: DropGuard,
}

impl Impostors {
    /// Starts them in the place of an acquirer of this dialect, which they speak too: whoever trusts them loses money to them.
    ///
    /// # Errors
    /// No port is free, or no certificate can be made.
    pub async fn start(dialect: &'static Dialect, certificates: &Certificates) -> io::Result<Self> {
        let stopping = CancellationToken::new();
        let (mut shown, mut bare) = (Vec::new(), Vec::new());
        let in_clear = Arc::new(AtomicU64::new(0));
        for guise in Guise::ALL {
            let tls: Tls = match guise {
                Guise::Stranger => certificates.of_a_stranger()?,
                Guise::OtherName => certificates.of_another_name()?,
                Guise::Expired => certificates.expired()?,
                Guise::WantsAnothers => certificates.wanting_anothers()?,
                Guise::Plain | Guise::Mute | Guise::Cut => {
                    bare.push((guise, listen(guise, Arc::clone(&in_clear), stopping.clone()).await?));
                    continue;
                }
            };
            let mut settings = Settings::new(SocketAddr::from(([127, 0, 0, 1], 0)));
            settings.tls = Some(tls);
            let acquirer = Acquirer::start(dialect, &Layouts::embedded(), settings).await;
            shown.push((guise, acquirer.map_err(io::Error::other)?));
        }
        Ok(Self { shown, bare, in_clear, _listening: stopping.drop_guard() })
    }

    /// Where this one listens.
    pub fn address(&self, guise: Guise) -> Option<SocketAddr> {
        let shown = self.shown.iter().map(|(guise, acquirer)| (*guise, acquirer.local_addr()));
        shown.chain(self.bare.iter().copied()).find(|(of, _)| *of == guise).map(|(_, address)| address)
    }

    /// The telegrams that they were told: there may be none.
    pub fn told(&self) -> Vec<String> {
        let of = |(guise, acquirer): &(Guise, Acquirer)| {
            let told = acquirer.truth().into_iter();
            told.map(|truth| format!("a telegram went to {guise:?}: {truth:?}")).collect::<Vec<_>>()
        };
        let in_clear = self.in_clear.load(Ordering::Relaxed);
        let clear =
            (in_clear > 0).then(|| format!("{in_clear} connections began with something else than TLS"));
        self.shown.iter().flat_map(of).chain(clear).collect()
    }

    /// Closes every connection, as a line does that leads elsewhere again.
    pub fn drop_connections(&self) {
        for (_, acquirer) in &self.shown {
            acquirer.drop_connections();
        }
    }
}

async fn listen(
    guise: Guise,
    in_clear: Arc<AtomicU64>,
    stopping: CancellationToken,
) -> io::Result<SocketAddr> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let address = listener.local_addr()?;
    tokio::spawn(async move {
        loop {
            let accepted = tokio::select! {
                () = stopping.cancelled() => return,
                accepted = listener.accept() => accepted,
            };
            match accepted {
                Ok((stream, _)) => {
                    let (in_clear, stopping) = (Arc::clone(&in_clear), stopping.clone());
                    tokio::spawn(async move {
                        stopping.run_until_cancelled(serve(stream, guise, &in_clear)).await
                    });
                }
                // No descriptors left, most likely: accepting at once again would only spin.
                Err(_) => sleep(Duration::from_millis(20)).await,
            }
        }
    });
    Ok(address)
}

/// What every TLS connection begins with.
const HANDSHAKE: u8 = 0x16;

async fn serve(mut stream: TcpStream, guise: Guise, in_clear: &AtomicU64) {
    let mut hello = [0; 64];
    let heard = timeout(Duration::from_secs(5), stream.read(&mut hello)).await;
    if !matches!(heard, Ok(Ok(1..))) {
        return;
    }
    if hello[0] != HANDSHAKE {
        in_clear.fetch_add(1, Ordering::Relaxed);
    }
    if guise == Guise::Plain {
        // Whoever hung up needs not hear it.
        let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
    }
    if guise == Guise::Cut {
        // One that is reset already cannot be reset again.
        let _ = SockRef::from(&stream).set_linger(Some(Duration::ZERO));
        return;
    }
    // Until it is tired of it.
    while matches!(timeout(Duration::from_secs(30), stream.read(&mut hello)).await, Ok(Ok(1..))) {}
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use telegram_replay::acquirer::Dialect;
    use tokio::{
        io::{AsyncReadExt as _, AsyncWriteExt as _},
        net::TcpStream,
        time::timeout,
    };

    use super::{Guise, HANDSHAKE, Impostors};
    use crate::certificates::Certificates;

    /// Says this to the one that answers everything, and waits until it has answered.
    async fn say(impostors: &Impostors, bytes: &[u8]) {
        let mut stream = TcpStream::connect(impostors.address(Guise::Plain).unwrap()).await.unwrap();
        stream.write_all(bytes).await.unwrap();
        timeout(Duration::from_secs(10), stream.read_u8()).await.unwrap().unwrap();
    }

    #[tokio::test]
    async fn what_begins_as_no_handshake_is_told_and_what_does_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let certificates = Certificates::make(folder.path()).unwrap();
        let impostors = Impostors::start(Dialect::named("kovan").unwrap(), &certificates).await.unwrap();
        say(&impostors, &[HANDSHAKE, 3, 1]).await;
        assert_eq!(impostors.told(), Vec::<String>::new());
        say(&impostors, b"0356").await;
        assert_eq!(impostors.told().len(), 1);
    }
}
