//! Access tokens that are JWTs (RFC 9068), verified with the keys of their issuer.

mod builder;
mod claims;
mod explain;
mod keys;
mod refetch;
mod set_up;

use std::fmt;
use std::io;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use serde_json::{Map, Value};

pub use self::builder::JwtVerifierBuilder;
use self::claims::ClaimRules;
use self::keys::{IssuerKeys, Miss, MissReason};
use super::claims::read_date;
use super::jose::jwk::{KeySet, SignatureVerdict};
use super::jose::jws::{Header, Jws};
use super::profile::{JwtProfile, Reader, TokenIssuers, unknown_issuer};
use super::token_cache::TokenCache;
use super::token_claims::TokenClaims;
use super::{AcceptedTokens, AccessToken, ProtectedResource, TokenDigest, TokenError, TokenVerifier};
use crate::lock::locked;

/// A verifier of access tokens that are JWTs (RFC 9068).
///
/// It is built from the server's own [`Protection`](crate::Protection), so that issuers and resource are written once.
/// Keys are found by discovery, and fetched for the first token. They are refreshed before they are old, and when an
/// issuer uses a new one.
///
/// ```no_run
/// # struct Notes;
/// # #[mcp::server(issuer = "https://auth.example.com", resource = "http://127.0.0.1:8000/mcp")]
/// # impl Notes {
/// #     /// List every note.
/// #     #[mcp::tool]
/// #     fn list_notes(&self) -> Vec<String> { vec![] }
/// # }
/// use mcp::{Http, JwtVerifier, Protection};
///
/// # #[tokio::main]
/// # async fn main() -> std::io::Result<()> {
/// let verifier = JwtVerifier::builder(&Protection::of::<Notes>()).build()?;
/// Http::protected(Notes, verifier).serve("127.0.0.1:8000").await
/// # }
/// ```
///
/// # Accepted tokens
///
/// - The signature is by one of the [`JwtAlgorithm`](crate::JwtAlgorithm)s, which are all asymmetric. Its key is one of
///   the token's issuer, for that algorithm and for signatures. Keys that a token contains or points to are never used.
/// - `typ` is `at+jwt`.
/// - `iss` is one of the server's issuers, to the letter.
/// - `aud` contains the server's resource, to the letter (an origin also with a slash at the end).
/// - `exp` is in the future. `nbf` and `iat`, which are optional, are not, but for a small leeway.
/// - `client_id` names the client. `scope`, or else `scp`, has the scopes.
/// - There is no `cnf`, unless the server declares `dpop`: such a token is valid only together with a proof (RFC 9449).
///   The server checks the proof, by the [`confirmation`](crate::TokenInfo::confirmation) of the token.
/// - Nothing in the token is ambiguous: duplicate members, base64 that is not canonical, extensions (`crit`, `b64`,
///   `zip`) and numbers that are texts are refused.
///
/// A [`JwtProfile`] describes providers that differ. [`claims`](crate::TokenInfo::claims) reads all claims of the token.
///
/// # Outages of an issuer
///
/// Keys that were fetched stay in use for a day. If no keys are available, the request gets a 503. A good token never
/// gets a 401 because of an outage.
pub struct JwtVerifier {
    issuers: Vec<Issuer>,
    resource: String,
    /// The protected resource of the server, for explanations.
    server: Arc<ProtectedResource>,
    leeway: Duration,
    max_token_bytes: usize,
    cache: TokenCache<VerifiedToken>,
    /// The header of the token that was accepted last.
    ///
    /// It is signed by an issuer, and so no attacker's, and no longer than a token may be.
    last_header: Mutex<Option<Arc<Header>>>,
}

/// An issuer whose tokens are accepted.
struct Issuer {
    names: TokenIssuers,
    profile: JwtProfile,
    keys: IssuerKeys,
}

/// A token with the keys that confirmed it.
#[derive(Clone)]
struct VerifiedToken {
    token: AccessToken,
    /// The position of its issuer.
    issuer: usize,
    keys: Arc<KeySet>,
}

impl JwtVerifier {
    /// Returns a token from the cache.
    async fn recall(&self, digest: &TokenDigest) -> Result<Option<AccessToken>, TokenError> {
        let Some(verified) = self.cache.get(digest) else { return Ok(None) };
        let keys = self.issuers[verified.issuer].keys.current().await?;
        // The issuer may have withdrawn the key since.
        if !Arc::ptr_eq(&keys, &verified.keys) {
            return Ok(None);
        }
        match verified.token.expires_at {
            Some(end) if end <= SystemTime::now() => Err(TokenError::Expired),
            _ => Ok(Some(verified.token)),
        }
    }

