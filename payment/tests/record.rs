//! A payment's stored record: all of its state but the card, which stands in a column of its own.

use payment::Payment;

/// What reading the record gives after writing it.
pub(crate) fn round_trip(payment: &Payment) -> Payment {
    let record = serde_json::to_string(payment).unwrap();
    let card = payment.card().cloned();
    let read = serde_json::from_str::<Payment>(&record).unwrap().with_card(card);
    assert_eq!(read, *payment, "the record tells another payment");
    read
}
