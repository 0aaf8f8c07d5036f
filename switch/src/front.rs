//! The front desk: from a terminal's telegram to what is asked of a payment, or to its answer or refusal at once.

use std::sync::Arc;

use bytes::Bytes;
use desk::Asker;
use dialects::terminal::{
    self, Asked, AskedCancel, AskedCard, AskedTotals, Envelope, FromTerminal, NetworkFunction, NotUnderstood,
    Refusal, Unreadable,
};
use jiff::{SignedDuration, Timestamp};
use payment::{
    Acknowledgement, CancelRequest, CardFacts, ClearCard, ContentDigest, MerchantNo, NetCancelRequest,
    Question, Request, ResponseCode, SealedCard, TerminalId,
};
use store::{DuplicateKey, Note};

use crate::{
    admission::{Admission, Errand},
    clock::{Clock, korea_now},
    config::{Config, Listener},
    exchange::TotalsRequest,
    vault::Vault,
};

/// What is to be done with a telegram.
#[derive(Debug)]
pub enum Admitted {
    /// It speaks of a payment.
    Ask {
        /// What is asked.
        question: Question,
        /// The card of an approval, sealed.
        card: Option<SealedCard>,
        /// What makes another approval look like the same purchase, where that is watched.
        duplicate: Option<DuplicateKey>,
    },
    /// It asks for the totals of a day.
    Totals(TotalsRequest),
    /// It is answered at once.
    Reply {
        /// The answer.
        reply: Bytes,
        /// Who is answered.
        terminal: TerminalId,
        /// What is kept, if anything.
        note: Option<Note>,
    },
    /// It is not let in: answered 9040 at once, and counted.
    Shed {
        /// The answer.
        reply: Bytes,
    },
    /// It is refused, and that is kept.
    Refused {
        /// The answer.
        reply: Bytes,
        /// What is kept.
        note: Note,
    },
    /// Nobody could match an answer to it: its socket is closed.
    Close {
        /// Why.
        unreadable: Unreadable,
        /// What is kept.
        note: Note,
    },
}

/// Reads, authenticates and checks one telegram that a connection brought.
pub fn admit(
    telegram: &[u8],
    connection: Asker,
    listener: &Listener,
    config: &Config,
    vault: &Vault,
    admission: &Admission,
    clock: &Clock,
) -> Admitted {
    let asked = match terminal::read(telegram) {
        Ok(asked) => asked,
        Err(NotUnderstood::Refused(refusal)) => return refused(*refusal, config, clock.now()),
        Err(NotUnderstood::Unreadable(unreadable)) => return closed(unreadable, clock.now()),
    };
    if let Err((code, why)) = check(&asked, listener, config) {
        return refused(refusal(asked.envelope().clone(), code, why), config, clock.now());
    }
    let (received_at, wall_ahead_ms) = (clock.now(), clock.wall_ahead_ms());
    let terminal = asked.sender().0;
    if let Err(why) = admission.lets_in(errand(&asked), terminal, connection, listener, config, received_at) {
        let refusal = refusal(asked.envelope().clone(), ResponseCode::OVERLOADED, why);
        return Admitted::Shed { reply: terminal::write_refusal(&refusal, korea_now()) };
    }
    let digest = || vault.digest(&terminal::digest_parts(telegram));
    let question = match asked {
        FromTerminal::Approval(asked) => {
            return match approval(*asked, digest(), vault, (received_at, wall_ahead_ms)) {
                Ok((request, card)) => {
                    let duplicates = config.duplicates.as_ref();
                    let duplicate = duplicates
                        .and_then(|duplicates| vault.duplicate_key(&duplicates.fingerprint, &request));
                    Admitted::Ask { question: Question::Approval(Arc::new(request)), card, duplicate }
                }
                Err(refusal) => refused(*refusal, config, received_at),
            };
        }
        FromTerminal::Cancel(asked) => match cancel(*asked, digest(), vault, received_at) {
            Ok(request) => Question::Cancel(Arc::new(request)),
            Err(refusal) => return refused(*refusal, config, received_at),
        },
        FromTerminal::NetCancel(asked) => Question::NetCancel(Arc::new(NetCancelRequest {
            reference: asked.reference.received(received_at),
            digest: digest(),
            total: asked.total,
            approval_no: asked.approval_no,
            reason: asked.reason,
        })),
        FromTerminal::Acknowledgement(asked) => Question::Acknowledgement(Arc::new(Acknowledgement {
            reference: asked.reference.received(received_at),
            approval_no: asked.approval_no,
        })),
        FromTerminal::Inquiry(asked) => Question::Inquiry(Arc::new(asked.received(received_at))),
        FromTerminal::Totals(asked) => {
            let AskedTotals { envelope, terminal, business_date, claimed, .. } = *asked;
            return Admitted::Totals(TotalsRequest {
                envelope,
                terminal,
                business_date,
                claimed,
                received_at,
            });
        }
        FromTerminal::Network { function, data, from: (terminal, _), envelope } => {
            return Admitted::Reply {
                reply: terminal::write_network_reply(&envelope, function, data, korea_now()),
                terminal,
                note: note_of(function, &terminal, received_at),
            };
        }
    };
    Admitted::Ask { question, card: None, duplicate: None }
}

