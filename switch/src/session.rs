//! One terminal's socket: frames in, answers out, in any order. Several terminals may share it and need not wait for one another. With a
//! handshake a socket carries one telegram and its answer.

pub mod handshake;
mod one_exchange;
mod outbox;

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use arc_swap::ArcSwap;
use bytes::{Bytes, BytesMut};
use codec::frame::{FrameError, FrameFormat};
use desk::Asker;
use dialects::terminal;
use payment::{MerchantNo, PaymentId, ResponseCode, TelegramKey, TraceNo};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{
        TcpStream,
        tcp::{ReadHalf, WriteHalf},
    },
    sync::mpsc,
    time::{Instant, sleep_until, timeout},
};
use tokio_util::sync::CancellationToken;

use self::outbox::Outbox;
use crate::{
    clock::Clock,
    config::{Config, Confirm, Listener},
    exchange::Message,
    front::{Admitted, admit},
    vault::Vault,
};

/// Requests of one socket that may wait for their answers; no more is read until some are answered.
pub const MAX_OUTSTANDING: usize = 1024;
/// Requests that one read may bring beyond that.
const OF_ONE_READ: usize = 64;
/// Bytes of answers that may wait to be written before no more is read.
const MAX_UNWRITTEN: usize = 256 * 1024;

/// How long a peer has to close its side once the switch closes.
const PARTING: Duration = Duration::from_secs(1);

/// What a session needs of the switch.
#[derive(Clone)]
pub struct Context {
    /// The configuration as it is at this moment: a reload swaps it between two telegrams.
    pub config: Arc<ArcSwap<Config>>,
    /// The listener it came in by.
    pub listener: Listener,
    /// Seals cards.
    pub vault: Arc<Vault>,
    /// What time it is.
    pub clock: Clock,
    /// To the exchange.
    pub exchange: mpsc::Sender<Message>,
    /// Nothing more is read once this is cancelled; what was asked is still answered.
    pub closing: CancellationToken,
}

/// An answer for a session to write.
#[derive(Debug)]
pub struct Outgoing {
    /// Its bytes, without frame.
    pub telegram: Bytes,
    /// Its response code.
    pub code: ResponseCode,
    /// Tell the exchange of this payment whether a byte of the answer was written.
    pub report: Option<PaymentId>,
    /// What there is to acknowledge: set when it is an approval (0110 0000).
    pub approved: Option<Approved>,
}

/// An approval that a terminal may have to acknowledge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Approved {
    /// Key of its 0100.
    pub original: TelegramKey,
    /// 사업자등록번호.
    pub merchant: MerchantNo,
    /// 거래일련번호.
    pub trace_no: TraceNo,
}

/// Serves one socket until its end, and leaves no reply unreported.
pub async fn run(stream: TcpStream, peer: SocketAddr, asker: Asker, context: Context) {
    let (replies, mut incoming) = mpsc::channel(MAX_OUTSTANDING + OF_ONE_READ);
    let exchange = context.exchange.clone();
    if exchange.send(Message::Opened { asker, replies }).await.is_err() {
        return;
    }
    // With a handshake a broken frame is asked for again, and one that is too short for a header is not broken if its LRC is right.
    let least = match context.listener.confirm {
        Confirm::None | Confirm::Ack { .. } => terminal::MIN_LENGTH,
        Confirm::Handshake { .. } => 1,
    };
    let mut session = Session {
        frame: FrameFormat::new(context.listener.framing, least, terminal::MAX_LENGTH),
        context,
        asker,
        outbox: Outbox::default(),
        outstanding: 0,
    };
    let served = match session.context.listener.confirm {
        Confirm::None | Confirm::Ack { .. } => session.serve(stream, &mut incoming).await,
        Confirm::Handshake { within } => session.one_exchange(stream, &mut incoming, within).await,
    };
    match served {
        Ok(()) => tracing::debug!(%peer, "session closed"),
        Err(end) => tracing::warn!(%peer, reason = %end, "session ended"),
    }
    // What comes from here on has nowhere to go.
    incoming.close();
    while let Some(reply) = incoming.recv().await {
        session.outbox.refuse(reply.report);
    }
    for (payment, written) in session.outbox.close() {
        // The exchange is gone only when the switch is: recovery does the rest.
        let _ = exchange.send(Message::Delivery { payment, written }).await;
    }
    let _ = exchange.send(Message::Closed { asker }).await;
}

/// Parts with a peer that may still send. Were its socket closed with bytes unread, the kernel would throw away answers still on
/// their way.
async fn part(reader: &mut ReadHalf<'_>, writer: &mut WriteHalf<'_>) {
    // A peer that is gone needs no parting.
    let _ = writer.shutdown().await;
    let mut unwanted = [0; 4096];
    let until_it_closes = async { while matches!(reader.read(&mut unwanted).await, Ok(1..)) {} };
    // Nor does one that never closes; it is closed now.
    let _ = timeout(PARTING, until_it_closes).await;
}

