//! A switch reduced to its answers, for the tests of what talks to one.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::{Buf, BytesMut};
use codec::frame::{FrameFormat, Framing};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::capture::{Assignment, Value};
use crate::clock;
use crate::hidden::Hidden;
use crate::layout::{Layout, Layouts};

/// How long the handshake waits for ACK.
const ACK_TIME: Duration = Duration::from_millis(100);

/// Approves every telegram and echoes what the reply has a field for, but: an amount ending in 51 is declined, in 52
/// refused, in 53 not let in, in 62 not answered, in 64 closes the socket, in 66 is answered twice; a repeat gets the same answer,
/// another 0100 or 0400 under its key 9011.
///
/// With the handshake besides: an amount ending in 41 is answered with a wrong LRC at first, in 42 closes after the ACK
/// without EOT, in 43 sends no EOT; a fourth wrong LRC closes the socket.
pub(crate) struct FakeSwitch {
    pub(crate) address: SocketAddr,
    shared: Arc<Shared>,
}

struct Shared {
    layouts: Layouts,
    answered: Mutex<Answered>,
    handshake: Option<Handshake>,
}

/// What the switch does with a new connection.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Handshake {
    SaysEnq,
    SaysNothing,
}

type Answered = HashMap<(String, String, String), (Vec<u8>, Vec<u8>)>;

/// What becomes of a telegram.
enum Reaction {
    Answer { reply: Vec<u8>, amount: String },
    Silence,
    Close,
}

impl FakeSwitch {
    pub(crate) async fn start() -> Self {
        Self::begin(None).await
    }

    pub(crate) async fn with_handshake(handshake: Handshake) -> Self {
        Self::begin(Some(handshake)).await
    }

    async fn begin(handshake: Option<Handshake>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared { layouts: Layouts::embedded(), answered: Mutex::default(), handshake });
        let serving = Arc::clone(&shared);
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                tokio::spawn(serve(stream, Arc::clone(&serving)));
            }
        });
        Self { address, shared }
    }

    /// How many keys were answered.
    pub(crate) fn keys(&self) -> usize {
        self.shared.answered.lock().unwrap().len()
    }
}

async fn serve(stream: TcpStream, shared: Arc<Shared>) {
    match shared.handshake {
        None => serve_line(stream, &shared).await,
        // The peer may vanish at any time.
        Some(handshake) => {
            let _ = serve_handshake(stream, &shared, handshake).await;
        }
    }
}

async fn serve_line(mut stream: TcpStream, shared: &Shared) {
    let frame = FrameFormat::new(Framing::Ascii4, 1, 9999);
    let (mut input, mut output) = (BytesMut::new(), BytesMut::new());
    while matches!(stream.read_buf(&mut input).await, Ok(1..)) {
        while let Some(telegram) = frame.decode(&mut input).unwrap() {
            match shared.take(&telegram) {
                Reaction::Answer { reply, amount } => {
                    frame.encode(&reply, &mut output).unwrap();
                    if amount.ends_with("66") {
                        frame.encode(&reply, &mut output).unwrap();
                    }
                }
                Reaction::Silence => {}
                Reaction::Close => return,
            }
        }
        if stream.write_all_buf(&mut output).await.is_err() {
            return;
        }
    }
}

