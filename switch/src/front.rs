//! The front desk: from a terminal's telegram to a request that may become a payment, or to its refusal.

use std::sync::Arc;

use bytes::Bytes;
use dialects::terminal::{
    self, Asked, AskedCard, Envelope, FromTerminal, NetworkFunction, NotUnderstood, Refusal, Unreadable,
};
use jiff::{SignedDuration, Timestamp};
use payment::{CardFacts, MerchantNo, Request, ResponseCode, SealedCard, TerminalId};
use store::Note;

use crate::{
    clock::{Clock, korea_now},
    config::{Config, Listener},
    vault::Vault,
};

/// What is to be done with a telegram.
#[derive(Debug)]
pub enum Admitted {
    /// It asks for an approval.
    Ask {
        /// What is asked.
        request: Arc<Request>,
        /// The card, sealed.
        card: Option<SealedCard>,
    },
    /// It is answered at once.
    Reply(Bytes),
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

/// Reads, authenticates and checks one telegram.
pub fn admit(
    telegram: &[u8],
    listener: &Listener,
    config: &Config,
    vault: &Vault,
    clock: &Clock,
) -> Admitted {
    let asked = match terminal::read(telegram) {
        Ok(FromTerminal::Approval(asked)) => asked,
        Ok(FromTerminal::Network {
            function: NetworkFunction::Echo,
            data,
            from: (terminal, merchant),
            envelope,
        }) => {
            return match known(&terminal, &merchant, config) {
                Ok(()) => Admitted::Reply(terminal::write_network_reply(&envelope, data, korea_now())),
                Err((code, why)) => refused(refusal(envelope, code, why), config, clock.now()),
            };
        }
        Err(NotUnderstood::Refused(refusal)) => return refused(*refusal, config, clock.now()),
        Err(NotUnderstood::Unreadable(unreadable)) => return closed(unreadable, clock.now()),
    };
    if let Err((code, why)) = check(&asked, listener, config) {
        return refused(refusal(asked.envelope, code, why), config, clock.now());
    }
    if let AskedCard::Clear(card) = &asked.card
        && holds(&asked.merchant_data, card.number.expose().as_bytes())
    {
        // It is kept and given back as it is, and so it must not hold what is kept sealed.
        let code = ResponseCode::FORMAT_ERROR;
        let message = format!("{}: 가맹점 데이터", code.korean());
        let why = "merchant_data: expected no card number".to_owned();
        return refused(Refusal { envelope: asked.envelope, code, message, why }, config, clock.now());
    }
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
    } = *asked;
    let (card, sealed) = match card {
        AskedCard::Opaque { bin } => (CardFacts::Opaque { bin }, None),
        AskedCard::Clear(card) => match vault.seal(&key, &card) {
            Ok(sealed) => {
                let fingerprint = vault.fingerprint(&card.number);
                (
                    CardFacts::Number { bin: card.number.bin(), masked: card.number.masked(), fingerprint },
                    Some(sealed),
                )
            }
            Err(error) => {
                let refusal = refusal(envelope, ResponseCode::INTERNAL, &error.to_string());
                return refused(refusal, config, clock.now());
            }
        },
    };
    let digest = vault.digest(&terminal::digest_parts(telegram));
    let request = Request {
        key,
        sent_at,
        digest,
        received_at: clock.now(),
        merchant,
        entry_mode,
        card,
        installment,
        currency,
        amounts,
        merchant_data,
    };
    Admitted::Ask { request: Arc::new(request), card: sealed }
}

fn check(asked: &Asked, listener: &Listener, config: &Config) -> Result<(), (ResponseCode, &'static str)> {
    known(&asked.key.terminal, &asked.merchant, config)?;
    let off = asked.sent_at.duration_since(korea_now()).abs();
    if off > SignedDuration::try_from(listener.clock_tolerance).unwrap_or(SignedDuration::MAX) {
        return Err((ResponseCode::CLOCK_TOO_FAR_OFF, "sent_at is too far from the switch's clock"));
    }
    Ok(())
}

fn holds(data: &[u8], number: &[u8]) -> bool {
    data.windows(number.len()).any(|window| window == number)
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
