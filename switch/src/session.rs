//! One terminal's socket: frames in, answers out, in any order. Several terminals may share it and need not wait for one another. With a
//! handshake a socket carries one telegram and its answer.

mod context;
mod end;
pub mod handshake;
mod one_exchange;
mod outbox;
pub mod patience;

use std::{future::pending, io, net::SocketAddr, sync::Arc, time::Duration};

use bytes::{Bytes, BytesMut};
use codec::frame::FrameFormat;
use desk::Asker;
use dialects::terminal;
use payment::{MerchantNo, PaymentId, ResponseCode, TelegramKey, TerminalId, TraceNo};
use store::Note;
use tokio::{
    io::AsyncWriteExt as _,
    net::{
        TcpStream,
        tcp::{ReadHalf, WriteHalf},
    },
    sync::mpsc,
    time::{Instant, sleep_until, timeout},
};

pub use self::context::Context;
use self::{
    end::End,
    outbox::Outbox,
    patience::{Impatience, Patience},
};
use crate::{
    config::{Confirm, Listener},
    exchange::Message,
    front::{Admitted, admit},
    listener::seats::Seat,
    meters::door::{SessionEnd, session_ended},
};

/// Requests of one socket that may wait for their answers; no more is read until some are answered.
pub const MAX_OUTSTANDING: usize = 1024;
/// Requests that one read may bring beyond that.
const OF_ONE_READ: usize = 64;
/// Bytes of answers that may wait to be written before no more is read.
const MAX_UNWRITTEN: usize = 64 * 1024;
/// Bytes that one read takes at most.
const READ: usize = 4096;
/// Answers taken from the exchange at a time.
const TAKEN_AT_A_TIME: usize = 64;

/// How long a peer has to close its side once the switch closes.
const PARTING: Duration = Duration::from_secs(1);

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

/// Serves one socket that came by the listener of that name until its end, and leaves no reply unreported.
pub async fn run(
    stream: TcpStream,
    peer: SocketAddr,
    asker: Asker,
    seat: Arc<Seat>,
    listener: Arc<str>,
    context: Context,
) {
    let (replies, mut incoming) = mpsc::channel::<Box<Outgoing>>(MAX_OUTSTANDING + OF_ONE_READ);
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
        seat,
        listener,
        outbox: Outbox::default(),
        outstanding: 0,
        was_refused: false,
    };
    let served = match session.context.listener.confirm {
        Confirm::None | Confirm::Ack { .. } => session.serve(stream, &mut incoming).await,
        Confirm::Handshake { within } => session.one_exchange(stream, &mut incoming, within).await,
    };
    match served {
        Ok(()) => {
            session_ended(SessionEnd::Closed);
            tracing::debug!(%peer, "session closed");
        }
        Err(end) => {
            session_ended(end.kind());
            if end.is_worth_a_line()
                && session.context.admission.has_room_for_a_line(session.context.clock.now())
            {
                tracing::warn!(%peer, reason = %end, "session ended");
            } else {
                tracing::debug!(%peer, reason = %end, "session ended");
            }
        }
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
    let until_it_closes = async {
        while reader.readable().await.is_ok() {
            match reader.try_read(&mut [0; READ]) {
                Ok(1..) => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Ok(0) | Err(_) => return,
            }
        }
    };
    // Nor does one that never closes; it is closed now.
    let _ = timeout(PARTING, until_it_closes).await;
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
    seat: Arc<Seat>,
    /// The name of the listener it came by.
    listener: Arc<str>,
    outbox: Outbox,
    /// Requests the exchange has and has not answered.
    outstanding: usize,
    /// Whether the last telegram was refused, as wrong or as one too many.
    was_refused: bool,
}