    /// Verifies a token that is not in the cache.
    ///
    /// The claims are checked before the signature, so that only a token that would be good makes the server fetch newer
    /// keys. No claim decides anything until the signature is verified.
    async fn verify(&self, token: &str) -> Result<VerifiedToken, TokenError> {
        let known = locked(&self.last_header).clone();
        let mut jws = Jws::parse(token, known.as_ref()).map_err(TokenError::invalid)?;
        let (text, claims) = TokenClaims::parse(std::mem::take(&mut jws.payload))
            .map_err(|_| TokenError::invalid("its claims are not a JSON object of unique members"))?;
        let position = self.position(&claims)?;
        let issuer = &self.issuers[position];
        let rules = self.rules(issuer);
        if !issuer.profile.algorithms.contains(&jws.header.algorithm) {
            return Err(TokenError::invalid("its algorithm is not one that is accepted of its issuer"));
        }
        rules.check_type(jws.header.typ.as_deref())?;
        issuer.names.check(&claims)?;
        // An expired token, or one for another resource, is told so only if its issuer signed it.
        let accepted = match rules.read(&claims, SystemTime::now()) {
            Err(error @ TokenError::Invalid { .. }) => return Err(error),
            accepted => accepted,
        };
        let keys = issuer.confirm(&jws, &claims, accepted.is_ok()).await?;
        // For the operator, who sets the audience at the issuer. After the signature, so that the log is not an attacker's.
        if accepted == Err(TokenError::WrongAudience) {
            let (aud, resource) = (claims.get("aud").map(tracing::field::display), &self.resource);
            let advice = rules.reader.audience_advice();
            tracing::debug!(aud, resource, advice, "a token is for another resource");
        }
        let token = accepted?.with_parsed_claims(text);
        *locked(&self.last_header) = Some(jws.header);
        Ok(VerifiedToken { token, issuer: position, keys })
    }

    /// Returns the position of the issuer that a token with these claims names.
    ///
    /// An issuer that is published under this name goes before one that has it in tokens only.
    fn position(&self, claims: &Map<String, Value>) -> Result<usize, TokenError> {
        let is_advertised = |issuer: &Issuer| claims.get("iss").is_some_and(|iss| *iss == *issuer.names.advertised());
        (self.issuers.iter().position(is_advertised))
            .or_else(|| self.issuers.iter().position(|issuer| issuer.names.are_of(claims)))
            .ok_or_else(|| unknown_issuer(claims, self.issuers.iter().map(|issuer| &issuer.names)))
    }

    fn rules<'a>(&'a self, issuer: &'a Issuer) -> ClaimRules<'a> {
        let accepts_bound = self.server.dpop().is_accepted();
        let reader = Reader { profile: &issuer.profile, resource: &self.resource, accepts_bound };
        ClaimRules { reader, issuer: issuer.names.advertised(), leeway: self.leeway }
    }
}

impl Issuer {
    /// Returns the keys that confirm a token. Newer ones are fetched only if its claims are acceptable.
    async fn confirm(
        &self,
        jws: &Jws<'_>,
        claims: &Map<String, Value>,
        is_acceptable: bool,
    ) -> Result<Arc<KeySet>, TokenError> {
        let mut keys = self.keys.current().await?;
        // Newer keys may still be too old for a token of an issuer that has just rotated them. The loop ends when there
        // are no newer ones.
        loop {
            let verdict = keys.verify(jws, |key_issuer| self.names.key_signs_for(key_issuer, claims));
            let refused = TokenError::invalid("no key of its issuer confirms its signature");
            let reason = match (verdict, &jws.header.kid) {
                (SignatureVerdict::Genuine, _) => return Ok(keys),
                (SignatureVerdict::UnknownKid, Some(kid)) => MissReason::UnknownKid(kid),
                _ => MissReason::BadSignature,
            };
            if !is_acceptable {
                return Err(refused);
            }
            let miss = Miss { reason, issued_at: read_date(claims, "iat")? };
            keys = self.keys.newer_than(&keys, miss).await?.ok_or(refused)?;
        }
    }
}

