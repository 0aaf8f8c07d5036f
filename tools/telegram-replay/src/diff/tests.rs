use super::*;
use crate::capture::{Assignment, Value};

fn layout() -> Layout {
    Layout::embedded("card450-request").unwrap()
}

fn payment(amount: &str, card: &str) -> Vec<u8> {
    let values = [
        ("kind", "PAYMENT"),
        ("management_no", "M1"),
        ("card_no", card),
        ("installment", "0"),
        ("expiry", "1229"),
        ("amount", amount),
        ("vat", "4545"),
    ]
    .map(|(field, value)| Assignment { field: field.to_owned(), value: Value::text(value) });
    layout().build(&values, "2026-07-01T09:08:07".parse().unwrap()).unwrap()
}

#[test]
fn only_what_differs_is_listed_and_secrets_only_say_that_they_do() {
    let (a, b) = (payment("50000", "4579731234567892"), payment("51000", "4579731234567884"));
    let diff = Diff::of(&a, &b, &layout(), Listing::Remarkable);
    assert!(!diff.equal && !diff.has_findings());
    let listed: Vec<_> = diff.fields.iter().map(|field| (field.name.as_str(), field.difference)).collect();
    assert_eq!(listed, [("card_no", Some(Difference::Value)), ("amount", Some(Difference::Value))]);
    assert_eq!((diff.fields[1].a.value.as_str(), diff.fields[1].b.value.as_str()), ("50000", "51000"));
    let (table, json) = (diff.table(), serde_json::to_string(&diff).unwrap());
    assert!(table.starts_with("card450-request ") && table.contains(": 2 fields differ\n"), "{table}");
    assert!(json.contains(r#""difference":"value","a":{"value":"50000"},"b":{"value":"51000"}"#), "{json}");
    for text in [table, json, format!("{diff:?}")] {
        assert!(!text.contains("4579731") && text.contains("*** (20 bytes)"), "{text}");
    }
}

#[test]
fn every_field_is_listed_on_request() {
    let a = payment("50000", "4579731234567892");
    let diff = Diff::of(&a, &a, &layout(), Listing::Every);
    assert!(diff.equal);
    assert_eq!(diff.fields.len(), layout().fields().len());
    assert!(diff.fields.iter().all(|field| field.difference.is_none()));
    assert_eq!(
        Diff::of(&a, &a, &layout(), Listing::Remarkable).table(),
        "card450-request 카드사 직승인 요청: equal\n"
    );
}

#[test]
fn what_differs_in_padding_or_filler_only_is_told_apart() {
    let a = payment("50000", "4579731234567892");
    let mut b = a.clone();
    b[403] = b'x';
    b[63..73].copy_from_slice(b"0000050000");
    let diff = Diff::of(&a, &b, &layout(), Listing::Remarkable);
    assert!(!diff.equal);
    let listed: Vec<_> = diff.fields.iter().map(|field| (field.name.as_str(), field.difference)).collect();
    assert_eq!(listed, [("amount", Some(Difference::Bytes)), ("filler", Some(Difference::Bytes))]);
}

#[test]
fn a_finding_is_listed_even_where_both_have_it() {
    let mut a = payment("50000", "4579731234567892");
    a[70] = b'x';
    let diff = Diff::of(&a, &a, &layout(), Listing::Remarkable);
    assert!(diff.equal && diff.has_findings());
    assert_eq!(diff.fields.len(), 1);
    assert_eq!(diff.fields[0].name, "amount");
    assert!(diff.table().contains("A: expected padding, then digits; B: expected padding, then digits"));
}

#[test]
fn telegrams_of_another_length_are_told_by_their_lengths_only() {
    let a = payment("50000", "4579731234567892");
    let diff = Diff::of(&a, &a[..449], &layout(), Listing::Every);
    assert_eq!((diff.equal, diff.has_findings(), diff.fields.len()), (false, true, 0));
    assert!(diff.table().ends_with(": different\nB: expected 450 bytes, found 449\n"), "{}", diff.table());
}
