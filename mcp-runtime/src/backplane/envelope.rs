//! The encryption of messages between instances.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::digest::{SHA256, digest};
use ring::hkdf::{HKDF_SHA256, KeyType, Okm, Salt};
use ring::hmac::{self, HMAC_SHA256};
use ring::rand::{SecureRandom as _, SystemRandom};

/// The first byte of an envelope. An instance ignores a format that it does not know.
const FORMAT: u8 = 1;

/// The length of a key's name, enough to distinguish a few keys.
const KEY_NAME_LEN: usize = 4;

/// The name of an instance, which is new at each start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct InstanceName([u8; 16]);

impl fmt::Display for InstanceName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", u128::from_be_bytes(self.0))
    }
}

/// The keys that the instances of a server share. The first one seals, all of them open.
pub(crate) struct ReplicaKeys(Vec<[u8; 32]>);

impl ReplicaKeys {
    /// Returns `None` if there is no key.
    pub(crate) fn new(keys: impl IntoIterator<Item = [u8; 32]>) -> Option<Self> {
        let keys: Vec<_> = keys.into_iter().collect();
        (!keys.is_empty()).then_some(Self(keys))
    }
}

/// The envelopes of one instance, for one server.
///
/// An instance seals with a key of its own, made of a shared key and its name. Its nonces are therefore a counter, and
/// no message of another instance can be passed off as its own. A message is sealed for its recipient.
pub(crate) struct Envelopes {
    keys: ReplicaKeys,
    /// The server, by its resource: instances of another server may share the engine and the keys.
    server: String,
    own: InstanceName,
    key_name: [u8; KEY_NAME_LEN],
    key: LessSafeKey,
    /// The keys of the names of records, in the order of the shared keys.
    record_keys: Vec<hmac::Key>,
    sealed: AtomicU64,
}

impl Envelopes {
    /// Names an instance of a server.
    #[expect(clippy::expect_used, reason = "without randomness nothing can be served safely, and a system has it")]
    pub(crate) fn new(keys: ReplicaKeys, server: String) -> Self {
        let mut name = [0; 16];
        SystemRandom::new().fill(&mut name).expect("the system has randomness");
        let own = InstanceName(name);
        let first = keys.0.first().expect("there is a key");
        let (key_name, key) = (name_of(first), key_of(first, own));
        let record_keys = keys.0.iter().map(record_key_of).collect();
        Self { keys, server, own, key_name, key, record_keys, sealed: AtomicU64::new(0) }
    }

    /// Returns the name of this instance.
    pub(crate) fn own(&self) -> InstanceName {
        self.own
    }

    /// Encrypts a message, for a recipient or a purpose.
    pub(crate) fn seal(&self, purpose: &str, mut message: Vec<u8>) -> Vec<u8> {
        let number = self.sealed.fetch_add(1, Ordering::Relaxed).to_be_bytes();
        let aad = Aad::from(self.bound(purpose));
        // The only error is a message of more than 256 GiB.
        if self.key.seal_in_place_append_tag(nonce(number), aad, &mut message).is_err() {
            message.clear();
        }
        let head = [FORMAT].into_iter().chain(self.key_name).chain(self.own.0).chain(number);
        message.splice(..0, head);
        message
    }

    /// Returns the sender and the content of an envelope for this purpose, if one of the keys opens it.
    pub(crate) fn open(&self, purpose: &str, envelope: &[u8]) -> Option<(InstanceName, Vec<u8>)> {
        let (key_name, rest) = envelope.strip_prefix(&[FORMAT])?.split_first_chunk::<KEY_NAME_LEN>()?;
        let (sender, rest) = rest.split_first_chunk()?;
        let (number, sealed) = rest.split_first_chunk()?;
        let sender = InstanceName(*sender);
        self.keys.0.iter().filter(|key| name_of(key) == *key_name).find_map(|key| {
            let (aad, mut content) = (Aad::from(self.bound(purpose)), sealed.to_vec());
            let length = key_of(key, sender).open_in_place(nonce(*number), aad, &mut content).ok()?.len();
            content.truncate(length);
            Some((sender, content))
        })
    }

    /// Returns an envelope as a text in base64url (RFC 4648 §5), which a client carries. Its sender is this instance.
    pub(crate) fn seal_text(&self, purpose: &str, content: &[u8]) -> String {
        URL_SAFE_NO_PAD.encode(self.seal(purpose, content.to_vec()))
    }

    /// Returns the sender and the content of an envelope in a text.
    pub(crate) fn open_text(&self, purpose: &str, text: &str) -> Option<(InstanceName, Vec<u8>)> {
        self.open(purpose, &URL_SAFE_NO_PAD.decode(text).ok()?)
    }