/// Whether it comes from a terminal that is known, at a time that can be true.
fn check(
    asked: &FromTerminal,
    listener: &Listener,
    config: &Config,
) -> Result<(), (ResponseCode, &'static str)> {
    let (terminal, merchant) = asked.sender();
    known(&terminal, &merchant, config)?;
    let off = asked.sent_at().map(|sent_at| sent_at.duration_since(korea_now()).abs());
    let tolerance = SignedDuration::try_from(listener.clock_tolerance).unwrap_or(SignedDuration::MAX);
    if off.is_some_and(|off| off > tolerance) {
        return Err((ResponseCode::CLOCK_TOO_FAR_OFF, "sent_at is too far from the switch's clock"));
    }
    Ok(())
}

fn known(
    terminal: &TerminalId,
    merchant: &MerchantNo,
    config: &Config,
) -> Result<(), (ResponseCode, &'static str)> {
    match config.terminals.get(terminal) {
        None => Err((ResponseCode::UNKNOWN_TERMINAL, "the terminal is not configured")),
        Some(owner) if owner != merchant => {
            Err((ResponseCode::UNKNOWN_TERMINAL, "the terminal belongs to another merchant"))
        }
        Some(_) => Ok(()),
    }
}

fn errand(asked: &FromTerminal) -> Errand {
    match asked {
        FromTerminal::Approval(_) => Errand::Begins,
        FromTerminal::Totals(_) | FromTerminal::Network { .. } => Errand::Reports,
        FromTerminal::Cancel(_) | FromTerminal::Inquiry(_) => Errand::Continues,
        FromTerminal::NetCancel(_) | FromTerminal::Acknowledgement(_) => Errand::Undoes,
    }
}

fn approval(
    asked: Asked,
    digest: ContentDigest,
    vault: &Vault,
    (received_at, wall_ahead_ms): (Timestamp, i64),
) -> Result<(Request, Option<SealedCard>), Box<Refusal>> {
    let Asked {
        key,
        sent_at,
        merchant,
        entry_mode,
        card,
        installment,
        currency,
        amounts,
        merchant_data,
        envelope,
    } = asked;
    let (card, sealed) = match card {
        AskedCard::Opaque { bin } => (CardFacts::Opaque { bin }, None),
        AskedCard::Clear(card) => {
            without_card(&merchant_data, &card, &envelope)?;
            let sealed = vault
                .seal(&key, &card)
                .map_err(|error| Box::new(refusal(envelope, ResponseCode::INTERNAL, &error.to_string())))?;
            let (bin, masked) = (card.number.bin(), card.number.masked());
            let fingerprint = vault.fingerprint(&card.number);
            (CardFacts::Number { bin, masked, fingerprint }, Some(sealed))
        }
    };
    let request = Request {
        key,
        sent_at,
        digest,
        received_at,
        wall_ahead_ms,
        merchant,
        entry_mode,
        card,
        installment,
        currency,
        amounts,
        merchant_data,
    };
    Ok((request, sealed))
}

