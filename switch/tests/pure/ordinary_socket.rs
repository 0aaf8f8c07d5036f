//! A socket without handshake: any number of telegrams, answered in any order.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use bytes::Bytes;
use codec::frame::Framing;
use payment::{PaymentId, Question, ResponseCode};
use switch::{
    config::Confirm,
    exchange::Message,
    listener::seats::{STAY_AFTER_A_BYTE, STAY_OF_TERMINALS, STAY_WITH_BYTES},
    session::Outgoing,
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    time::timeout,
};

use crate::{
    front::now_of,
    sockets::{Sockets, answer, approval, later, payment},
};

#[tokio::test]
async fn an_approval_may_wait_for_its_acknowledgement_as_long_as_its_listener_says() {
    let within = Duration::from_millis(7_500);
    for (confirm, within_ms) in [(Confirm::None, None), (Confirm::Ack { within }, Some(7_500))] {
        let mut sockets = Sockets::open(Framing::Ascii4, confirm).await;
        sockets.send_framed(&now_of("0100")).await;
        assert_eq!(sockets.asked().await.1, within_ms);
        sockets.reply(approval()).await;
        assert_eq!(sockets.telegram().await, approval().telegram);
        assert_eq!(sockets.told_delivery().await, (payment(), true));
    }
}

#[tokio::test]
async fn a_socket_whose_terminal_says_no_more_stays_until_everything_is_answered() {
    let mut sockets = Sockets::open(Framing::Ascii4, Confirm::None).await;
    let kinds = ["0100", "0120", "0300", "0400", "0420", "0500"];
    for kind in kinds {
        sockets.send_framed(&now_of(kind)).await;
    }
    sockets.terminal.shutdown().await.unwrap();
    for kind in kinds {
        match sockets.told().await {
            Message::Ask { question, .. } => assert_eq!(question.telegram_type(), kind),
            Message::Totals { .. } => assert_eq!(kind, "0500"),
            other => panic!("expected {kind}, found {other:?}"),
        }
    }
    for _ in kinds {
        sockets.reply(answer(ResponseCode::APPROVED)).await;
        sockets.telegram().await;
    }
    sockets.closed().await;
    sockets.told_closed().await;
}

#[tokio::test]
async fn an_opening_is_told_and_answered_at_once() {
    let mut sockets = Sockets::open(Framing::Ascii4, Confirm::None).await;
    let mut opening = now_of("0800");
    opening[60..63].copy_from_slice(b"001");
    sockets.send_framed(&opening).await;
    assert!(matches!(sockets.told().await, Message::Note(store::Note::Network { .. })));
    assert_eq!(&sockets.telegram().await[60..63], b"001");
}

#[tokio::test]
async fn a_telegram_that_is_begun_and_not_finished_ends_the_connection_and_takes_no_answer_from_those_who_share_it()
 {
    let mut sockets = Sockets::of(|listener| listener.frame_timeout = Duration::from_millis(100)).await;
    sockets.send_framed(&now_of("0100")).await;
    sockets.asked().await;
    sockets.send(b"0728011001").await;
    // The approval comes after the telegram's time is over, and is still told.
    let over = timeout(Duration::from_millis(300), sockets.terminal.readable()).await;
    assert!(over.is_err(), "nothing comes while an answer is awaited");
    sockets.reply(approval()).await;
    assert_eq!(sockets.telegram().await, approval().telegram);
    assert_eq!(sockets.told_delivery().await, (payment(), true));
    sockets.closed().await;
    sockets.told_closed().await;
}

#[tokio::test]
async fn a_telegram_drop_by_drop_has_no_more_time_than_another() {
    let mut sockets = Sockets::of(|listener| listener.frame_timeout = Duration::from_millis(200)).await;
    let telegram = sockets.framed(&now_of("0100"));
    let began = Instant::now();
    for byte in telegram.chunks(1) {
        if sockets.terminal.write_all(byte).await.is_err() {
            break;
        }
        let answered = timeout(Duration::from_millis(20), sockets.terminal.readable());
        if answered.await.is_ok() {
            break;
        }
    }
    assert!(began.elapsed() < Duration::from_secs(5), "it was taken whole");
    sockets.told_closed().await;
}

#[tokio::test]
async fn a_terminal_that_takes_no_answer_is_closed_and_what_it_never_got_is_undelivered() {
    let mut sockets = Sockets::of(|listener| listener.write_timeout = Duration::from_millis(200)).await;
    // More than the kernel keeps for the two of them.
    let telegram = Bytes::from(vec![b'0'; 2_000]);
    for number in 0..400 {
        let report = Some(PaymentId::from_number(number));
        sockets.reply(Outgoing { report, telegram: telegram.clone(), ..approval() }).await;
    }
    let mut told = BTreeMap::new();
    while told.len() < 400 {
        let (payment, written) = sockets.told_delivery().await;
        assert_eq!(told.insert(payment, written), None, "told once");
    }
    let written = told.values().filter(|written| **written).count();
    assert!((1..400).contains(&written), "{written}");
    assert!(told.values().is_sorted_by(|first, then| first >= then), "what was written is what came first");
    sockets.told_closed().await;
}

