//! Tokens for tests.

use std::fmt;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::{Map, Value, json};

use super::TestKey;
use super::key::{find_key, random_text, signed};
use crate::JwtAlgorithm;

/// A builder of tokens that starts with a valid one (RFC 9068).
///
/// [`TestIssuer::token`](super::TestIssuer::token) returns one. It is for the client `test-client` and the user
/// `test-user`, without scopes, and expires in five minutes. A test can change every part of it.
///
/// ```
/// use std::time::Duration;
/// use mcp::testing::TestIssuer;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> std::io::Result<()> {
/// let issuer = TestIssuer::start().await?;
/// let good = issuer.token("https://notes.example.com/mcp").scopes(["notes:read"]);
/// let foreign = good.clone().claim("aud", "https://other.example.com").mint();
/// let nameless = good.clone().without("client_id").expires_in(Duration::from_secs(10)).mint();
/// let unsigned = good.clone().header("kid", 7).unsigned().mint();
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
#[must_use = "a token is made by `mint`"]
pub struct TestToken {
    keys: Vec<TestKey>,
    /// The key that signs; `None` for an empty signature.
    signer: Option<TestKey>,
    header: Map<String, Value>,
    claims: Map<String, Value>,
}

impl TestToken {
    pub(super) fn new(issuer: &str, resource: &str, keys: Vec<TestKey>) -> Self {
        let token = Self { signer: None, header: Map::new(), claims: Map::new(), keys };
        let first = token.keys.first().cloned();
        let now = SystemTime::now();
        let token = token
            .header("typ", "at+jwt")
            .claim("iss", issuer)
            .claim("aud", resource)
            .claim("sub", "test-user")
            .claim("client_id", "test-client")
            .claim("jti", random_text())
            .issued_at(now)
            .claim("exp", seconds(now + Duration::from_secs(300)));
        match first {
            Some(key) => token.key(key),
            None => token,
        }
    }

    /// Sets the client that the token is issued to.
    pub fn client_id(self, client_id: impl Into<String>) -> Self {
        self.claim("client_id", client_id.into())
    }

    /// Sets the user.
    pub fn subject(self, subject: impl Into<String>) -> Self {
        self.claim("sub", subject.into())
    }

    /// Sets the scopes, as the text of RFC 9068 §2.2.3.
    pub fn scopes<T: Into<String>>(self, scopes: impl IntoIterator<Item = T>) -> Self {
        let scopes: Vec<String> = scopes.into_iter().map(Into::into).collect();
        self.claim("scope", scopes.join(" "))
    }

    /// Sets `exp`, counted from now.
    pub fn expires_in(self, time: Duration) -> Self {
        self.claim("exp", seconds(SystemTime::now() + time))
    }

    /// Makes the token expired: issued an hour ago, for half an hour.
    pub fn expired(self) -> Self {
        let issued_at = SystemTime::now() - Duration::from_secs(3600);
        self.issued_at(issued_at).claim("exp", seconds(issued_at + Duration::from_secs(1800)))
    }

    /// Sets `iat`.
    pub fn issued_at(self, time: SystemTime) -> Self {
        self.claim("iat", seconds(time))
    }

    /// Binds the token to a key (RFC 9449 §6.1), so that a request with it needs a [`TestProof`](super::TestProof).
    pub fn bound_to(self, key: &TestKey) -> Self {
        self.claim("cnf", json!({"jkt": key.thumbprint()}))
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

    /// Sets a member of the header.
    ///
    /// It does not change the key or the algorithm of the signature: see [`algorithm`](Self::algorithm) and
    /// [`signed_by`](Self::signed_by).
    pub fn header(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.header.insert(name.into(), value.into());
        self
    }

    /// Removes a member of the header.
    pub fn without_header(mut self, name: &str) -> Self {
        self.header.remove(name);
        self
    }

    /// Signs with the issuer's key of this algorithm, and sets `alg` and `kid`.
    ///
    /// # Panics
    /// The issuer has no such key: see [`TestIssuer::start_with`](super::TestIssuer::start_with).
    #[track_caller]
    pub fn algorithm(self, algorithm: JwtAlgorithm) -> Self {
        let key = find_key(&self.keys, algorithm);
        self.key(key)
    }

    /// Signs with another key, while the header still names the issuer's.
    pub fn signed_by(mut self, key: &TestKey) -> Self {
        self.signer = Some(key.clone());
        self
    }

    /// Removes the signature, and sets `alg` to `none` (RFC 7519 §6).
    pub fn unsigned(mut self) -> Self {
        self.signer = None;
        self.header("alg", "none")
    }

    fn key(self, key: TestKey) -> Self {
        let token = self.header("alg", key.alg()).header("kid", key.kid());
        Self { signer: Some(key), ..token }
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

    pub(super) fn into_claims(self) -> Map<String, Value> {
        self.claims
    }

    /// Returns the token as a client sends it.
    #[must_use]
    pub fn mint(&self) -> String {
        signed(self.signer.as_ref(), self.header_json(), self.claims_json())
    }
}

impl fmt::Debug for TestToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TestToken").field("header", &self.header).field("claims", &self.claims).finish_non_exhaustive()
    }
}

/// Returns a NumericDate (RFC 7519 §2) in whole seconds.
pub(super) fn seconds(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs()
}
