//! Connecting to real sockets, with TLS as it should be and as it should not.

use std::future::Future;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::SupportedProtocolVersion;
use tokio_rustls::rustls::version::{TLS12, TLS13};

use super::*;
use crate::TlsFiles;
use crate::testing::certificates::{Authority, HOST, Issued};
use crate::testing::tls_peer::{BOTH, acceptor, acceptor_of_known};

/// Far longer than anything here takes.
const TOO_LONG: Duration = Duration::from_secs(20);

const SHORT: Duration = Duration::from_millis(200);

/// What the switch was given: whom it trusts, and perhaps a certificate of its own.
pub(crate) fn tls(authority: &Authority, own: Option<&Issued>) -> Tls {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    };
    let files = TlsFiles {
        ca: write("ca.pem", &authority.certificate),
        server_name: HOST.into(),
        certificate: own.map(|own| write("own.pem", &own.certificate)),
        key: own.map(|own| write("own.key", &own.key)),
    };
    Tls::load(&files).unwrap()
}

/// An acquirer that treats its first socket in that way; its address.
pub(crate) async fn acquirer<F>(
    treat: impl FnOnce(TcpStream) -> F + Send + 'static,
) -> (String, JoinHandle<()>)
where
    F: Future<Output = ()> + Send,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let task = tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        treat(stream).await;
    });
    (address, task)
}

/// One that accepts TLS and then sends back what it gets.
async fn echoing(acceptor: TlsAcceptor) -> String {
    let (address, _) = acquirer(|stream| async move {
        if let Ok(mut stream) = acceptor.accept(stream).await {
            let mut bytes = [0; 1_024];
            while let Ok(count @ 1..) = stream.read(&mut bytes).await {
                stream.write_all(&bytes[..count]).await.unwrap();
            }
        }
    })
    .await;
    address
}

async fn connected(address: &str, tls: &Tls) -> io::Result<Stream> {
    timeout(TOO_LONG, connect(address, TOO_LONG, TOO_LONG, Some(tls))).await.expect("no test waits so long")
}

/// What is told where connecting fails.
async fn told(address: &str, tls: &Tls) -> String {
    match connected(address, tls).await {
        Ok(_) => panic!("connected"),
        Err(error) => error.to_string(),
    }
}

async fn is_usable(mut stream: Stream) {
    stream.write_all(b"0012 hello").await.unwrap();
    stream.flush().await.unwrap();
    let mut back = [0; 10];
    timeout(TOO_LONG, stream.read_exact(&mut back)).await.unwrap().unwrap();
    assert_eq!(&back, b"0012 hello");
}

const VERSIONS: [&[&SupportedProtocolVersion]; 3] = [&[&TLS13], &[&TLS12], BOTH];

#[tokio::test]
async fn an_acquirer_with_the_right_certificate_is_spoken_to_in_either_version() {
    let authority = Authority::new("CA");
    let tls = tls(&authority, None);
    for versions in VERSIONS {
        let address = echoing(acceptor(&authority.issue(HOST), versions)).await;
        is_usable(connected(&address, &tls).await.unwrap()).await;
    }
}

#[tokio::test]
async fn an_acquirer_that_asks_for_a_certificate_gets_ours() {
    let (authority, clients) = (Authority::new("CA"), Authority::new("Clients' CA"));
    let tls = tls(&authority, Some(&clients.issue("switch.test")));
    for versions in VERSIONS {
        let address = echoing(acceptor_of_known(&authority.issue(HOST), versions, &clients)).await;
        is_usable(connected(&address, &tls).await.unwrap()).await;
    }
}

#[tokio::test]
async fn a_missing_certificate_of_ours_is_a_failed_connect_and_not_a_lost_request() {
    let authority = Authority::new("CA");
    let tls = tls(&authority, None);
    let (issued, clients) = (authority.issue(HOST), Authority::new("Clients' CA"));
    let address = echoing(acceptor_of_known(&issued, &[&TLS13], &clients)).await;
    assert_eq!(told(&address, &tls).await, "the peer requires a client certificate, and none is configured");
    let address = echoing(acceptor_of_known(&issued, &[&TLS12], &clients)).await;
    let text = told(&address, &tls).await;
    assert!(text.contains("client certificate"), "{text}");
}

#[tokio::test]
async fn a_certificate_of_ours_by_an_authority_unknown_there_is_a_failed_connect() {
    let authority = Authority::new("CA");
    let tls = tls(&authority, Some(&Authority::new("Strangers' CA").issue("switch.test")));
    for versions in VERSIONS {
        let clients = Authority::new("Clients' CA");
        let address = echoing(acceptor_of_known(&authority.issue(HOST), versions, &clients)).await;
        let text = told(&address, &tls).await;
        assert!(text.starts_with("the peer refused our client certificate"), "{text}");
    }
}

#[tokio::test]
async fn an_expired_certificate_is_told_as_that() {
    let authority = Authority::new("CA");
    let address = echoing(acceptor(&authority.issue_expired(), BOTH)).await;
    let text = told(&address, &tls(&authority, None)).await;
    assert_eq!(text, "the acquirer's certificate has expired");
}

