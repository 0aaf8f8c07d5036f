//! A switch reduced to its answers, for the tests of what talks to one.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use bytes::BytesMut;
use codec::frame::{FrameFormat, Framing};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::capture::{Assignment, Value};
use crate::clock;
use crate::layout::Layout;

/// Approves every 0100, but: an amount ending in 51 is declined, in 52 refused, in 62 not answered, in 64 closes the
/// socket, in 66 is answered twice; a repeat gets the same answer, another telegram under its key 9011.
pub(crate) struct FakeSwitch {
    pub(crate) address: SocketAddr,
    answered: Arc<Mutex<Answered>>,
}

type Answered = HashMap<(String, String), (Vec<u8>, Vec<u8>)>;

impl FakeSwitch {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let answered = Arc::default();
        let shared = Arc::clone(&answered);
        tokio::spawn(async move {
            let layouts =
                Arc::new(["terminal-0100", "terminal-0110"].map(|name| Layout::embedded(name).unwrap()));
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                tokio::spawn(serve(stream, Arc::clone(&layouts), Arc::clone(&shared)));
            }
        });
        Self { address, answered }
    }

    /// How many keys were answered.
    pub(crate) fn keys(&self) -> usize {
        self.answered.lock().unwrap().len()
    }
}

async fn serve(mut stream: TcpStream, layouts: Arc<[Layout; 2]>, answered: Arc<Mutex<Answered>>) {
    let [request, reply] = &*layouts;
    let frame = FrameFormat::new(Framing::Ascii4, 1, 9999);
    let (mut input, mut output) = (BytesMut::new(), BytesMut::new());
    while matches!(stream.read_buf(&mut input).await, Ok(1..)) {
        while let Some(telegram) = frame.decode(&mut input).unwrap() {
            let decoded = request.decode(&telegram);
            let text = |name: &str| decoded.text(name).unwrap_or_default().into_owned();
            let key = (text("terminal_id"), text("trace_no"));
            let amount = text("total_amount");
            let known = answered.lock().unwrap().get(&key).cloned();
            let code = match (&known, amount.as_str()) {
                _ if !decoded.is_valid() => "9001",
                (Some((first, _)), _) if *first != telegram => "9011",
                (None, amount) if amount.ends_with("51") => "8035",
                (None, amount) if amount.ends_with("52") => "9020",
                (None, amount) if amount.ends_with("62") => continue,
                (None, amount) if amount.ends_with("64") => return,
                (Some(_) | None, _) => "0000",
            };
            let values = [
                ("telegram_type", "0110"),
                ("version", "01"),
                ("terminal_id", &key.0),
                ("trace_no", &key.1),
                ("security", "0"),
                ("response_code", code),
                ("total_amount", if decoded.is_valid() { &amount } else { "0" }),
                ("approval_no", if code == "0000" { "30000001" } else { "" }),
                ("route", "kovan"),
            ]
            .map(|(field, value)| Assignment { field: field.to_owned(), value: Value::text(value) });
            let answer = match known {
                Some((first, answer)) if first == telegram => answer,
                Some(_) | None => reply.build(&values, clock::kst_now()).unwrap(),
            };
            frame.encode(&answer, &mut output).unwrap();
            if amount.ends_with("66") {
                frame.encode(&answer, &mut output).unwrap();
            }
            answered.lock().unwrap().entry(key).or_insert((telegram.to_vec(), answer));
        }
        if stream.write_all_buf(&mut output).await.is_err() {
            return;
        }
    }
}
