//! The simulated acquirers, and an address where nobody answers.

use std::{collections::BTreeMap, io, net::SocketAddr, time::Duration};

use telegram_replay::{
    acquirer::{Acquirer, Behaviour, Dialect, Rule, Script, Settings},
    layout::Layouts,
};

use super::{SandboxError, settings::Addresses, world::World};

/// How late late answers are: later than the sandbox waits.
const LATE: Duration = Duration::from_secs(2);
/// How long an approval comes after its net-cancel was told that there is none.
const AFTER_NET_CANCEL: Duration = Duration::from_millis(500);

/// What an acquirer declines besides the amounts it declines anyway: last two digits, code.
const DECLINES: [(u64, &str); 3] = [(54, "8316"), (55, "8322"), (56, "8391")];
/// The amount at which the card company and kspay approve and never answer, in won. The next VAN answers it.
const SILENT: u64 = 84_000;

/// They run until this is dropped.
pub(super) struct Acquirers {
    kovan: Acquirer,
    kovan2: Acquirer,
    kspay: Acquirer,
    kicc: Acquirer,
    card450: Acquirer,
    card451: SocketAddr,
    /// An address refuses connections for as long as its socket is bound and does not listen.
    _down: socket2::Socket,
}

impl Acquirers {
    pub(super) async fn start(world: &World) -> Result<Self, SandboxError> {
        let start = |dialect: &'static str, rules: Vec<Rule>| {
            let script = Script { rules: rules.into_iter().chain(declines()).collect(), ..Script::default() };
            world.spawn(async move {
                let dialect = Dialect::named(dialect).expect("a dialect of the simulated acquirers");
                let any_port = SocketAddr::from(([127, 0, 0, 1], 0));
                let settings = Settings {
                    script,
                    late: LATE,
                    after_net_cancel: AFTER_NET_CANCEL,
                    ..Settings::new(any_port)
                };
                Acquirer::start(dialect, &Layouts::embedded(), settings).await
            })
        };
        let ended = |error: tokio::task::JoinError| SandboxError::Day(error.to_string());
        let silent = Rule { amount: Some(SILENT), ..Rule::of(Behaviour::ANSWER_NEVER) };
        let kovan = start("kovan", Vec::new()).await.map_err(ended)??;
        let kovan2 = start("kovan", Vec::new()).await.map_err(ended)??;
        let kspay = start("kspay", vec![silent.clone()]).await.map_err(ended)??;
        let kicc = start("kicc", Vec::new()).await.map_err(ended)??;
        let card450 = start("card450", vec![silent]).await.map_err(ended)??;
        let (card451, down) = refusing().map_err(SandboxError::io("reserve the address of card451"))?;
        Ok(Self { kovan, kovan2, kspay, kicc, card450, card451, _down: down })
    }

    /// What is approved and not cancelled by the own books of each, in won.
    pub(super) fn live_won(&self) -> BTreeMap<&'static str, u64> {
        let Self { kovan, kovan2, kspay, kicc, card450, .. } = self;
        let named =
            [("kovan", kovan), ("kovan2", kovan2), ("kspay", kspay), ("kicc", kicc), ("card450", card450)];
        let left = |acquirer: &Acquirer| acquirer.live().iter().map(|(_, left)| left).sum();
        named.into_iter().map(|(name, acquirer)| (name, left(acquirer))).collect()
    }

    pub(super) fn addresses(&self) -> Addresses {
        Addresses {
            kovan: self.kovan.local_addr(),
            kovan2: self.kovan2.local_addr(),
            kspay: self.kspay.local_addr(),
            kicc: self.kicc.local_addr(),
            card450: self.card450.local_addr(),
            card451: self.card451,
        }
    }
}

fn declines() -> impl Iterator<Item = Rule> {
    DECLINES.into_iter().map(|(ends, code)| Rule {
        amount_ends: Some(ends),
        code: Some(code.to_owned()),
        ..Rule::of(Behaviour::REFUSE)
    })
}

fn refusing() -> io::Result<(SocketAddr, socket2::Socket)> {
    let socket = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None)?;
    socket.bind(&SocketAddr::from(([127, 0, 0, 1], 0)).into())?;
    let down = socket.local_addr()?.as_socket().ok_or_else(|| io::Error::other("not an IP address"))?;
    Ok((down, socket))
}
