//! What changes in a configuration while the switch runs.

use std::net::SocketAddr;

use super::{ACQUIRERS, Breaker, LISTENERS, Shape};
use crate::chance::Chance;

/// One change, or a configuration that no switch may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// The same file again.
    Nothing,
    /// How many links an acquirer has, and how much may be under way there.
    Links {
        /// Which one.
        acquirer: usize,
        /// Sockets.
        links: usize,
        /// Requests at a time.
        max_in_flight: usize,
    },
    /// How long an acquirer may take to answer, in milliseconds.
    AnswerTimeout {
        /// Which one.
        acquirer: usize,
        /// Milliseconds.
        ms: u64,
    },
    /// Whether an idle line is asked for a sign of life.
    Heartbeat {
        /// Whose.
        acquirer: usize,
        /// Whether.
        on: bool,
    },
    /// When an acquirer is left alone.
    Breaker {
        /// Which one.
        acquirer: usize,
        /// How it is judged.
        breaker: Breaker,
    },
    /// The shares of the four VANs.
    Weights([u32; 4]),
    /// What happens after silence.
    Failover(&'static str),
    /// Net-cancels pause at most so long, in milliseconds.
    MaxDelay(u64),
    /// An acquirer is left out; one that was left out before is there again.
    Remove {
        /// Which one.
        acquirer: usize,
    },
    /// Whoever was left out is there again.
    Restore,
    /// A listener moves to another address.
    Move {
        /// Which one.
        listener: usize,
        /// The last number of its loopback address.
        host: u8,
    },
    /// The switch shows another certificate of its own.
    OwnCertificate,
    /// A file that must be refused: the old configuration stays.
    Refused(Flaw),
}

/// What is wrong with a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flaw {
    /// It ends in the middle of a line.
    CutOff,
    /// A key that nobody knows.
    UnknownKey,
    /// A share for an acquirer that is not there.
    UnknownAcquirer,
    /// An acquirer speaks another language.
    OtherLanguage,
    /// Another store.
    OtherStore,
    /// A listener at an address where somebody else listens.
    TakenAddress,
    /// A file with certificates that is not there.
    NoCertificates,
}

impl Flaw {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::CutOff,
        Self::UnknownKey,
        Self::UnknownAcquirer,
        Self::OtherLanguage,
        Self::OtherStore,
        Self::TakenAddress,
        Self::NoCertificates,
    ];

    /// A text with this flaw. `taken` is an address where somebody listens.
    pub fn spoil(self, text: &str, taken: SocketAddr) -> String {
        let spoilt = match self {
            Self::CutOff => {
                let end = text.rfind("[[terminals]]").unwrap_or(0);
                format!("{}[[termi", &text[..end])
            }
            Self::UnknownKey => text.replacen("[routing]\n", "[routing]\nfavourite = \"kovan\"\n", 1),
            Self::UnknownAcquirer => text.replacen("van_weights = { ", "van_weights = { nobody = 1, ", 1),
            Self::OtherLanguage => text.replacen("dialect = \"kicc\"", "dialect = \"kovan\"", 1),
            Self::OtherStore => text.replacen("switch.db\"", "other.db\"", 1),
            Self::TakenAddress => format!("[listen.another]\naddress = \"{taken}\"\n{text}"),
            Self::NoCertificates => text.replacen(
                "dialect = \"kspay\"\n",
                "dialect = \"kspay\"\ntls = { ca = \"nowhere.pem\", server_name = \"nobody\" }\n",
                1,
            ),
        };
        // Whoever it was to be wrong about may be left out at the moment.
        if spoilt == text { format!("favourite = \"kovan\"\n{text}") } else { spoilt }
    }
}

