//! Terminals, each on a socket of its own.

use std::net::SocketAddr;

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use crate::approval::Approval;

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
    approval: Approval,
    reply: Vec<u8>,
}

impl Terminal {
    /// The terminal number `index`, counted from 0, `of` so many.
    pub(crate) async fn connect(to: SocketAddr, index: u32, of: u32) -> Self {
        let stream = TcpStream::connect(to).await.expect("it listens");
        stream.set_nodelay(true).expect("a socket of TCP");
        let approval = Approval::of(MERCHANT);
        let reply = vec![0; approval.reply_length()];
        Self { stream, index, of, trace_no: 0, approval, reply }
    }

    /// Sends the next approval request and waits for its approval.
    pub(crate) async fn ask(&mut self, sent_at: &str) {
        self.trace_no += 1;
        assert!(self.trace_no < 1_000_000, "a terminal has six digits of trace numbers a day");
        let card = u64::from(self.trace_no) * u64::from(self.of) + u64::from(self.index);
        let terminal_id = FIRST_TERMINAL + self.index;
        self.approval.write(terminal_id.into(), self.trace_no.into(), card, sent_at);
        self.stream.write_all(self.approval.written()).await.expect("it reads");
        self.stream.read_exact(&mut self.reply).await.expect("it answers");
        let code = self.approval.code_in(&self.reply);
        assert!(
            code == Some(b"0000"),
            "expected the approval that was asked for, answered {:?}",
            code.map(String::from_utf8_lossy)
        );
    }
}
