//! The public keys of an issuer (RFC 7517), bound to their algorithms.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
#[cfg(feature = "es512")]
use p521::ecdsa::{Signature, VerifyingKey, signature::Verifier as _};
use ring::signature::{RsaPublicKeyComponents, UnparsedPublicKey};
use serde_json::{Map, Value};

use super::JwtAlgorithm;
use super::algorithm::Family;
use super::jws::Jws;
use crate::json::strict::parse_object;

/// The shortest modulus of an RSA key, because fewer bits can be factored.
///
/// `ring` refuses shorter ones, too, but only when a token comes.
const MIN_RSA_BYTES: usize = 2048 / 8;

/// The longest report about the unusable keys of a JWKS, in characters.
const MAX_REASONS: usize = 1024;

/// All Ed25519 keys of a small order, as in a JWK, without the sign.
const SMALL_ORDER: [&str; 7] = [
    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    "AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    "JuiVj8KyJ7BFw_SJ8u-Y8NXfrAXTxjM5sTgCiG1T_AU",
    "xxdqcD1N2E-6PAt2DRBnDyogU_osOczGTsf9d5KsA3o",
    "7P_______________________________________38",
    "7f_______________________________________38",
    "7v_______________________________________38",
];

/// The keys of a JWKS that can verify tokens, at least one.
#[derive(PartialEq)]
pub(in crate::auth) struct KeySet(Vec<Key>);

/// The verdict of a set of keys about the signature of a token.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::auth) enum SignatureVerdict {
    /// A key confirms the signature.
    Genuine,
    /// No key has the token's `kid`.
    UnknownKid,
    /// No key that fits confirms the signature.
    BadSignature,
}

/// The reason why a document has no key that can verify tokens.
///
/// It quotes `kid`s and no keys.
#[derive(Debug)]
pub(in crate::auth) enum InvalidKeySet {
    /// The document is no JWKS, so nothing is known about the keys.
    Malformed(&'static str),
    /// The document is a JWKS without a usable key.
    NoKey(String),
}

impl fmt::Display for InvalidKeySet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Malformed(reason) => f.write_str(reason),
            Self::NoKey(reasons) => write!(f, "no key can verify tokens: {reasons}"),
        }
    }
}

impl KeySet {
    /// Reads a JWKS, in which keys for other purposes are legitimate and skipped.
    pub(in crate::auth) fn parse(json: &[u8]) -> Result<Self, InvalidKeySet> {
        let mut document = parse_object(json).map_err(InvalidKeySet::Malformed)?;
        let Some(Value::Array(entries)) = document.remove("keys") else {
            return Err(InvalidKeySet::Malformed("it has no list of `keys`"));
        };
        let mut keys = Vec::new();
        let mut unusable = Vec::new();
        for (position, entry) in entries.iter().enumerate() {
            match entry.as_object().ok_or("is not an object").and_then(Key::parse) {
                Ok(key) => keys.push(key),
                Err(reason) => unusable.push(match entry["kid"].as_str() {
                    Some(kid) => format!("the key `{}` {reason}", kid.escape_debug()),
                    None => format!("key {} {reason}", position + 1),
                }),
            }
        }
        let reasons: String = unusable.join(", ").chars().take(MAX_REASONS).collect();
        if keys.is_empty() {
            return Err(InvalidKeySet::NoKey(if reasons.is_empty() { "it is empty".to_owned() } else { reasons }));
        }
        // Sorted, so that two sets are equal whatever order the issuer writes them in, which some change at random.
        keys.sort_by(|a, b| a.kid.cmp(&b.kid));
        if !reasons.is_empty() {
            tracing::debug!(reasons, "passed over keys of a JWKS");
        }
        Ok(Self(keys))
    }

    pub(in crate::auth) fn has_kid(&self, kid: &str) -> bool {
        self.0.iter().any(|key| key.fits(Some(kid)))
    }

    pub(in crate::auth) fn kids(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(|key| key.kid.as_deref())
    }