/// Why a session came to its end before its peer closed it.
#[derive(Debug, thiserror::Error)]
enum End {
    #[error("{0}")]
    Io(#[from] io::Error),
    #[error("a frame cannot be read: {0}")]
    Frame(#[from] FrameError),
    #[error("{0}")]
    Unreadable(#[from] terminal::Unreadable),
    #[error("idle for {} s", .0.as_secs())]
    Idle(Duration),
    #[error("{0}")]
    Handshake(handshake::Ended),
    #[error("the switch is closing")]
    Closing,
}

/// What became of a telegram.
enum Taken {
    /// The exchange has it and will answer.
    Asked,
    /// It is answered at once.
    Answered(Bytes),
}

struct Session {
    context: Context,
    frame: FrameFormat,
    asker: Asker,
    outbox: Outbox,
    /// Requests the exchange has and has not answered.
    outstanding: usize,
}

impl Session {
    async fn serve(
        &mut self,
        mut stream: TcpStream,
        incoming: &mut mpsc::Receiver<Outgoing>,
    ) -> Result<(), End> {
        stream.set_nodelay(true)?;
        let (mut reader, mut writer) = stream.split();
        let mut input = BytesMut::with_capacity(4096);
        let mut replies = Vec::with_capacity(64);
        let (mut ended, mut end) = (false, Ok(()));
        let idle = self.context.listener.idle_timeout;
        let mut idle_at = Instant::now() + idle;
        loop {
            let reads = !ended && self.outstanding < MAX_OUTSTANDING && self.outbox.len() < MAX_UNWRITTEN;
            tokio::select! {
                biased;
                // First, or a peer that never pauses would put it off for ever.
                () = self.context.closing.cancelled(), if !ended => ended = true,
                count = incoming.recv_many(&mut replies, 64) => {
                    if count == 0 {
                        return Err(End::Closing);
                    }
                    for reply in replies.drain(..) {
                        self.outstanding = self.outstanding.saturating_sub(1);
                        self.outbox.push(&self.frame, &reply.telegram, reply.report)?;
                    }
                    idle_at = Instant::now() + idle;
                }
                written = writer.write(self.outbox.bytes()), if !self.outbox.is_empty() => {
                    let written = written?;
                    if written == 0 {
                        return Err(io::Error::from(io::ErrorKind::WriteZero).into());
                    }
                    self.outbox.wrote(written);
                    idle_at = Instant::now() + idle;
                }
                read = reader.read_buf(&mut input), if reads => {
                    ended = read? == 0;
                    let taken = self.take_all(&mut input).await;
                    // Bytes alone do not keep a socket: one of them now and then would keep it for ever.
                    if !matches!(taken, Ok(0)) {
                        idle_at = Instant::now() + idle;
                    }
                    // Nothing behind it can be read; what was asked before is still answered.
                    if let Err(unreadable) = taken {
                        (ended, end) = (true, Err(unreadable));
                    }
                }
                // Who waits for an answer is not idle; who does not take it is.
                () = sleep_until(idle_at), if self.outstanding == 0 || !self.outbox.is_empty() => return Err(End::Idle(idle)),
            }
            self.report_written().await?;
            if ended && self.outstanding == 0 && self.outbox.is_empty() {
                break;
            }
        }
        if end.is_err() || self.context.closing.is_cancelled() {
            part(&mut reader, &mut writer).await;
        }
        end
    }

    /// Takes every whole telegram there is; tells how many.
    async fn take_all(&mut self, input: &mut BytesMut) -> Result<usize, End> {
        let mut taken = 0;
        while let Some(telegram) = self.frame.decode(input)? {
            match self.take(&telegram).await? {
                Taken::Asked => self.outstanding += 1,
                Taken::Answered(reply) => self.outbox.push(&self.frame, &reply, None)?,
            }
            taken += 1;
        }
        Ok(taken)
    }

    async fn take(&mut self, telegram: &[u8]) -> Result<Taken, End> {
        let Context { config, listener, vault, clock, .. } = &self.context;
        let asker = self.asker;
        match admit(telegram, listener, &config.load(), vault, clock) {
            Admitted::Ask { question, card, duplicate } => {
                let acknowledged_within_ms = listener.confirm.within_ms();
                self.tell(Message::Ask { asker, question, card, duplicate, acknowledged_within_ms }).await?;
                Ok(Taken::Asked)
            }
            Admitted::Totals(request) => {
                self.tell(Message::Totals { asker, request }).await?;
                Ok(Taken::Asked)
            }
            Admitted::Reply { reply, note: None } => Ok(Taken::Answered(reply)),
            Admitted::Reply { reply, note: Some(note) } | Admitted::Refused { reply, note } => {
                self.tell(Message::Note(note)).await?;
                Ok(Taken::Answered(reply))
            }
            Admitted::Close { unreadable, note } => {
                self.tell(Message::Note(note)).await?;
                Err(unreadable.into())
            }
        }
    }

    async fn report_written(&mut self) -> Result<(), End> {
        for payment in self.outbox.take_written() {
            self.tell(Message::Delivery { payment, written: true }).await?;
        }
        Ok(())
    }

    async fn tell(&self, message: Message) -> Result<(), End> {
        self.context.exchange.send(message).await.map_err(|_| End::Closing)
    }
}
