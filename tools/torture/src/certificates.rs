//! Certificates made for one run.

use std::{fs, io, path::Path};

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, date_time_ymd,
};
use telegram_replay::acquirer::Tls;

/// The name that certificates of acquirers are for.
pub const HOST: &str = "acquirer.test";

/// A certificate and its private key, PEM.
pub struct Issued {
    certificate: String,
    key: String,
}

/// Signs certificates.
struct Authority {
    certificate: String,
    issuer: Issuer<'static, KeyPair>,
}

/// Everything that acquirers, those who only say they are one, and the switch show one another.
pub struct Certificates {
    trusted: Authority,
    strangers: Authority,
    clients: Authority,
}

impl Certificates {
    /// Makes the authorities, and writes what the switch trusts and shows to this folder.
    ///
    /// # Errors
    /// No certificate can be made, or the folder not be written.
    pub fn make(folder: &Path) -> io::Result<Self> {
        let made = Self {
            trusted: Authority::new("CA")?,
            strangers: Authority::new("Strangers' CA")?,
            clients: Authority::new("Clients' CA")?,
        };
        fs::write(folder.join("ca.pem"), &made.trusted.certificate)?;
        made.renew_own(folder)?;
        Ok(made)
    }

    /// Writes a new certificate for the switch to show.
    ///
    /// # Errors
    /// None can be made, or the folder not be written.
    pub fn renew_own(&self, folder: &Path) -> io::Result<()> {
        let own = self.clients.issue("switch.test", false)?;
        fs::write(folder.join("own.pem"), own.certificate)?;
        fs::write(folder.join("own.key"), own.key)
    }

    /// An acquirer as the switch expects it; it may want the switch's certificate.
    ///
    /// # Errors
    /// No certificate can be made.
    pub fn proper(&self, wants_ours: bool) -> io::Result<Tls> {
        let clients = wants_ours.then_some(self.clients.certificate.as_str());
        self.trusted.issue(HOST, false)?.shown(clients)
    }

    /// One whose certificate comes from nobody the switch trusts.
    ///
    /// # Errors
    /// No certificate can be made.
    pub fn of_a_stranger(&self) -> io::Result<Tls> {
        self.strangers.issue(HOST, false)?.shown(None)
    }

    /// One whose certificate is for another name.
    ///
    /// # Errors
    /// No certificate can be made.
    pub fn of_another_name(&self) -> io::Result<Tls> {
        self.trusted.issue("other.test", false)?.shown(None)
    }

    /// One whose certificate has expired.
    ///
    /// # Errors
    /// No certificate can be made.
    pub fn expired(&self) -> io::Result<Tls> {
        self.trusted.issue(HOST, true)?.shown(None)
    }

    /// One that wants a certificate that the switch does not have.
    ///
    /// # Errors
    /// No certificate can be made.
    pub fn wanting_anothers(&self) -> io::Result<Tls> {
        self.trusted.issue(HOST, false)?.shown(Some(&self.strangers.certificate))
    }
}

impl Issued {
    fn shown(&self, clients: Option<&str>) -> io::Result<Tls> {
        Tls::from_pem(&self.certificate, &self.key, clients).map_err(io::Error::other)
    }
}

impl Authority {
    fn new(name: &str) -> io::Result<Self> {
        let key = KeyPair::generate().map_err(io::Error::other)?;
        let mut params = CertificateParams::new(Vec::new()).map_err(io::Error::other)?;
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::DigitalSignature];
        let certificate = params.self_signed(&key).map_err(io::Error::other)?.pem();
        Ok(Self { certificate, issuer: Issuer::new(params, key) })
    }

    fn issue(&self, name: &str, has_expired: bool) -> io::Result<Issued> {
        let mut params = CertificateParams::new(vec![name.to_owned()]).map_err(io::Error::other)?;
        params.extended_key_usages =
            vec![ExtendedKeyUsagePurpose::ServerAuth, ExtendedKeyUsagePurpose::ClientAuth];
        if has_expired {
            params.not_before = date_time_ymd(2019, 1, 1);
            params.not_after = date_time_ymd(2020, 1, 1);
        }
        let key = KeyPair::generate().map_err(io::Error::other)?;
        let certificate = params.signed_by(&key, &self.issuer).map_err(io::Error::other)?.pem();
        Ok(Issued { certificate, key: key.serialize_pem() })
    }
}
