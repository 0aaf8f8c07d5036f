//! A socket with handshake: ENQ, one telegram, its answer, ACK, EOT.

use std::time::Duration;

use codec::frame::Framing;
use payment::{Question, ResponseCode};
use store::Note;
use switch::{
    config::Confirm,
    exchange::Message,
    listener::seats::{STAY_AFTER_A_BYTE, STAY_OF_STRANGERS, STAY_OF_TERMINALS, STAY_WITH_BYTES},
};

use tokio::time::timeout;

use crate::{
    front::now_of,
    sockets::{Sockets, answer, approval, later, original, payment},
};

const EOT: u8 = 0x04;
const ENQ: u8 = 0x05;
const ACK: u8 = 0x06;
const NAK: u8 = 0x15;

/// A connection whose terminal was invited.
async fn invited() -> Sockets {
    invited_for(Duration::from_secs(10)).await
}

/// As [`invited`], with that long for its ACK.
async fn invited_for(within: Duration) -> Sockets {
    let mut sockets = Sockets::open(Framing::StxLrc, Confirm::Handshake { within }).await;
    assert_eq!(sockets.byte().await, ENQ);
    sockets
}

/// A connection whose terminal has an approval in hand.
async fn approved() -> Sockets {
    let mut sockets = invited().await;
    sockets.send_framed(&now_of("0100")).await;
    let (question, within_ms) = sockets.asked().await;
    assert!(matches!(question, Question::Approval(_)));
    assert_eq!(within_ms, Some(10_000));
    sockets.reply(approval()).await;
    assert_eq!(sockets.telegram().await, approval().telegram);
    assert_eq!(sockets.told_delivery().await, (payment(), true));
    sockets
}

#[tokio::test]
async fn an_approval_is_finished_once_its_acknowledgement_is_durable() {
    let mut sockets = approved().await;
    sockets.send(&[ACK]).await;
    let (Question::Acknowledgement(acknowledgement), _) = sockets.asked().await else {
        panic!("expected an acknowledgement")
    };
    let reference = &acknowledgement.reference;
    assert_eq!((reference.original, acknowledgement.approval_no.as_deref()), (original(), None));
    assert_eq!((reference.trace_no.get(), reference.merchant.as_str()), (1, "1208800001"));
    sockets.reply(answer(ResponseCode::APPROVED)).await;
    assert_eq!(sockets.byte().await, EOT);
    sockets.closed().await;
    drop(sockets.terminal);
    assert!(matches!(sockets.told.recv().await, Some(Message::Closed { .. })));
}

#[tokio::test]
async fn an_acknowledgement_that_comes_too_late_gets_no_eot() {
    let mut sockets = approved().await;
    sockets.send(&[ACK]).await;
    sockets.asked().await;
    sockets.reply(answer(ResponseCode::NET_CANCELLED)).await;
    sockets.closed().await;
    sockets.told_closed().await;
}

#[tokio::test]
async fn whatever_is_no_approval_is_finished_at_once() {
    for (kind, code) in [
        ("0100", ResponseCode::OVERLOADED),
        ("0120", ResponseCode::NET_CANCELLED),
        ("0300", ResponseCode::APPROVED),
        ("0400", ResponseCode::APPROVED),
        ("0420", ResponseCode::APPROVED),
    ] {
        let mut sockets = invited().await;
        sockets.send_framed(&now_of(kind)).await;
        let (question, _) = sockets.asked().await;
        assert_eq!(question.telegram_type(), kind);
        sockets.reply(answer(code)).await;
        assert_eq!(sockets.telegram().await, answer(code).telegram);
        sockets.send(&[ACK]).await;
        assert_eq!(sockets.byte().await, EOT);
        sockets.closed().await;
        sockets.told_closed().await;
    }
}

#[tokio::test]
async fn totals_are_answered_like_everything_else() {
    let mut sockets = invited().await;
    sockets.send_framed(&now_of("0500")).await;
    assert!(matches!(sockets.told().await, Message::Totals { .. }));
    sockets.reply(answer(ResponseCode::APPROVED)).await;
    sockets.telegram().await;
    sockets.send(&[ACK]).await;
    assert_eq!(sockets.byte().await, EOT);
}