/// The number of a cancel's card is compared by its fingerprint, and goes no further.
fn cancel(
    asked: AskedCancel,
    digest: ContentDigest,
    vault: &Vault,
    received_at: Timestamp,
) -> Result<CancelRequest, Box<Refusal>> {
    let AskedCancel {
        envelope,
        key,
        sent_at,
        merchant,
        original,
        approval_no,
        card,
        amounts,
        reason,
        merchant_data,
    } = asked;
    if let Some(card) = &card {
        without_card(&merchant_data, card, &envelope)?;
    }
    Ok(CancelRequest {
        key,
        sent_at,
        digest,
        received_at,
        merchant,
        original,
        approval_no,
        card: card.map(|card| vault.fingerprint(&card.number)),
        amounts,
        reason,
        merchant_data,
    })
}

/// `merchant_data` is kept and given back as it is, and so it must not hold what is kept sealed.
fn without_card(merchant_data: &[u8], card: &ClearCard, envelope: &Envelope) -> Result<(), Box<Refusal>> {
    let number = card.number.expose().as_bytes();
    if !merchant_data.windows(number.len()).any(|window| window == number) {
        return Ok(());
    }
    let code = ResponseCode::FORMAT_ERROR;
    Err(Box::new(Refusal {
        envelope: envelope.clone(),
        code,
        message: format!("{}: 가맹점 데이터", code.korean()),
        why: "merchant_data: expected no card number".to_owned(),
    }))
}

/// A terminal's day begins and ends in the journal; that it is there is nothing to keep.
fn note_of(function: NetworkFunction, terminal: &TerminalId, at: Timestamp) -> Option<Note> {
    match function {
        NetworkFunction::Opening | NetworkFunction::Closing => Some(Note::Network {
            at,
            terminal_id: terminal.as_str().to_owned(),
            function: function.code().to_owned(),
        }),
        NetworkFunction::Echo => None,
    }
}

fn refusal(envelope: Envelope, code: ResponseCode, why: &str) -> Refusal {
    Refusal { envelope, code, message: code.korean().to_owned(), why: why.to_owned() }
}

fn refused(refusal: Refusal, config: &Config, at: Timestamp) -> Admitted {
    let reply = terminal::write_refusal(&refusal, korea_now());
    let Refusal { envelope, code, why, .. } = refusal;
    let id = envelope.terminal_id.as_str();
    let known = TerminalId::new(id).is_ok_and(|id| config.terminals.contains_key(&id));
    let note = Note::Refused {
        at,
        code,
        telegram_type: envelope.telegram_type.as_str().to_owned(),
        terminal_id: if known { id.to_owned() } else { masked(id) },
        trace_no: envelope.trace_no.as_str().to_owned(),
        why,
    };
    Admitted::Refused { reply, note }
}

/// In a telegram that slipped by some bytes, an id nobody configured may be a part of a card number.
fn masked(terminal_id: &str) -> String {
    terminal_id.char_indices().map(|(index, shown)| if index < 6 { shown } else { '*' }).collect()
}

fn closed(unreadable: Unreadable, at: Timestamp) -> Admitted {
    let note = Note::Refused {
        at,
        code: ResponseCode::FORMAT_ERROR,
        telegram_type: String::new(),
        terminal_id: String::new(),
        trace_no: String::new(),
        why: unreadable.to_string(),
    };
    Admitted::Close { unreadable, note }
}
