use std::{sync::atomic::Ordering, time::Duration};

use codec::frame::{FrameFormat, Framing};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    time::timeout,
};

use super::{Fault, Proxy};

const FRAME: FrameFormat = FrameFormat::new(Framing::Ascii4, 1, 100);
const PATIENCE: Duration = Duration::from_secs(20);

/// A proxy in front of a server that says back what it hears.
async fn echo() -> Proxy {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let proxy = Proxy::start(1, 1, Some(FRAME)).unwrap();
    proxy.lead_to(listener.local_addr().ok());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let (mut reader, mut writer) = stream.split();
                let _ = tokio::io::copy(&mut reader, &mut writer).await;
            });
        }
    });
    proxy
}

async fn ask(stream: &mut TcpStream, bytes: &[u8], answer: usize) -> std::io::Result<Vec<u8>> {
    stream.write_all(bytes).await?;
    let mut heard = vec![0; answer];
    timeout(PATIENCE, stream.read_exact(&mut heard)).await.expect("in time")?;
    Ok(heard)
}

#[tokio::test]
async fn what_is_slow_sliced_or_narrow_arrives_whole_and_in_order() {
    let proxy = echo().await;
    for fault in [
        Fault::None,
        Fault::Latency { up_to: Duration::from_millis(5) },
        Fault::Slicing,
        Fault::Bandwidth { bytes_per_s: 100_000 },
    ] {
        proxy.suffer(fault);
        let mut stream = TcpStream::connect(proxy.address()).await.unwrap();
        let heard = ask(&mut stream, b"0005HELLO0003YOU", 16).await.unwrap();
        assert_eq!(heard, b"0005HELLO0003YOU", "{fault:?}");
    }
}

#[tokio::test]
async fn a_doubled_answer_comes_whole_and_twice() {
    let proxy = echo().await;
    proxy.suffer(Fault::Duplicates { one_in: 1 });
    let mut stream = TcpStream::connect(proxy.address()).await.unwrap();
    assert_eq!(ask(&mut stream, b"0005HELLO", 18).await.unwrap(), b"0005HELLO0005HELLO");
    assert_eq!(proxy.counts().duplicates.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn a_spoilt_answer_differs_in_one_bit() {
    let proxy = echo().await;
    proxy.suffer(Fault::Corruption { one_in: 1 });
    let mut stream = TcpStream::connect(proxy.address()).await.unwrap();
    let heard = ask(&mut stream, b"0005HELLO", 9).await.unwrap();
    let differs: Vec<u8> =
        heard.iter().zip(b"0005HELLO").map(|(heard, said)| heard ^ said).filter(|bits| *bits != 0).collect();
    assert_eq!(differs, [0x80]);
}

#[tokio::test]
async fn what_a_black_hole_swallowed_never_arrives_and_its_connection_is_reset_when_the_line_heals() {
    let proxy = echo().await;
    for fault in [Fault::BlackHoleBack, Fault::BlackHoleForth, Fault::HalfOpen] {
        let mut stream = TcpStream::connect(proxy.address()).await.unwrap();
        assert_eq!(ask(&mut stream, b"0001A", 5).await.unwrap(), b"0001A");
        let counts = || {
            let counts = proxy.counts();
            counts.swallowed.load(Ordering::Relaxed) + counts.stalled.load(Ordering::Relaxed)
        };
        let before = counts();
        proxy.suffer(fault);
        stream.write_all(b"0001B").await.unwrap();
        while counts() == before {
            tokio::task::yield_now().await;
        }
        proxy.suffer(Fault::None);
        let mut heard = Vec::new();
        let ended = timeout(PATIENCE, stream.read_to_end(&mut heard)).await.expect("it ends");
        assert!(ended.is_err() && heard.is_empty(), "{fault:?}: {ended:?}");
    }
}

#[tokio::test]
async fn a_line_that_refuses_or_resets_carries_nothing_until_it_heals() {
    let proxy = echo().await;
    for fault in [Fault::Refuse, Fault::Reset, Fault::Flapping { every: Duration::from_millis(1) }] {
        proxy.suffer(fault);
        let mut stream = TcpStream::connect(proxy.address()).await.unwrap();
        let mut byte = [0];
        let ended = timeout(PATIENCE, stream.read(&mut byte)).await.expect("it ends");
        assert!(matches!(ended, Err(_) | Ok(0)), "{fault:?}");
    }
    proxy.suffer(Fault::None);
    let mut stream = TcpStream::connect(proxy.address()).await.unwrap();
    assert_eq!(ask(&mut stream, b"0001A", 5).await.unwrap(), b"0001A");
}
