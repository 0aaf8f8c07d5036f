//! What terminals are sent.

use codec::{Binary, Code, Digits, Korean, Telegram, Text, Truncated};
use jiff::civil::{Date, DateTime};

use super::Header;

/// The fields that the answers about one payment have in common, in the order of the text.
macro_rules! common_fields {
    ($wrap:ident! { $($args:tt)* }) => {
        $wrap! {
            { $($args)* }
            #[field(at = 60, len = 12, kind = "text")]
            approval_no: Text<12>,
            #[field(at = 72, len = 14, kind = "datetime")]
            approved_at: Option<DateTime>,
            #[field(at = 86, len = 20, kind = "text")]
            van_trace: Text<20>,
            #[field(at = 106, len = 4, kind = "text")]
            issuer_code: Text<4>,
            #[field(at = 110, len = 20, kind = "korean")]
            issuer_name: Truncated<Korean<20>>,
            #[field(at = 130, len = 4, kind = "text")]
            acquirer_code: Text<4>,
            #[field(at = 134, len = 20, kind = "korean")]
            acquirer_name: Truncated<Korean<20>>,
            #[field(at = 154, len = 15, kind = "text")]
            acquirer_merchant_no: Text<15>,
            #[field(at = 169, len = 20, kind = "text")]
            masked_card: Text<20>,
            #[field(at = 189, len = 2, kind = "number")]
            installment: u8,
            #[field(at = 191, len = 12, kind = "number")]
            total_amount: u64,
            #[field(at = 203, len = 40, kind = "korean")]
            message1: Truncated<Korean<40>>,
            #[field(at = 243, len = 40, kind = "korean")]
            message2: Truncated<Korean<40>>,
            #[field(at = 283, len = 1, kind = "code")]
            capture_kind: Code<1>,
            #[field(at = 284, len = 10, kind = "text")]
            route: Truncated<Text<10>>,
            #[field(at = 294, len = 4, kind = "text")]
            host_code: Text<4>,
            #[field(at = 298, len = 3, kind = "number")]
            emv_length: u16,
            #[field(at = 301, len = 256, kind = "binary")]
            emv_data: Binary<256>,
            #[field(at = 557, len = 40, kind = "binary")]
            merchant_data: Binary<40>,
        }
    };
}

/// The fields alone, to be filled whichever telegram they go into.
macro_rules! values {
    ({ $(#[$doc:meta])* $name:ident } $(#[$place:meta] $field:ident: $type:ty,)*) => {
        $(#[$doc])*
        #[derive(Default)]
        pub(in crate::terminal) struct $name {
            $(pub(in crate::terminal) $field: $type,)*
        }
    };
}

/// A telegram of the fields, and perhaps of more behind them.
macro_rules! telegram {
    (
        { $(#[$doc:meta])* $name:ident, $spec:literal, $length:literal $(, #[$more_place:meta] $more:ident: $more_type:ty)? }
        $(#[$place:meta] $field:ident: $type:ty,)*
    ) => {
        $(#[$doc])*
        #[derive(Telegram)]
        #[telegram(spec = $spec, length = $length)]
        pub(in crate::terminal) struct $name {
            #[field(at = 0, len = 60, kind = "group")]
            header: Header,
            $(#[$place] $field: $type,)*
            $(#[$more_place] $more: $more_type,)?
        }

        impl $name {
            pub(in crate::terminal) fn new(header: Header, values: Values $(, $more: $more_type)?) -> Self {
                Self { header, $($field: values.$field,)* $($more,)? }
            }
        }
    };
}

common_fields!(values! {
    /// What an answer about one payment says of it. Blank and zero where nothing is known.
    Values
});
common_fields!(telegram! {
    /// 승인 응답, and the answer to a telegram of a type nobody knows.
    Approval0110, "terminal-0110", 597
});
common_fields!(telegram! {
    /// 취소 응답.
    Cancel0410, "terminal-0410", 597
});
common_fields!(telegram! {
    /// 망취소 응답.
    NetCancel0430, "terminal-0430", 597
});
common_fields!(telegram! {
    /// 거래 조회 응답.
    Inquiry0310, "terminal-0310", 599, #[field(at = 597, len = 2, kind = "code")] state: Code<2>
});

/// 승인 확인 응답.
#[derive(Telegram)]
#[telegram(spec = "terminal-0130", length = 86)]
pub(in crate::terminal) struct Acknowledgement0130 {
    #[field(at = 0, len = 60, kind = "group")]
    pub(in crate::terminal) header: Header,
    #[field(at = 60, len = 6, kind = "digits")]
    pub(in crate::terminal) original_trace_no: Digits<6>,
    #[field(at = 66, len = 8, kind = "datetime")]
    pub(in crate::terminal) original_date: Option<Date>,
    #[field(at = 74, len = 12, kind = "text")]
    pub(in crate::terminal) approval_no: Option<Text<12>>,
}

/// 마감 응답.
#[derive(Telegram)]
#[telegram(spec = "terminal-0510", length = 123)]
pub(in crate::terminal) struct Totals0510 {
    #[field(at = 0, len = 60, kind = "group")]
    pub(in crate::terminal) header: Header,
    #[field(at = 60, len = 8, kind = "datetime")]
    pub(in crate::terminal) business_date: Option<Date>,
    #[field(at = 68, len = 6, kind = "number")]
    pub(in crate::terminal) approval_count: u32,
    #[field(at = 74, len = 12, kind = "number")]
    pub(in crate::terminal) approval_amount: u64,
    #[field(at = 86, len = 6, kind = "number")]
    pub(in crate::terminal) cancel_count: u32,
    #[field(at = 92, len = 12, kind = "number")]
    pub(in crate::terminal) cancel_amount: u64,
    #[field(at = 104, len = 6, kind = "number")]
    pub(in crate::terminal) net_cancel_count: u32,
    #[field(at = 110, len = 12, kind = "number")]
    pub(in crate::terminal) net_cancel_amount: u64,
    #[field(at = 122, len = 1, kind = "code")]
    pub(in crate::terminal) difference: Code<1>,
}

/// 개시 · 에코 응답.
#[derive(Telegram)]
#[telegram(spec = "terminal-0810", length = 127)]
pub(in crate::terminal) struct Network0810 {
    #[field(at = 0, len = 60, kind = "group")]
    pub(in crate::terminal) header: Header,
    #[field(at = 60, len = 3, kind = "digits")]
    pub(in crate::terminal) function: Digits<3>,
    #[field(at = 63, len = 64, kind = "text")]
    pub(in crate::terminal) data: Text<64>,
}
