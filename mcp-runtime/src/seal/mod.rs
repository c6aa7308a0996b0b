//! Sealed texts, which pass through clients and open only with the keys of the server.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::digest::{SHA256, digest};
use ring::rand::{SecureRandom as _, SystemRandom};

use crate::throttle::Throttle;

/// The first byte of a sealed text, before the name of its key.
const FORMAT: u8 = 1;

/// The length of a key's name, enough to distinguish a few keys.
const KEY_NAME_LEN: usize = 4;

/// The keys of a server. The first one seals, all of them open.
///
/// Keys can therefore be replaced while clients hold texts of older keys, and instances with the same keys share their
/// texts. A text is sealed for a purpose, and opens for no other.
pub(crate) struct StateKeys {
    first: Key,
    others: Vec<Key>,
    warnings: Throttle,
}

struct Key {
    /// Part of every text that the key seals. It reveals nothing about the key.
    name: [u8; KEY_NAME_LEN],
    key: LessSafeKey,
}

impl StateKeys {
    /// Creates one random key.
    #[expect(clippy::expect_used, reason = "without randomness nothing can be served safely, and a system has it")]
    pub(crate) fn random() -> Self {
        let mut bytes = [0; 32];
        SystemRandom::new().fill(&mut bytes).expect("the system has randomness");
        Self { first: Key::new(bytes), others: Vec::new(), warnings: Throttle::default() }
    }

    /// Creates the keys of a server, or [a random one](Self::random) if none are given.
    pub(crate) fn new(keys: impl IntoIterator<Item = [u8; 32]>) -> Self {
        let mut keys = keys.into_iter().map(Key::new);
        match keys.next() {
            Some(first) => Self { first, others: keys.collect(), warnings: Throttle::default() },
            None => Self::random(),
        }
    }

    /// Encrypts and authenticates content, as a text in base64url (RFC 4648 §5).
    pub(crate) fn seal(&self, purpose: &str, content: &str) -> Result<String, SealError> {
        let failed = |_| SealError::State;
        let mut nonce = [0; NONCE_LEN];
        SystemRandom::new().fill(&mut nonce).map_err(failed)?;
        let mut sealed = content.as_bytes().to_vec();
        let (aad, unique) = (Aad::from(purpose), Nonce::assume_unique_for_key(nonce));
        self.first.key.seal_in_place_append_tag(unique, aad, &mut sealed).map_err(failed)?;
        sealed.splice(..0, [FORMAT].into_iter().chain(self.first.name).chain(nonce));
        Ok(URL_SAFE_NO_PAD.encode(sealed))
    }

    /// Returns the content that was sealed for this purpose with one of the keys.
    ///
    /// A text of other keys is logged as a warning, because it usually comes from another instance. Any other text is the
    /// client's fault, and not logged.
    pub(crate) fn open(&self, purpose: &str, text: &str) -> Option<String> {
        let sealed = URL_SAFE_NO_PAD.decode(text).ok()?;
        let (name, sealed) = sealed.strip_prefix(&[FORMAT])?.split_first_chunk::<KEY_NAME_LEN>()?;
        let (nonce, sealed) = sealed.split_first_chunk::<NONCE_LEN>()?;
        let mut keys = std::iter::once(&self.first).chain(&self.others).filter(|key| key.name == *name).peekable();
        if keys.peek().is_none() && sealed.len() >= CHACHA20_POLY1305.tag_len() {
            self.warn(purpose);
        }
        keys.find_map(|Key { key, .. }| {
            let (aad, mut content) = (Aad::from(purpose), sealed.to_vec());
            let length = key.open_in_place(Nonce::assume_unique_for_key(*nonce), aad, &mut content).ok()?.len();
            content.truncate(length);
            String::from_utf8(content).ok()
        })
    }

    fn warn(&self, purpose: &str) {
        if let Some(suppressed) = self.warnings.pass() {
            tracing::warn!(
                purpose,
                suppressed,
                "a client brought a text that was sealed with other keys; give every instance the same ones with \
                 `state_keys`, which also outlast a restart"
            );
        }
    }
}

impl Key {
    #[expect(clippy::expect_used, reason = "every array of this length is a key")]
    fn new(bytes: [u8; 32]) -> Self {
        let digest = digest(&SHA256, &[b"name of a key", &bytes[..]].concat());
        let mut name = [0; KEY_NAME_LEN];
        name.copy_from_slice(&digest.as_ref()[..KEY_NAME_LEN]);
        Self { name, key: LessSafeKey::new(UnboundKey::new(&CHACHA20_POLY1305, &bytes).expect("32 bytes")) }
    }
}

/// Returns a random name.
pub(crate) fn random_id() -> Result<String, SealError> {
    let mut bytes = [0; 16];
    SystemRandom::new().fill(&mut bytes).map_err(|_| SealError::Randomness)?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

/// A failure of the cryptographic library.
#[derive(Debug)]
pub(crate) enum SealError {
    /// A text could not be sealed.
    State,
    /// The system had no randomness.
    Randomness,
}

impl fmt::Display for SealError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::State => "The server can't seal its state",
            Self::Randomness => "The server has no randomness",
        })
    }
}

// The keys are secret.
impl fmt::Debug for StateKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StateKeys").field("keys", &(1 + self.others.len())).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sealed_opens_with_any_of_the_keys_and_for_its_purpose_only() {
        let (old, new) = ([1; 32], [2; 32]);
        let before = StateKeys::new([old]);
        let after = StateKeys::new([new, old]);
        let text = before.seal("state", "content").expect("sealed");
        assert_eq!(before.open("state", &text).as_deref(), Some("content"));
        assert_eq!(after.open("state", &text).as_deref(), Some("content"));
        assert_eq!(before.open("session", &text), None);
        let text = after.seal("state", "content").expect("sealed");
        assert_eq!(before.open("state", &text), None, "the first key seals");
        assert_eq!(after.open("state", &text).as_deref(), Some("content"));
    }

    #[test]
    fn every_change_of_a_sealed_text_is_noticed() {
        let keys = StateKeys::random();
        let text = keys.seal("state", "content").expect("sealed");
        assert!(text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_'), "{text}");
        assert_ne!(text, keys.seal("state", "content").expect("sealed"), "no two are the same");
        for index in 0..text.len() {
            let mut changed = text.clone().into_bytes();
            changed[index] = if changed[index] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(changed).expect("ASCII");
            assert_eq!(keys.open("state", &changed), None, "{index}");
            assert_eq!(keys.open("state", &text[..index]), None, "{index}");
        }
        for longer in [format!("{text}A"), format!("{text}-TAMPERED"), format!("{text}="), format!(" {text}")] {
            assert_eq!(keys.open("state", &longer), None, "{longer}");
        }
    }

    #[test]
    fn a_text_names_the_key_that_has_sealed_it() {
        let name = |text: String| URL_SAFE_NO_PAD.decode(text).expect("base64")[..1 + KEY_NAME_LEN].to_vec();
        let seal = |key: u8| StateKeys::new([[key; 32]]).seal("state", "content").expect("sealed");
        assert_eq!(name(seal(1)), name(seal(1)));
        assert_ne!(name(seal(1)), name(seal(2)));
    }

    #[test]
    fn keys_are_not_printed_and_none_means_a_random_one() {
        assert_eq!(format!("{:?}", StateKeys::new([[7; 32], [8; 32]])), "StateKeys { keys: 2, .. }");
        let text = StateKeys::new([]).seal("state", "content").expect("sealed");
        assert_eq!(StateKeys::new([]).open("state", &text), None);
    }
}
