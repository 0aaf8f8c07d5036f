//! One card company's request of 450 bytes: validated, decoded and encoded, beside a copy of its bytes.
#![allow(missing_docs, reason = "criterion's macros make public functions")]

use std::hint::black_box;

use codec::{Digits, Secret, Telegram, Text};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};

const LENGTH: usize = 450;

/// Telegrams in a row that no cache holds: 64 MiB.
const STREAMED: usize = (64 << 20) / LENGTH;

/// 카드사 직승인 요청
#[derive(Telegram)]
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

fn telegram() -> [u8; LENGTH] {
    let head = b" 446PAYMENT   M20261121-0000001   4579730000000008    002812123     123000000001118";
    let mut bytes = [b' '; LENGTH];
    bytes[..head.len()].copy_from_slice(head);
    bytes[103..403].fill(b'A');
    bytes
}

fn in_cache(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("codec/card450");
    group.throughput(Throughput::Bytes(LENGTH as u64));
    let bytes = telegram();
    let mut out = [0; LENGTH];
    group.bench_function("memcpy", |bencher| bencher.iter(|| out.copy_from_slice(black_box(&bytes))));
    group.bench_function("view", |bencher| bencher.iter(|| Request::view(black_box(&bytes)).is_ok()));
    group.bench_function("view and four fields", |bencher| {
        bencher.iter(|| {
            let view = Request::view(black_box(&bytes)).expect("the telegram is well-formed");
            (view.amount(), view.vat(), view.installment(), view.management_no())
        });
    });
    group.bench_function("decode", |bencher| bencher.iter(|| Request::decode(black_box(&bytes))));
    let request = Request::decode(&bytes).expect("the telegram is well-formed");
    group.bench_function("encode", |bencher| bencher.iter(|| black_box(&request).encode_into(&mut out)));
    group.finish();
}

fn streamed(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("codec/card450 from memory");
    group.throughput(Throughput::Bytes((STREAMED * LENGTH) as u64));
    group.sample_size(10);
    let stream = telegram().repeat(STREAMED);
    let mut out = vec![0; stream.len()];
    group.bench_function("memcpy", |bencher| bencher.iter(|| out.copy_from_slice(black_box(&stream))));
    group.bench_function("view", |bencher| {
        bencher.iter(|| {
            black_box(&stream)
                .as_chunks::<LENGTH>()
                .0
                .iter()
                .filter(|bytes| Request::view(*bytes).is_ok())
                .count()
        });
    });
    group.finish();
}

criterion_group!(benches, in_cache, streamed);
criterion_main!(benches);
