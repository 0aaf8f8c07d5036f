//! Response codes (응답코드) of the switch, in one table.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A four-character response code as the terminal gets it: one of ours ([`RESPONSES`]) or, on an acquirer's decline, the
/// mapped code of its family (8035 잔액부족, …).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ResponseCode([u8; 4]);

/// A row of the table of our own response codes.
#[derive(Clone, Copy, Debug)]
pub struct Response {
    /// The code.
    pub code: ResponseCode,
    /// What the terminal shows, at most 40 bytes of EUC-KR.
    pub korean: &'static str,
    /// What it means.
    pub meaning: &'static str,
}

macro_rules! responses {
    ($($name:ident $code:literal $korean:literal $meaning:literal;)*) => {
        impl ResponseCode {
            $(#[doc = $meaning] pub const $name: Self = Self(*$code);)*
        }

        /// Every response code of our own, with what the terminal shows.
        pub const RESPONSES: &[Response] =
            &[$(Response { code: ResponseCode::$name, korean: $korean, meaning: $meaning }),*];
    };
}

responses! {
    APPROVED b"0000" "정상승인" "Approved.";
    FORMAT_ERROR b"9001" "전문오류" "Format error; the message names the field.";
    UNKNOWN_TERMINAL b"9002" "미등록 단말기 또는 가맹점" "Unknown terminal or merchant.";
    AUTHENTICATION_FAILED b"9003" "단말기 인증 실패" "Authentication failed.";
    CLOCK_TOO_FAR_OFF b"9004" "단말기 시각 오류" "The terminal's clock is too far off.";
    IN_PROGRESS b"9010" "동일거래 처리중" "The same request is in progress.";
    OTHER_CONTENT b"9011" "거래번호 중복 (내용 상이)" "The same key was used with other content.";
    DUPLICATE b"9012" "중복거래 의심" "The same card and amount within the duplicate window.";
    NET_CANCELLED b"9013" "망취소된 거래" "The transaction was net-cancelled.";
    NO_ROUTE b"9020" "승인 가능한 카드사/VAN 없음" "No route.";
    NO_ACQUIRER_REACHABLE b"9021" "카드사/VAN 연결 불가" "No acquirer was reachable.";
    ACQUIRER_SILENT b"9022" "카드사/VAN 무응답 (망취소 진행)" "The acquirer did not answer; its net-cancel is under way.";
    CANCEL_UNCONFIRMED b"9023" "취소 확인중" "The cancel is being confirmed.";
    NO_ORIGINAL b"9030" "원거래 없음" "The original was not found.";
    ALREADY_CANCELLED b"9031" "기취소된 거래" "Already cancelled.";
    EXCEEDS_REST b"9032" "취소가능금액 초과" "The amount exceeds what is left.";
    BEING_CANCELLED b"9033" "원거래 취소 처리중" "The original is being cancelled.";
    NO_PARTIAL_CANCEL b"9034" "부분취소 불가" "No partial cancel on that line.";
    OVERLOADED b"9040" "처리 지연, 잠시 후 재시도" "Overloaded; try again.";
    INTERNAL b"9099" "시스템 오류" "Internal error.";
}

impl ResponseCode {
    /// A code of four printable ASCII characters.
    pub fn new(text: &str) -> Option<Self> {
        let code: [u8; 4] = text.as_bytes().try_into().ok()?;
        code.iter().all(u8::is_ascii_graphic).then_some(Self(code))
    }

    /// The four characters.
    pub fn as_str(&self) -> &str {
        str::from_utf8(&self.0).expect("checked to be ASCII when made")
    }

    /// What the terminal shows for one of our own codes; empty for an acquirer's.
    pub fn korean(self) -> &'static str {
        RESPONSES.iter().find(|row| row.code == self).map_or("", |row| row.korean)
    }
}

impl fmt::Display for ResponseCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for ResponseCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl TryFrom<String> for ResponseCode {
    type Error = &'static str;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::new(&text).ok_or("a response code is four printable ASCII characters")
    }
}

impl From<ResponseCode> for String {
    fn from(code: ResponseCode) -> Self {
        code.as_str().to_owned()
    }
}
