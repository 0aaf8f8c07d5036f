//! A socket with handshake: what [`Handshake`] decides, done.

use std::{collections::VecDeque, io, sync::Arc, time::Duration};

use bytes::{Bytes, BytesMut};
use payment::{Acknowledgement, PaymentId, Question, Reference, ResponseCode};
use tokio::{
    io::AsyncWriteExt as _,
    net::TcpStream,
    sync::mpsc,
    time::{Instant, sleep_until, timeout},
};

use super::{
    Approved, End, Outgoing, PARTING, READ, Session, Taken, give_up,
    handshake::{Action, Ended, Handshake, Input},
    part,
    patience::Patience,
};
use crate::{clock::korea_now, exchange::Message};

/// The answer of the one exchange, for its repeats.
struct Answer {
    telegram: Bytes,
    approved: Option<Approved>,
    /// The payment that still has to hear of the first byte.
    report: Option<PaymentId>,
}

impl Session {
    /// Serves one telegram; its terminal has `within` to acknowledge the answer.
    pub(super) async fn one_exchange(
        &mut self,
        mut stream: TcpStream,
        incoming: &mut mpsc::Receiver<Box<Outgoing>>,
        within: Duration,
    ) -> Result<(), End> {
        stream.set_nodelay(true)?;
        let (mut reader, mut writer) = stream.split();
        let mut actions = VecDeque::new();
        let mut handshake = Handshake::start(self.frame, within, now(), &mut actions);
        let mut answer = None;
        let mut received = BytesMut::new();
        let mut patience = Patience::new(&self.context.listener, Instant::now());
        let (mut ended, mut closing) = (false, false);
        let end = loop {
            if let Some(end) = self.perform(&mut handshake, &mut actions, &mut answer).await? {
                break end;
            }
            patience.follow(&self.context.listener);
            let due = handshake.due().map(Instant::from_std);
            if !self.outbox.is_empty() {
                patience.answered(Instant::now());
            }
            let given_up = patience.until(true);
            let input = tokio::select! {
                biased;
                () = self.context.closing.cancelled(), if !closing => {
                    closing = true;
                    Input::Closing
                }
                // Before the answer is taken, so that nothing sent earlier is taken for its ACK; and not while a byte of it is still to be
                // written.
                readable = reader.readable(), if !ended && self.outbox.is_empty() => {
                    readable?;
                    received.clear();
                    received.reserve(READ);
                    match reader.try_read_buf(&mut received) {
                        Ok(0) => {
                            ended = true;
                            Input::Gone
                        }
                        Ok(_) => {
                            self.is_at_it();
                            Input::Bytes(&received)
                        }
                        Err(error) if error.kind() == io::ErrorKind::WouldBlock => continue,
                        Err(error) => return Err(error.into()),
                    }
                }
                reply = incoming.recv() => {
                    let reply = reply.ok_or(End::Closing)?;
                    if answer.is_some() {
                        self.outbox.refuse(reply.report);
                        Input::Acknowledged { stands: reply.code == ResponseCode::APPROVED }
                    } else {
                        let Outgoing { telegram, report, approved, .. } = *reply;
                        let approval = approved.is_some();
                        // Of what is no approval the answer counts, whether it is acknowledged or not.
                        self.seat.is_answered(approval);
                        answer = Some(Answer { telegram, approved, report });
                        Input::Answer { approval }
                    }
                }
                written = writer.write(self.outbox.bytes()), if !self.outbox.is_empty() => {
                    let written = written?;
                    if written == 0 {
                        return Err(io::Error::from(io::ErrorKind::WriteZero).into());
                    }
                    self.outbox.wrote(written);
                    patience.took(self.outbox.is_empty(), Instant::now());
                    self.report_written().await?;
                    continue;
                }
                () = sleep_until(due.unwrap_or_else(Instant::now)), if due.is_some() => Input::Time,
                () = self.seat.asked_to_leave() => {
                    // What waits for a stranger says that it was refused.
                    if !self.outbox.is_empty() && !self.seat.is_strangers() {
                        continue;
                    }
                    Input::MakeRoom
                }
                _ = give_up(given_up) => return Err(End::NotTaken(self.context.listener.write_timeout)),
            };
            handshake.handle(input, now(), &mut actions);
        };
        if end == Ended::MadeRoom && !self.seat.is_beyond_its_share() {
            // At once: another waits for the place.
            return Err(End::MadeRoom);
        }
        if end == Ended::Finished {
            let written = timeout(PARTING, writer.write_all(self.outbox.bytes())).await;
            written.map_err(io::Error::from)??;
            self.outbox.wrote(self.outbox.len());
        }
        part(&mut reader, &mut writer).await;
        match end {
            Ended::Finished | Ended::Unused => Ok(()),
            Ended::MadeRoom => Err(End::MadeRoom),
            Ended::NoTelegram
            | Ended::Broken
            | Ended::Refused
            | Ended::NotAcknowledged
            | Ended::DoesNotStand
            | Ended::NotDurable
            | Ended::Noise
            | Ended::Gone
            | Ended::Closing => Err(End::Handshake(end)),
        }
    }

    /// Does what is to be done; tells when that is to close.
    async fn perform(
        &mut self,
        handshake: &mut Handshake,
        actions: &mut VecDeque<Action>,
        answer: &mut Option<Answer>,
    ) -> Result<Option<Ended>, End> {
        while let Some(action) = actions.pop_front() {
            match action {
                Action::Write(control) => self.outbox.push_byte(control.byte()),
                Action::Take(telegram) => match self.take(&telegram).await? {
                    Taken::Asked => {}
                    Taken::Answered(telegram) => {
                        *answer = Some(Answer { telegram, approved: None, report: None });
                        handshake.handle(Input::Answer { approval: false }, now(), actions);
                    }
                },
                Action::WriteAnswer => {
                    if let Some(answer) = answer {
                        self.outbox.push(&self.frame, &answer.telegram, answer.report.take())?;
                    }
                }
                Action::Acknowledge => {
                    if let Some(Answer { approved: Some(approved), .. }) = answer {
                        self.acknowledge(approved).await?;
                    }
                }
                Action::Close(ended) => return Ok(Some(ended)),
            }
        }
        Ok(None)
    }

    async fn acknowledge(&self, approved: &Approved) -> Result<(), End> {
        let reference = Reference {
            original: approved.original,
            merchant: approved.merchant,
            trace_no: approved.trace_no,
            sent_at: korea_now(),
            received_at: self.context.clock.now(),
        };
        let question = Question::Acknowledgement(Arc::new(Acknowledgement { reference, approval_no: None }));
        self.tell(Message::Ask {
            asker: self.asker,
            question,
            card: None,
            duplicate: None,
            acknowledged_within_ms: None,
        })
        .await
    }
}

fn now() -> std::time::Instant {
    Instant::now().into_std()
}
