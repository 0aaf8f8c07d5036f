//! The layouts as rows, for the peers: `name: Kind[at, len]`.
//!
//! A peer has a type of its own for each kind: Text, Number (padded with zeros), Amount (padded with blanks), Date `yyMMdd`, Time `HHmmss`, Moment
//! `MMddHHmmss`, Stamp `yyyyMMddHHmmss`, Korean and Filler. Constants are texts to it.

/// The card company's request.
macro_rules! card450 {
    ($with:ident) => {
        $with! {
            Card450, 450,
            length: Amount[0, 4],
            kind: Text[4, 10],
            management_no: Text[14, 20],
            card_no: Text[34, 20],
            installment: Number[54, 2],
            expiry: Text[56, 4],
            cvc: Text[60, 3],
            amount: Amount[63, 10],
            vat: Number[73, 10],
            original_management_no: Text[83, 20],
            encrypted_card: Text[103, 300],
            filler: Filler[403, 47],
        }
    };
}

/// KOVAN's approval request.
macro_rules! kovan {
    ($with:ident) => {
        $with! {
            Kovan, 356,
            iso: Text[0, 3],
            host: Text[3, 9],
            mti: Text[12, 4],
            bitmap: Text[16, 16],
            transaction_kind: Text[32, 6],
            amount: Number[38, 12],
            transmitted_at: Moment[50, 10],
            trace: Text[60, 6],
            time: Time[66, 6],
            date: Date[72, 6],
            entry_prefix: Text[78, 1],
            entry: Text[79, 2],
            institution_prefix: Text[81, 3],
            institution: Text[84, 5],
            track2_prefix: Text[89, 2],
            track2: Text[91, 37],
            transaction_id: Text[128, 12],
            merchant_no: Text[140, 15],
            cat_id: Text[155, 10],
            business_no: Text[165, 10],
            blanks: Filler[175, 20],
            currency: Text[195, 3],
            sub_mall_filler: Filler[198, 10],
            sub_mall_business_no: Text[208, 10],
            sub_mall_filler2: Filler[218, 15],
            sub_mall_url: Text[233, 40],
            sub_mall_ip: Text[273, 20],
            installment_prefix: Text[293, 3],
            installment: Number[296, 2],
            cavv: Text[298, 28],
            xid: Text[326, 28],
            retry: Text[354, 2],
        }
    };
}

/// A wide one, made up for measuring.
macro_rules! wide {
    ($with:ident) => {
        $with! {
            Wide, 800,
            message_type: Text[0, 4],
            version: Text[4, 2],
            terminal_id: Text[6, 10],
            merchant_no: Text[16, 10],
            trace_no: Text[26, 6],
            sent_at: Stamp[32, 14],
            response_code: Text[46, 4],
            entry_mode: Text[50, 1],
            card_bin: Text[51, 8],
            masked_card: Text[59, 20],
            installment: Number[79, 2],
            currency: Text[81, 3],
            total_amount: Number[84, 12],
            supply_amount: Number[96, 12],
            vat: Number[108, 12],
            service_charge: Number[120, 12],
            tax_free: Amount[132, 12],
            point_used: Amount[144, 9],
            point_left: Amount[153, 9],
            approval_no: Text[162, 12],
            approved_at: Stamp[174, 14],
            van_trace: Text[188, 20],
            issuer_code: Text[208, 4],
            issuer_name: Korean[212, 20],
            acquirer_code: Text[232, 4],
            acquirer_merchant_no: Text[236, 15],
            capture_kind: Text[251, 1],
            host_code: Text[252, 4],
            message: Korean[256, 80],
            original_trace_no: Text[336, 6],
            original_date: Date[342, 6],
            original_amount: Number[348, 12],
            cancelled_amount: Number[360, 12],
            cancel_count: Number[372, 3],
            order_no: Text[375, 50],
            customer_no: Text[425, 20],
            email: Text[445, 50],
            phone: Text[495, 13],
            ip: Text[508, 20],
            domain: Text[528, 40],
            business_no: Text[568, 10],
            cavv: Text[578, 28],
            xid: Text[606, 28],
            merchant_data: Text[634, 100],
            filler: Filler[734, 66],
        }
    };
}

pub(super) use {card450, kovan, wide};