#[tokio::test]
async fn a_connection_that_is_idle_makes_room_and_one_that_waits_for_an_answer_does_not() {
    let mut sockets = Sockets::of(|_| {}).await;
    sockets.send_framed(&now_of("0100")).await;
    sockets.asked().await;
    assert!(!sockets.seats.make_room());
    sockets.reply(approval()).await;
    sockets.telegram().await;
    sockets.told_delivery().await;

    let mut sockets = Sockets::of(|_| {}).await;
    let stranger = async {
        while !sockets.seats.make_room() {
            tokio::task::yield_now().await;
        }
    };
    timeout(Duration::from_secs(10), stranger).await.expect("a stranger makes room after a while");
    sockets.closed().await;
    sockets.told_closed().await;
}

#[tokio::test]
async fn a_stranger_that_takes_none_of_its_refusals_makes_room_at_once() {
    let mut sockets = Sockets::of(|_| {}).await;
    let mut unknown = now_of("0100");
    unknown[15] = b'9';
    let refused = sockets.framed(&unknown);
    // Until the switch reads no more: then its answers wait.
    let pumping = async {
        loop {
            let sent = timeout(Duration::from_millis(300), sockets.terminal.write_all(&refused)).await;
            if sent.is_err() {
                return;
            }
        }
    };
    let telling = async { while sockets.told.recv().await.is_some() {} };
    tokio::select! {
        () = pumping => {}
        () = telling => panic!("the session ended"),
    }
    later(STAY_AFTER_A_BYTE).await;
    assert!(sockets.seats.make_room());
    timeout(Duration::from_secs(1), sockets.seats.freed()).await.expect("at once");
    assert_eq!(sockets.seats.taken(), 0);
}

#[tokio::test]
async fn a_stranger_that_was_refused_keeps_its_seat_no_longer_by_more_of_the_same() {
    let mut sockets = Sockets::of(|_| {}).await;
    let mut unknown = now_of("0100");
    unknown[15] = b'9';
    for _ in 0..3 {
        sockets.send_framed(&unknown).await;
        assert!(matches!(sockets.told().await, Message::Note(_)));
        sockets.telegram().await;
        later(STAY_AFTER_A_BYTE / 3).await;
    }
    assert!(sockets.seats.make_room());
    sockets.closed().await;
    sockets.told_closed().await;
}

#[tokio::test]
async fn telegrams_that_are_refused_or_one_too_many_keep_no_seat_that_good_ones_would() {
    let mut unknown = now_of("0100");
    unknown[15] = b'9';
    for (bad, is_noted) in [(unknown, true), (now_of("0800"), false)] {
        let mut sockets = Sockets::of(|_| {}).await;
        sockets.send_framed(&now_of("0800")).await;
        sockets.telegram().await;
        sockets.overload();
        for _ in 0..2 {
            later(STAY_OF_TERMINALS / 2).await;
            assert!(!sockets.seats.make_room());
            sockets.send_framed(&bad).await;
            if is_noted {
                assert!(matches!(sockets.told().await, Message::Note(_)));
            }
            sockets.telegram().await;
        }
        // The first of them might have become a good one, and so its bytes counted; the second's did not.
        later(STAY_OF_TERMINALS / 2).await;
        assert!(sockets.seats.make_room());
        sockets.closed().await;
        sockets.told_closed().await;
    }
}

#[tokio::test]
async fn a_connection_beyond_its_terminals_share_makes_room_early_and_only_with_its_answers_told() {
    let mut sockets = Sockets::of(|_| {}).await;
    let _others = sockets.others_have_its_share();
    sockets.send_framed(&now_of("0100")).await;
    sockets.asked().await;
    later(STAY_OF_TERMINALS * 3).await;
    assert!(!sockets.seats.make_room(), "it waits for an answer");
    later(STAY_AFTER_A_BYTE).await;
    sockets.reply(approval()).await;
    // Its place is asked for while the answer is on its way, and the next telegram is.
    let answered = async {
        while sockets.seats.passing() == 0 {
            tokio::task::yield_now().await;
        }
    };
    timeout(Duration::from_secs(10), answered).await.expect("it waits for nothing");
    assert!(sockets.seats.make_room());
    sockets.terminal.write_all(&[b'0'; 100]).await.unwrap();
    assert_eq!(sockets.telegram().await, approval().telegram);
    assert_eq!(sockets.told_delivery().await, (payment(), true));
    sockets.closed().await;
    sockets.told_closed().await;
}

