//! The configuration: one TOML file, parsed once into exact types. Invalid configuration cannot start.

mod bins;
mod build;
mod card_numbers;
mod duplicates;
mod file;
mod findings;
mod params;
mod problem;
mod shown;

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

pub use acquirer_links::{BreakerSettings, Tls, TlsFiles};
use codec::frame::Framing;
use dialects::Dialect;
use payment::{AcquirerName, Bin, InstanceNo, MerchantNo, TerminalId, Terms};
use rustc_hash::FxHashMap;

pub use bins::BinRange;
pub(crate) use card_numbers::hidden;
pub use duplicates::{DuplicateField, Duplicates, UnknownField};
pub use params::Params;
pub use problem::{ConfigError, Invalid, Problem};

/// A valid configuration.
#[derive(Debug)]
pub struct Config {
    /// Where terminals connect, by name.
    pub listeners: BTreeMap<String, Listener>,
    /// How much the switch takes on at a time.
    pub limits: Limits,
    /// Where payments are durable.
    pub store: StoreConfig,
    /// The file with the card keys.
    pub keys_file: PathBuf,
    /// Who answers requests.
    pub acquirers: BTreeMap<AcquirerName, Acquirer>,
    /// Which of them, in which order.
    pub routing: Routing,
    /// The rules a new payment lives by, but for those of its listener.
    pub terms: Terms,
    /// What looks like the same purchase again (중복거래); `None`: nothing does.
    pub duplicates: Option<Duplicates>,
    /// Merchants (가맹점) by their 사업자등록번호.
    pub merchants: FxHashMap<MerchantNo, Merchant>,
    /// Terminals (단말기) and whose they are.
    pub terminals: FxHashMap<TerminalId, MerchantNo>,
    /// Where health and metrics are served.
    pub admin: Option<SocketAddr>,
    /// The Unix-domain socket through which commands reach the running switch.
    pub control_socket: PathBuf,
}

/// Where terminals connect.
#[derive(Clone, Debug)]
pub struct Listener {
    /// Address to listen on.
    pub address: SocketAddr,
    /// How telegrams are framed.
    pub framing: Framing,
    /// Connections at a time; further ones wait in the backlog.
    pub max_connections: usize,
    /// A connection that brings no whole telegram, waits for no answer and takes none for this long is closed.
    pub idle_timeout: Duration,
    /// How far a telegram's `sent_at` may be from the switch's clock.
    pub clock_tolerance: Duration,
    /// From the first byte of a telegram to its last; a connection that takes longer is closed.
    pub frame_timeout: Duration,
    /// A connection whose answers wait for this long without room for a byte more, as it reads nothing or too slowly, is closed.
    pub write_timeout: Duration,
    /// Telegrams a second each terminal id may send on a connection, with as many at once after a pause; 0: any number. What the errands and all
    /// its connections together may: `admission`.
    pub telegrams_per_s: u32,
    /// How its terminals confirm that they have an approval in hand.
    pub confirm: Confirm,
}

/// How terminals confirm that they have an approval in hand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Confirm {
    /// Not at all: a reply of which a byte was written is theirs.
    None,
    /// By a telegram of their own (단말 확인, 0120), and print only once that is answered.
    Ack {
        /// From the approval to its net-cancel, if they stay silent.
        within: Duration,
    },
    /// By the ACK of the handshake (ENQ, ACK, EOT), and print only after EOT. One telegram and its answer to a connection.
    Handshake {
        /// From the answer to the end of the connection, and from the approval to its net-cancel, if they stay silent.
        within: Duration,
    },
}

impl Confirm {
    /// How long an approval may wait to be confirmed, in milliseconds; `None` where nobody confirms.
    pub fn within_ms(self) -> Option<u64> {
        match self {
            Self::None => None,
            Self::Ack { within } | Self::Handshake { within } => {
                Some(u64::try_from(within.as_millis()).unwrap_or(u64::MAX))
            }
        }
    }
}

/// How much the switch takes on at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Payments without an outcome; further requests are answered 9040.
    pub payments: usize,
    /// Telegrams that would wait longer than this for the loop are answered 9040.
    pub queue: Duration,
    /// File descriptors kept from terminals, for links and store.
    pub descriptors_reserved: u64,
}