    /// Verifies the signature of a token.
    ///
    /// `may_sign` returns `true` for the issuer of a key that may sign this token. It is called for keys that name one.
    pub(in crate::auth) fn verify(&self, token: &Jws<'_>, may_sign: impl Fn(&str) -> bool) -> SignatureVerdict {
        let kid = token.header.kid.as_deref();
        let may_sign = |key: &&Key| key.issuer.as_deref().is_none_or(&may_sign);
        let mut fitting = self.0.iter().filter(|key| key.fits(kid)).filter(may_sign).peekable();
        if fitting.peek().is_none() {
            SignatureVerdict::UnknownKid
        } else if fitting.any(|key| key.confirms(token.header.algorithm, token.message, &token.signature)) {
            SignatureVerdict::Genuine
        } else {
            SignatureVerdict::BadSignature
        }
    }
}

/// A public key (RFC 7517 §4).
#[derive(PartialEq)]
pub(in crate::auth) struct Key {
    kid: Option<String>,
    /// The one algorithm that the key is for; optional for RSA.
    algorithm: Option<JwtAlgorithm>,
    /// The issuer that the key belongs to, in a JWKS of several issuers.
    issuer: Option<String>,
    material: Material,
}

/// The numbers of a key.
#[derive(PartialEq)]
enum Material {
    Rsa {
        n: Vec<u8>,
        e: Vec<u8>,
    },
    /// An uncompressed point (SEC 1 §2.3.3).
    P256(Vec<u8>),
    /// An uncompressed point.
    P384(Vec<u8>),
    /// An uncompressed point.
    #[cfg(feature = "es512")]
    P521(Vec<u8>),
    Ed25519(Vec<u8>),
}

impl Key {
    pub(in crate::auth) fn parse(jwk: &Map<String, Value>) -> Result<Self, &'static str> {
        let text = |name: &str| match jwk.get(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(&**text)),
            Some(_) => Err("has a member of a wrong type"),
        };
        if text("use")?.is_some_and(|purpose| purpose != "sig") {
            return Err("is not for signatures");
        }
        match jwk.get("key_ops") {
            None => {}
            Some(Value::Array(uses)) if uses.iter().any(|purpose| purpose == "verify") => {}
            Some(_) => return Err("is not for verifying"),
        }
        // A published private key is everyone's, so that its signature proves nothing.
        if jwk.contains_key("d") {
            return Err("is a private one");
        }
        let bytes = |name| {
            let encoded = text(name)?.ok_or("has not all of its parts")?;
            URL_SAFE_NO_PAD.decode(encoded).map_err(|_| "has a part that is not canonical base64url")
        };
        let point = |length: usize| {
            let (x, y) = (bytes("x")?, bytes("y")?);
            if x.len() != length || y.len() != length {
                return Err("has coordinates of a wrong length");
            }
            Ok([&[4][..], &x, &y].concat())
        };
        let material = match (text("kty")?, text("crv")?) {
            (Some("RSA"), _) => Material::rsa(&bytes("n")?, &bytes("e")?)?,
            (Some("EC"), Some("P-256")) => Material::P256(point(32)?),
            (Some("EC"), Some("P-384")) => Material::P384(point(48)?),
            #[cfg(feature = "es512")]
            (Some("EC"), Some("P-521")) => Material::p521(point(66)?)?,
            #[cfg(not(feature = "es512"))]
            (Some("EC"), Some("P-521")) => return Err("is on P-521, which takes the feature `es512` of the crate"),
            (Some("OKP"), Some("Ed25519")) => Material::ed25519(bytes("x")?)?,
            _ => return Err("is of a type that is not supported"),
        };
        let algorithm = match text("alg")? {
            None => material.only_algorithm(),
            Some(alg) => match JwtAlgorithm::named(alg) {
                Some(algorithm) if material.works_with(algorithm) => Some(algorithm),
                _ => return Err("is for an algorithm that is not accepted, or not one of its type"),
            },
        };
        let issuer = jwk.get("issuer").and_then(Value::as_str).map(str::to_owned);
        Ok(Self { kid: text("kid")?.map(str::to_owned), algorithm, issuer, material })
    }

    /// Returns `true` if the key may be the one that a token names.
    ///
    /// A key without a `kid` may be any, and a token without one may be signed with any.
    fn fits(&self, kid: Option<&str>) -> bool {
        match (&self.kid, kid) {
            (Some(own), Some(wanted)) => own == wanted,
            _ => true,
        }
    }

    /// Returns `true` if the key confirms a signature.
    pub(in crate::auth) fn confirms(&self, algorithm: JwtAlgorithm, message: &[u8], signature: &[u8]) -> bool {
        // The key decides about the algorithm, never the token alone (RFC 8725 §3.1).
        if self.algorithm.is_some_and(|own| own != algorithm) {
            return false;
        }
        match (algorithm.family(), &self.material) {
            (Family::Rsa(parameters), Material::Rsa { n, e }) => {
                RsaPublicKeyComponents { n, e }.verify(parameters, message, signature).is_ok()
            }
            (Family::P256(algorithm), Material::P256(key))
            | (Family::P384(algorithm), Material::P384(key))
            | (Family::Ed25519(algorithm), Material::Ed25519(key)) => {
                UnparsedPublicKey::new(algorithm, key).verify(message, signature).is_ok()
            }
            #[cfg(feature = "es512")]
            (Family::P521, Material::P521(key)) => confirms_p521(key, message, signature),
            _ => false,
        }
    }
}

