use std::fs;

use tempfile::TempDir;

use super::*;
use crate::testing::certificates::{Authority, HOST, Issued};

struct Files {
    folder: TempDir,
}

impl Files {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.folder.path().join(name);
        fs::write(&path, text).unwrap();
        path
    }

    fn ca(&self) -> TlsFiles {
        let ca = self.write("ca.pem", &Authority::new("Hangang CA").certificate);
        TlsFiles { ca, server_name: HOST.into(), certificate: None, key: None }
    }

    fn with_identity(&self, certificate: &str, key: &str) -> TlsFiles {
        TlsFiles {
            certificate: Some(self.write("our.pem", certificate)),
            key: Some(self.write("our.key", key)),
            ..self.ca()
        }
    }
}

fn ours() -> Issued {
    Authority::new("Our CA").issue("switch.test")
}

#[test]
fn whole_files_are_read_with_and_without_a_certificate_of_ours() {
    let files = Files::new();
    Tls::load(&files.ca()).unwrap();
    let Issued { certificate, key } = ours();
    let tls = Tls::load(&files.with_identity(&certificate, &key)).unwrap();
    let shown = format!("{tls:?}");
    assert_eq!(shown, r#"Tls { server_name: "acquirer.test", authorities: 1, shows_certificate: true, .. }"#);
    let several = Authority::new("A").certificate + &Authority::new("B").certificate;
    let ca = files.write("several.pem", &several);
    let tls = Tls::load(&TlsFiles { ca, server_name: "127.0.0.1".into(), ..files.ca() }).unwrap();
    assert!(format!("{tls:?}").contains("authorities: 2"));
}

#[test]
fn two_are_equal_when_what_was_read_is() {
    let files = Files::new();
    let Issued { certificate, key } = ours();
    let given = files.with_identity(&certificate, &key);
    let one = Tls::load(&given).unwrap();
    assert_eq!(one, Tls::load(&given).unwrap());
    assert_ne!(one, Tls::load(&TlsFiles { server_name: "other.test".into(), ..given.clone() }).unwrap());
    assert_ne!(one, Tls::load(&TlsFiles { certificate: None, key: None, ..given.clone() }).unwrap());
    files.write("ca.pem", &Authority::new("Hangang CA").certificate);
    assert_ne!(one, Tls::load(&given).unwrap());
}

#[test]
fn a_name_that_no_certificate_can_have_is_refused() {
    let files = TlsFiles { server_name: "not a name".into(), ..Files::new().ca() };
    let error = Tls::load(&files).unwrap_err();
    assert_eq!(error.to_string(), r#""not a name" is neither a host name nor an IP address"#);
}

#[test]
fn each_file_that_is_wrong_is_named_with_what_is_wrong_with_it() {
    let files = Files::new();
    let Issued { certificate, key } = ours();
    let told = |files: &TlsFiles| Tls::load(files).unwrap_err().to_string();

    let missing = TlsFiles { ca: files.folder.path().join("nowhere.pem"), ..files.ca() };
    assert!(told(&missing).ends_with("nowhere.pem cannot be read: No such file or directory (os error 2)"));

    let with_ca = |text: &str| TlsFiles { ca: files.write("bad.pem", text), ..files.ca() };
    assert!(
        told(&with_ca(""))
            .ends_with("bad.pem has no certificate in it (expected -----BEGIN CERTIFICATE-----)")
    );
    assert!(told(&with_ca(&key)).contains("bad.pem has no certificate in it"));
    let cut = &certificate[..certificate.len() / 2];
    assert!(told(&with_ca(cut)).ends_with("bad.pem is no whole PEM: a section has no end"));
    let not_base64 = "-----BEGIN CERTIFICATE-----\n!!!!\n-----END CERTIFICATE-----\n";
    assert!(told(&with_ca(not_base64)).ends_with("bad.pem is no whole PEM: a section is not base64"));
    let nothing = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    let second = Authority::new("CA").certificate + nothing;
    assert!(told(&with_ca(&second)).starts_with("certificate 2 in "), "{}", told(&with_ca(&second)));
    let huge = "x".repeat(1024 * 1024 + 1);
    assert!(told(&with_ca(&huge)).ends_with("bad.pem is larger than 1048576 bytes"));

    let with = |certificate: &str, key: &str| told(&files.with_identity(certificate, key));
    assert!(with(&certificate, &certificate).contains("our.key has no private key in it"));
    assert!(with(&key, &key).contains("our.pem has no certificate in it"));
    assert!(with(nothing, &key).starts_with("certificate 1 in "));
    let other = ours();
    let mismatch = with(&certificate, &other.key);
    assert!(
        mismatch.contains("our.key is not the one of the certificate in ") && mismatch.ends_with("our.pem")
    );
    let broken = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n";
    assert!(with(&certificate, broken).contains("our.key is broken, or neither RSA"));
    let encrypted = broken.replace("PRIVATE KEY", "ENCRYPTED PRIVATE KEY");
    assert!(with(&certificate, &encrypted).contains("(expected an unencrypted one"));

    let whole = files.with_identity(&certificate, &key);
    let half = told(&TlsFiles { key: None, ..whole.clone() });
    assert!(half.ends_with("our.pem is of no use without its private key"));
    let half = told(&TlsFiles { certificate: None, ..whole });
    assert!(half.ends_with("our.key is of no use without its certificate"));
}

#[test]
fn no_byte_of_a_key_is_in_an_error_or_a_debug_output() {
    let files = Files::new();
    let Issued { certificate, key } = ours();
    let body: String = key.lines().filter(|line| !line.starts_with("--")).collect();
    let hides = |text: &str| {
        for at in 0..body.len() - 8 {
            assert!(!text.contains(&body[at..at + 8]), "{text}");
        }
    };
    let spoilt = [
        key.replace("-----END", "----END"),
        key.replace("-----BEGIN PRIVATE KEY-----\n", "-----BEGIN PRIVATE KEY-----"),
        key.replace("-----BEGIN PRIVATE KEY-----", ""),
        key.replacen(&body[..4], "!!!!", 1),
        key.replacen(&body[20..24], "", 1),
        ours().key,
    ];
    for spoilt in spoilt {
        let error = Tls::load(&files.with_identity(&certificate, &spoilt)).unwrap_err();
        hides(&error.to_string());
        hides(&format!("{error:?}"));
    }
    hides(&format!("{:?}", Tls::load(&files.with_identity(&certificate, &key)).unwrap()));
}
