//! Keys for tests.

use std::fmt;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
#[cfg(feature = "es512")]
use p521::ecdsa::{Signature, SigningKey, signature::Signer};
use ring::hmac;
use ring::rand::{SecureRandom as _, SystemRandom};
use ring::rsa::PublicKeyComponents;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair, EcdsaSigningAlgorithm,
    Ed25519KeyPair, KeyPair as _, RSA_PKCS1_SHA256, RSA_PKCS1_SHA384, RSA_PKCS1_SHA512, RSA_PSS_SHA256, RSA_PSS_SHA384,
    RSA_PSS_SHA512, RsaEncoding, RsaKeyPair,
};
use serde_json::{Value, json};

use super::rsa_keys::RSA_KEYS;
use crate::JwtAlgorithm;
use crate::auth::Thumbprint;

/// A key that signs tokens, of a [`TestIssuer`](super::TestIssuer) or of none.
///
/// Clones are cheap and are the same key.
///
/// ```
/// use mcp::JwtAlgorithm;
/// use mcp::testing::TestKey;
///
/// let stranger = TestKey::generate(JwtAlgorithm::ES256);
/// assert_eq!(stranger.public_jwk()["crv"], "P-256");
/// let token = stranger.jws(r#"{"alg":"ES256"}"#, "not even JSON");
/// assert_eq!(token.split('.').count(), 3);
/// ```
#[derive(Clone)]
pub struct TestKey(Arc<Inner>);

struct Inner {
    kid: String,
    /// The algorithm; `None` for a shared secret.
    algorithm: Option<JwtAlgorithm>,
    /// The `alg` of the tokens that it signs.
    alg: &'static str,
    pair: Pair,
}

/// A private key with its public half, or a secret.
enum Pair {
    Rsa(RsaKeyPair, &'static dyn RsaEncoding),
    P256(EcdsaKeyPair),
    P384(EcdsaKeyPair),
    #[cfg(feature = "es512")]
    P521(SigningKey),
    Ed25519(Ed25519KeyPair),
    Secret {
        key: hmac::Key,
        bytes: Vec<u8>,
    },
}

/// The owner of an RSA key, because no new ones can be generated.
#[derive(Debug, Clone, Copy)]
pub(super) enum Owner {
    Issuer { generation: usize },
    Stranger,
}

impl TestKey {
    /// Creates a key that no issuer has.
    ///
    /// All RSA keys of this function are the same one, with different `kid`s.
    #[must_use]
    pub fn generate(algorithm: JwtAlgorithm) -> Self {
        Self::new(algorithm, Owner::Stranger, random_text())
    }

    pub(super) fn new(algorithm: JwtAlgorithm, owner: Owner, kid: String) -> Self {
        let rsa = |encoding| Pair::Rsa(rsa_pair(owner), encoding);
        let (alg, pair) = match algorithm {
            JwtAlgorithm::RS256 => ("RS256", rsa(&RSA_PKCS1_SHA256)),
            JwtAlgorithm::RS384 => ("RS384", rsa(&RSA_PKCS1_SHA384)),
            JwtAlgorithm::RS512 => ("RS512", rsa(&RSA_PKCS1_SHA512)),
            JwtAlgorithm::PS256 => ("PS256", rsa(&RSA_PSS_SHA256)),
            JwtAlgorithm::PS384 => ("PS384", rsa(&RSA_PSS_SHA384)),
            JwtAlgorithm::PS512 => ("PS512", rsa(&RSA_PSS_SHA512)),
            JwtAlgorithm::ES256 => ("ES256", Pair::P256(ec_pair(&ECDSA_P256_SHA256_FIXED_SIGNING))),
            JwtAlgorithm::ES384 => ("ES384", Pair::P384(ec_pair(&ECDSA_P384_SHA384_FIXED_SIGNING))),
            #[cfg(feature = "es512")]
            JwtAlgorithm::ES512 => ("ES512", Pair::P521(p521_key())),
            JwtAlgorithm::EdDSA => ("EdDSA", Pair::Ed25519(ed25519_pair())),
        };
        Self(Arc::new(Inner { kid, algorithm: Some(algorithm), alg, pair }))
    }

    /// Creates a secret that signs with HS256.
    ///
    /// An attacker makes one of a public key, in the hope that the verifier takes that for a shared secret.
    #[must_use]
    pub fn shared_secret(secret: impl Into<Vec<u8>>) -> Self {
        let bytes = secret.into();
        let pair = Pair::Secret { key: hmac::Key::new(hmac::HMAC_SHA256, &bytes), bytes };
        Self(Arc::new(Inner { kid: random_text(), algorithm: None, alg: "HS256", pair }))
    }

    /// Returns the `kid` of its JWK.
    #[must_use]
    pub fn kid(&self) -> &str {
        &self.0.kid
    }