#[tokio::test]
async fn what_the_front_desk_answers_is_acknowledged_and_repeated_too() {
    let mut sockets = invited().await;
    sockets.send_framed(&now_of("0800")).await;
    let first = sockets.telegram().await;
    assert_eq!(&first[..4], b"0810");
    sockets.send(&[NAK]).await;
    assert_eq!(sockets.telegram().await, first);
    sockets.send(&[ACK]).await;
    assert_eq!(sockets.byte().await, EOT);
    sockets.told_closed().await;

    let mut sockets = invited().await;
    let mut unknown = now_of("0100");
    unknown[15] = b'9';
    sockets.send_framed(&unknown).await;
    assert!(matches!(sockets.told().await, Message::Note(Note::Refused { .. })));
    assert_eq!(&sockets.telegram().await[49..53], b"9002");
    sockets.send(&[ACK]).await;
    assert_eq!(sockets.byte().await, EOT);
}

#[tokio::test]
async fn an_answer_that_came_broken_is_sent_again_and_reported_once() {
    let mut sockets = approved().await;
    for _ in 0..3 {
        sockets.send(&[NAK]).await;
        assert_eq!(sockets.telegram().await, approval().telegram);
    }
    sockets.send(&[NAK]).await;
    sockets.closed().await;
    sockets.told_closed().await;
}

#[tokio::test]
async fn a_telegram_that_came_broken_is_asked_for_again() {
    let mut sockets = invited().await;
    let mut broken = sockets.framed(&now_of("0300"));
    *broken.last_mut().unwrap() ^= 1;
    for _ in 0..3 {
        sockets.send(&broken).await;
        assert_eq!(sockets.byte().await, NAK);
    }
    sockets.send_framed(&now_of("0300")).await;
    assert!(matches!(sockets.asked().await.0, Question::Inquiry(_)));

    let mut sockets = invited().await;
    for _ in 0..3 {
        sockets.send(&broken).await;
        assert_eq!(sockets.byte().await, NAK);
    }
    sockets.send(&broken).await;
    sockets.closed().await;
    sockets.told_closed().await;
}

#[tokio::test]
async fn a_header_that_nobody_can_answer_closes_the_connection() {
    let mut sockets = invited().await;
    let mut unreadable = now_of("0100");
    unreadable[0] = b'x';
    sockets.send_framed(&unreadable).await;
    assert!(matches!(sockets.told().await, Message::Note(Note::Refused { .. })));
    sockets.told_closed().await;
}

#[tokio::test]
async fn a_terminal_that_says_nothing_to_its_answer_is_closed() {
    let mut sockets = invited_for(Duration::from_millis(50)).await;
    sockets.send_framed(&now_of("0100")).await;
    assert_eq!(sockets.asked().await.1, Some(50));
    sockets.reply(approval()).await;
    sockets.telegram().await;
    sockets.closed().await;
    assert_eq!(sockets.told_delivery().await, (payment(), true));
    sockets.told_closed().await;
}

#[tokio::test]
async fn an_ack_that_came_before_the_answer_acknowledges_nothing() {
    let mut sockets = invited().await;
    let early = [&sockets.framed(&now_of("0100"))[..], &[ACK]].concat();
    sockets.send(&early).await;
    sockets.asked().await;
    sockets.reply(approval()).await;
    sockets.telegram().await;
    sockets.told_delivery().await;
    assert!(sockets.told.try_recv().is_err());
    sockets.send(&[ACK]).await;
    assert!(matches!(sockets.asked().await.0, Question::Acknowledgement(_)));
    assert!(sockets.told.try_recv().is_err());
}

#[tokio::test]
async fn an_answer_whose_terminal_is_gone_is_nobodys() {
    let mut sockets = invited().await;
    sockets.send_framed(&now_of("0100")).await;
    sockets.asked().await;
    let Sockets { terminal, mut told, replies, .. } = sockets;
    drop(terminal);
    assert!(matches!(told.recv().await, Some(Message::Closed { .. })));
    assert!(replies.is_closed(), "the exchange finds nobody to answer");
}

#[tokio::test]
async fn a_switch_that_closes_invites_nobody_and_finishes_what_was_asked() {
    let mut sockets = invited().await;
    sockets.closing.cancel();
    sockets.closed().await;
    sockets.told_closed().await;

    let mut sockets = approved().await;
    sockets.closing.cancel();
    sockets.send(&[ACK]).await;
    sockets.asked().await;
    sockets.reply(answer(ResponseCode::APPROVED)).await;
    assert_eq!(sockets.byte().await, EOT);
    sockets.told_closed().await;
}

