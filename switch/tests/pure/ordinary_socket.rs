//! A socket without handshake: any number of telegrams, answered in any order.

use std::time::Duration;

use codec::frame::Framing;
use payment::ResponseCode;
use switch::{config::Confirm, exchange::Message};
use tokio::io::AsyncWriteExt as _;

use crate::{
    front::now_of,
    sockets::{Sockets, answer, approval, payment},
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
