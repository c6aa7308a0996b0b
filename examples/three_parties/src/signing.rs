//! Keys for JWTs, and random values.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header};
use ring::digest::{SHA256, digest};
use ring::rand::{SecureRandom as _, SystemRandom};
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use serde::Serialize;
use serde_json::{Value, json};

use crate::Outcome;

/// A key for ES256 that lives as long as the process.
pub(crate) struct SigningKey {
    id: String,
    private: EncodingKey,
    public: DecodingKey,
    /// The coordinates of the public key, in base64url.
    coordinates: (String, String),
}

impl SigningKey {
    pub(crate) fn generate() -> Outcome<Self> {
        let random = SystemRandom::new();
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random)
            .map_err(|_| "no key could be generated")?;
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8.as_ref(), &random)
            .map_err(|_| "the generated key can't be read")?;
        // A point that is not compressed: 4, then 32 bytes for each coordinate.
        let [4, point @ ..] = pair.public_key().as_ref() else { return Err("the public key is compressed".into()) };
        let (x, y) = point.split_at(point.len() / 2);
        let coordinates = (URL_SAFE_NO_PAD.encode(x), URL_SAFE_NO_PAD.encode(y));
        Ok(Self {
            id: random_text(),
            private: EncodingKey::from_ec_der(pkcs8.as_ref()),
            public: DecodingKey::from_ec_components(&coordinates.0, &coordinates.1)?,
            coordinates,
        })
    }

    /// Signs a JWT with these claims, of this media type (`typ`).
    pub(crate) fn sign(&self, typ: &str, claims: &impl Serialize) -> Outcome<String> {
        let header = Header { typ: Some(typ.to_owned()), kid: Some(self.id.clone()), ..Header::new(Algorithm::ES256) };
        Ok(jsonwebtoken::encode(&header, claims, &self.private)?)
    }

    pub(crate) fn public(&self) -> &DecodingKey {
        &self.public
    }

    /// Returns the public key as a JWKS (RFC 7517 §5).
    pub(crate) fn jwks(&self) -> Value {
        let (x, y) = &self.coordinates;
        json!({ "keys": [
            { "kty": "EC", "crv": "P-256", "x": x, "y": y, "alg": "ES256", "use": "sig", "kid": self.id },
        ] })
    }
}

/// Returns 256 random bits in base64url.
pub(crate) fn random_text() -> String {
    let mut bytes = [0; 32];
    #[expect(clippy::expect_used, reason = "without random numbers, nothing here may go on")]
    SystemRandom::new().fill(&mut bytes).expect("the operating system has random numbers");
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Returns the SHA-256 digest of a text in base64url (S256 of PKCE, RFC 7636 §4.2).
pub(crate) fn sha256(text: &str) -> String {
    URL_SAFE_NO_PAD.encode(digest(&SHA256, text.as_bytes()))
}

/// Compares secrets by their digests, so that the time it takes reveals nothing.
pub(crate) fn same_secret(one: &str, other: &str) -> bool {
    sha256(one) == sha256(other)
}
