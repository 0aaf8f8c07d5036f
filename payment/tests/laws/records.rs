//! Records: every state there is can be written and read, and what is read passes its check.

use super::law;
use crate::record;

#[test]
fn every_state_can_be_written_read_and_checked() {
    law(|life| {
        for (payment, _) in life.states() {
            payment.check().unwrap();
            let read = record::round_trip(payment);
            assert_eq!((read.due(), read.is_open()), (payment.due(), payment.is_open()));
        }
    });
}

/// What a record lacks that was written before there were cancels, withdrawals and acknowledgements.
#[test]
fn a_record_without_what_came_later_is_read_as_the_same_payment() {
    law(|life| {
        let (terms, ways) = (life.started.terms, &life.started.routes);
        if terms.acknowledged_within_ms.is_some()
            || ways.iter().any(|way| way.partial_cancel != payment::PartialCancel::No)
        {
            return;
        }
        for (payment, _) in life.states() {
            let record = serde_json::to_string(payment).unwrap();
            let old = record
                .replace(r#","acknowledged_within_ms":null"#, "")
                .replace(r#","partial_cancel":"no""#, "");
            assert!(old.len() < record.len());
            let read: payment::Payment = serde_json::from_str(&old).unwrap();
            assert_eq!(read.with_card(payment.card().cloned()), *payment);
        }
    });
}
