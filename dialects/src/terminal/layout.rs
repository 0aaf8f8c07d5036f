//! The layouts as structs: [`question`]s of terminals and their [`answer`]s.

pub(super) mod answer;
pub(super) mod question;

use codec::{Code, Digits, Telegram, Text};
use jiff::civil::DateTime;

/// 공통 헤더.
#[derive(Telegram, Clone)]
#[telegram(spec = "terminal-header", length = 60)]
pub(super) struct Header {
    #[field(at = 0, len = 4, kind = "digits")]
    pub(super) telegram_type: Digits<4>,
    #[field(at = 4, len = 2, kind = "digits")]
    pub(super) version: Digits<2>,
    #[field(at = 6, len = 10, kind = "text")]
    pub(super) terminal_id: Text<10>,
    #[field(at = 16, len = 10, kind = "digits")]
    pub(super) merchant_no: Digits<10>,
    #[field(at = 26, len = 6, kind = "digits")]
    pub(super) trace_no: Digits<6>,
    #[field(at = 32, len = 14, kind = "datetime")]
    pub(super) sent_at: DateTime,
    #[field(at = 46, len = 1, kind = "code")]
    pub(super) security: Code<1>,
    #[field(at = 47, len = 2, kind = "digits")]
    pub(super) key_index: Digits<2>,
    #[field(at = 49, len = 4, kind = "text")]
    pub(super) response_code: Text<4>,
}