    /// Returns the names of a record in the engine, one for each shared key (HMAC, RFC 2104).
    ///
    /// A record is created under the first one. The others have the records of instances for which another key is first.
    pub(super) fn record_names(&self, kind: &str, key: &[u8]) -> Vec<String> {
        let name = [&(kind.len() as u64).to_be_bytes(), kind.as_bytes(), key].concat();
        let name = [self.bound("record"), name].concat();
        self.record_keys.iter().map(|key| URL_SAFE_NO_PAD.encode(hmac::sign(key, &name))).collect()
    }

    /// Returns the text that an envelope is bound to.
    fn bound(&self, purpose: &str) -> Vec<u8> {
        [&(self.server.len() as u64).to_be_bytes(), self.server.as_bytes(), purpose.as_bytes()].concat()
    }
}

fn nonce(number: [u8; 8]) -> Nonce {
    let mut nonce = [0; NONCE_LEN];
    nonce[NONCE_LEN - number.len()..].copy_from_slice(&number);
    Nonce::assume_unique_for_key(nonce)
}

/// Returns the name of a key, which reveals nothing about it.
fn name_of(key: &[u8; 32]) -> [u8; KEY_NAME_LEN] {
    let digest = digest(&SHA256, &[b"name of a key of replicas", &key[..]].concat());
    let mut name = [0; KEY_NAME_LEN];
    name.copy_from_slice(&digest.as_ref()[..KEY_NAME_LEN]);
    name
}

/// Returns the key of an instance.
fn key_of(key: &[u8; 32], instance: InstanceName) -> LessSafeKey {
    LessSafeKey::new(derived::<UnboundKey, _>(key, &instance.0, b"messages of an instance", &CHACHA20_POLY1305))
}

/// Returns the key of the names of records, which is that of all instances.
fn record_key_of(key: &[u8; 32]) -> hmac::Key {
    derived(key, &[], b"names of records", HMAC_SHA256)
}

/// Derives a key (HKDF, RFC 5869).
#[expect(clippy::expect_used, reason = "HKDF fails for outputs of more than 8 KiB alone")]
fn derived<K, L: KeyType>(key: &[u8; 32], salt: &[u8], info: &[u8], length: L) -> K
where
    K: for<'o> From<Okm<'o, L>>,
{
    let secret = Salt::new(HKDF_SHA256, salt).extract(key);
    secret.expand(&[info], length).expect("a key is short enough").into()
}

/// Shows no key.
impl fmt::Debug for Envelopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Envelopes").field("own", &self.own).field("server", &self.server).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn envelopes(keys: &[u8], server: &str) -> Envelopes {
        let keys = ReplicaKeys::new(keys.iter().map(|byte| [*byte; 32])).expect("keys");
        Envelopes::new(keys, server.to_owned())
    }

    #[test]
    fn another_instance_of_the_server_opens_an_envelope_for_its_purpose() {
        let (a, b) = (envelopes(&[1], "notes"), envelopes(&[2, 1], "notes"));
        let envelope = a.seal("all", b"content".to_vec());
        assert_eq!(b.open("all", &envelope), Some((a.own(), b"content".to_vec())));
        assert_eq!(b.open("one", &envelope), None);
        assert_eq!(envelopes(&[1], "other").open("all", &envelope), None);
        assert_eq!(envelopes(&[3], "notes").open("all", &envelope), None);
        assert_eq!(a.open("all", &b.seal("all", b"content".to_vec())), None, "the first key seals");
        assert_ne!(envelope, a.seal("all", b"content".to_vec()), "no two are the same");
    }

    #[test]
    fn every_change_of_an_envelope_is_noticed() {
        let (a, b) = (envelopes(&[1], "notes"), envelopes(&[1], "notes"));
        let envelope = a.seal("all", b"content".to_vec());
        for index in 0..envelope.len() {
            let mut changed = envelope.clone();
            changed[index] ^= 1;
            assert_eq!(b.open("all", &changed), None, "{index}");
            assert_eq!(b.open("all", &envelope[..index]), None, "{index}");
        }
        assert_eq!(b.open("all", &[envelope, vec![0]].concat()), None);
    }

    #[test]
    fn keys_are_not_printed() {
        let printed = format!("{:?}", envelopes(&[7], "notes"));
        assert!(
            printed.contains("notes") && !printed.contains("7, 7, 7, 7") && !printed.contains("07070707"),
            "{printed}"
        );
    }
}
