//! A telegram of the shipped layouts: a card company's request, byte for byte.

use codec::{Digits, Secret, Telegram, Text};

/// 카드사 직승인 요청
#[derive(Telegram, Clone, Debug, PartialEq)]
#[telegram(spec = "card450-request", length = 450)]
struct Request {
    #[field(at = 4, len = 10, kind = "text")]
    kind: Text<10>,
    #[field(at = 14, len = 20, kind = "text")]
    management_no: Text<20>,
    #[field(at = 34, len = 20, kind = "digits", secret = "pan")]
    card_no: Option<Secret<Digits<20>>>,
    #[field(at = 54, len = 2, kind = "number")]
    installment: u8,
    #[field(at = 56, len = 4, kind = "digits", secret = "pan")]
    expiry: Option<Secret<Digits<4>>>,
    #[field(at = 60, len = 3, kind = "digits", secret = "cvc")]
    cvc: Option<Secret<Digits<3>>>,
    #[field(at = 63, len = 10, kind = "number")]
    amount: u64,
    #[field(at = 73, len = 10, kind = "number")]
    vat: u64,
    #[field(at = 83, len = 20, kind = "text")]
    original_management_no: Text<20>,
    #[field(at = 103, len = 300, kind = "text", secret = "block")]
    encrypted_card: Secret<Text<300>>,
}

fn golden() -> Vec<u8> {
    let mut bytes =
        b" 446PAYMENT   M20261121-0000001   4579730000000008    002812123     1230000000011".to_vec();
    bytes.extend(b"18");
    bytes.resize(450, b' ');
    bytes
}

#[test]
fn a_card_companys_request_is_450_bytes_that_begin_with_446() {
    let request = Request {
        kind: Text::new("PAYMENT").unwrap(),
        management_no: Text::new("M20261121-0000001").unwrap(),
        card_no: Some(Secret::new(Digits::new("4579730000000008").unwrap())),
        installment: 0,
        expiry: Some(Secret::new(Digits::new("2812").unwrap())),
        cvc: Some(Secret::new(Digits::new("123").unwrap())),
        amount: 12_300,
        vat: 1118,
        original_management_no: Text::EMPTY,
        encrypted_card: Secret::default(),
    };
    let bytes = request.encode_to_bytes().unwrap();
    assert_eq!(bytes, golden());
    assert_eq!(Request::decode(&bytes), Ok(request));
}

#[test]
fn a_cancel_without_card_data_is_legal() {
    let mut bytes = golden();
    bytes[34..54].fill(b' ');
    bytes[56..63].fill(b' ');
    let view = Request::view(&bytes).unwrap();
    assert_eq!((view.card_no(), view.expiry(), view.cvc()), (None, None, None));
}