#[tokio::test]
async fn a_certificate_of_the_future_is_told_as_that() {
    let authority = Authority::new("CA");
    let address = echoing(acceptor(&authority.issue_for_the_future(), BOTH)).await;
    let text = told(&address, &tls(&authority, None)).await;
    assert_eq!(text, "the acquirer's certificate is not valid yet (or the clock of this machine is wrong)");
}

#[tokio::test]
async fn a_certificate_by_another_authority_is_told_as_that_even_where_it_has_the_same_name() {
    let expected = "the acquirer's certificate comes from an authority that is not in the CA file";
    for name in ["CA", "Another CA"] {
        let address = echoing(acceptor(&Authority::new(name).issue(HOST), BOTH)).await;
        assert_eq!(told(&address, &tls(&Authority::new("CA"), None)).await, expected);
    }
}

#[tokio::test]
async fn a_certificate_for_another_host_is_told_with_both_names() {
    let authority = Authority::new("CA");
    let address = echoing(acceptor(&authority.issue("elsewhere.test"), BOTH)).await;
    let text = told(&address, &tls(&authority, None)).await;
    let expected =
        r#"the acquirer's certificate is not for the configured server name "acquirer.test", but for "#;
    assert!(text.starts_with(expected) && text.contains("elsewhere.test"), "{text}");
}

#[tokio::test]
async fn a_peer_that_answers_in_plain_text_is_told_as_that() {
    for answer in [&b"0004ABCD"[..], b"HTTP/1.1 400 Bad Request\r\n\r\n", b"\x05"] {
        let (address, _) = acquirer(move |mut stream| async move {
            stream.write_all(answer).await.unwrap();
            // A word of one byte is one only when no more follows.
            stream.shutdown().await.unwrap();
            let _ = stream.read_to_end(&mut Vec::new()).await;
        })
        .await;
        let text = told(&address, &tls(&Authority::new("CA"), None)).await;
        let expected =
            ["the peer does not speak TLS", "the peer closed the connection during the TLS handshake"];
        assert!(expected.contains(&text.as_str()), "{text}");
    }
}

#[tokio::test]
async fn a_peer_that_closes_the_socket_is_told_as_that() {
    for reset in [false, true] {
        let (address, _) = acquirer(move |mut stream| async move {
            let _ = stream.read(&mut [0; 4_096]).await;
            if reset {
                return stream.set_zero_linger().unwrap();
            }
            stream.shutdown().await.unwrap();
            let _ = stream.read_to_end(&mut Vec::new()).await;
        })
        .await;
        let text = told(&address, &tls(&Authority::new("CA"), None)).await;
        assert_eq!(text, "the peer closed the connection during the TLS handshake");
    }
}

#[tokio::test]
async fn a_peer_of_an_old_version_is_told_as_that() {
    let (address, _) = acquirer(|mut stream| async move {
        let _ = stream.read(&mut [0; 4_096]).await;
        // A fatal alert of TLS 1.0: protocol_version.
        stream.write_all(&[21, 3, 1, 0, 2, 2, 70]).await.unwrap();
        let _ = stream.read_to_end(&mut Vec::new()).await;
    })
    .await;
    let text = told(&address, &tls(&Authority::new("CA"), None)).await;
    assert_eq!(text, "the peer speaks neither TLS 1.2 nor 1.3");
}

#[tokio::test]
async fn a_stalled_handshake_fails_within_the_connect_timeout() {
    let (address, peer) = acquirer(|mut stream| async move {
        let _ = stream.read_to_end(&mut Vec::new()).await;
    })
    .await;
    let tls = tls(&Authority::new("CA"), None);
    let failed = timeout(TOO_LONG, connect(&address, SHORT, TOO_LONG, Some(&tls))).await.unwrap();
    let error = failed.map(|_| ()).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::TimedOut);
    assert_eq!(error.to_string(), "connected, but no whole TLS handshake within 200ms");
    timeout(TOO_LONG, peer).await.expect("the socket was closed").unwrap();
}

#[tokio::test]
async fn a_handshake_that_comes_byte_by_byte_succeeds() {
    let authority = Authority::new("CA");
    let inner = echoing(acceptor(&authority.issue(HOST), BOTH)).await;
    let (address, _) = acquirer(|mut outer| async move {
        let mut inner = TcpStream::connect(inner).await.unwrap();
        let (mut read, mut write) = outer.split();
        let (mut from, mut to) = inner.split();
        let upwards = tokio::io::copy(&mut read, &mut to);
        let downwards = async {
            let mut byte = [0];
            while let Ok(1) = from.read(&mut byte).await {
                write.write_all(&byte).await.unwrap();
            }
        };
        tokio::join!(upwards, downwards).0.unwrap();
    })
    .await;
    is_usable(connected(&address, &tls(&authority, None)).await.unwrap()).await;
}

