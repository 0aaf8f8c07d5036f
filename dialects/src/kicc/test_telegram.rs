//! What keeps a line: the test telegram (회선 점검).

use std::sync::Arc;

use acquirer_links::Echo;
use bytes::Bytes;
use codec::{Code, Korean, Telegram as _, Text};

use super::CLEAR;
use super::layout::{Header, Test, TestReply};

pub(super) fn echo(institution: Text<5>, timeout: u8) -> Echo {
    Echo {
        write: Arc::new(move |number| write(institution, timeout, number)),
        is_reply: |telegram| TestReply::view(telegram).is_ok(),
    }
}

fn write(institution: Text<5>, timeout: u8, number: u64) -> Bytes {
    let serial = format!("{:012}", number % 1_000_000_000_000);
    let header = Header {
        encryption: Code::new(CLEAR).expect("it has one character"),
        terminal_id: Text::default(),
        institution,
        serial: Text::new(&serial).expect("twelve digits fit twelve"),
        timeout,
        manager: Korean::default(),
        phone: Text::default(),
        mobile: Text::default(),
    };
    Test { header }.encode_to_bytes().expect("every value is of its field's own type")
}
