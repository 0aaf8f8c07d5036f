//! Card data: sealed with AES-256-GCM under a key of its payment's business date, bound to its payment; fingerprints and digests by
//! HMAC-SHA256.

use std::collections::BTreeSet;

use payment::{
    CardFacts, CardNumber, ClearCard, ContentDigest, Expiry, Fingerprint, Request, SealedCard, TelegramKey,
};
use ring::{
    aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey},
    hkdf, hmac,
    rand::{SecureRandom as _, SystemRandom},
};
use store::DuplicateKey;
use zeroize::Zeroizing;

use crate::{
    config::DuplicateField,
    keys::{Keys, Secret},
};

/// First byte of every sealed card.
const FORM: u8 = 1;

/// Seals and opens cards.
pub struct Vault {
    keys: Vec<(String, hkdf::Prk)>,
    fingerprint: hmac::Key,
    digest: hmac::Key,
    duplicate: hmac::Key,
    random: SystemRandom,
}

/// Why a card cannot be sealed or opened. Nothing of the card is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VaultError {
    /// The system gives no random bytes.
    #[error("the system gives no random bytes")]
    NoRandom,
    /// The key it was sealed with is not in the keys file.
    #[error("the key the card was sealed with is not in the keys file")]
    UnknownKey,
    /// It was changed, belongs to another payment, or was sealed with another secret under the same key id.
    #[error("the sealed card is not the one of this payment, or was changed")]
    Tampered,
}

impl Vault {
    /// A vault with the keys of a keys file.
    pub fn new(keys: &Keys) -> Self {
        let prk =
            |secret: &Secret| hkdf::Salt::new(hkdf::HKDF_SHA256, b"telegram-switch").extract(&secret.0[..]);
        let derive = |purpose: &[u8]| -> hmac::Key {
            let prk = prk(&keys.fingerprint);
            prk.expand(&[purpose], hmac::HMAC_SHA256).expect("32 bytes are not too many").into()
        };
        Self {
            keys: keys.card.iter().map(|(id, secret)| (id.clone(), prk(secret))).collect(),
            fingerprint: derive(b"fingerprint"),
            digest: derive(b"digest"),
            duplicate: derive(b"duplicate"),
            random: SystemRandom::new(),
        }
    }

    /// Seals the card of the payment that claims `key`.
    ///
    /// # Errors
    /// [`VaultError::NoRandom`].
    pub fn seal(&self, key: &TelegramKey, card: &ClearCard) -> Result<SealedCard, VaultError> {
        let (id, prk) = &self.keys[0];
        let mut nonce = [0; NONCE_LEN];
        self.random.fill(&mut nonce).map_err(|_| VaultError::NoRandom)?;
        let mut sealed = Vec::with_capacity(64 + id.len());
        sealed.push(FORM);
        sealed.push(u8::try_from(id.len()).expect("key ids are short"));
        sealed.extend_from_slice(id.as_bytes());
        sealed.extend_from_slice(&nonce);
        let mut text = Zeroizing::new(Vec::with_capacity(64));
        text.extend_from_slice(card.number.expose().as_bytes());
        text.push(b'=');
        text.extend_from_slice(card.expiry.expose().as_bytes());
        data_key(prk, key)
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), bound_to(key), &mut *text)
            .map_err(|_| VaultError::Tampered)?;
        sealed.extend_from_slice(&text);
        Ok(SealedCard::new(&sealed))
    }

    /// Opens the card of the payment that claims `key`.
    ///
    /// # Errors
    /// [`VaultError::UnknownKey`], [`VaultError::Tampered`].
    pub fn open(&self, key: &TelegramKey, sealed: &SealedCard) -> Result<ClearCard, VaultError> {
        let (&[form, id_length], rest) = sealed.as_bytes().split_first_chunk().ok_or(VaultError::Tampered)?;
        let (id, rest) = rest.split_at_checked(usize::from(id_length)).ok_or(VaultError::Tampered)?;
        let (nonce, ciphertext) = rest.split_first_chunk::<NONCE_LEN>().ok_or(VaultError::Tampered)?;
        if form != FORM {
            return Err(VaultError::Tampered);
        }
        let found = self.keys.iter().find(|(known, _)| known.as_bytes() == id);
        let (_, prk) = found.ok_or(VaultError::UnknownKey)?;
        let mut text = Zeroizing::new(ciphertext.to_vec());
        let clear = data_key(prk, key)
            .open_in_place(Nonce::assume_unique_for_key(*nonce), bound_to(key), &mut text)
            .map_err(|_| VaultError::Tampered)?;
        let clear = str::from_utf8(clear).map_err(|_| VaultError::Tampered)?;
        let (number, expiry) = clear.split_once('=').ok_or(VaultError::Tampered)?;
        Ok(ClearCard {
            number: CardNumber::new(number).map_err(|_| VaultError::Tampered)?,
            expiry: Expiry::new(expiry).map_err(|_| VaultError::Tampered)?,
        })
    }

    /// Fingerprint of a card number.
    pub fn fingerprint(&self, number: &CardNumber) -> Fingerprint {
        Fingerprint(cut(hmac::sign(&self.fingerprint, number.expose().as_bytes())))
    }

    /// Digest of a telegram's content, given in parts.
    pub fn digest(&self, parts: &[&[u8]]) -> ContentDigest {
        let mut context = hmac::Context::with_key(&self.digest);
        for part in parts {
            context.update(part);
        }
        ContentDigest(cut(context.sign()))
    }

    /// What makes another request look like the same purchase: the merchant and these fields. `None` of a card that is an opaque block,
    /// which cannot be told from others.
    pub fn duplicate_key(
        &self,
        fields: &BTreeSet<DuplicateField>,
        request: &Request,
    ) -> Option<DuplicateKey> {
        let card = match &request.card {
            CardFacts::Number { fingerprint, .. } => fingerprint,
            CardFacts::Opaque { .. } | CardFacts::Unseen => return None,
        };
        let mut context = hmac::Context::with_key(&self.duplicate);
        context.update(request.merchant.as_str().as_bytes());
        for field in fields {
            // Name and value end in a zero, or are of one length: no two sets of them read the same.
            context.update(field.name().as_bytes());
            context.update(b"\0");
            match field {
                DuplicateField::Card => context.update(&card.0),
                DuplicateField::Amount => context.update(&request.amounts.total().get().to_be_bytes()),
                DuplicateField::Installment => context.update(&[request.installment]),
                DuplicateField::Terminal => {
                    context.update(request.key.terminal.as_str().as_bytes());
                    context.update(b"\0");
                }
            }
        }
        Some(DuplicateKey(cut(context.sign())))
    }
}

/// One key for each business date, so that no key ever seals more than a day's cards under random nonces.
fn data_key(prk: &hkdf::Prk, key: &TelegramKey) -> LessSafeKey {
    let date = key.business_date.to_string();
    let info = [b"card".as_slice(), date.as_bytes()];
    let unbound: UnboundKey = prk.expand(&info, &AES_256_GCM).expect("32 bytes are not too many").into();
    LessSafeKey::new(unbound)
}

fn bound_to(key: &TelegramKey) -> Aad<String> {
    Aad::from(key.to_string())
}

fn cut(tag: hmac::Tag) -> [u8; 16] {
    *tag.as_ref().first_chunk().expect("a SHA-256 tag has 32 bytes")
}
