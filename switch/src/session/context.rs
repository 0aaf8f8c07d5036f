//! What a session is given, and how it goes by the configuration as it is.

use std::sync::Arc;

use arc_swap::ArcSwap;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::{
    admission::Admission,
    clock::Clock,
    config::{Config, Confirm, Listener},
    exchange::Message,
    vault::Vault,
};

/// What a session needs of the switch.
#[derive(Clone)]
pub struct Context {
    /// The configuration as it is at this moment: a reload swaps it between two telegrams.
    pub config: Arc<ArcSwap<Config>>,
    /// The settings of the listener it came in by.
    pub listener: Listener,
    /// Decides what is let in.
    pub admission: Arc<Admission>,
    /// Seals cards.
    pub vault: Arc<Vault>,
    /// What time it is.
    pub clock: Clock,
    /// To the exchange.
    pub exchange: mpsc::Sender<Message>,
    /// Nothing more is read once this is cancelled; what was asked is still answered.
    pub closing: CancellationToken,
}

impl Context {
    /// Goes by what the configuration says of the listener of that name now. Of a listener that is gone the last settings hold.
    pub fn follow(&mut self, name: &str) {
        if let Some(listener) = self.config.load().listeners.get(name) {
            self.listener = listener.clone();
        }
    }

    /// As [`Context::follow`], in the middle of a connection: it stays framed and confirmed as its peer began it.
    pub(super) fn follow_on(&mut self, name: &str) {
        let Listener { framing, confirm, .. } = self.listener;
        self.follow(name);
        self.listener.framing = framing;
        self.listener.confirm = match (confirm, self.listener.confirm) {
            (Confirm::Ack { .. }, Confirm::Ack { within }) => Confirm::Ack { within },
            (Confirm::None | Confirm::Ack { .. } | Confirm::Handshake { .. }, _) => confirm,
        };
    }
}