#[tokio::test]
async fn closing_says_farewell_and_a_reset_does_not() {
    let authority = Authority::new("CA");
    let tls = tls(&authority, None);
    for farewell in [true, false] {
        let acceptor = acceptor(&authority.issue(HOST), BOTH);
        let (address, peer) = acquirer(move |stream| async move {
            let mut stream = acceptor.accept(stream).await.unwrap();
            stream.write_all(b"!").await.unwrap();
            stream.flush().await.unwrap();
            let read = stream.read(&mut [0; 16]).await;
            // Without the farewell of TLS a closed socket is an error there.
            assert_eq!(matches!(read, Ok(0)), farewell, "{read:?}");
        })
        .await;
        let mut stream = connected(&address, &tls).await.unwrap();
        assert_eq!(timeout(TOO_LONG, stream.read_u8()).await.unwrap().unwrap(), b'!');
        if farewell {
            stream.close();
        } else {
            stream.reset();
        }
        timeout(TOO_LONG, peer).await.unwrap().unwrap();
    }
}

#[tokio::test]
async fn what_a_failing_socket_had_taken_is_told_as_taken() {
    let authority = Authority::new("CA");
    let acceptor = acceptor(&authority.issue(HOST), BOTH);
    let (address, peer) = acquirer(move |stream| async move {
        let stream = acceptor.accept(stream).await.unwrap();
        stream.get_ref().0.set_zero_linger().unwrap();
    })
    .await;
    let mut stream = connected(&address, &tls(&authority, None)).await.unwrap();
    timeout(TOO_LONG, peer).await.unwrap().unwrap();
    // The socket is dead already, but the session does not know: it takes the bytes, and may not call them untaken after.
    let mut taken = 0;
    let failed = loop {
        match timeout(TOO_LONG, stream.write(&[b'x'; 100])).await.unwrap() {
            Ok(count) => taken += count,
            Err(error) => break error,
        }
    };
    assert_eq!(taken, 100, "{failed}");
}

#[tokio::test]
async fn a_session_whose_bytes_cannot_leave_takes_no_more() {
    let authority = Authority::new("CA");
    let acceptor = acceptor(&authority.issue(HOST), BOTH);
    let (go, wait) = tokio::sync::oneshot::channel::<()>();
    let (address, peer) = acquirer(move |stream| async move {
        let mut stream = acceptor.accept(stream).await.unwrap();
        wait.await.unwrap();
        let mut bytes = Vec::new();
        // Only the farewell ends it well, and that comes behind everything.
        stream.read_to_end(&mut bytes).await.unwrap();
        assert!(bytes.ends_with(b"xend"));
    })
    .await;
    let mut stream = connected(&address, &tls(&authority, None)).await.unwrap();
    let (mut taken, large) = (0, vec![b'x'; 64 * 1024]);
    while let Ok(written) = timeout(SHORT, stream.write(&large)).await {
        let written = written.unwrap();
        assert!(written <= 16 * 1024);
        taken += written;
    }
    assert!(holds_some(&mut stream).await, "{taken} bytes were taken, and all could leave");
    // It goes on where it stood.
    go.send(()).unwrap();
    timeout(TOO_LONG, stream.write_all(b"end")).await.unwrap().unwrap();
    timeout(TOO_LONG, stream.flush()).await.unwrap().unwrap();
    stream.close();
    timeout(TOO_LONG, peer).await.unwrap().unwrap();
}

/// Whether the session has bytes that cannot leave.
async fn holds_some(stream: &mut Stream) -> bool {
    timeout(SHORT, stream.flush()).await.is_err()
}

#[tokio::test]
async fn a_session_that_held_bytes_longer_than_it_may_is_given_up_even_when_they_could_leave_now() {
    let authority = Authority::new("CA");
    let acceptor = acceptor(&authority.issue(HOST), BOTH);
    let (go, wait) = tokio::sync::oneshot::channel::<()>();
    let (address, peer) = acquirer(move |stream| async move {
        let mut stream = acceptor.accept(stream).await.unwrap();
        let _ = wait.await;
        // Until the other side resets the socket.
        let _ = stream.read_to_end(&mut Vec::new()).await;
    })
    .await;
    let tls = tls(&authority, None);
    let socket = TcpStream::connect(&address).await.unwrap();
    let session = timeout(TOO_LONG, tls.shake_hands(socket, Instant::now() + TOO_LONG)).await;
    // The socket itself has no limit here.
    let mut stream = Stream::Tls(Box::new(TlsSocket::new(session.unwrap().unwrap(), SHORT / 2)));
    let (large, mut go) = (vec![b'x'; 16 * 1024], Some(go));
    let error = loop {
        match timeout(SHORT, stream.write(&large)).await {
            Ok(Ok(_)) => {}
            Ok(Err(error)) => break error,
            // From now on everything could leave.
            Err(_) => go.take().expect("one wait is enough").send(()).unwrap(),
        }
    };
    assert_eq!(error.kind(), io::ErrorKind::TimedOut);
    stream.reset();
    drop(go);
    timeout(TOO_LONG, peer).await.unwrap().unwrap();
}