#[tokio::test]
async fn a_connection_that_brings_nothing_is_closed_with_its_peer() {
    let mut sockets = invited().await;
    drop(std::mem::replace(
        &mut sockets.terminal,
        Sockets::open(Framing::StxLrc, Confirm::None).await.terminal,
    ));
    sockets.told_closed().await;
}

#[tokio::test]
async fn a_stranger_makes_room_at_once_before_its_telegram_and_after_its_refusal() {
    let mut sockets = invited().await;
    later(STAY_OF_STRANGERS).await;
    assert!(sockets.seats.make_room());
    timeout(Duration::from_millis(500), sockets.seats.freed()).await.expect("at once");
    sockets.told_closed().await;

    let mut sockets = invited().await;
    let mut unknown = now_of("0100");
    unknown[15] = b'9';
    sockets.send_framed(&unknown).await;
    assert!(matches!(sockets.told().await, Message::Note(Note::Refused { .. })));
    sockets.telegram().await;
    later(STAY_AFTER_A_BYTE).await;
    assert!(sockets.seats.make_room());
    timeout(Duration::from_millis(500), sockets.seats.freed()).await.expect("at once");
    sockets.told_closed().await;
}

#[tokio::test]
async fn a_terminal_whose_telegram_has_begun_has_longer_than_one_that_says_nothing() {
    let mut sockets = invited().await;
    let telegram = sockets.framed(&now_of("0100"));
    let (some, rest) = telegram.split_at(telegram.len() / 2);
    later(STAY_OF_STRANGERS).await;
    sockets.send(some).await;
    let read = async {
        while sockets.seats.silent() > 0 {
            tokio::task::yield_now().await;
        }
    };
    timeout(Duration::from_secs(10), read).await.expect("the switch reads it");
    later(STAY_OF_STRANGERS * 2).await;
    assert!(!sockets.seats.make_room());
    sockets.send(rest).await;
    sockets.asked().await;
}

#[tokio::test]
async fn a_terminal_with_an_answer_in_hand_keeps_its_seat_while_it_may_acknowledge() {
    let mut sockets = invited_for(Duration::from_mins(1)).await;
    sockets.send_framed(&now_of("0100")).await;
    sockets.asked().await;
    sockets.reply(approval()).await;
    sockets.telegram().await;
    later(Duration::from_secs(50)).await;
    assert!(!sockets.seats.make_room());
    sockets.told_delivery().await;
    sockets.send(&[ACK]).await;
    assert!(matches!(sockets.asked().await.0, Question::Acknowledgement(_)));
}

#[tokio::test]
async fn an_answer_that_is_no_approval_keeps_no_seat_and_beyond_a_share_it_goes_early() {
    for (is_beyond, stay) in [(false, STAY_OF_TERMINALS), (true, STAY_WITH_BYTES + STAY_AFTER_A_BYTE)] {
        let mut sockets = invited_for(Duration::from_mins(1)).await;
        let _others = is_beyond.then(|| sockets.others_have_its_share());
        sockets.send_framed(&now_of("0300")).await;
        sockets.asked().await;
        later(STAY_OF_TERMINALS * 2).await;
        assert!(!sockets.seats.make_room(), "it waits for its answer");
        sockets.reply(answer(ResponseCode::APPROVED)).await;
        sockets.telegram().await;
        later(stay).await;
        assert!(sockets.seats.make_room());
        sockets.closed().await;
        sockets.told_closed().await;
    }
}

#[tokio::test]
async fn an_approval_to_acknowledge_keeps_its_seat_beyond_a_share_too() {
    let mut sockets = invited_for(Duration::from_mins(1)).await;
    let _others = sockets.others_have_its_share();
    sockets.send_framed(&now_of("0100")).await;
    sockets.asked().await;
    sockets.reply(approval()).await;
    sockets.telegram().await;
    later(Duration::from_secs(50)).await;
    assert!(!sockets.seats.make_room());
    sockets.told_delivery().await;
    sockets.send(&[ACK]).await;
    assert!(matches!(sockets.asked().await.0, Question::Acknowledgement(_)));
}
