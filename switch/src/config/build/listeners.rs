//! The `[listen.<name>]` sections.

use std::{collections::BTreeMap, time::Duration};

use codec::frame::{Framing, UnknownFraming};
use toml::Spanned;

use super::{Build, DAY_S, MANY, strip};
use crate::config::{Confirm, Listener, file};

/// The longest an approval may wait to be confirmed: as long it is neither sold nor undone.
const LONGEST_ACK_MS: u64 = 600_000;
/// How long a terminal has to confirm an approval, unless its listener says otherwise.
const ACK_MS: u64 = 10_000;
/// More telegrams a second than a terminal has.
const MANY_TELEGRAMS: u32 = 1_000_000;

impl Build {
    pub(super) fn listeners(&mut self, listen: BTreeMap<String, file::Listen>) -> BTreeMap<String, Listener> {
        if listen.is_empty() {
            self.problem(0..0, "expected at least one [listen.<name>] section, found none");
        }
        listen
            .into_iter()
            .filter_map(|(name, listen)| Some((name.clone(), self.listener(&name, &listen)?)))
            .collect()
    }

    fn listener(&mut self, name: &str, listen: &file::Listen) -> Option<Listener> {
        let at = |key: &str| format!("listen.{name}.{key}");
        let address = self.address(&listen.address, &at("address"));
        let framing = match &listen.framing {
            None => Some(Framing::Ascii4),
            Some(framing) => {
                let parsed = framing.get_ref().parse();
                parsed
                    .map_err(|error: UnknownFraming| {
                        self.unexpected(framing, &at("framing"), strip(&error.to_string()));
                    })
                    .ok()
            }
        };
        let confirm = self.confirm(listen, framing, at);
        let max_connections = self.within(&listen.max_connections, 1..=MANY, &at("max_connections"));
        let idle_timeout_s = self.within(&listen.idle_timeout_s, 1..=DAY_S, &at("idle_timeout_s"));
        let frame_timeout = self.milliseconds(&listen.frame_timeout_ms, &at("frame_timeout_ms"));
        let write_timeout = self.milliseconds(&listen.write_timeout_ms, &at("write_timeout_ms"));
        let telegrams_per_s =
            self.within(&listen.telegrams_per_s, 0..=MANY_TELEGRAMS, &at("telegrams_per_s"));
        let tolerance_s = self.within(&listen.clock_tolerance_s, 1..=DAY_S, &at("clock_tolerance_s"));
        Some(Listener {
            address: address?,
            framing: framing?,
            max_connections,
            idle_timeout: Duration::from_secs(idle_timeout_s),
            clock_tolerance: Duration::from_secs(tolerance_s),
            frame_timeout,
            write_timeout,
            telegrams_per_s,
            confirm,
        })
    }

    fn confirm(
        &mut self,
        listen: &file::Listen,
        framing: Option<Framing>,
        at: impl Fn(&str) -> String,
    ) -> Confirm {
        let acknowledged = match &listen.confirm {
            None => false,
            Some(confirm) => match confirm.get_ref().as_str() {
                "none" => false,
                "ack" => true,
                _ => {
                    self.unexpected(confirm, &at("confirm"), "none | ack");
                    false
                }
            },
        };
        let handshake = listen.handshake.as_ref().filter(|handshake| *handshake.get_ref());
        let within_ms = match &listen.ack_timeout_ms {
            None => ACK_MS,
            Some(timeout) => self.within(timeout, 1..=LONGEST_ACK_MS, &at("ack_timeout_ms")),
        };
        let within = Duration::from_millis(within_ms);
        let Some(handshake) = handshake else {
            if acknowledged {
                return Confirm::Ack { within };
            }
            // A confirm that is wrong in itself is not reported again here.
            let is_none = listen.confirm.as_ref().is_none_or(|confirm| confirm.get_ref() == "none");
            if let Some(timeout) = listen.ack_timeout_ms.as_ref().filter(|_| is_none) {
                self.wants_confirmation(timeout, &at("ack_timeout_ms"));
            }
            return Confirm::None;
        };
        if let Some(framing) = framing.filter(|framing| *framing != Framing::StxLrc) {
            let expected = format!("framing = \"{}\" beside it, found \"{framing}\"", Framing::StxLrc);
            self.problem(handshake.span(), format!("{}: expected {expected}", at("handshake")));
        }
        if let Some(confirm) = listen.confirm.as_ref().filter(|_| acknowledged) {
            let expected = "nothing beside handshake = true, which acknowledges itself";
            self.unexpected(confirm, &at("confirm"), expected);
        }
        Confirm::Handshake { within }
    }

    fn wants_confirmation(&mut self, timeout: &Spanned<u64>, key: &str) {
        let what = format!("{key}: expected confirm = \"ack\" or handshake = true beside it, found neither");
        self.problem(timeout.span(), what);
    }
}
