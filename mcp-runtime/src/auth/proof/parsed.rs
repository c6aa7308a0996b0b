//! A proof of possession (RFC 9449 §4.2), read strictly.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use mcp_core::{Dpop, Refusal, TargetUri};
use serde_json::{Map, Value};

use super::error::ProofError;
use crate::auth::claims::read_date;
use crate::auth::jose::JwtAlgorithm;
use crate::auth::jose::jwk::Key;
use crate::auth::jose::jws::Compact;
use crate::auth::thumbprint::Thumbprint;
use crate::auth::{RawToken, TokenError};
use crate::json::strict::parse_object;

/// The members of private and symmetric keys (RFC 7518 §6).
const PRIVATE_MEMBERS: [&str; 8] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

/// A proof that is signed by the key that its token is bound to.
pub(super) struct Proof {
    pub(super) thumbprint: Thumbprint,
    /// The method of the request (`htm`).
    pub(super) method: String,
    /// The address of the request (`htu`).
    pub(super) target: TargetUri,
    /// The time at which the client made the proof (`iat`).
    pub(super) issued_at: SystemTime,
    /// The time at which the proof expires, if it names one (`exp`).
    expires_at: Option<SystemTime>,
    /// The identifier, which the client uses once (`jti`).
    pub(super) id: String,
    token_hash: String,
    pub(super) nonce: Option<String>,
}

impl Proof {
    /// Parses a proof, which must be signed with the key `bound`. `known` is the header of another proof.
    ///
    /// The key is compared before the signature is verified. Otherwise, a client could choose a key whose verification
    /// takes long.
    pub(super) fn parse(
        text: &str,
        bound: &Thumbprint,
        known: Option<Arc<ProofHeader>>,
    ) -> Result<(Self, Arc<ProofHeader>), ProofError> {
        let compact = Compact::split(text).map_err(|_| ProofError::invalid("The proof is not a signed JWT"))?;
        let header = match known.filter(|known| known.text == compact.header) {
            Some(known) => known,
            None => Arc::new(ProofHeader::parse(compact.header)?),
        };
        if header.thumbprint != *bound {
            return Err(ProofError::Refused(Refusal::OtherKey));
        }
        if !header.key.confirms(header.algorithm, compact.message, &decode(compact.signature)?) {
            return Err(ProofError::invalid("The signature of the proof is not one of its `jwk`"));
        }
        let claims = parse_object(&decode(compact.payload)?)
            .map_err(|_| ProofError::invalid("The claims of the proof are not a JSON object of unique members"))?;
        Ok((Self::read(claims, header.thumbprint)?, header))
    }

    fn read(mut claims: Map<String, Value>, thumbprint: Thumbprint) -> Result<Self, ProofError> {
        let date = |name, problem| read_date(&claims, name).map_err(|_: TokenError| ProofError::invalid(problem));
        let issued_at = date("iat", "The `iat` of the proof is not a time")?;
        let issued_at = issued_at.ok_or(ProofError::invalid("The proof has no `iat`"))?;
        let expires_at = date("exp", "The `exp` of the proof is not a time")?;
        let mut text = |name, missing| match claims.remove(name) {
            Some(Value::String(text)) if !text.is_empty() => Ok(text),
            _ => Err(ProofError::invalid(missing)),
        };
        let id = text("jti", "The proof has no text as its `jti`")?;
        let method = text("htm", "The proof has no text as its `htm`")?;
        let target = text("htu", "The proof has no text as its `htu`")?;
        let token_hash = text("ath", "The proof has no text as its `ath`")?;
        let nonce = match claims.remove("nonce") {
            None => None,
            Some(Value::String(nonce)) => Some(nonce),
            Some(_) => return Err(ProofError::invalid("The `nonce` of the proof is not a text")),
        };
        let target =
            TargetUri::parse(&target).ok_or(ProofError::invalid("The `htu` of the proof is not an HTTP URL"))?;
        Ok(Self { thumbprint, method, target, issued_at, expires_at, id, token_hash, nonce })
    }

    /// Returns `true` if the proof is for this token, as the client sent it.
    pub(super) fn is_for_token(&self, raw: &str) -> bool {
        self.token_hash == URL_SAFE_NO_PAD.encode(RawToken(raw.as_bytes()).digest().bytes())
    }

    /// Returns `true` if the proof was made at most `age` before or after `now`.
    pub(super) fn is_fresh(&self, now: SystemTime, age: Duration) -> bool {
        let distance = now.duration_since(self.issued_at).unwrap_or_else(|ahead| ahead.duration());
        distance <= age && self.expires_at.is_none_or(|end| end > now)
    }
}

/// The header of a proof, with the public key of its client.
///
/// A client writes the same header into all proofs of a key, so that the last one is kept with its text. That decides
/// nothing: the key is compared, and the signature verified, for each proof.
pub(super) struct ProofHeader {
    /// The header as the proof has it, in base64url.
    text: String,
    algorithm: JwtAlgorithm,
    key: Key,
    thumbprint: Thumbprint,
}

impl ProofHeader {
    fn parse(text: &str) -> Result<Self, ProofError> {
        let header = parse_object(&decode(text)?)
            .map_err(|_| ProofError::invalid("The header of the proof is not a JSON object of unique members"))?;
        if header.get("typ").is_none_or(|typ| typ != "dpop+jwt") {
            return Err(ProofError::invalid("The `typ` of the proof is not `dpop+jwt`"));
        }
        // Extensions that change the meaning of a signature (RFC 7515 §4.1.11, RFC 7797, RFC 7516 §4.1.3).
        if ["crit", "b64", "zip"].iter().any(|name| header.contains_key(*name)) {
            return Err(ProofError::invalid("The header of the proof has an extension that is never accepted"));
        }
        let algorithm = header.get("alg").and_then(Value::as_str).filter(|alg| Dpop::ALGORITHMS.contains(alg));
        let algorithm = algorithm
            .and_then(JwtAlgorithm::named)
            .ok_or(ProofError::invalid("The `alg` of the proof is not one of the `algs` of the challenge"))?;
        let Some(Value::Object(jwk)) = header.get("jwk") else {
            return Err(ProofError::invalid("The proof has no public key as its `jwk`"));
        };
        if PRIVATE_MEMBERS.iter().any(|name| jwk.contains_key(*name)) {
            return Err(ProofError::invalid(
                "The `jwk` of the proof is not a public key alone; the key is known to others now",
            ));
        }
        let unusable = ProofError::invalid("The `jwk` of the proof is not a public key for signatures");
        let key = Key::parse(jwk).map_err(|_| unusable)?;
        let thumbprint = Thumbprint::of(jwk).ok_or(unusable)?;
        Ok(Self { text: text.to_owned(), algorithm, key, thumbprint })
    }
}

fn decode(part: &str) -> Result<Vec<u8>, ProofError> {
    URL_SAFE_NO_PAD.decode(part).map_err(|_| ProofError::invalid("The proof is not in canonical base64url"))
}