async fn serve_handshake(
    mut stream: TcpStream,
    shared: &Shared,
    handshake: Handshake,
) -> std::io::Result<()> {
    let frame = FrameFormat::new(Framing::StxLrc, 1, 9999);
    let mut input = BytesMut::new();
    if handshake == Handshake::SaysEnq {
        stream.write_all(b"\x05").await?;
    }
    let mut naks = 0;
    let telegram = loop {
        match frame.decode(&mut input) {
            Ok(Some(telegram)) => break telegram,
            Ok(None) if stream.read_buf(&mut input).await? == 0 => return Ok(()),
            Ok(None) => {}
            Err(_) if naks == 3 => return Ok(()),
            Err(_) => {
                naks += 1;
                stream.write_all(b"\x15").await?;
            }
        }
    };
    let (reply, amount) = match shared.take(&telegram) {
        Reaction::Answer { reply, amount } => (reply, amount),
        Reaction::Silence => {
            stream.read_buf(&mut input).await?;
            return Ok(());
        }
        Reaction::Close => return Ok(()),
    };
    let mut framed = BytesMut::new();
    frame.encode(&reply, &mut framed).unwrap();
    let mut first = framed.clone();
    if amount.ends_with("41") {
        *first.last_mut().unwrap() ^= 1;
    }
    stream.write_all(&first).await?;
    loop {
        match tokio::time::timeout(ACK_TIME, stream.read_buf(&mut input)).await {
            Ok(Ok(1..)) => {}
            Ok(_) | Err(_) => return Ok(()),
        }
        match input.get_u8() {
            0x06 if amount.ends_with("42") => return Ok(()),
            0x06 if amount.ends_with("43") => {
                stream.read_buf(&mut input).await?;
                return Ok(());
            }
            0x06 => return stream.write_all(b"\x04").await,
            0x15 => stream.write_all(&framed).await?,
            other => panic!("expected ACK or NAK, found {other:#x}"),
        }
    }
}

impl Shared {
    fn take(&self, telegram: &[u8]) -> Reaction {
        let kind = String::from_utf8(telegram[..4].to_vec()).unwrap();
        let Ok(request) = self.layouts.get(&format!("terminal-{kind}")) else { return Reaction::Silence };
        let reply_kind = format!("{}{}{}", &kind[..2], kind[2..3].parse::<u8>().unwrap() + 1, &kind[3..]);
        let reply = self.layouts.get(&format!("terminal-{reply_kind}")).unwrap();
        let decoded = request.decode(telegram);
        let text = |name: &str| decoded.text(name).unwrap_or_default().into_owned();
        let key = (kind.clone(), text("terminal_id"), text("trace_no"));
        let amount = ["total_amount", "cancel_amount"].map(text).concat();
        let known = self.answered.lock().unwrap().get(&key).cloned();
        let has_key = matches!(kind.as_str(), "0100" | "0400");
        let code = match (&known, amount.as_str()) {
            _ if !decoded.is_valid() => "9001",
            (Some((first, _)), _) if has_key && *first != telegram => "9011",
            (None, amount) if amount.ends_with("51") => "8035",
            (None, amount) if amount.ends_with("52") => "9020",
            (None, amount) if amount.ends_with("53") => "9040",
            (None, amount) if amount.ends_with("62") => return Reaction::Silence,
            (None, amount) if amount.ends_with("64") => return Reaction::Close,
            (Some(_) | None, _) => "0000",
        };
        let answer = match known {
            Some((first, answer)) if first == telegram => answer,
            Some(_) | None => built(&reply, &request, telegram, &reply_kind, code, &amount),
        };
        self.answered.lock().unwrap().entry(key).or_insert((telegram.to_vec(), answer.clone()));
        Reaction::Answer { reply: answer, amount }
    }
}

/// The reply: what it has in common with the request, and what is new.
fn built(reply: &Layout, request: &Layout, telegram: &[u8], kind: &str, code: &str, amount: &str) -> Vec<u8> {
    let decoded = request.decode(telegram);
    let echoed = decoded.readings().iter().filter(|reading| {
        let same = |field: &&crate::layout::Field| field.path == reading.field().path;
        reading.fault().is_none() && reply.fields().iter().any(|field| same(&field))
    });
    let mut values: Vec<_> = echoed
        .map(|reading| Assignment {
            field: reading.field().path.clone(),
            value: Value::Bytes(Hidden(reading.raw().to_vec())),
        })
        .collect();
    let approval_no = if code == "0000" { "30000001" } else { "" };
    for (field, value) in [
        ("telegram_type", kind),
        ("response_code", code),
        ("total_amount", if decoded.is_valid() && !amount.is_empty() { amount } else { "0" }),
        ("approval_no", approval_no),
        ("route", "kovan"),
        ("state", "02"),
        ("difference", "0"),
    ] {
        if let Ok(field) = reply.field(field) {
            values.push(Assignment { field: field.path.clone(), value: Value::text(value) });
        }
    }
    reply.build(&values, clock::kst_now()).unwrap()
}
