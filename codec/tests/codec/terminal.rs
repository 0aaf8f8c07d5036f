//! A terminal's network request, header included, byte for byte.

use codec::{Code, Digits, Telegram, Text};
use jiff::civil::{DateTime, datetime};

/// 단말기 공통 헤더
#[derive(Telegram, Clone, Debug, PartialEq)]
#[telegram(spec = "terminal-header", length = 60)]
struct Header {
    #[field(at = 0, len = 4, kind = "digits")]
    telegram_type: Digits<4>,
    #[field(at = 4, len = 2, kind = "digits")]
    version: Digits<2>,
    #[field(at = 6, len = 10, kind = "text")]
    terminal_id: Text<10>,
    #[field(at = 16, len = 10, kind = "digits")]
    merchant_no: Digits<10>,
    #[field(at = 26, len = 6, kind = "digits")]
    trace_no: Digits<6>,
    #[field(at = 32, len = 14, kind = "datetime")]
    sent_at: DateTime,
    #[field(at = 46, len = 1, kind = "code")]
    security: Code<1>,
    #[field(at = 47, len = 2, kind = "digits")]
    key_index: Digits<2>,
    #[field(at = 49, len = 4, kind = "text")]
    response_code: Text<4>,
}

/// 망관리 요청
#[derive(Telegram, Clone, Debug, PartialEq)]
#[telegram(spec = "terminal-0800", length = 127)]
struct NetworkRequest {
    #[field(at = 0, len = 60, kind = "group")]
    header: Header,
    #[field(at = 60, len = 3, kind = "digits")]
    function: Digits<3>,
    #[field(at = 63, len = 64, kind = "text")]
    data: Text<64>,
}

fn golden() -> Vec<u8> {
    let parts =
        ["0800", "01", "1000000001", "1208800001", "000042", "20261121093000", "0", "00", "    ", "       "];
    let mut bytes = parts.concat().into_bytes();
    bytes.extend(b"301ping");
    bytes.resize(127, b' ');
    bytes
}

#[test]
fn a_terminals_echo_is_written_as_we_publish_it() {
    let request = NetworkRequest {
        header: Header {
            telegram_type: Digits::new("0800").unwrap(),
            version: Digits::new("01").unwrap(),
            terminal_id: Text::new("1000000001").unwrap(),
            merchant_no: Digits::new("1208800001").unwrap(),
            trace_no: Digits::new("000042").unwrap(),
            sent_at: datetime(2026, 11, 21, 9, 30, 0, 0),
            security: Code::new("0").unwrap(),
            key_index: Digits::new("00").unwrap(),
            response_code: Text::EMPTY,
        },
        function: Digits::new("301").unwrap(),
        data: Text::new("ping").unwrap(),
    };
    assert_eq!(request.encode_to_bytes().unwrap(), golden());
    assert_eq!(NetworkRequest::decode(&golden()), Ok(request));
}

#[test]
fn the_header_can_be_read_when_the_body_cannot() {
    let mut bytes = golden();
    bytes[60] = b'x';
    let error = NetworkRequest::view(&bytes).unwrap_err();
    assert_eq!(
        (error.field(), error.title(), error.at(), error.len()),
        (Some("function"), "업무구분", 60, 3)
    );
    assert!(Header::view(&bytes[..60]).is_ok());
}