#[tokio::test]
async fn who_has_an_approval_to_acknowledge_by_a_telegram_keeps_its_place_within_a_share_and_beyond() {
    for (is_beyond, stay) in [(false, STAY_OF_TERMINALS), (true, STAY_WITH_BYTES + STAY_AFTER_A_BYTE)] {
        let within = Duration::from_secs(30);
        let mut sockets = Sockets::open(Framing::Ascii4, Confirm::Ack { within }).await;
        let _others = is_beyond.then(|| sockets.others_have_its_share());
        sockets.send_framed(&now_of("0100")).await;
        sockets.asked().await;
        sockets.reply(approval()).await;
        sockets.telegram().await;
        sockets.told_delivery().await;
        later(within.saturating_sub(Duration::from_secs(10))).await;
        assert!(sockets.seats.make_room(), "it is asked");
        let left = timeout(Duration::from_millis(50), sockets.terminal.readable()).await;
        assert!(left.is_err(), "and stays");
        sockets.send_framed(&now_of("0120")).await;
        assert!(matches!(sockets.asked().await.0, Question::Acknowledgement(_)));
        sockets.reply(answer(ResponseCode::APPROVED)).await;
        sockets.telegram().await;
        later(within + stay).await;
        assert!(sockets.seats.make_room());
        sockets.closed().await;
        sockets.told_closed().await;
    }
}

#[tokio::test]
async fn a_connection_beyond_its_terminals_share_that_takes_its_answers_drop_by_drop_leaves_within_the_write_timeout()
 {
    let mut sockets = Sockets::of(|listener| listener.write_timeout = Duration::from_secs(1)).await;
    let _others = sockets.others_have_its_share();
    sockets.send_framed(&now_of("0800")).await;
    sockets.telegram().await;
    later(STAY_WITH_BYTES + STAY_AFTER_A_BYTE).await;
    // More than the kernel keeps for the two of them.
    let telegram = Bytes::from(vec![b'0'; 2_000]);
    for _ in 0..2_000 {
        sockets.reply(Outgoing { telegram: telegram.clone(), ..answer(ResponseCode::APPROVED) }).await;
    }
    assert!(sockets.seats.make_room());
    let began = Instant::now();
    let mut drops = [0; 8 * 1_024];
    let drinking = async {
        loop {
            sockets.terminal.read_exact(&mut drops).await.unwrap();
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::select! {
        () = sockets.seats.freed() => {}
        () = drinking => {}
    }
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
}

#[tokio::test]
async fn who_was_only_told_that_there_is_too_much_to_do_is_a_stranger_still() {
    let mut sockets = Sockets::of(|_| {}).await;
    sockets.overload();
    sockets.send_framed(&now_of("0800")).await;
    assert_eq!(&sockets.telegram().await[49..53], b"9040");
    assert_eq!(sockets.seats.passing(), 1);
}

#[tokio::test]
async fn settings_of_a_listener_reach_an_open_socket_with_its_next_telegram() {
    let mut sockets = Sockets::of(|listener| listener.telegrams_per_s = 0).await;
    let codes = async |sockets: &mut Sockets| {
        for _ in 0..3 {
            sockets.send_framed(&now_of("0800")).await;
        }
        let mut codes = Vec::new();
        for _ in 0..3 {
            codes.push(String::from_utf8_lossy(&sockets.telegram().await[49..53]).into_owned());
        }
        codes
    };
    assert_eq!(codes(&mut sockets).await, ["0000", "0000", "0000"]);
    sockets.reload(|listener| {
        (listener.telegrams_per_s, listener.idle_timeout) = (1, Duration::from_secs(2));
        true
    });
    assert_eq!(codes(&mut sockets).await, ["0000", "9040", "9040"]);
    // Of a listener that is gone the last settings hold.
    sockets.reload(|_| false);
    sockets.send_framed(&now_of("0100")).await;
    sockets.asked().await;
    sockets.reply(answer(ResponseCode::APPROVED)).await;
    sockets.telegram().await;
    later(Duration::from_secs(2)).await;
    sockets.closed().await;
    sockets.told_closed().await;
}

#[tokio::test]
async fn how_a_socket_is_framed_and_confirmed_stays_as_it_was_begun_and_only_the_time_to_confirm_changes() {
    let within = |seconds| Confirm::Ack { within: Duration::from_secs(seconds) };
    let handshake = Confirm::Handshake { within: Duration::from_secs(1) };
    for (begun, then, expected) in [
        (Confirm::None, within(5), None),
        (Confirm::None, handshake, None),
        (within(5), Confirm::None, Some(5_000)),
        (within(5), handshake, Some(5_000)),
        (within(5), within(3), Some(3_000)),
    ] {
        let mut sockets = Sockets::open(Framing::Ascii4, begun).await;
        sockets.reload(|listener| {
            (listener.framing, listener.confirm) = (Framing::StxLrc, then);
            true
        });
        sockets.send_framed(&now_of("0100")).await;
        assert_eq!(sockets.asked().await.1, expected, "{begun:?} and then {then:?}");
        sockets.reply(approval()).await;
        assert_eq!(sockets.telegram().await, approval().telegram);
    }
}