    /// Returns the `alg` of the tokens that it signs, like `ES256`.
    #[must_use]
    pub fn alg(&self) -> &'static str {
        self.0.alg
    }

    /// Returns the algorithm, or `None` for a shared secret.
    pub(super) fn algorithm(&self) -> Option<JwtAlgorithm> {
        self.0.algorithm
    }

    /// Returns the signature of `bytes` in a JWS (RFC 7518 §3).
    #[must_use]
    #[expect(clippy::expect_used, reason = "only a broken source of randomness makes it fail")]
    pub fn sign(&self, bytes: &[u8]) -> Vec<u8> {
        let random = SystemRandom::new();
        match &self.0.pair {
            Pair::Rsa(pair, encoding) => {
                let mut signature = vec![0; pair.public().modulus_len()];
                pair.sign(*encoding, &random, bytes, &mut signature).expect("a signature");
                signature
            }
            Pair::P256(pair) | Pair::P384(pair) => pair.sign(&random, bytes).expect("a signature").as_ref().to_vec(),
            #[cfg(feature = "es512")]
            Pair::P521(key) => Signer::<Signature>::sign(key, bytes).to_bytes().to_vec(),
            Pair::Ed25519(pair) => pair.sign(bytes).as_ref().to_vec(),
            Pair::Secret { key, .. } => hmac::sign(key, bytes).as_ref().to_vec(),
        }
    }

    /// Returns a signed token of this header and payload (RFC 7515 §7.1).
    #[must_use]
    pub fn jws(&self, header: impl AsRef<[u8]>, payload: impl AsRef<[u8]>) -> String {
        let input = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(payload));
        let signature = self.sign(input.as_bytes());
        format!("{input}.{}", URL_SAFE_NO_PAD.encode(signature))
    }

    /// Returns the public half as a JWK with `kid`, `use` and `alg`.
    ///
    /// A shared secret has no public half, so its JWK has the secret.
    #[must_use]
    pub fn public_jwk(&self) -> Value {
        let mut jwk = match &self.0.pair {
            Pair::Rsa(pair, _) => {
                let PublicKeyComponents { n, e } = PublicKeyComponents::<Vec<u8>>::from(pair.public());
                json!({"kty": "RSA", "n": URL_SAFE_NO_PAD.encode(n), "e": URL_SAFE_NO_PAD.encode(e)})
            }
            Pair::P256(pair) => ec_jwk("P-256", pair.public_key().as_ref()),
            Pair::P384(pair) => ec_jwk("P-384", pair.public_key().as_ref()),
            #[cfg(feature = "es512")]
            Pair::P521(key) => ec_jwk("P-521", &p521_point(key)),
            Pair::Ed25519(pair) => {
                json!({"kty": "OKP", "crv": "Ed25519", "x": URL_SAFE_NO_PAD.encode(pair.public_key())})
            }
            Pair::Secret { bytes, .. } => json!({"kty": "oct", "k": URL_SAFE_NO_PAD.encode(bytes)}),
        };
        jwk["kid"] = json!(self.0.kid);
        jwk["use"] = json!("sig");
        jwk["alg"] = json!(self.0.alg);
        jwk
    }

    /// Returns the thumbprint of the public half (RFC 7638), as in the `jkt` of a token that is bound to the key.
    ///
    /// # Panics
    /// A shared secret has no public half.
    #[must_use]
    #[expect(clippy::expect_used, reason = "a mistake in a test fails the test")]
    pub fn thumbprint(&self) -> String {
        let jwk = self.public_jwk();
        jwk.as_object().and_then(Thumbprint::of).expect("a key with a public half").to_string()
    }

    /// Returns the public half as PEM (`SubjectPublicKeyInfo`, RFC 5280 §4.1).
    ///
    /// A shared secret has no public half, so this is the secret as it is.
    #[must_use]
    pub fn public_pem(&self) -> String {
        let (algorithm, key): (&[u8], Vec<u8>) = match &self.0.pair {
            Pair::Rsa(pair, _) => (RSA_ENCRYPTION, pair.public().as_ref().to_vec()),
            Pair::P256(pair) => (EC_P256, pair.public_key().as_ref().to_vec()),
            Pair::P384(pair) => (EC_P384, pair.public_key().as_ref().to_vec()),
            #[cfg(feature = "es512")]
            Pair::P521(key) => (EC_P521, p521_point(key)),
            Pair::Ed25519(pair) => (ED25519, pair.public_key().as_ref().to_vec()),
            Pair::Secret { bytes, .. } => return String::from_utf8_lossy(bytes).into_owned(),
        };
        let bits = der(0x03, &[&[0][..], &key].concat());
        let base64 = STANDARD.encode(der(0x30, &[algorithm, &bits].concat()));
        let mut pem = "-----BEGIN PUBLIC KEY-----\n".to_owned();
        for (position, character) in base64.chars().enumerate() {
            if position > 0 && position % 64 == 0 {
                pem.push('\n');
            }
            pem.push(character);
        }
        pem + "\n-----END PUBLIC KEY-----\n"
    }
}