/// Where payments are durable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoreConfig {
    /// The SQLite database.
    pub path: PathBuf,
    /// The instance part of this switch's serials: two switches that share an acquirer need different ones.
    pub instance: InstanceNo,
    /// For how long each renewal gives the instance the right to send.
    pub lease: Duration,
}

/// One acquirer.
#[derive(Clone, Debug)]
pub struct Acquirer {
    /// The language it speaks.
    pub dialect: Arc<Dialect>,
    /// What that language was told.
    pub params: Params,
    /// `host:port` of each of its addresses.
    pub addresses: Vec<String>,
    /// Sockets at a time: persistent ones, or as many as requests may have where each has its own.
    pub links: usize,
    /// Requests in flight at a time.
    pub max_in_flight: usize,
    /// How long connecting may take.
    pub connect_timeout: Duration,
    /// How long an answer may take, queueing included.
    pub answer_timeout: Duration,
    /// How long after its last byte the acquirer may still approve a request.
    pub settle_after: Duration,
    /// A link that has heard nothing for this long is proven alive; `None`: never.
    pub heartbeat: Option<Duration>,
    /// Whether a fresh socket signs on before it takes requests.
    pub sign_on: bool,
    /// When it is left alone because it fails, and for how long.
    pub breaker: BreakerSettings,
    /// How its links are encrypted; `None`: plain TCP.
    pub tls: Option<Encryption>,
    /// Net-cancels on their way at a time.
    pub net_cancels_in_flight: usize,
}

/// How the links to an acquirer are encrypted.
#[derive(Clone, Debug)]
pub struct Encryption {
    /// Where its certificates are.
    pub files: TlsFiles,
    /// What the files said when the configuration was read, which is what its links go by.
    pub read: Tls,
}

/// Which acquirers a payment may go to, in which order.
#[derive(Clone, Debug)]
pub struct Routing {
    /// Share of the payments each VAN gets (VAN 수수료 배분).
    pub van_weights: Vec<(AcquirerName, u32)>,
    /// Card companies reached directly, by BIN.
    pub direct: Vec<Direct>,
}

/// A card company reached directly.
#[derive(Clone, Debug)]
pub struct Direct {
    /// The BINs that go there.
    pub bins: Vec<BinRange>,
    /// Which acquirer.
    pub acquirer: AcquirerName,
    /// What is tried when it cannot be reached.
    pub fallback: Fallback,
}

impl Direct {
    /// The narrowest of its ranges a card belongs to.
    pub fn narrowest(&self, bin: &Bin) -> Option<&BinRange> {
        self.bins.iter().filter(|range| range.contains(bin)).min_by_key(|range| range.width())
    }
}

/// What is tried when a card company cannot be reached directly.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fallback {
    /// The VANs, by their weights.
    Vans,
    /// Nobody.
    None,
}

/// A merchant (가맹점).
#[derive(Clone, Debug)]
pub struct Merchant {
    /// 상호, for people.
    pub name: String,
    /// Its identifiers at each acquirer it has a contract with; without a row an acquirer is no route for it.
    pub acquirers: BTreeMap<AcquirerName, BTreeMap<String, String>>,
    /// Share of its payments each VAN gets, where it has an agreement of its own; `None`: as everybody's.
    pub van_weights: Option<Vec<(AcquirerName, u32)>>,
    /// Whether its cards may go to card companies directly.
    pub direct: bool,
}

impl Config {
    /// Reads and checks a configuration file. Relative paths in it are relative to the file.
    ///
    /// # Errors
    /// [`ConfigError`] with everything that is wrong, each with its line; of very much the first 20.
    pub fn read(path: &Path) -> Result<Self, ConfigError> {
        let text = std::fs::read_to_string(path)
            .map_err(|cause| ConfigError::Unreadable { path: path.to_owned(), cause })?;
        Self::parse(&text, path)
    }

    /// As [`Config::read`], of a text that is (or would be) at `path`.
    ///
    /// # Errors
    /// As [`Config::read`].
    pub fn parse(text: &str, path: &Path) -> Result<Self, ConfigError> {
        build::build(findings::read(text), path.parent().unwrap_or(Path::new(".")))
            .map_err(|problems| ConfigError::invalid(path, text, problems))
    }
}