impl Material {
    fn rsa(n: &[u8], e: &[u8]) -> Result<Self, &'static str> {
        // Numbers are encoded without leading zeros (RFC 7518 §2), but not by everyone.
        let number = |bytes: &[u8]| bytes[bytes.iter().take_while(|byte| **byte == 0).count()..].to_vec();
        let (n, e) = (number(n), number(e));
        if n.len() < MIN_RSA_BYTES {
            return Err("has less than 2048 bits");
        }
        Ok(Self::Rsa { n, e })
    }

    /// Reads an Ed25519 key, unless its order is small.
    ///
    /// Anyone can write a signature that such a key confirms, for example all zeros.
    fn ed25519(key: Vec<u8>) -> Result<Self, &'static str> {
        let Ok(mut y) = <[u8; 32]>::try_from(&*key) else { return Err("has a wrong length") };
        y[31] &= 0x7f;
        if SMALL_ORDER.contains(&&*URL_SAFE_NO_PAD.encode(y)) {
            return Err("is of a small order");
        }
        Ok(Self::Ed25519(key))
    }

    /// Reads a point on P-521, and refuses any other before a token comes.
    #[cfg(feature = "es512")]
    fn p521(point: Vec<u8>) -> Result<Self, &'static str> {
        match VerifyingKey::from_sec1_bytes(&point) {
            Ok(_) => Ok(Self::P521(point)),
            Err(_) => Err("is no point on its curve"),
        }
    }

    fn works_with(&self, algorithm: JwtAlgorithm) -> bool {
        match (self, algorithm.family()) {
            (Self::Rsa { .. }, Family::Rsa(_))
            | (Self::P256(_), Family::P256(_))
            | (Self::P384(_), Family::P384(_))
            | (Self::Ed25519(_), Family::Ed25519(_)) => true,
            #[cfg(feature = "es512")]
            (Self::P521(_), Family::P521) => true,
            _ => false,
        }
    }

    fn only_algorithm(&self) -> Option<JwtAlgorithm> {
        match self {
            Self::Rsa { .. } => None,
            Self::P256(_) => Some(JwtAlgorithm::ES256),
            Self::P384(_) => Some(JwtAlgorithm::ES384),
            #[cfg(feature = "es512")]
            Self::P521(_) => Some(JwtAlgorithm::ES512),
            Self::Ed25519(_) => Some(JwtAlgorithm::EdDSA),
        }
    }
}

/// Verifies an ES512 signature: two numbers of 66 bytes (RFC 7518 §3.4).
#[cfg(feature = "es512")]
fn confirms_p521(point: &[u8], message: &[u8], signature: &[u8]) -> bool {
    let (Ok(key), Ok(signature)) = (VerifyingKey::from_sec1_bytes(point), Signature::from_slice(signature)) else {
        return false;
    };
    key.verify(message, &signature).is_ok()
}
