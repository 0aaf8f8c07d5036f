//! What keeps a line: an ECHO (회선 점검) in the layout of everything else.

use std::sync::Arc;

use acquirer_links::Echo;
use bytes::Bytes;
use codec::{Secret, Telegram as _, Text};

use super::layout::{CardRequest, Reply};

const ECHO: &str = "ECHO";

pub(super) fn echo() -> Echo {
    Echo {
        write: Arc::new(write),
        // One without any code is our own, come back by a loop in the line.
        is_reply: |telegram| {
            Reply::view(telegram)
                .is_ok_and(|reply| reply.kind().as_str() == ECHO && !reply.result_code().as_str().is_empty())
        },
    }
}

fn write(number: u64) -> Bytes {
    // Of twenty digits, so that it cannot be the management number of a payment, which has twelve.
    let management_no = format!("{number:020}");
    let telegram = CardRequest {
        kind: Text::new(ECHO).expect("it has four characters"),
        management_no: Text::new(&management_no).expect("no number has more than twenty digits"),
        card_no: None,
        installment: 0,
        expiry: None,
        cvc: None,
        amount: 0,
        vat: 0,
        original_management_no: Text::default(),
        encrypted_card: Secret::default(),
    };
    telegram.encode_to_bytes().expect("every value is of its field's own type")
}
