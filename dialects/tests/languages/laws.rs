//! What holds for any bytes and any payment.

use dialects::{
    ReplyKind,
    terminal::{FromTerminal, NotUnderstood, digest_parts, read, write_refusal},
};
use jiff::civil::date;
use payment::{
    Amounts, CancelVerdict, InstanceNo, NetCancelVerdict, ResponseCode, Serial, TerminalAnswer, Verdict, Won,
};
use proptest::prelude::*;

use crate::{
    asked::{CLEAR, ECHO, asked},
    cancels, card450,
    golden::golden,
    kicc, kovan, kspay,
    order::{
        amounts, cancel_order, card, card_of, dialect, net_cancel_order, next_day, now, request,
        request_order, route,
    },
    questions,
    replies::write_reply,
    second_reading::fields_of,
};

/// A golden telegram with up to eight bytes exchanged and, at times, cut.
fn damaged(text: &'static str) -> impl Strategy<Value = Vec<u8>> {
    let telegram = golden(text);
    let length = telegram.len();
    let changes = prop::collection::vec((0..length, any::<u8>()), 0..8);
    (changes, prop_oneof![9 => Just(length), 1 => 0..length]).prop_map(move |(changes, length)| {
        let mut telegram = telegram.clone();
        for (at, byte) in changes {
            telegram[at] = byte;
        }
        telegram.truncate(length);
        telegram
    })
}

/// In which layout a telegram is refused.
fn layout_of_answer(telegram: &[u8]) -> &'static str {
    match &telegram[..4] {
        b"0120" => "terminal-0130",
        b"0300" => "terminal-0310",
        b"0400" => "terminal-0410",
        b"0420" => "terminal-0430",
        b"0500" => "terminal-0510",
        b"0800" => "terminal-0810",
        _ => "terminal-0110",
    }
}

fn any_serial() -> impl Strategy<Value = Serial> {
    let count = prop_oneof![Just(0), Just(Serial::PER_INSTANCE - 2), 0..Serial::PER_INSTANCE - 1];
    (0..=InstanceNo::MAX, count)
        .prop_map(|(instance, count)| Serial::new(InstanceNo::new(instance).unwrap(), count).unwrap())
}

fn any_total() -> impl Strategy<Value = u64> {
    prop_oneof![
        Just(1),
        Just(999_999_999),
        Just(9_999_999_999),
        Just(10_000_000_000),
        Just(Won::MAX.get()),
        1..=Won::MAX.get()
    ]
}