impl Change {
    /// One of them by chance.
    pub fn of(chance: &mut Chance) -> Self {
        let acquirer = chance.index(ACQUIRERS.len());
        let number = |chance: &mut Chance, from: usize, to: usize| from + chance.index(to - from);
        match chance.below(20) {
            0 => Self::Nothing,
            1..4 => {
                let links = match ACQUIRERS[acquirer].dialect {
                    "kspay" => number(chance, 16, 64),
                    "card450" => number(chance, 4, 20),
                    _ => number(chance, 1, 6),
                };
                let max_in_flight = chance.one_of(&[3, 20, 1_000, 1_000]);
                Self::Links { acquirer, links, max_in_flight }
            }
            // More than the second that kicc is told it has, and less than late answers take.
            4..6 => Self::AnswerTimeout { acquirer, ms: 1_100 + chance.below(800) },
            6 => Self::Heartbeat { acquirer, on: chance.one_in(2) },
            7 => {
                let (failures, slow_ms) = (chance.one_of(&[1, 2, 5, 20]), chance.one_of(&[0, 0, 200, 900]));
                let pause_ms = chance.one_of(&[100, 500, 2_000]);
                Self::Breaker { acquirer, breaker: Breaker { failures, slow_ms, pause_ms } }
            }
            8 => {
                let mut weight = || 1 + u32::try_from(chance.below(60)).unwrap_or(0);
                Self::Weights([weight(), weight(), weight(), weight()])
            }
            9 => Self::Failover(chance.one_of(&["never", "after-net-cancel", "at-once"])),
            10 => Self::MaxDelay(chance.one_of(&[500, 1_000, 3_000])),
            11..14 => Self::Remove { acquirer },
            14 => Self::Restore,
            15..17 => {
                let host = 1 + u8::try_from(chance.below(5)).unwrap_or(0);
                Self::Move { listener: chance.index(LISTENERS.len()), host }
            }
            17 => Self::OwnCertificate,
            _ => Self::Refused(chance.one_of(&Flaw::ALL)),
        }
    }
}

impl Shape {
    /// The shape after a change; the same for a file that must be refused.
    #[must_use]
    pub fn changed(&self, change: Change) -> Self {
        let mut shape = self.clone();
        match change {
            Change::Nothing | Change::OwnCertificate | Change::Refused(_) => {}
            Change::Links { acquirer, links, max_in_flight } => {
                shape.lines[acquirer].links = links;
                shape.lines[acquirer].max_in_flight = max_in_flight;
            }
            Change::AnswerTimeout { acquirer, ms } => shape.lines[acquirer].answer_timeout_ms = ms,
            Change::Heartbeat { acquirer, on } => shape.lines[acquirer].heartbeat = on,
            Change::Breaker { acquirer, breaker } => shape.lines[acquirer].breaker = Some(breaker),
            Change::Weights(weights) => {
                for (line, weight) in shape.lines.iter_mut().zip(weights) {
                    line.weight = weight;
                }
            }
            Change::Failover(failover) => shape.failover = failover,
            Change::MaxDelay(ms) => shape.max_delay_ms = ms,
            Change::Remove { acquirer } => shape.removed = Some(acquirer),
            Change::Restore => shape.removed = None,
            Change::Move { listener, host } => shape.hosts[listener] = host,
        }
        shape
    }
}

#[cfg(test)]
mod tests {
    use std::{net::SocketAddr, path::Path};

    use super::{ACQUIRERS, Change, Flaw, Shape};
    use crate::{chance::Chance, plan::Kind};

    fn text(shape: &Shape) -> String {
        let addresses = [SocketAddr::from(([127, 0, 0, 1], 7)); ACQUIRERS.len()];
        shape.text(2, Path::new("/folder"), &addresses)
    }

    #[test]
    fn every_flaw_spoils_every_configuration() {
        let shapes =
            (0..ACQUIRERS.len()).map(|acquirer| Change::Remove { acquirer }).chain([Change::Nothing]);
        for change in shapes {
            let whole = text(&Shape::of(1, &[Kind::Tls]).changed(change));
            for flaw in Flaw::ALL {
                assert_ne!(flaw.spoil(&whole, SocketAddr::from(([127, 0, 0, 1], 9))), whole, "{flaw:?}");
            }
        }
    }

    #[test]
    fn who_is_left_out_is_named_nowhere_and_is_there_again_as_before() {
        let shape = Shape::of(1, &[]);
        for (acquirer, kind) in ACQUIRERS.iter().enumerate() {
            let without = shape.changed(Change::Remove { acquirer });
            assert!(!text(&without).contains(&format!("{} = ", kind.name)));
            assert!(!text(&without).contains(&format!("[acquirers.{}]", kind.name)));
            assert_eq!(text(&without.changed(Change::Restore)), text(&shape));
        }
    }

    #[test]
    fn every_kind_of_change_comes_about() {
        let mut chance = Chance::new(1, 1);
        let changes = (0..500).map(|_| format!("{:?}", Change::of(&mut chance)));
        let mut names: Vec<_> =
            changes.map(|name| name.split([' ', '(']).next().unwrap().to_owned()).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), 13, "{names:?}");
    }
}
