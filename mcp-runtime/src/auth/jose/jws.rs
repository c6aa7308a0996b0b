//! The compact serialisation of a signed token (RFC 7515 §7.1), read strictly.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

use super::JwtAlgorithm;
use crate::json::strict::parse_object;

/// A signed token that was parsed and not verified.
pub(in crate::auth) struct Jws<'a> {
    pub(in crate::auth) header: Arc<Header>,
    pub(in crate::auth) payload: Vec<u8>,
    /// The signed text: header, dot and payload, as the token has them.
    pub(in crate::auth) message: &'a [u8],
    pub(in crate::auth) signature: Vec<u8>,
}

/// The members of a header that a verifier needs.
///
/// Most issuers write the same header into all tokens of a key, so it is parsed once and cached with its text. The cache
/// decides nothing: algorithm, type and key are checked for each token.
pub(in crate::auth) struct Header {
    /// The header as the token has it, in base64url.
    text: String,
    pub(in crate::auth) algorithm: JwtAlgorithm,
    pub(in crate::auth) kid: Option<String>,
    pub(in crate::auth) typ: Option<String>,
}

/// The reason why a text is no signed token, without a quotation from it.
pub(in crate::auth) type JwsError = &'static str;

const NOT_A_JWT: JwsError =
    "it is no JWT, because it has no three parts; for opaque tokens, see `IntrospectionVerifier`";

/// The three parts of a compact serialisation, not decoded.
pub(in crate::auth) struct Compact<'a> {
    pub(in crate::auth) header: &'a str,
    pub(in crate::auth) payload: &'a str,
    pub(in crate::auth) signature: &'a str,
    /// The signed text: header, dot and payload.
    pub(in crate::auth) message: &'a [u8],
}

impl<'a> Compact<'a> {
    pub(in crate::auth) fn split(token: &'a str) -> Result<Self, JwsError> {
        let (message, signature) = token.rsplit_once('.').ok_or(NOT_A_JWT)?;
        let (header, payload) = message.split_once('.').ok_or(NOT_A_JWT)?;
        if payload.contains('.') {
            return Err("it is encrypted, or no JWT: it has more than three parts");
        }
        Ok(Self { header, payload, signature, message: message.as_bytes() })
    }
}

impl<'a> Jws<'a> {
    /// Parses a token. `known` is the header of another token, which this one may share.
    pub(in crate::auth) fn parse(token: &'a str, known: Option<&Arc<Header>>) -> Result<Self, JwsError> {
        let Compact { header, payload, signature, message } = Compact::split(token)?;
        Ok(Self {
            header: match known.filter(|known| known.text == header) {
                Some(known) => Arc::clone(known),
                None => Arc::new(Header::parse(header)?),
            },
            payload: decode(payload, "its payload is not canonical base64url")?,
            message,
            signature: decode(signature, "its signature is not canonical base64url")?,
        })
    }
}

fn decode(part: &str, error: JwsError) -> Result<Vec<u8>, JwsError> {
    URL_SAFE_NO_PAD.decode(part).map_err(|_| error)
}

impl Header {
    fn parse(text: &str) -> Result<Self, JwsError> {
        let json = decode(text, "its header is not canonical base64url")?;
        let mut header = parse_object(&json).map_err(|_| "its header is not a JSON object of unique members")?;
        // None of the extensions that change the meaning of a signature is implemented here (RFC 7515 §4.1.11, RFC
        // 7797, RFC 7516 §4.1.3). A key inside of the token would confirm whatever its sender wrote. References to keys
        // (`jku`, `x5u`, `x5t`) are never followed, so they do no harm.
        for name in ["crit", "b64", "zip", "jwk", "x5c"] {
            if header.contains_key(name) {
                return Err("its header has an extension or a key that is never accepted");
            }
        }
        // A member of a wrong type is refused rather than ignored, because other parsers may read a value in it.
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
