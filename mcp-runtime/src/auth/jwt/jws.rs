//! The compact serialisation of a signed token (RFC 7515 §7.1), read strictly.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

use crate::auth::JwtAlgorithm;
use crate::json::strict::parse_object;

/// A token that looks like one. Whether it is genuine, only a key tells.
pub(super) struct Jws<'a> {
    pub(super) header: Arc<Header>,
    pub(super) payload: Vec<u8>,
    /// What was signed.
    pub(super) message: &'a [u8],
    pub(super) signature: Vec<u8>,
}

/// The part of a header that a verifier goes by.
///
/// Most issuers write the same into all tokens of a key, so that it is read once and kept with the text that it was read
/// from. That decides nothing: whether the algorithm, the type and the key are good ones is asked for each token.
pub(super) struct Header {
    /// In base64url.
    text: String,
    pub(super) algorithm: JwtAlgorithm,
    pub(super) kid: Option<String>,
    pub(super) typ: Option<String>,
}

/// What is wrong with a token; quotes nothing of it.
pub(super) type Malformed = &'static str;

const NOT_A_JWT: Malformed =
    "it is no JWT, because it has no three parts; for opaque tokens, see `IntrospectionVerifier`";

impl<'a> Jws<'a> {
    /// `known` is the header of another token, which this one may share.
    pub(super) fn parse(token: &'a str, known: Option<&Arc<Header>>) -> Result<Self, Malformed> {
        let (message, signature) = token.rsplit_once('.').ok_or(NOT_A_JWT)?;
        let (header, payload) = message.split_once('.').ok_or(NOT_A_JWT)?;
        if payload.contains('.') {
            return Err("it is encrypted, or no JWT: it has more than three parts");
        }
        Ok(Self {
            header: match known.filter(|known| known.text == header) {
                Some(known) => Arc::clone(known),
                None => Arc::new(Header::parse(header)?),
            },
            payload: decode(payload, "its payload is not canonical base64url")?,
            message: message.as_bytes(),
            signature: decode(signature, "its signature is not canonical base64url")?,
        })
    }
}

fn decode(part: &str, error: Malformed) -> Result<Vec<u8>, Malformed> {
    URL_SAFE_NO_PAD.decode(part).map_err(|_| error)
}

impl Header {
    fn parse(text: &str) -> Result<Self, Malformed> {
        let json = decode(text, "its header is not canonical base64url")?;
        let mut header = parse_object(&json).map_err(|_| "its header is not a JSON object of unique members")?;
        // Extensions that change what the signature means, none of which is understood here (RFC 7515 §4.1.11, RFC
        // 7797, RFC 7516 §4.1.3), and keys that the token brings itself. References to keys (`jku`, `x5u`, `x5t`) are
        // never followed, so they do no harm.
        for name in ["crit", "b64", "zip", "jwk", "x5c"] {
            if header.contains_key(name) {
                return Err("its header has an extension or a key that is never accepted");
            }
        }
        let mut member = |name| match header.remove(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err("its header has a member of a wrong type"),
        };
        let alg = member("alg")?.unwrap_or_default();
        let algorithm = JwtAlgorithm::named(&alg).ok_or(match &*alg {
            "ES512" => "its algorithm is ES512, which takes the feature `es512` of the crate",
            _ => "its algorithm is missing or never accepted",
        })?;
        Ok(Self { text: text.to_owned(), algorithm, kid: member("kid")?, typ: member("typ")? })
    }
}
