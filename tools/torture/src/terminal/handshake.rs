//! A connection with handshake: one telegram, its answer, ACK and EOT.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use bytes::{Buf as _, BytesMut};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::timeout,
};

use crate::{
    book::Book,
    telegram::{Answer, STX_LRC, Telegram},
};

const STX: u8 = 0x02;
const EOT: u8 = 0x04;
const ENQ: u8 = 0x05;
const ACK: u8 = 0x06;

/// What a terminal does with the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manner {
    /// It acknowledges it.
    Acknowledges,
    /// It says nothing and is gone.
    Leaves,
    /// It is gone before there is an answer.
    Vanishes,
}

enum Came {
    Control(u8),
    Answer(Answer),
}

/// The whole exchange. `None`: no answer, for whatever reason.
pub async fn exchange(
    to: SocketAddr,
    telegram: &Telegram,
    amount: Option<u64>,
    (manner, patience): (Manner, Duration),
    book: &Arc<Book>,
) -> Option<Answer> {
    let mut answer = None;
    // Whatever is reached when the time is up counts.
    let _ = timeout(patience, talk(to, telegram, amount, manner, book, &mut answer)).await;
    answer
}

async fn talk(
    to: SocketAddr,
    telegram: &Telegram,
    amount: Option<u64>,
    manner: Manner,
    book: &Book,
    answered: &mut Option<Answer>,
) -> Option<()> {
    let mut stream = TcpStream::connect(to).await.ok()?;
    // Without it small pieces wait for one another.
    let _ = stream.set_nodelay(true);
    let mut input = BytesMut::new();
    let Came::Control(ENQ) = came(&mut stream, &mut input, book).await? else { return None };
    book.sending(&telegram.key, amount);
    stream.write_all(&telegram.framed(&STX_LRC)).await.ok()?;
    if manner == Manner::Vanishes {
        // One that is reset already cannot be reset again.
        let _ = socket2::SockRef::from(&stream).set_linger(Some(Duration::ZERO));
        return None;
    }
    let Came::Answer(answer) = came(&mut stream, &mut input, book).await? else { return None };
    if answer.key != telegram.key {
        book.stray(format!("{answer:?} came for {telegram:?}"));
    }
    book.heard(&answer);
    let code = answer.code();
    *answered = Some(answer);
    if manner == Manner::Leaves {
        return None;
    }
    stream.write_all(&[ACK]).await.ok()?;
    if let Came::Control(EOT) = came(&mut stream, &mut input, book).await? {
        book.ended(&telegram.key, code);
    }
    Some(())
}

async fn came(stream: &mut TcpStream, input: &mut BytesMut, book: &Book) -> Option<Came> {
    loop {
        match input.first() {
            Some(&STX) => match STX_LRC.decode(input) {
                Ok(Some(telegram)) => match Answer::read(telegram) {
                    Ok(answer) => return Some(Came::Answer(answer)),
                    Err(why) => book.stray(format!("the switch sent an unreadable answer: {why}")),
                },
                Ok(None) => {}
                Err(error) => {
                    book.stray(format!("the switch sent a broken frame: {error}"));
                    return None;
                }
            },
            Some(&control) => {
                input.advance(1);
                return Some(Came::Control(control));
            }
            None => {}
        }
        if !matches!(stream.read_buf(input).await, Ok(1..)) {
            return None;
        }
    }
}