/// Prints the names of the key without the key.
impl fmt::Debug for TestKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TestKey").field("kid", &self.0.kid).field("alg", &self.0.alg).finish_non_exhaustive()
    }
}

/// Returns the key of an issuer for this algorithm.
#[track_caller]
pub(super) fn find_key(keys: &[TestKey], algorithm: JwtAlgorithm) -> TestKey {
    match keys.iter().find(|key| key.algorithm() == Some(algorithm)) {
        Some(key) => key.clone(),
        #[expect(clippy::panic, reason = "a mistake in a test fails the test")]
        None => panic!("the issuer has no key for {algorithm:?}; start it with one"),
    }
}

/// Returns a token of this header and payload, with an empty signature if there is no key.
pub(super) fn signed(key: Option<&TestKey>, header: String, payload: String) -> String {
    match key {
        Some(key) => key.jws(header, payload),
        None => format!("{}.{}.", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(payload)),
    }
}

/// Returns 16 random bytes as a text.
#[expect(clippy::expect_used, reason = "only a broken source of randomness makes it fail")]
pub(super) fn random_text() -> String {
    let mut bytes = [0; 16];
    SystemRandom::new().fill(&mut bytes).expect("random bytes");
    URL_SAFE_NO_PAD.encode(bytes)
}

#[expect(clippy::expect_used, reason = "the keys are constants")]
fn rsa_pair(owner: Owner) -> RsaKeyPair {
    let text = match owner {
        Owner::Issuer { generation } => RSA_KEYS[generation % 2],
        Owner::Stranger => RSA_KEYS[2],
    };
    RsaKeyPair::from_pkcs8(&STANDARD.decode(text).expect("Base64")).expect("an RSA key")
}

#[expect(clippy::expect_used, reason = "only a broken source of randomness makes it fail")]
fn ec_pair(algorithm: &'static EcdsaSigningAlgorithm) -> EcdsaKeyPair {
    let random = SystemRandom::new();
    let document = EcdsaKeyPair::generate_pkcs8(algorithm, &random).expect("a new key");
    EcdsaKeyPair::from_pkcs8(algorithm, document.as_ref(), &random).expect("the new key")
}

#[cfg(feature = "es512")]
#[expect(clippy::expect_used, reason = "only a broken source of randomness makes it fail")]
fn p521_key() -> SigningKey {
    let random = SystemRandom::new();
    loop {
        let mut number = [0; 66];
        random.fill(&mut number).expect("random bytes");
        // All but a few numbers of 521 bits are keys.
        number[0] &= 1;
        if let Ok(key) = SigningKey::from_slice(&number) {
            return key;
        }
    }
}

/// Returns the uncompressed point, as ring has those of the other curves.
#[cfg(feature = "es512")]
fn p521_point(key: &SigningKey) -> Vec<u8> {
    key.verifying_key().to_sec1_point(false).as_bytes().to_vec()
}

#[expect(clippy::expect_used, reason = "only a broken source of randomness makes it fail")]
fn ed25519_pair() -> Ed25519KeyPair {
    let document = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).expect("a new key");
    Ed25519KeyPair::from_pkcs8(document.as_ref()).expect("the new key")
}

/// Returns the JWK of an uncompressed point: 4, x, y (SEC 1 §2.3.3).
fn ec_jwk(curve: &str, point: &[u8]) -> Value {
    let coordinates = &point[1..];
    let (x, y) = coordinates.split_at(coordinates.len() / 2);
    json!({"kty": "EC", "crv": curve, "x": URL_SAFE_NO_PAD.encode(x), "y": URL_SAFE_NO_PAD.encode(y)})
}

/// The `AlgorithmIdentifier` of RSA in DER, before those of the curves.
const RSA_ENCRYPTION: &[u8] = b"\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01\x05\x00";
const EC_P256: &[u8] = b"\x30\x13\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07";
const EC_P384: &[u8] = b"\x30\x10\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x05\x2b\x81\x04\x00\x22";
#[cfg(feature = "es512")]
const EC_P521: &[u8] = b"\x30\x10\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x05\x2b\x81\x04\x00\x23";
const ED25519: &[u8] = b"\x30\x05\x06\x03\x2b\x65\x70";

/// Returns a DER value of up to 65535 bytes.
fn der(tag: u8, content: &[u8]) -> Vec<u8> {
    let [.., high, low] = content.len().to_be_bytes();
    let mut out = vec![tag];
    match content.len() {
        0..=127 => out.push(low),
        128..=255 => out.extend([0x81, low]),
        _ => out.extend([0x82, high, low]),
    }
    out.extend(content);
    out
}
