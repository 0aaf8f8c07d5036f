//! Terminals, each on a socket of its own.

use std::{net::SocketAddr, ops::Range};

use bytes::BytesMut;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use crate::layouts::{FRAME, build, framed, layout};

/// The first of as many terminals as there are sockets.
pub(crate) const FIRST_TERMINAL: u32 = 1_000_000_001;
/// 사업자등록번호 of the merchant of all of them.
pub(crate) const MERCHANT: &str = "1208800001";

/// One terminal on a socket of its own. No two of its telegrams have a trace number or a card in common.
pub(crate) struct Terminal {
    stream: TcpStream,
    index: u32,
    of: u32,
    trace_no: u32,
    /// The 0100 in its frame, written anew in these places.
    request: BytesMut,
    at_trace_no: Range<usize>,
    at_sent_at: Range<usize>,
    at_card: Range<usize>,
    reply: Vec<u8>,
    in_reply: [Range<usize>; 2],
    at_code: Range<usize>,
}

impl Terminal {
    /// The terminal number `index`, counted from 0, `of` so many.
    pub(crate) async fn connect(to: SocketAddr, index: u32, of: u32) -> Self {
        let stream = TcpStream::connect(to).await.expect("it listens");
        stream.set_nodelay(true).expect("a socket of TCP");
        let (layout, reply) = (layout("terminal-0100"), layout("terminal-0110"));
        let telegram = build(
            &layout,
            &[
                ("telegram_type", "0100"),
                ("version", "01"),
                ("terminal_id", &(FIRST_TERMINAL + index).to_string()),
                ("merchant_no", MERCHANT),
                ("security", "0"),
                ("entry_mode", "I"),
                ("card_track", "5412300000000000=3012"),
                ("currency", "410"),
                ("total_amount", "11000"),
            ],
        );
        let mut request = BytesMut::new();
        FRAME.encode(&telegram, &mut request).expect("a layout of ours fits a length of four digits");
        let head = request.len() - telegram.len();
        // The issuer's six digits stay; nobody on the way asks for a check digit.
        let card = framed(&layout, "card_track", head).start + 6;
        Self {
            stream,
            index,
            of,
            trace_no: 0,
            request,
            at_trace_no: framed(&layout, "trace_no", head),
            at_sent_at: framed(&layout, "sent_at", head),
            at_card: card..card + 10,
            reply: vec![0; head + reply.length()],
            in_reply: [framed(&reply, "terminal_id", head), framed(&reply, "trace_no", head)],
            at_code: framed(&reply, "response_code", head),
        }
    }

    /// Sends the next approval request and waits for its approval.
    pub(crate) async fn ask(&mut self, sent_at: &str) {
        self.trace_no += 1;
        assert!(self.trace_no < 1_000_000, "a terminal has six digits of trace numbers a day");
        let card = u64::from(self.trace_no) * u64::from(self.of) + u64::from(self.index);
        put_digits(&mut self.request[self.at_trace_no.clone()], self.trace_no.into());
        put_digits(&mut self.request[self.at_card.clone()], card);
        self.request[self.at_sent_at.clone()].copy_from_slice(sent_at.as_bytes());
        self.stream.write_all(&self.request).await.expect("it reads");
        self.stream.read_exact(&mut self.reply).await.expect("it answers");
        // Terminal and trace number stand in the header, which both telegrams begin with.
        let is_ours = self.in_reply.iter().all(|at| self.reply[at.clone()] == self.request[at.clone()]);
        let code = String::from_utf8_lossy(&self.reply[self.at_code.clone()]);
        assert!(is_ours && code == "0000", "expected the approval that was asked for, answered {code}");
    }
}

fn put_digits(into: &mut [u8], mut value: u64) {
    for slot in into.iter_mut().rev() {
        *slot = b'0' + u8::try_from(value % 10).expect("one digit");
        value /= 10;
    }
}
