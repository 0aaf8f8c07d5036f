//! What keeps a line: the sign-on (개시) and the echo (회선 점검). Both are an 0800, told apart by their function.

use std::sync::Arc;

use acquirer_links::{Echo, SignOn, SignedOn};
use bytes::Bytes;
use codec::{Digits, Telegram as _, Text};

use super::layout::{Network, NetworkReply};

const SIGN_ON: &str = "001";
const ECHO: &str = "301";
/// The result code of a sign-on that was accepted.
const ACCEPTED: &str = "00";

pub(super) fn echo(host: Text<9>) -> Echo {
    Echo {
        write: Arc::new(move |number| write(host, ECHO, number)),
        // Whatever it says of the echo, the line is alive.
        is_reply: |telegram| read(telegram).is_some_and(|reply| reply.function == ECHO),
    }
}

pub(super) fn sign_on(host: Text<9>) -> SignOn {
    SignOn {
        write: Arc::new(move |number| write(host, SIGN_ON, number)),
        reply: |telegram| {
            let reply = read(telegram).filter(|reply| reply.function == SIGN_ON)?;
            Some(if reply.result_code == ACCEPTED { SignedOn::Accepted } else { SignedOn::Refused })
        },
    }
}

fn write(host: Text<9>, function: &str, number: u64) -> Bytes {
    let telegram = Network {
        host,
        trace: Digits::zero_padded(number % 1_000_000).expect("six digits fit six"),
        function: Digits::new(function).expect("a function has three digits"),
    };
    telegram.encode_to_bytes().expect("every value is of its field's own type")
}

fn read(telegram: &[u8]) -> Option<NetworkReply> {
    NetworkReply::decode(telegram).ok()
}
