//! Real switches under random faults, and the checker of what must be true afterwards.
//!
//! A run ([`run`]) starts real `switch serve` processes between seeded [`terminal`]s and the simulated acquirers of telegram-replay, puts a fault [`proxy`] on
//! every line, kills and stops the switch by a seeded [`plan`], lets everything heal, has the terminals read what became of everything, and gives three
//! logs that know nothing of one another to the [`checker`]: what the terminals heard ([`book`]), the switch's [`journal`], and what the acquirers did. A [`person`] does something about what waits, and expects it to be done.
//!
//! Nothing here uses `dialects`: telegrams are read and written by the layout files, which is a second, independent reading.

pub mod acquirers;
pub mod book;
pub mod card;
pub mod certificates;
pub mod chance;
pub mod checker;
pub mod configuration;
pub mod impostor;
pub mod journal;
pub mod person;
pub mod plan;
pub mod proxy;
pub mod report;
pub mod run;
pub mod supervisor;
pub mod switch;
pub mod telegram;
pub mod terminal;
