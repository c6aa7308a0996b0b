//! Proofs of possession for tests.

use std::fmt;
use std::time::SystemTime;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::digest::{SHA256, digest};
use serde_json::{Map, Value};

use super::TestKey;
use super::key::{random_text, signed};
use super::token::seconds;

/// A builder of proofs that starts with a valid one (DPoP, RFC 9449 §4.2).
///
/// A client sends one with each request, in the header `DPoP`, to show that it has the key of its token.
/// [`TestClient::bound_token`](super::TestClient::bound_token) does that. A test of refusals can change every part.
///
/// ```
/// use mcp::JwtAlgorithm;
/// use mcp::testing::{TestClient, TestIssuer, TestKey, TestProof};
/// use mcp::{Http, JwtVerifier, Protection};
///
/// # struct Notes;
/// #[mcp::server(
///     issuer = "https://auth.example.com",
///     resource = "https://notes.example.com/mcp",
///     dpop = "required",
/// )]
/// impl Notes {
///     /// List every note.
///     #[mcp::tool]
///     fn list_notes(&self) -> Vec<String> { vec![] }
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> std::io::Result<()> {
/// let issuer = TestIssuer::start().await?;
/// let protection = Protection::of::<Notes>().issuer(issuer.url())?;
/// let verifier = JwtVerifier::builder(&protection).build()?;
/// let client = TestClient::new(Http::protected(Notes, verifier).protection(protection));
///
/// let key = TestKey::generate(JwtAlgorithm::ES256);
/// let token = issuer.token("https://notes.example.com/mcp").bound_to(&key).mint();
/// assert_eq!(client.bound_token(&token, &key).list_tools().await.status(), 200);
/// assert_eq!(client.token(&token).list_tools().await.status(), 401);
///
/// let proof = TestProof::new(&key, "POST", "https://notes.example.com/mcp").token(&token);
/// let foreign = proof.clone().claim("htu", "https://other.example.com/mcp").mint();
/// let unsigned = proof.unsigned().mint();
/// # let _ = (foreign, unsigned);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
#[must_use = "a proof is made by `mint`"]
pub struct TestProof {
    /// The key that signs; `None` for an empty signature.
    signer: Option<TestKey>,
    header: Map<String, Value>,
    claims: Map<String, Value>,
}

impl TestProof {
    /// Creates a proof for a request, made now, and without an access token.
    pub fn new(key: &TestKey, method: &str, url: &str) -> Self {
        let proof = Self { signer: Some(key.clone()), header: Map::new(), claims: Map::new() };
        let proof = proof.header("typ", "dpop+jwt").header("alg", key.alg()).header("jwk", key.public_jwk());
        let proof = proof.claim("jti", random_text()).claim("htm", method).claim("htu", url);
        proof.issued_at(SystemTime::now())
    }

    /// Sets the hash of the access token (`ath`).
    pub fn token(self, token: &str) -> Self {
        let hash = digest(&SHA256, token.as_bytes());
        self.claim("ath", URL_SAFE_NO_PAD.encode(hash))
    }

    /// Sets the nonce of the server, which is in the header `DPoP-Nonce` of its responses.
    pub fn nonce(self, nonce: &str) -> Self {
        self.claim("nonce", nonce)
    }

    /// Sets `iat`.
    pub fn issued_at(self, time: SystemTime) -> Self {
        self.claim("iat", seconds(time))
    }

    /// Sets a claim.
    pub fn claim(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.claims.insert(name.into(), value.into());
        self
    }

    /// Removes a claim.
    pub fn without(mut self, name: &str) -> Self {
        self.claims.remove(name);
        self
    }

    /// Sets a member of the header. It does not change the signature.
    pub fn header(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.header.insert(name.into(), value.into());
        self
    }

    /// Removes a member of the header.
    pub fn without_header(mut self, name: &str) -> Self {
        self.header.remove(name);
        self
    }

    /// Signs with another key, while the header still has the first one.
    pub fn signed_by(mut self, key: &TestKey) -> Self {
        self.signer = Some(key.clone());
        self
    }

    /// Removes the signature, and sets `alg` to `none` (RFC 7519 §6).
    pub fn unsigned(mut self) -> Self {
        self.signer = None;
        self.header("alg", "none")
    }

    /// Returns the header as JSON, to change it as text.
    #[must_use]
    pub fn header_json(&self) -> String {
        Value::Object(self.header.clone()).to_string()
    }

    /// Returns the claims as JSON, for [`TestKey::jws`].
    #[must_use]
    pub fn claims_json(&self) -> String {
        Value::Object(self.claims.clone()).to_string()
    }

    /// Writes the method in small letters, which another method would be (RFC 9110 §9.1).
    pub(super) fn with_lower_case_method(&self) -> Self {
        let method = self.claims.get("htm").and_then(Value::as_str).unwrap_or_default().to_ascii_lowercase();
        self.clone().claim("htm", method)
    }

    /// Returns a proof with these texts as its header and its claims.
    pub(super) fn sign(&self, header: String, claims: String) -> String {
        signed(self.signer.as_ref(), header, claims)
    }

    /// Returns the proof as a client sends it. Each call returns one with the same `jti`, which a server accepts once.
    #[must_use]
    pub fn mint(&self) -> String {
        self.sign(self.header_json(), self.claims_json())
    }
}

impl fmt::Debug for TestProof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TestProof").field("header", &self.header).field("claims", &self.claims).finish_non_exhaustive()
    }
}
