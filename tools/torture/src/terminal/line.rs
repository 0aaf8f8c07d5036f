//! How a terminal asks, apart from what it knows.

use std::{sync::Arc, time::Duration};

use tokio::time::sleep;

use super::{
    PATIENT, Socket,
    handshake::{self, Manner},
};
use crate::{
    book::{Book, is_open},
    telegram::{Answer, Key, Telegram},
};

/// What a terminal asks by, apart from what it knows.
pub(super) struct Line {
    pub(super) socket: Socket,
    pub(super) book: Arc<Book>,
}

impl Line {
    pub(super) async fn ask_for_a_while(&self, telegram: &Telegram, amount: Option<u64>, tries: u64) {
        for _ in 0..tries {
            let answer = self.send(telegram, amount, PATIENT, Manner::Acknowledges).await;
            if answer.is_some_and(|answer| is_final(&telegram.key, &answer.code())) {
                return;
            }
            sleep(Duration::from_millis(300)).await;
        }
    }

    pub(super) async fn send(
        &self,
        telegram: &Telegram,
        amount: Option<u64>,
        patience: Duration,
        manner: Manner,
    ) -> Option<Answer> {
        match &self.socket {
            Socket::Wire(wire) => wire.ask(telegram, amount, patience).await,
            Socket::Handshake(to) => {
                handshake::exchange(*to, telegram, amount, (manner, patience), &self.book).await
            }
        }
    }
}

/// Whether a terminal told this about that telegram needs not ask again.
pub(super) fn is_final(key: &Key, code: &str) -> bool {
    match (key.kind, code) {
        (400, "9010") => true,
        (400, "9023") | (420, "9033") => false,
        // By the time that it is told it asks again; what was refused for its clock when it was bought is bought anew.
        (_, "9004") => key.kind == 100,
        _ => !is_open(code),
    }
}
