//! The class of every result code that matters, and of some that nobody knows.

use payment::{CancelVerdict, HostCodes, NetCancelVerdict, Verdict};

use crate::{cancels, card450, golden::changed, kicc, kovan, kspay, order::dialect};

/// What an answer to an approval request settles.
#[derive(Debug, PartialEq)]
enum Settles {
    Approved,
    /// With the code the terminal gets.
    Declined(&'static str),
    NotProcessed,
    InDoubt,
}
use Settles::{Approved, Declined, InDoubt, NotProcessed};

fn check_request(dialect_name: &str, telegram: &[u8], expected: &Settles, codes: &str) {
    let answer = dialect(dialect_name).answer(telegram);
    match (expected, &answer.verdict) {
        (Approved, Verdict::Approved(_))
        | (NotProcessed, Verdict::NotProcessed)
        | (InDoubt, Verdict::InDoubt) => {}
        (Declined(code), Verdict::Declined(decline)) => {
            assert_eq!((decline.code.as_str(), decline.host_code.as_str()), (*code, *code), "{codes}");
        }
        (_, found) => panic!("{codes}: expected {expected:?}, found {found:?}"),
    }
}

/// Codes that mean the same wherever they stand as the answer to a request.
fn request_codes() -> Vec<(&'static str, Settles)> {
    vec![
        ("8035", Declined("8035")),
        ("8037", Declined("8037")),
        ("8310", Declined("8310")),
        ("8314", Declined("8314")),
        ("8324", Declined("8324")),
        ("8350", Declined("8350")),
        ("8373", Declined("8373")),
        ("8391", Declined("8391")),
        ("8999", Declined("8999")),
        // An approval exists.
        ("4299", InDoubt),
        ("7581", InDoubt),
        ("9054", InDoubt),
        // They speak of an original, which an approval request has not: something of ours is there.
        ("6999", InDoubt),
        ("8433", InDoubt),
        ("8414", InDoubt),
        ("8415", InDoubt),
        ("8420", InDoubt),
        ("8432", InDoubt),
        ("8504", InDoubt),
        // Nobody knows what happened.
        ("9099", InDoubt),
        ("9999", InDoubt),
        ("0001", InDoubt),
        ("1234", InDoubt),
        ("    ", InDoubt),
        ("00  ", InDoubt),
        ("000 ", InDoubt),
        ("803 ", InDoubt),
        ("8 35", InDoubt),
        ("8O35", InDoubt),
    ]
}

#[test]
fn a_card_companys_code_has_one_class() {
    for (code, expected) in request_codes().into_iter().chain([("0000", Approved)]) {
        check_request("card450", &changed(card450::APPROVED, &[(403, code)]), &expected, code);
    }
}

/// A code of success beside the status of a decline among them: nobody knows what that means.
#[test]
fn a_code_at_kspay_has_one_class_where_the_status_is_a_decline() {
    let own = [("0000", InDoubt), ("30000001", InDoubt), ("80350000", InDoubt)];
    for (code, expected) in request_codes().into_iter().chain(own) {
        let code = format!("{code:12}");
        check_request("kspay", &changed(kspay::DECLINED, &[(343, &code)]), &expected, &code);
    }
    for number in ["30000001    ", "8035        ", "4299        "] {
        check_request("kspay", &changed(kspay::APPROVED, &[(343, number)]), &Approved, number);
    }
}

/// As at KSPAY, but that a stand-in's approval has a status of its own.
#[test]
fn a_code_at_kicc_has_one_class_where_the_status_is_a_decline() {
    let own = [("0000", InDoubt), ("30000001", InDoubt), ("80350000", InDoubt)];
    for (code, expected) in request_codes().into_iter().chain(own) {
        let code = format!("{code:12}");
        check_request("kicc", &changed(kicc::DECLINED, &[(258, &code)]), &expected, &code);
        for status in ["O", "P"].into_iter().filter(|_| !code.starts_with(' ')) {
            let telegram = changed(kicc::APPROVED, &[(143, status), (258, &code)]);
            check_request("kicc", &telegram, &Approved, &code);
        }
        for status in [" ", "o", "Z", "0", "1"] {
            let telegram = changed(kicc::DECLINED, &[(143, status), (258, &code)]);
            check_request("kicc", &telegram, &InDoubt, &code);
        }
    }
}

/// The card company's code first, the VAN's second.
#[test]
fn kovan_approves_only_with_both_codes() {
    let table = [
        ("00  ", "00  ", Approved),
        ("8035", "00  ", Declined("8035")),
        ("8035", "8035", Declined("8035")),
        ("8035", "8324", Declined("8035")),
        ("8035", "    ", Declined("8035")),
        ("    ", "8037", Declined("8037")),
        ("    ", "9099", NotProcessed),
        // The issuer approved, and the VAN failed after it.
        ("00  ", "    ", InDoubt),
        ("00  ", "8035", InDoubt),
        ("00  ", "9099", InDoubt),
        ("00  ", "7581", InDoubt),
        ("    ", "00  ", InDoubt),
        ("    ", "    ", InDoubt),
        ("9054", "00  ", InDoubt),
        ("4299", "00  ", InDoubt),
        ("7581", "8035", InDoubt),
        ("8035", "9054", InDoubt),
        ("8035", "9099", InDoubt),
        ("8420", "00  ", InDoubt),
        ("    ", "8432", InDoubt),
        ("9099", "00  ", InDoubt),
        ("9099", "9099", InDoubt),
        ("0000", "0000", InDoubt),
        ("00  ", "0   ", InDoubt),
        ("1234", "5678", InDoubt),
    ];
    for (issuer, van, expected) in table {
        let telegram = changed(kovan::APPROVED, &[(217, issuer), (221, van)]);
        check_request("kovan", &telegram, &expected, &format!("{issuer}/{van}"));
        let code = |code: &str| Some(code.trim_end().to_owned()).filter(|code| !code.is_empty());
        assert_eq!(
            dialect("kovan").answer(&telegram).codes,
            HostCodes { issuer: code(issuer), van: code(van) },
            "both codes are kept as they came"
        );
    }
}

use NetCancelVerdict::{
    Accepted, AlreadyAcquired, AlreadyCancelled, AmountDiffers, NoSuchOriginal, TryAgain,
};

/// What matters of a net-cancel's code at any acquirer whose success is `success`.
fn net_cancel_codes(success: &'static str) -> Vec<(&'static str, NetCancelVerdict)> {
    vec![
        (success, Accepted),
        ("6999", AlreadyCancelled),
        ("8433", AlreadyCancelled),
        ("8414", NoSuchOriginal),
        ("8415", NoSuchOriginal),
        ("8420", AlreadyAcquired),
        ("8432", AlreadyAcquired),
        ("8504", AmountDiffers),
        ("8035", TryAgain),
        ("4299", TryAgain),
        ("7581", TryAgain),
        ("9054", TryAgain),
        ("9099", TryAgain),
        ("1234", TryAgain),
        ("    ", TryAgain),
    ]
}

#[test]
fn a_card_companys_code_on_a_net_cancel_has_one_class() {
    for (code, expected) in net_cancel_codes("0000") {
        let telegram = changed(card450::CANCELLED, &[(403, code)]);
        assert_eq!(dialect("card450").net_cancel_answer(&telegram).verdict, expected, "{code}");
    }
}

#[test]
fn a_code_on_a_net_cancel_at_kspay_has_one_class_where_the_status_is_a_decline() {
    for (code, expected) in net_cancel_codes("0000") {
        let expected = if expected == Accepted { TryAgain } else { expected };
        let telegram = changed(kspay::NET_CANCELLED, &[(316, "X"), (343, &format!("{code:12}"))]);
        assert_eq!(dialect("kspay").net_cancel_answer(&telegram).verdict, expected, "{code}");
        let telegram = changed(kspay::NET_CANCELLED, &[(343, &format!("{code:12}"))]);
        assert_eq!(dialect("kspay").net_cancel_answer(&telegram).verdict, Accepted, "{code}");
    }
}

#[test]
fn a_code_on_a_net_cancel_at_kicc_has_one_class_where_the_status_is_a_decline() {
    for (code, expected) in net_cancel_codes("0000") {
        let refused = if expected == Accepted { TryAgain } else { expected };
        // A VAN that accepts on its own has undone nothing at the card company.
        for (status, expected) in
            [("X", refused), ("O", Accepted), ("P", TryAgain), (" ", TryAgain), ("Z", TryAgain)]
        {
            let telegram = changed(kicc::NET_CANCELLED, &[(143, status), (258, &format!("{code:12}"))]);
            let found = dialect("kicc").net_cancel_answer(&telegram).verdict;
            assert_eq!(found, expected, "{status} {code}");
        }
    }
}

#[test]
fn the_issuers_code_on_a_net_cancel_decides_where_the_van_says_nothing_else() {
    for (code, expected) in net_cancel_codes("00  ") {
        for (issuer, van) in [(code, "00  "), (code, code), ("    ", code)] {
            // A VAN that accepts on its own has undone nothing at the card company.
            let expected = if (issuer, van) == ("    ", "00  ") { TryAgain } else { expected };
            let telegram = changed(kovan::NET_CANCELLED, &[(217, issuer), (221, van)]);
            assert_eq!(dialect("kovan").net_cancel_answer(&telegram).verdict, expected, "{issuer}/{van}");
        }
    }
}

#[test]
fn codes_on_a_net_cancel_that_contradict_each_other_settle_nothing() {
    for (issuer, van) in [
        ("00  ", "8414"),
        ("00  ", "9099"),
        ("8414", "6999"),
        ("8420", "8414"),
        ("9099", "8433"),
        ("6999", "    "),
    ] {
        let telegram = changed(kovan::NET_CANCELLED, &[(217, issuer), (221, van)]);
        assert_eq!(dialect("kovan").net_cancel_answer(&telegram).verdict, TryAgain, "{issuer}/{van}");
    }
}

/// What an answer to a cancel settles.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Cancel {
    Done,
    Before,
    /// With the code the terminal gets.
    Refused(&'static str),
    NotProcessed,
    InDoubt,
}

#[track_caller]
fn check_cancel(dialect_name: &str, telegram: &[u8], expected: Cancel, codes: &str) {
    let found = dialect(dialect_name).cancel_answer(telegram).verdict;
    let settles = match &found {
        CancelVerdict::Accepted(_) | CancelVerdict::AcceptedUnsized(_) => Cancel::Done,
        CancelVerdict::AlreadyCancelled => Cancel::Before,
        CancelVerdict::Declined(decline) | CancelVerdict::NotAsApproved(decline) => {
            let is_of_another = matches!(found, CancelVerdict::NotAsApproved(_));
            let speaks_of_another = ["8414", "8415", "8504"].contains(&decline.host_code.as_str());
            assert_eq!(is_of_another, speaks_of_another, "{codes}: {found:?}");
            assert_eq!(decline.code.as_str(), decline.host_code, "{codes}");
            match expected {
                Cancel::Refused(code) if code == decline.host_code => expected,
                _ => panic!("{codes}: expected {expected:?}, found {found:?}"),
            }
        }
        CancelVerdict::NotProcessed => Cancel::NotProcessed,
        CancelVerdict::InDoubt => Cancel::InDoubt,
    };
    assert_eq!(settles, expected, "{codes}");
}

/// Every class of code on a cancel, but for the code of success.
const CANCEL_CODES: &[(&str, Cancel)] = &[
    ("6999", Cancel::Before),
    ("8433", Cancel::Before),
    // No such original.
    ("8414", Cancel::Refused("8414")),
    ("8415", Cancel::Refused("8415")),
    // Already acquired.
    ("8420", Cancel::Refused("8420")),
    ("8432", Cancel::Refused("8432")),
    // Another amount.
    ("8504", Cancel::Refused("8504")),
    ("8035", Cancel::Refused("8035")),
    ("8037", Cancel::Refused("8037")),
    ("8310", Cancel::Refused("8310")),
    ("8324", Cancel::Refused("8324")),
    ("8350", Cancel::Refused("8350")),
    ("8373", Cancel::Refused("8373")),
    ("8999", Cancel::Refused("8999")),
    // An approval exists: of the original, and nothing is said of the cancel.
    ("4299", Cancel::InDoubt),
    ("7581", Cancel::InDoubt),
    ("9054", Cancel::InDoubt),
    // Nobody knows what happened.
    ("9999", Cancel::InDoubt),
    ("0001", Cancel::InDoubt),
    ("1234", Cancel::InDoubt),
    ("000 ", Cancel::InDoubt),
    ("699 ", Cancel::InDoubt),
    ("803 ", Cancel::InDoubt),
    ("8 35", Cancel::InDoubt),
    ("8O35", Cancel::InDoubt),
];

#[test]
fn a_card_companys_code_on_a_cancel_has_one_class() {
    let own = [
        ("0000", Cancel::Done),
        ("00  ", Cancel::InDoubt),
        ("9099", Cancel::InDoubt),
        ("    ", Cancel::InDoubt),
    ];
    for (code, expected) in own.iter().chain(CANCEL_CODES) {
        check_cancel("card450", &changed(cancels::CARD450_DONE, &[(403, code)]), *expected, code);
    }
}

#[test]
fn a_code_on_a_cancel_at_kspay_has_one_class_where_the_status_is_a_decline() {
    let own = [("0000", Cancel::InDoubt), ("9099", Cancel::InDoubt), ("    ", Cancel::InDoubt)];
    for (code, expected) in own.iter().chain(CANCEL_CODES) {
        let telegram = changed(kspay::PARTLY_CANCELLED, &[(316, "X"), (343, &format!("{code:12}"))]);
        check_cancel("kspay", &telegram, *expected, code);
        let telegram = changed(kspay::PARTLY_CANCELLED, &[(343, &format!("{code:12}"))]);
        check_cancel("kspay", &telegram, Cancel::Done, code);
    }
}

#[test]
fn a_code_on_a_cancel_at_kicc_has_one_class_where_the_status_is_a_decline() {
    let own = [("0000", Cancel::InDoubt), ("9099", Cancel::InDoubt), ("    ", Cancel::InDoubt)];
    for (code, refused) in own.iter().chain(CANCEL_CODES) {
        for (status, expected) in [
            ("X", *refused),
            ("O", Cancel::Done),
            // A VAN that accepts on its own has cancelled nothing at the card company.
            ("P", Cancel::InDoubt),
            (" ", Cancel::InDoubt),
            ("Z", Cancel::InDoubt),
        ] {
            let telegram = changed(kicc::CANCELLED, &[(143, status), (258, &format!("{code:12}"))]);
            check_cancel("kicc", &telegram, expected, &format!("{status} {code}"));
        }
    }
}

#[test]
fn a_code_on_a_cancel_at_kovan_counts_where_the_other_does_not_contradict_it() {
    for (code, expected) in CANCEL_CODES {
        for (issuer, van) in [(*code, "00  "), (*code, *code), (*code, "    "), ("    ", *code)] {
            let telegram = changed(cancels::KOVAN_DONE, &[(217, issuer), (221, van)]);
            check_cancel("kovan", &telegram, *expected, &format!("{issuer}/{van}"));
        }
        // The card company did it, whatever the VAN says; and a system's failure leaves open what it did.
        for (issuer, van) in [("00  ", *code), (*code, "9999"), ("9999", *code), (*code, "9099")] {
            let telegram = changed(cancels::KOVAN_DONE, &[(217, issuer), (221, van)]);
            check_cancel("kovan", &telegram, Cancel::InDoubt, &format!("{issuer}/{van}"));
        }
    }
}

/// The card company's code first, the VAN's second.
#[test]
fn kovan_cancels_only_with_both_codes() {
    let table = [
        ("00  ", "00  ", Cancel::Done),
        ("    ", "9099", Cancel::NotProcessed),
        ("6999", "8433", Cancel::Before),
        ("8414", "8420", Cancel::Refused("8414")),
        ("8035", "8504", Cancel::Refused("8035")),
        ("00  ", "    ", Cancel::InDoubt),
        ("    ", "00  ", Cancel::InDoubt),
        ("    ", "    ", Cancel::InDoubt),
        ("00  ", "9099", Cancel::InDoubt),
        ("9099", "00  ", Cancel::InDoubt),
        ("9099", "9099", Cancel::InDoubt),
        ("9099", "    ", Cancel::InDoubt),
        ("6999", "9099", Cancel::InDoubt),
        // One says that it is cancelled, the other that it is not.
        ("6999", "8420", Cancel::InDoubt),
        ("8420", "8433", Cancel::InDoubt),
        ("8414", "6999", Cancel::InDoubt),
        ("0000", "0000", Cancel::InDoubt),
        ("00  ", "0   ", Cancel::InDoubt),
        ("1234", "5678", Cancel::InDoubt),
    ];
    for (issuer, van, expected) in table {
        let telegram = changed(cancels::KOVAN_DONE, &[(217, issuer), (221, van)]);
        check_cancel("kovan", &telegram, expected, &format!("{issuer}/{van}"));
        let code = |code: &str| Some(code.trim_end().to_owned()).filter(|code| !code.is_empty());
        assert_eq!(
            dialect("kovan").cancel_answer(&telegram).codes,
            HostCodes { issuer: code(issuer), van: code(van) },
            "both codes are kept as they came"
        );
    }
}
