//! The issuer of the tokens, an attacker, and the verifier's settings that all libraries share.

use std::time::{SystemTime, UNIX_EPOCH};

use mcp::JwtAlgorithm;
use mcp::testing::TestKey;
use serde_json::{Value, json};

use crate::draft::{Draft, Object};
use crate::random::Random;

pub(crate) const ISSUER: &str = "https://auth.example.com";
pub(crate) const AUDIENCE: &str = "https://notes.example.com/mcp";

/// The algorithms that all libraries have.
const ALGORITHMS: [JwtAlgorithm; 5] =
    [JwtAlgorithm::ES256, JwtAlgorithm::ES384, JwtAlgorithm::EdDSA, JwtAlgorithm::RS256, JwtAlgorithm::PS256];

/// The keys of an issuer and of an attacker.
pub(crate) struct Issuer {
    pub(crate) keys: Vec<TestKey>,
    /// Keys that the issuer does not have.
    pub(crate) strangers: [TestKey; 2],
    pub(crate) now: u64,
}

impl Issuer {
    pub(crate) fn new() -> Self {
        Self {
            keys: ALGORITHMS.map(TestKey::generate).to_vec(),
            strangers: [JwtAlgorithm::ES256, JwtAlgorithm::EdDSA].map(TestKey::generate),
            now: SystemTime::now().duration_since(UNIX_EPOCH).map(|time| time.as_secs()).unwrap_or_default(),
        }
    }

    pub(crate) fn jwks(&self) -> Value {
        json!({"keys": self.keys.iter().map(TestKey::public_jwk).collect::<Vec<_>>()})
    }

    /// Returns a valid token of any of the keys (RFC 9068 §2).
    pub(crate) fn draft(&self, random: &mut Random) -> Draft {
        let key = random.one_of(&self.keys).clone();
        let text = |text: &str| Value::from(text).to_string();
        let header = Object::new(&[("alg", text(key.alg())), ("typ", text("at+jwt")), ("kid", text(key.kid()))]);
        let claims = Object::new(&[
            ("iss", text(ISSUER)),
            ("aud", text(AUDIENCE)),
            ("exp", (self.now + 3600).to_string()),
            ("iat", (self.now - 60).to_string()),
            ("client_id", text("app")),
            ("sub", text("alice")),
            ("scope", text("notes:read")),
            ("jti", text("1")),
        ]);
        Draft { header, claims, key, edits: Vec::new() }
    }
}