impl Session {
    async fn serve(
        &mut self,
        mut stream: TcpStream,
        incoming: &mut mpsc::Receiver<Box<Outgoing>>,
    ) -> Result<(), End> {
        stream.set_nodelay(true)?;
        let (mut reader, mut writer) = stream.split();
        // Both have room only while there is something in them: most connections are idle most of the time.
        let (mut input, mut replies) = (BytesMut::new(), Vec::new());
        let (mut ended, mut end) = (false, Ok(()));
        // Until when an approval may still be acknowledged.
        let mut acknowledged_until = None;
        let mut patience = Patience::new(&self.context.listener, Instant::now());
        loop {
            let reads = !ended && self.outstanding < MAX_OUTSTANDING && self.outbox.len() < MAX_UNWRITTEN;
            if !reads {
                patience.unread(Instant::now());
            }
            let given_up = patience.until(self.outstanding > 0);
            tokio::select! {
                biased;
                // First, or a peer that never pauses would put it off for ever.
                () = self.context.closing.cancelled(), if !ended => {
                    ended = true;
                    patience.ended();
                }
                count = incoming.recv_many(&mut replies, TAKEN_AT_A_TIME) => {
                    if count == 0 {
                        return Err(End::Closing);
                    }
                    for reply in replies.drain(..) {
                        self.outstanding = self.outstanding.saturating_sub(1);
                        if reply.approved.is_some()
                            && let Some(within_ms) = self.context.listener.confirm.within_ms()
                        {
                            acknowledged_until = Some(Instant::now() + Duration::from_millis(within_ms));
                        }
                        self.outbox.push(&self.frame, &reply.telegram, reply.report)?;
                    }
                    replies = Vec::new();
                    patience.answered(Instant::now());
                    self.seat.is_answered(self.outstanding > 0);
                }
                written = writer.write(self.outbox.bytes()), if !self.outbox.is_empty() => {
                    let written = written?;
                    if written == 0 {
                        return Err(io::Error::from(io::ErrorKind::WriteZero).into());
                    }
                    self.outbox.wrote(written);
                    patience.took(self.outbox.is_empty(), Instant::now());
                }
                readable = reader.readable(), if reads => {
                    readable?;
                    if input.capacity() - input.len() < READ / 4 {
                        input.reserve(READ);
                    }
                    match reader.try_read_buf(&mut input) {
                        Ok(0) => ended = true,
                        Ok(_) => self.is_at_it(),
                        Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                        Err(error) => return Err(error.into()),
                    }
                    let taken = self.take_all(&mut input).await;
                    patience.follow(&self.context.listener);
                    let now = Instant::now();
                    // Nothing behind what cannot be read can be; what was asked before is still answered.
                    match taken {
                        Ok(taken) => patience.read(taken, !input.is_empty(), now),
                        Err(unreadable) => (ended, end) = (true, Err(unreadable)),
                    }
                    if ended {
                        patience.ended();
                    }
                    if !self.outbox.is_empty() {
                        patience.answered(now);
                    }
                    if input.is_empty() {
                        input = BytesMut::new();
                    }
                }
                () = self.seat.asked_to_leave(), if self.outstanding == 0 => {
                    if acknowledged_until.is_some_and(|until| Instant::now() < until) {
                        // To come again in time may be too much for it while others want places.
                    } else if self.seat.is_beyond_its_share() {
                        // It is told what waits for it, within the time for that, and nothing more is taken of it.
                        end = end.and(Err(End::MadeRoom));
                        ended = true;
                        patience.leaves(Instant::now());
                    } else if self.outbox.is_empty() || self.seat.is_strangers() {
                        // What waits for a terminal has its time to be taken; what waits for a stranger says that it was refused.
                        return Err(End::MadeRoom);
                    }
                }
                impatience = give_up(given_up) => {
                    let Listener { idle_timeout, frame_timeout, write_timeout, .. } = self.context.listener;
                    match impatience {
                        Impatience::Idle => return Err(End::Idle(idle_timeout)),
                        Impatience::NotTaken => return Err(End::NotTaken(write_timeout)),
                        Impatience::Unfinished => {
                            (ended, end) = (true, Err(End::Unfinished(frame_timeout)));
                            patience.ended();
                        }
                    }
                }
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

    /// Bytes came: of a terminal, or of who may turn out to be one. Who was refused keeps his seat no longer by more of the same.
    fn is_at_it(&self) {
        if !self.was_refused {
            self.seat.brought_bytes();
        }
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
        self.context.follow_on(&self.listener);
        let Context { config, listener, vault, admission, clock, .. } = &self.context;
        let asker = self.asker;
        match admit(telegram, asker, listener, &config.load(), vault, admission, clock) {
            Admitted::Ask { question, card, duplicate } => {
                let acknowledged_within_ms = listener.confirm.within_ms();
                self.is_let_in(question.original().terminal, true);
                self.tell(Message::Ask { asker, question, card, duplicate, acknowledged_within_ms }).await?;
                Ok(Taken::Asked)
            }
            Admitted::Totals(request) => {
                self.is_let_in(request.terminal, true);
                self.tell(Message::Totals { asker, request }).await?;
                Ok(Taken::Asked)
            }
            Admitted::Reply { reply, terminal, note } => {
                self.is_let_in(terminal, self.outstanding > 0);
                self.note(note).await?;
                Ok(Taken::Answered(reply))
            }
            Admitted::Shed { reply } => {
                self.was_refused = true;
                Ok(Taken::Answered(reply))
            }
            Admitted::Refused { reply, note } => {
                self.was_refused = true;
                self.note(Some(note)).await?;
                Ok(Taken::Answered(reply))
            }
            Admitted::Close { unreadable, note } => {
                self.note(Some(note)).await?;
                Err(unreadable.into())
            }
        }
    }

    /// It brought a good telegram in the name of a terminal; `waits` while answers are to come from the exchange.
    fn is_let_in(&mut self, terminal: TerminalId, waits: bool) {
        self.was_refused = false;
        self.seat.is_used(terminal, waits);
    }

    async fn note(&self, note: Option<Note>) -> Result<(), End> {
        match note.and_then(|note| self.context.admission.notes(note)) {
            Some(note) => self.tell(Message::Note(note)).await,
            None => Ok(()),
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

/// Resolves when a deadline has come, if there is one.
async fn give_up(until: Option<(Instant, Impatience)>) -> Impatience {
    match until {
        Some((until, impatience)) => {
            sleep_until(until).await;
            impatience
        }
        None => pending().await,
    }
}