proptest! {
    #[test]
    fn any_bytes_are_read_and_every_refusal_can_be_answered(telegram in prop_oneof![
        prop::collection::vec(any::<u8>(), 0..1000),
        damaged(CLEAR),
        damaged(ECHO),
        damaged(questions::CANCEL),
        damaged(questions::NET_CANCEL),
        damaged(questions::ACKNOWLEDGEMENT),
        damaged(questions::INQUIRY),
        damaged(questions::TOTALS),
    ]) {
        match read(&telegram) {
            Err(NotUnderstood::Refused(refusal)) => {
                let reply = fields_of(layout_of_answer(&telegram), &write_refusal(&refusal, now()));
                prop_assert_eq!(&reply["header.response_code"], "9001");
                prop_assert_eq!(&reply["header.trace_no"], str::from_utf8(&telegram[26..32]).unwrap());
                if let Some(message) = reply.get("message1") {
                    prop_assert!(message.starts_with("전문오류: ") || message == "미지원 전문");
                }
            }
            Err(NotUnderstood::Unreadable(unreadable)) => {
                prop_assert!(unreadable.to_string().starts_with("unreadable header: "));
            }
            Ok(FromTerminal::Approval(asked)) => {
                prop_assert_eq!(asked.key.business_date, asked.sent_at.date());
                prop_assert!(asked.amounts.total() > Won::ZERO);
            }
            Ok(FromTerminal::Cancel(asked)) => {
                prop_assert_eq!(asked.key.business_date, asked.sent_at.date());
                prop_assert!(asked.amounts.total > Won::ZERO);
                prop_assert!(asked.original.business_date <= asked.sent_at.date());
            }
            Ok(FromTerminal::NetCancel(asked)) => {
                prop_assert!(asked.total > Won::ZERO);
                prop_assert!(asked.reference.original.business_date <= asked.reference.sent_at.date());
            }
            Ok(FromTerminal::Acknowledgement(asked)) => {
                prop_assert!(asked.reference.original.business_date <= asked.reference.sent_at.date());
            }
            Ok(FromTerminal::Inquiry(asked)) => {
                prop_assert!(asked.original.business_date <= asked.sent_at.date());
            }
            Ok(FromTerminal::Totals(_) | FromTerminal::Network { .. }) => {}
        }
        let parts = digest_parts(&telegram);
        prop_assert!(parts.concat().len() <= telegram.len());
    }

    #[test]
    fn any_bytes_are_an_answer_of_some_class(telegram in prop_oneof![
        prop::collection::vec(any::<u8>(), 0..500),
        damaged(kovan::APPROVED),
        damaged(kovan::NET_CANCELLED),
        damaged(card450::APPROVED),
        damaged(card450::CANCELLED),
        damaged(cancels::KOVAN_DONE),
        damaged(cancels::CARD450_DONE),
        damaged(kicc::APPROVED),
        damaged(kicc::DECLINED),
        damaged(kicc::NET_CANCELLED),
        damaged(kicc::CANCELLED),
        damaged(kspay::APPROVED),
        damaged(kspay::DECLINED),
        damaged(kspay::NET_CANCELLED),
        damaged(kspay::PARTLY_CANCELLED),
    ]) {
        for name in ["kovan", "kspay", "kicc", "card450"] {
            let dialect = dialect(name);
            let key = (dialect.profile().key_of)(&telegram);
            let named = key.map(|key| ReplyKind::of(key).expect("a key of ours"));
            let answer = dialect.answer(&telegram);
            if let Verdict::Approved(approval) = &answer.verdict {
                prop_assert!(answer.amount.is_some() || name == "kspay");
                prop_assert!(!approval.host_code.is_empty());
            }
            let net_cancelled = dialect.net_cancel_answer(&telegram).verdict;
            let cancelled = dialect.cancel_answer(&telegram);
            if let CancelVerdict::Accepted(approval) = &cancelled.verdict {
                // At KSPAY it may be blank, or zero.
                prop_assert!(cancelled.amount.is_some() || name == "kspay");
                prop_assert!(!approval.host_code.is_empty());
            }
            match named {
                Some((ReplyKind::Request, _)) => {
                    prop_assert_eq!(net_cancelled, NetCancelVerdict::TryAgain);
                    prop_assert_eq!(cancelled.verdict, CancelVerdict::InDoubt);
                }
                Some((ReplyKind::NetCancel, _)) => {
                    prop_assert_eq!(answer.verdict, Verdict::InDoubt);
                    prop_assert_eq!(cancelled.verdict, CancelVerdict::InDoubt);
                }
                Some((ReplyKind::Cancel, _)) => {
                    prop_assert_eq!(answer.verdict, Verdict::InDoubt);
                    if ["kovan", "kicc"].contains(&name) {
                        prop_assert_eq!(net_cancelled, NetCancelVerdict::TryAgain);
                    }
                }
                None => {}
            }
        }
    }

    #[test]
    fn the_answer_to_what_is_written_has_the_key_it_was_written_with(serial in any_serial(), total in any_total()) {
        let (mut request, mut route) = (request(), route());
        request.amounts = amounts(total);
        route.serial = serial;
        for (name, approved, [own, at], [asked, amount]) in [
            ("kovan", kovan::APPROVED, [128..140, 125..137], [38..50, 38..50]),
            ("kspay", kspay::APPROVED, [36..86, 36..86], [347..356, 409..418]),
            ("card450", card450::APPROVED, [14..34, 14..34], [63..73, 63..73]),
        ] {
            let dialect = dialect(name);
            let written = dialect.request(&request_order(request.clone(), route.clone()), &card(), now());
            let carried = dialect.can_carry(&request).is_ok();
            prop_assert_eq!(written.is_ok(), carried, "{} {}", name, total);
            let Ok(written) = written else { continue };
            // The acquirer gives both back as they came.
            let mut reply = golden(approved);
            reply[at].copy_from_slice(&written.telegram[own]);
            reply[amount].copy_from_slice(&written.telegram[asked]);
            prop_assert_eq!((dialect.profile().key_of)(&reply), Some(written.key));
            prop_assert_eq!(ReplyKind::of(written.key), Some((ReplyKind::Request, serial)));
            prop_assert_eq!(dialect.answer(&reply).amount, Some(Won::new(total).unwrap()));

            let order = net_cancel_order(request.clone(), route.clone(), None);
            let cancel = dialect.net_cancel(&order, None, now()).unwrap();
            prop_assert_ne!(cancel.key, written.key);
            let (kind, of) = ReplyKind::of(cancel.key).unwrap();
            let is_own_kind = ["kovan", "kicc"].contains(&name);
            prop_assert_eq!(kind, if is_own_kind { ReplyKind::NetCancel } else { ReplyKind::Cancel });
            prop_assert!(of == serial || of == serial.of_net_cancel());
        }
    }

    #[test]
    fn the_answer_to_a_cancel_has_the_key_it_was_written_with(serial in any_serial(), total in any_total()) {
        for (name, greatest, done, [own, at], layout, (field, asked, amount)) in [
            (
                "kovan",
                Won::MAX.get(),
                cancels::KOVAN_DONE,
                [128..140, 125..137],
                "kovan-cancel",
                ("amount", 38..50, 38..50),
            ),
            (
                "kspay",
                999_999_999,
                kspay::PARTLY_CANCELLED,
                [36..86, 36..86],
                "kspay-cancel",
                ("cancel_amount", 375..384, 409..418),
            ),
            (
                "card450",
                9_999_999_999,
                cancels::CARD450_DONE,
                [14..34, 14..34],
                "card450-request",
                ("amount", 63..73, 63..73),
            ),
        ] {
            let dialect = dialect(name);
            let mut order = cancel_order(request(), route(), "30000001", amounts(total));
            order.serial = serial;
            let written = dialect.cancel(&order, Some(&card()), next_day());
            prop_assert_eq!(written.is_ok(), total <= greatest, "{} {}", name, total);
            let Ok(written) = written else { continue };
            prop_assert_eq!(ReplyKind::of(written.key), Some((ReplyKind::Cancel, serial)));
            prop_assert_eq!(&fields_of(layout, &written.telegram)[field], &total.to_string());
            let mut reply = golden(done);
            reply[at].copy_from_slice(&written.telegram[own]);
            reply[amount].copy_from_slice(&written.telegram[asked]);
            prop_assert_eq!((dialect.profile().key_of)(&reply), Some(written.key));
            let answer = dialect.cancel_answer(&reply);
            prop_assert_eq!(answer.amount, Some(Won::new(total).unwrap()));
            prop_assert!(matches!(answer.verdict, CancelVerdict::Accepted(_)), "{:?}", answer);
        }
    }

    /// KICC is told the total by its parts.
    #[test]
    fn the_answers_of_kicc_have_the_keys_and_the_total_that_were_written(
        serial in any_serial(),
        total in any_total(),
        parts in any::<[u8; 3]>(),
    ) {
        let part = |share: u8| Won::new(total / 3 * u64::from(share) / 255).ok();
        let total_won = Won::new(total).unwrap();
        let (mut request, mut route) = (request(), route());
        request.amounts = Amounts::of_approval(total_won, part(parts[0]), part(parts[1]), part(parts[2])).unwrap();
        route.serial = serial;
        let kicc = dialect("kicc");
        let mut cancel = cancel_order(request.clone(), route.clone(), "30000001", request.amounts);
        cancel.serial = serial;
        let net_cancel = net_cancel_order(request.clone(), route.clone(), None);
        for (kind, golden_reply, written) in [
            (ReplyKind::Request, kicc::APPROVED, kicc.request(&request_order(request, route), &card(), now())),
            (ReplyKind::NetCancel, kicc::NET_CANCELLED, kicc.net_cancel(&net_cancel, None, now())),
            (ReplyKind::Cancel, kicc::CANCELLED, kicc.cancel(&cancel, None, next_day())),
        ] {
            let written = written.unwrap();
            prop_assert_eq!(written.key, kind.key(serial));
            let fields = fields_of("kicc-request", &written.telegram);
            let sum = ["supply_amount", "service_charge", "tax"].map(|name| fields[name].parse::<u64>().unwrap());
            prop_assert_eq!(sum.iter().sum::<u64>(), total);
            let mut reply = golden(golden_reply);
            reply[24..36].copy_from_slice(&written.telegram[24..36]);
            reply[182..194].copy_from_slice(format!("{total:012}").as_bytes());
            prop_assert_eq!((kicc.profile().key_of)(&reply), Some(written.key));
            match kind {
                ReplyKind::Request => prop_assert_eq!(kicc.answer(&reply).amount, Some(total_won)),
                ReplyKind::Cancel => prop_assert_eq!(kicc.cancel_answer(&reply).amount, Some(total_won)),
                ReplyKind::NetCancel => {
                    prop_assert_eq!(kicc.net_cancel_answer(&reply).verdict, NetCancelVerdict::Accepted);
                }
            }
        }
    }

    #[test]
    fn every_card_number_reaches_the_acquirer_whole(number in "[0-9]{13,19}") {
        let card = card_of(&number);
        let order = request_order(request(), route());
        let kovan = dialect("kovan").request(&order, &card, now()).unwrap();
        prop_assert_eq!(&fields_of("kovan-approval", &kovan.telegram)["track2"], &format!("{number}=2912"));
        let kspay = dialect("kspay").request(&order, &card, now()).unwrap();
        prop_assert_eq!(&fields_of("kspay-credit", &kspay.telegram)["track2"], &format!("{number}=2912"));
        let kicc = dialect("kicc").request(&order, &card, now()).unwrap();
        let track = &fields_of("kicc-request", &kicc.telegram)["track2_or_van_tr"];
        prop_assert_eq!(track, &format!("{number}=2912"));
        let card450 = dialect("card450").request(&order, &card, now()).unwrap();
        prop_assert_eq!(&fields_of("card450-request", &card450.telegram)["card_no"], &number);
    }

    #[test]
    fn merchant_data_comes_back_unchanged(data in prop::array::uniform32(any::<u8>())) {
        let mut telegram = golden(CLEAR);
        telegram[688..720].copy_from_slice(&data);
        let sent = telegram[688..728].to_vec();
        let mut request = request();
        request.merchant_data = asked(&telegram).merchant_data;
        let reply = write_reply(&request, &TerminalAnswer::Refused(ResponseCode::NO_ROUTE), now());
        prop_assert_eq!(&reply[557..597], &sent[..]);
    }

    #[test]
    fn the_digest_covers_every_byte_but_the_pin_block(at in 0..728_usize, byte in any::<u8>()) {
        let telegram = golden(CLEAR);
        let mut other = telegram.clone();
        other[at] = byte;
        let is_covered = !(672..688).contains(&at) && other != telegram;
        prop_assert_eq!(digest_parts(&telegram) != digest_parts(&other), is_covered);
    }

    #[test]
    fn any_time_of_the_clock_can_be_told(year in 1..=9999_i16, hour in 0..24_i8) {
        let now = date(year, 2, 28).at(hour, 59, 59, 999_999_999);
        let reply = write_reply(&request(), &TerminalAnswer::Refused(ResponseCode::NO_ROUTE), now);
        let sent_at = format!("{year:04}0228{hour:02}5959");
        prop_assert_eq!(&fields_of("terminal-0110", &reply)["header.sent_at"], &sent_at);
    }
}

/// Where the day of an approval changes what a net-cancel says, the original is named by it.
#[test]
fn the_dialects_that_name_an_original_by_a_date_say_so() {
    for (name, expected) in [("card450", false), ("kovan", false), ("kspay", true), ("kicc", true)] {
        let dialect = dialect(name);
        let mut order = net_cancel_order(request(), route(), None);
        let written =
            |order: &payment::NetCancelOrder| dialect.net_cancel(order, None, now()).unwrap().telegram;
        let on_its_day = written(&order);
        order.approved_at = Some(next_day());
        let names_date = written(&order) != on_its_day;
        assert_eq!((dialect.day_skew().is_some(), names_date), (expected, expected), "{name}");
    }
}
