//! Names that only one payment can hold at a time: rows of the table of claims, but for the key that a new payment claims of its own
//! telegram, which its own row holds.

use jiff::{SignedDuration, Timestamp};
use payment::{TelegramKey, TelegramKind};
use rusqlite::{CachedStatement, Connection, OptionalExtension, params};

use crate::{
    DuplicateKey,
    engine::{ClaimName, ClaimRow, Outcome, Row},
};

/// An expired claim is kept this long: a clock that was wrong and is set back must find the claims it believed expired.
const KEPT_AFTER_EXPIRY: SignedDuration = SignedDuration::from_hours(1);

/// Expired claims deleted with one commit, beside as many as it adds.
const PURGED_PER_COMMIT: usize = 64;

/// Kind of the claims of telegrams' keys.
pub(super) const TELEGRAM: &str = "telegram";

/// Kind of the claims of duplicate windows.
const DUPLICATE: &str = "duplicate";

/// The statements on claims, for the time of one commit.
pub(super) struct Claims<'c> {
    holder: CachedStatement<'c>,
    key_holder: CachedStatement<'c>,
    take: CachedStatement<'c>,
    purge: CachedStatement<'c>,
}

/// By the index of keys alone, unless the key is somebody's.
pub(super) const KEY_HOLDER: &str = "SELECT id FROM payment
     WHERE terminal_id = ?1 AND business_date = ?2 AND trace_no = ?3 AND id <> ?4 AND key_until > ?5
     ORDER BY id DESC LIMIT 1";

impl<'c> Claims<'c> {
    pub(super) fn prepare(connection: &'c Connection) -> Result<Self, rusqlite::Error> {
        Ok(Self {
            holder: connection.prepare_cached(
                "SELECT payment FROM claim WHERE kind = ?1 AND key = ?2 AND payment <> ?3 AND payment IS NOT ?4
                 AND until > ?5",
            )?,
            key_holder: connection.prepare_cached(KEY_HOLDER)?,
            take: connection.prepare_cached(
                "INSERT INTO claim (kind, key, payment, until) VALUES (?1, ?2, ?3, ?4)
                 ON CONFLICT (kind, key) DO UPDATE SET payment = excluded.payment, until = excluded.until",
            )?,
            purge: connection.prepare_cached(
                "DELETE FROM claim WHERE (kind, key) IN
                 (SELECT kind, key FROM claim WHERE until < ?1 ORDER BY until LIMIT ?2)",
            )?,
        })
    }

    /// The first claim of the row that another payment holds.
    pub(super) fn refused(&mut self, row: &Row) -> Result<Option<Outcome>, rusqlite::Error> {
        for (index, claim) in row.claims.iter().enumerate() {
            let holder = match &claim.name {
                ClaimName::Telegram(key) if key.kind == TelegramKind::Approval => {
                    self.key_holder(row, key)?
                }
                ClaimName::Telegram(_) | ClaimName::Duplicate(_) => None,
            };
            let holder = holder.map_or_else(|| self.holder(row, claim), |holder| Ok(Some(holder)))?;
            if let Some(holder) = holder {
                return Ok(Some(Outcome::Claimed { index, holder }));
            }
        }
        Ok(None)
    }

    fn key_holder(&mut self, row: &Row, key: &TelegramKey) -> Result<Option<i64>, rusqlite::Error> {
        let (date, at) = (key.business_date.to_string(), row.at.as_microsecond());
        let parameters = params![key.terminal.as_str(), date, key.trace_no.get(), row.id, at];
        self.key_holder.query_row(parameters, |held| held.get(0)).optional()
    }

    fn holder(&mut self, row: &Row, claim: &ClaimRow) -> Result<Option<i64>, rusqlite::Error> {
        let (kind, key) = columns(&claim.name);
        let parameters = params![kind, key, row.id, claim.over, row.at.as_microsecond()];
        self.holder.query_row(parameters, |held| held.get(0)).optional()
    }

    /// Takes the claims of a row that [`Claims::refused`] none, but for that of its own key.
    pub(super) fn take(&mut self, row: &Row) -> Result<(), rusqlite::Error> {
        for claim in row.claims.iter().filter(|claim| !is_own_key(row, claim)) {
            let (kind, key) = columns(&claim.name);
            self.take.execute(params![kind, key, row.id, claim.until.as_microsecond()])?;
        }
        Ok(())
    }

    /// Deletes some that expired long enough before `now`, so that the table stays bounded.
    pub(super) fn purge(&mut self, now: Timestamp, added: usize) -> Result<(), rusqlite::Error> {
        let before = now.checked_sub(KEPT_AFTER_EXPIRY).unwrap_or(Timestamp::MIN).as_microsecond();
        let most = i64::try_from(PURGED_PER_COMMIT.saturating_add(added)).unwrap_or(i64::MAX);
        self.purge.execute(params![before, most])?;
        Ok(())
    }
}

/// Until when a new payment holds the key of its own telegram; `None` where it does not claim it.
pub(super) fn own_key_until(row: &Row) -> Option<Timestamp> {
    row.claims.iter().filter(|claim| is_own_key(row, claim)).map(|claim| claim.until).max()
}

fn is_own_key(row: &Row, claim: &ClaimRow) -> bool {
    row.base == 0 && claim.name == ClaimName::Telegram(row.columns.key)
}

fn columns(name: &ClaimName) -> (&'static str, String) {
    match name {
        ClaimName::Telegram(key) => (TELEGRAM, key.to_string()),
        ClaimName::Duplicate(DuplicateKey(key)) => (DUPLICATE, format!("{:032x}", u128::from_be_bytes(*key))),
    }
}
