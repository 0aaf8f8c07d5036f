//! Values that several layouts have: texts, the card's track, identifiers and parameters.

use std::{collections::BTreeMap, time::Duration};

use codec::{Secret, Text};
use jiff::{
    Timestamp,
    civil::{Date, DateTime, Time},
    tz::{Offset, offset},
};
use payment::{ClearCard, PartialCancel};

use crate::{BadDialect, CannotExpress};

/// A text that fits, or nothing: half a number or code would be another one.
pub(crate) fn text<const N: usize>(text: &str) -> Text<N> {
    Text::new(text).unwrap_or_default()
}

/// A parameter as text of at most `N` bytes, or its default.
pub(crate) fn param<const N: usize>(
    params: &BTreeMap<String, String>,
    key: &str,
    default: &str,
) -> Result<Text<N>, BadDialect> {
    let value = params.get(key).map_or(default, String::as_str);
    Text::new(value).map_err(|_| BadDialect::Param {
        key: key.to_owned(),
        expected: format!("at most {N} printable ASCII characters"),
    })
}

/// The parameter `partial_cancel`: whether the contract allows 부분취소. One that went unanswered is not proven to be done only once
/// when it is sent again.
pub(crate) fn partial_cancel(params: &BTreeMap<String, String>) -> Result<PartialCancel, BadDialect> {
    match params.get("partial_cancel").map_or("once", String::as_str) {
        "once" => Ok(PartialCancel::Once),
        "no" => Ok(PartialCancel::No),
        _ => Err(BadDialect::Param { key: "partial_cancel".into(), expected: "once | no".into() }),
    }
}

/// The parameter `clock_skew_s`: how far the acquirer's clock may be from ours. Within that of midnight nobody knows under which day it
/// books a request.
pub(crate) fn clock_skew(params: &BTreeMap<String, String>) -> Result<Duration, BadDialect> {
    let text = params.get("clock_skew_s").map_or("300", String::as_str);
    let seconds = text.parse().ok().filter(|seconds| *seconds <= 3_600);
    seconds.map(Duration::from_secs).ok_or_else(|| BadDialect::Param {
        key: "clock_skew_s".into(),
        expected: "seconds, 0 to 3600".into(),
    })
}

/// Checks that a merchant's row has these identifiers, each of at most so many bytes, and nothing else.
pub(crate) fn check_identifiers(
    row: &BTreeMap<String, String>,
    identifiers: &[(&str, usize)],
) -> Result<(), String> {
    for (key, length) in identifiers {
        let value = row.get(*key).ok_or_else(|| format!("a {key}"))?;
        if value.is_empty() || value.len() > *length || !value.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(format!("a {key} of 1 to {length} printable ASCII characters"));
        }
    }
    let known: Vec<_> = identifiers.iter().map(|(key, _)| *key).collect();
    only(row, &known).map_err(|error| error.to_string())
}

/// An identifier of a merchant's row.
pub(crate) fn identifier<const N: usize>(
    row: &BTreeMap<String, String>,
    key: &str,
) -> Result<Text<N>, CannotExpress> {
    Ok(Text::new(row.get(key).map_or("", String::as_str))?)
}

/// Card number and expiry as a track 2 has them: `number=YYMM`.
pub(crate) fn track2<const N: usize>(card: &ClearCard) -> Result<Secret<Text<N>>, CannotExpress> {
    let track = zeroize::Zeroizing::new(format!("{}={}", card.number.expose(), card.expiry.expose()));
    Ok(Secret::new(Text::new(&track)?))
}

/// The time zone of every acquirer, which has no daylight saving time.
const KOREA: Offset = offset(9);
/// Digits in a row, one blank or hyphen between them at most, that may be a card number.
const CARD_DIGITS: usize = 13;

/// An instant of the switch's own clock as the wall clock in Korea shows it.
pub(crate) fn korea(timestamp: Timestamp) -> DateTime {
    KOREA.to_datetime(timestamp)
}

/// When something was done, as a reply tells it: midnight where it tells the date alone, which is what names a transaction.
pub(crate) fn done_at(date: Option<Date>, time: Option<Time>) -> Option<DateTime> {
    date.map(|date| date.to_datetime(time.unwrap_or_default()))
}

/// An acquirer's words for people, which are kept and printed: what may be a card number in them is masked, in groups too.
pub(crate) fn message(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let is_digit = |index: usize| chars.get(index).is_some_and(|char| char.is_numeric());
    let goes_on =
        |index: usize| is_digit(index) || (matches!(chars[index], ' ' | '-') && is_digit(index + 1));
    let mut masked = String::with_capacity(text.len());
    let mut index = 0;
    while index < chars.len() {
        let mut end = index + 1;
        if is_digit(index) {
            end = (end..chars.len()).find(|next| !goes_on(*next)).unwrap_or(chars.len());
        }
        let run = &chars[index..end];
        let is_card = run.iter().filter(|char| char.is_numeric()).count() >= CARD_DIGITS;
        masked.extend(run.iter().map(|char| if is_card && char.is_numeric() { '*' } else { *char }));
        index = end;
    }
    masked
}

/// Refuses parameters nobody reads.
pub(crate) fn only(params: &BTreeMap<String, String>, known: &[&str]) -> Result<(), BadDialect> {
    match params.keys().find(|key| !known.contains(&key.as_str())) {
        None => Ok(()),
        Some(unknown) => Err(BadDialect::Param {
            key: unknown.clone(),
            expected: if known.is_empty() {
                "no parameter".into()
            } else {
                format!("only {}", known.join(", "))
            },
        }),
    }
}
