//! What can go wrong with a store as a whole.

use std::path::PathBuf;

/// The store cannot be used (any more). What was in hand when it happened may or may not be durable.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database file cannot be opened or made.
    #[error("cannot open the store {path}")]
    Open {
        /// Which file.
        path: PathBuf,
        /// Why.
        #[source]
        cause: Box<dyn std::error::Error + Send + Sync>,
    },
    /// Another process, or another engine of this one, holds the same file, by this name or another.
    #[error("the store {path} is in use by another switch")]
    InUse {
        /// Which file.
        path: PathBuf,
    },
    /// The write-ahead log is broken before commits that were synced: to go on would be to forget them.
    #[error(
        "the write-ahead log of the store {path} is damaged at frame {frame}, before commits that were durable"
    )]
    Damaged {
        /// Which store.
        path: PathBuf,
        /// Which frame, from 1; 0 is the header of the log.
        frame: u64,
    },
    /// A migration that was applied differs from the one this version carries.
    #[error(
        "migration {number} of the store was applied with other content; this database belongs to another version"
    )]
    MigrationDiffers {
        /// Its number.
        number: u32,
    },
    /// The store was written by a newer version.
    #[error("the store has migration {found}, this version knows {known}; run the newer version")]
    TooNew {
        /// The newest one applied.
        found: u32,
        /// The newest one known.
        known: u32,
    },
    /// A read, write or commit failed, or one had failed before. The source names the operation and its reason, never a value.
    #[error("the store failed to {what}")]
    Failed {
        /// What was being done.
        what: &'static str,
        /// Why.
        #[source]
        cause: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A stored record cannot be read.
    #[error("the record of payment {payment} cannot be read: {why}")]
    BadRecord {
        /// Which payment.
        payment: i64,
        /// Why; never its content.
        why: String,
    },
    /// Another start of this instance has begun, or another instance has taken it over: this one may write no more.
    #[error("instance {instance} was started again or taken over: its earlier start may not write any more")]
    Fenced {
        /// Which instance.
        instance: u8,
    },
    /// The ten digits of an instance's serials are used up.
    #[error("the serials of instance {instance} are used up; give the switch another instance number")]
    SerialsUsedUp {
        /// Which instance.
        instance: u8,
    },
}
