//! Nothing public shows a card number: not what is read, not what is written, not what is wrong with either.

use std::collections::BTreeMap;

use dialects::{
    Dialect,
    terminal::{NotUnderstood, read},
};
use payment::CancelVerdict;

use crate::{
    asked::{CLEAR, asked},
    cancels, card450,
    golden::{changed, golden},
    kicc, kovan, kspay,
    order::{
        CARD, amounts, cancel_order, card, dialect, net_cancel_order, next_day, now, request, request_order,
        route,
    },
    questions::{ACKNOWLEDGEMENT, CANCEL, OPENING, TOTALS, cancel},
};

/// Fails where eight digits in a row of the card number are shown beyond its BIN, in text or in a list of bytes.
#[track_caller]
fn assert_hidden(shown: &str) {
    let digits = |text: &str| text.bytes().map(|byte| byte.to_string()).collect::<Vec<_>>().join(", ");
    for start in 1..=CARD.len() - 8 {
        let part = &CARD[start..start + 8];
        assert!(!shown.contains(part) && !shown.contains(&digits(part)), "{shown}");
    }
    assert!(!shown.contains("=2912"), "{shown}");
}

#[test]
fn what_a_terminal_asks_shows_no_card_number() {
    let asked = asked(&golden(CLEAR));
    assert_hidden(&format!("{asked:?} {asked:#?} {:?}", asked.card));
    assert_hidden(&format!("{:?}", read(&golden(CLEAR))));
    let cancel = cancel(&golden(CANCEL));
    assert_hidden(&format!("{cancel:?} {cancel:#?} {:?}", cancel.card));
    assert_hidden(&format!("{:?}", read(&golden(CANCEL))));
}

#[test]
fn what_a_refusal_gives_back_is_not_shown_as_it_may_be_a_part_of_a_card_number() {
    let table = [
        (changed(ACKNOWLEDGEMENT, &[(60, "941012"), (66, "34123412"), (74, "37=2912     ")]), "Original"),
        (changed(TOTALS, &[(60, "20260230"), (68, "94101234123412")]), "BusinessDate"),
        (changed(OPENING, &[(60, "999"), (63, "9410123412341237=2912")]), "Network"),
    ];
    for (telegram, shown) in table {
        match read(&telegram) {
            Err(NotUnderstood::Refused(refusal)) => {
                assert_eq!(format!("{:?}", refusal.envelope.given_back), shown);
                assert!(!format!("{:?}", refusal.envelope).contains("941012"));
            }
            other => panic!("expected a refusal, found {other:?}"),
        }
    }
}

#[test]
fn what_is_written_shows_no_card_number() {
    for name in ["kovan", "kspay", "kicc", "card450"] {
        let order = request_order(request(), route());
        let written = dialect(name).request(&order, &card(), now()).unwrap();
        assert_hidden(&format!("{written:?} {written:#?}"));
        let order = net_cancel_order(request(), route(), None);
        let written = dialect(name).net_cancel(&order, Some(&card()), now()).unwrap();
        assert_hidden(&format!("{written:?}"));
        let order = cancel_order(request(), route(), "30000001", amounts(50_000));
        let written = dialect(name).cancel(&order, Some(&card()), next_day()).unwrap();
        assert_hidden(&format!("{written:?} {written:#?}"));
    }
}

#[test]
fn what_an_acquirer_answers_shows_no_card_number() {
    for (name, approved, net_cancelled, cancelled, at) in [
        ("kovan", kovan::APPROVED, kovan::NET_CANCELLED, cancels::KOVAN_DONE, 88),
        ("kspay", kspay::APPROVED, kspay::NET_CANCELLED, kspay::PARTLY_CANCELLED, 387),
        ("kicc", kicc::APPROVED, kicc::NET_CANCELLED, kicc::CANCELLED, 156),
        ("card450", card450::APPROVED, card450::CANCELLED, cancels::CARD450_DONE, 34),
    ] {
        let dialect = dialect(name);
        assert_hidden(&format!("{:?}", dialect.answer(&golden(approved))));
        assert_hidden(&format!("{:?}", dialect.net_cancel_answer(&golden(net_cancelled))));
        let answer = dialect.cancel_answer(&changed(cancelled, &[(at, CARD)]));
        assert!(matches!(answer.verdict, CancelVerdict::Accepted(_)), "{answer:?}");
        assert_hidden(&format!("{answer:?} {answer:#?}"));
        assert_hidden(&format!("{dialect:?}"));
    }
}

#[test]
fn a_refusal_shows_no_card_number_wherever_the_telegram_slipped() {
    for telegram in [golden(CLEAR), golden(CANCEL)] {
        for shift in 0..telegram.len() {
            let mut slipped = telegram.clone();
            slipped[60..].rotate_left(shift % (telegram.len() - 60));
            if let Err(NotUnderstood::Refused(refusal)) = read(&slipped) {
                let shown = format!("{refusal:?} {} {}", refusal.why, refusal.message);
                let longest = shown.split(|c: char| !c.is_ascii_digit()).map(str::len).max();
                assert!(longest < Some(13), "a card number has 13 digits: {shown}");
            }
        }
    }
    for wrong in ["9410123412341237=29AA", "9410123412341237=2999", "941012341234123X=2912"] {
        for text in [CLEAR, CANCEL] {
            match read(&changed(text, &[(69, wrong)])) {
                Err(NotUnderstood::Refused(refusal)) => assert_hidden(&format!("{refusal:?}")),
                other => panic!("expected a refusal, found {other:?}"),
            }
        }
    }
}

#[test]
fn what_does_not_fit_shows_no_card_number() {
    let mut request = request();
    request.installment = 255;
    for name in ["kovan", "kspay", "kicc", "card450"] {
        let error = dialect(name).request(&request_order(request.clone(), route()), &card(), now());
        let error = error.unwrap_err();
        assert_hidden(&format!("{error} {error:?}"));
        // A card number where the approval's belongs is not repeated either.
        let order = cancel_order(request.clone(), route(), CARD, amounts(50_000));
        let error = dialect(name).cancel(&order, Some(&card()), next_day()).unwrap_err();
        assert_hidden(&format!("{error} {error:?}"));
    }
}

#[test]
fn a_card_key_that_is_none_is_not_repeated() {
    let params = BTreeMap::from([("card_key".to_owned(), "c2VjcmV0LXNlY3JldA==".to_owned())]);
    let error = Dialect::new("card450", &params).unwrap_err();
    assert!(!format!("{error} {error:?}").contains("c2Vj"), "{error:?}");
}
