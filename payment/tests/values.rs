//! Values that cannot be wrong once they exist: their boundaries, and what they show of themselves.

mod amounts;
mod cards;
mod identities;
mod left;
mod operators;

use std::fmt::Debug;

use serde::{Serialize, de::DeserializeOwned};

/// A value comes back from its record, and the record is this text.
fn check_record<T: Serialize + DeserializeOwned + PartialEq + Debug>(value: &T, record: &str) {
    assert_eq!(serde_json::to_string(value).unwrap(), record);
    assert_eq!(serde_json::from_str::<T>(record).unwrap(), *value);
}

/// A record that no value could have written is refused.
fn check_refused<T: DeserializeOwned + Debug>(records: &[&str]) {
    for record in records {
        assert!(serde_json::from_str::<T>(record).is_err(), "{record} was accepted");
    }
}