#[diagnostic::do_not_recommend]
impl TokenVerifier for JwtVerifier {
    async fn verify_token(&self, token: &str) -> Result<AccessToken, TokenError> {
        if token.len() > self.max_token_bytes {
            return Err(TokenError::invalid("it is longer than `max_token_bytes`"));
        }
        let digest = TokenDigest::of(token);
        if let Some(token) = self.recall(&digest).await? {
            return Ok(token);
        }
        let verified = self.verify(token).await?;
        self.cache.insert(digest, verified.clone(), verified.token.bytes());
        Ok(verified.token)
    }

    fn accepts(&self) -> Option<AcceptedTokens> {
        Some(AcceptedTokens::new(self.issuers.iter().map(|issuer| issuer.names.advertised()), &*self.resource))
    }

    /// Fetches the keys of all issuers, unless they are cached.
    async fn warm_up(&self) -> io::Result<()> {
        let mut failures = Vec::new();
        for issuer in &self.issuers {
            failures.extend(issuer.keys.warm_up().await.err());
        }
        if failures.is_empty() { Ok(()) } else { Err(io::Error::other(failures.join("; "))) }
    }
}

impl fmt::Debug for JwtVerifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let issuers: Vec<&str> = self.issuers.iter().map(|issuer| issuer.names.advertised()).collect();
        f.debug_struct("JwtVerifier")
            .field("issuers", &issuers)
            .field("resource", &self.resource)
            .finish_non_exhaustive()
    }
}

#[cfg(all(test, feature = "testing"))]
mod tests {
    use super::*;
    use crate::auth::{JwtAlgorithm, Protection, ProtectionError};
    use crate::testing::{TestIssuer, TestKey, TestToken};

    const RESOURCE: &str = "https://notes.example.com/mcp";

    /// Returns the builder of a verifier that fetches keys each time.
    fn builder(issuer: &TestIssuer) -> Result<JwtVerifierBuilder, ProtectionError> {
        let protection = Protection::new(issuer.url(), RESOURCE)?;
        Ok(JwtVerifier::builder(&protection).key_lifetime(Duration::ZERO))
    }

    /// A unit test, because only the time shows a cached token outside.
    #[tokio::test]
    async fn a_token_is_verified_once_for_each_set_of_keys() {
        let issuer = TestIssuer::start().await.unwrap();
        let builder = builder(&issuer).unwrap();
        let verifier = builder.clone().build().unwrap();
        let token = issuer.token(RESOURCE).mint();
        let digest = TokenDigest::of(&token);
        assert_eq!(verifier.recall(&digest).await, Ok(None));
        let accepted = verifier.verify_token(&token).await.unwrap();
        assert_eq!(verifier.recall(&digest).await, Ok(Some(accepted)));
        issuer.rotate();
        assert_eq!(verifier.recall(&digest).await, Ok(None), "its key may be gone");

        let forgetful = builder.cache_capacity(0).build().unwrap();
        let token = issuer.token(RESOURCE).mint();
        assert!(forgetful.verify_token(&token).await.is_ok());
        assert_eq!(forgetful.recall(&TokenDigest::of(&token)).await, Ok(None));
    }

    #[tokio::test]
    async fn a_header_that_was_read_before_decides_nothing() {
        let issuer = TestIssuer::start().await.unwrap();
        let verifier = builder(&issuer).unwrap().build().unwrap();
        let verify = async |token: TestToken| {
            let accepted = verifier.verify_token(&token.mint()).await.is_ok();
            (accepted, locked(&verifier.last_header).clone().unwrap())
        };
        let (accepted, first) = verify(issuer.token(RESOURCE)).await;
        assert!(accepted);
        let is_first = |header| Arc::ptr_eq(&first, &header);
        let (accepted, header) = verify(issuer.token(RESOURCE).client_id("another")).await;
        assert!(accepted && is_first(header), "it was read once");
        let (accepted, header) =
            verify(issuer.token(RESOURCE).signed_by(&TestKey::generate(JwtAlgorithm::ES256))).await;
        assert!(!accepted && is_first(header), "the signature is another's");
        let (accepted, header) = verify(issuer.token(RESOURCE).header("crit", "exp")).await;
        assert!(!accepted && is_first(header), "what is refused is not kept");

        let old = issuer.token(RESOURCE).client_id("a third");
        issuer.rotate();
        let (accepted, header) = verify(old).await;
        assert!(!accepted && is_first(header), "the key is gone, though the header is known");
        let (accepted, header) = verify(issuer.token(RESOURCE)).await;
        assert!(accepted && !is_first(header));
    }
}
