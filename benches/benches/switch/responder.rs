//! The far end: answers every telegram with a prepared reply.

use std::{
    net::SocketAddr,
    ops::Range,
    sync::{Arc, mpsc},
};

use bytes::BytesMut;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};
use tokio_util::sync::CancellationToken;

use crate::{
    layouts::{FRAME, build, framed, layout},
    party::listen,
};

/// Answers every telegram at once.
pub(crate) async fn respond(reply: Reply, tell: mpsc::Sender<SocketAddr>, stop: CancellationToken) {
    let reply = Arc::new(reply);
    listen(tell, stop, |stream| answer(stream, reply.clone())).await;
}

async fn answer(mut stream: TcpStream, reply: Arc<Reply>) {
    let (mut input, mut output) = (BytesMut::with_capacity(64 * 1024), BytesMut::with_capacity(64 * 1024));
    while matches!(stream.read_buf(&mut input).await, Ok(1..)) {
        while let Some(request) = FRAME.decode(&mut input).expect("telegrams in frames") {
            reply.write(&request, &mut output);
        }
        if stream.write_all_buf(&mut output).await.is_err() {
            return;
        }
    }
}

/// A prepared reply, and what of its request it repeats.
pub(crate) struct Reply {
    telegram: Vec<u8>,
    request_length: usize,
    repeats: Vec<(Range<usize>, Range<usize>)>,
}

impl Reply {
    /// A 0110 to a 0100.
    pub(crate) fn terminal() -> Self {
        let approved = [("telegram_type", "0110"), ("response_code", "0000"), ("approval_no", "30001234")];
        Self::new("terminal-0100", "terminal-0110", &approved, &["terminal_id", "trace_no"])
    }

    /// A 0210 of kovan to its 0200.
    pub(crate) fn kovan() -> Self {
        let approved = [
            ("mti", "0210"),
            ("approval", "30001234"),
            ("issuer_code", "0401"),
            ("card_company_code", "00"),
            ("van_code", "00"),
        ];
        Self::new("kovan-approval", "kovan-reply", &approved, &["amount", "transaction_id"])
    }

    fn new(request: &str, reply: &str, fields: &[(&str, &str)], repeated: &[&str]) -> Self {
        let (request, reply) = (layout(request), layout(reply));
        let repeats = |field: &&str| (framed(&request, field, 0), framed(&reply, field, 0));
        Self {
            telegram: build(&reply, fields),
            request_length: request.length(),
            repeats: repeated.iter().map(repeats).collect(),
        }
    }

    fn write(&self, request: &[u8], output: &mut BytesMut) {
        assert_eq!(request.len(), self.request_length, "only approvals are asked for");
        FRAME.encode(&self.telegram, output).expect("a layout of ours fits a length of four digits");
        let telegram = output.len() - self.telegram.len();
        for (from, to) in &self.repeats {
            output[telegram + to.start..telegram + to.end].copy_from_slice(&request[from.clone()]);
        }
    }
}
