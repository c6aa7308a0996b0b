//! Assertions that this server signs in place of a client secret (RFC 7523 §3).
//!
//! OpenID Connect Core §9 calls this `private_key_jwt`.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ring::rand::{SecureRandom as _, SystemRandom};
use ring::rsa::{KeyPairComponents, PublicKeyComponents};
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, RSA_PKCS1_SHA256, RsaKeyPair};
use serde_json::{Map, Value, json};

use crate::auth::TokenError;
use crate::json::strict::parse_object;

/// The lifetime of an assertion, for machines whose clocks differ.
const LIFETIME: Duration = Duration::from_secs(60);

/// A signer of a client's assertions.
pub(in crate::auth) struct Signer {
    client_id: String,
    key: Key,
    kid: Option<String>,
    random: SystemRandom,
}

enum Key {
    Es256(EcdsaKeyPair),
    Rs256(RsaKeyPair),
}

/// The reason why a text is no key, without a quotation from it.
pub(super) type KeyError = &'static str;

const NO_KEY: KeyError = "it is neither a JWK nor a PEM text with `BEGIN PRIVATE KEY` or `BEGIN RSA PRIVATE KEY`";
const WRONG_KEY: KeyError = "it is no private key on P-256 and no private RSA key of 2048 bits or more";
const PEM_OF_OPENSSL: KeyError = "it is in an older form; convert it: `openssl pkcs8 -topk8 -nocrypt -in key.pem`";
const ENCRYPTED: KeyError = "it is encrypted; decrypt it: `openssl pkcs8 -in key.pem`";
const OTHER_ALGORITHM: KeyError = "its `alg` is not `ES256` on P-256 or `RS256` of RSA";

impl Signer {
    /// Reads a JWK (RFC 7517), or PKCS #8 or #1 as PEM (RFC 7468).
    pub(super) fn new(client_id: &str, key: &str) -> Result<Self, KeyError> {
        let key = key.trim();
        let (key, kid) = if key.starts_with('{') { from_jwk(key)? } else { (from_pem(key)?, None) };
        Ok(Self { client_id: client_id.to_owned(), key, kid, random: SystemRandom::new() })
    }

    pub(super) fn client_id(&self) -> &str {
        &self.client_id
    }

    /// Returns a signed assertion for one request to `audience`.
    pub(super) fn assertion(&self, audience: &str, now: SystemTime) -> Result<String, TokenError> {
        let failed = |_| TokenError::unavailable("the assertion of the client can't be signed");
        let mut id = [0; 16];
        self.random.fill(&mut id).map_err(failed)?;
        let seconds = |time: SystemTime| time.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        let mut header = json!({"alg": self.alg(), "typ": "JWT"});
        if let Some(kid) = &self.kid {
            header["kid"] = json!(kid);
        }
        let claims = json!({
            "iss": self.client_id,
            "sub": self.client_id,
            "aud": audience,
            "jti": URL_SAFE_NO_PAD.encode(id),
            "iat": seconds(now),
            "exp": seconds(now + LIFETIME),
        });
        let input =
            format!("{}.{}", URL_SAFE_NO_PAD.encode(header.to_string()), URL_SAFE_NO_PAD.encode(claims.to_string()));
        let signature = match &self.key {
            Key::Es256(key) => key.sign(&self.random, input.as_bytes()).map_err(failed)?.as_ref().to_vec(),
            Key::Rs256(key) => {
                let mut signature = vec![0; key.public().modulus_len()];
                key.sign(&RSA_PKCS1_SHA256, &self.random, input.as_bytes(), &mut signature).map_err(failed)?;
                signature
            }
        };
        Ok(format!("{input}.{}", URL_SAFE_NO_PAD.encode(signature)))
    }

    fn alg(&self) -> &'static str {
        match self.key {
            Key::Es256(_) => "ES256",
            Key::Rs256(_) => "RS256",
        }
    }
}

fn from_pem(text: &str) -> Result<Key, KeyError> {
    let (label, rest) = text.split_once("-----BEGIN ").and_then(|(_, rest)| rest.split_once("-----")).ok_or(NO_KEY)?;
    let (body, _) = rest.split_once("-----END ").ok_or(NO_KEY)?;
    let base64: String = body.split_ascii_whitespace().collect();
    let der = STANDARD.decode(base64).map_err(|_| NO_KEY)?;
    match label {
        "PRIVATE KEY" => match EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &der, &SystemRandom::new()) {
            Ok(key) => Ok(Key::Es256(key)),
            Err(_) => RsaKeyPair::from_pkcs8(&der).map(Key::Rs256).map_err(|_| WRONG_KEY),
        },
        "RSA PRIVATE KEY" => RsaKeyPair::from_der(&der).map(Key::Rs256).map_err(|_| WRONG_KEY),
        "EC PRIVATE KEY" => Err(PEM_OF_OPENSSL),
        "ENCRYPTED PRIVATE KEY" => Err(ENCRYPTED),
        _ => Err(NO_KEY),
    }
}

fn from_jwk(text: &str) -> Result<(Key, Option<String>), KeyError> {
    let jwk = parse_object(text.as_bytes()).map_err(|_| NO_KEY)?;
    let member = |name: &str| jwk.get(name).and_then(Value::as_str);
    let (key, alg) = match (member("kty"), member("crv")) {
        (Some("EC"), Some("P-256")) => {
            let point = [&[4][..], &bytes(&jwk, "x")?, &bytes(&jwk, "y")?].concat();
            let key = EcdsaKeyPair::from_private_key_and_public_key(
                &ECDSA_P256_SHA256_FIXED_SIGNING,
                &bytes(&jwk, "d")?,
                &point,
                &SystemRandom::new(),
            );
            (Key::Es256(key.map_err(|_| WRONG_KEY)?), "ES256")
        }
        (Some("RSA"), _) => {
            let components = KeyPairComponents {
                public_key: PublicKeyComponents { n: bytes(&jwk, "n")?, e: bytes(&jwk, "e")? },
                d: bytes(&jwk, "d")?,
                p: bytes(&jwk, "p")?,
                q: bytes(&jwk, "q")?,
                dP: bytes(&jwk, "dp")?,
                dQ: bytes(&jwk, "dq")?,
                qInv: bytes(&jwk, "qi")?,
            };
            (Key::Rs256(RsaKeyPair::from_components(&components).map_err(|_| WRONG_KEY)?), "RS256")
        }
        _ => return Err(WRONG_KEY),
    };
    if member("alg").is_some_and(|named| named != alg) {
        return Err(OTHER_ALGORITHM);
    }
    Ok((key, member("kid").map(str::to_owned)))
}

fn bytes(jwk: &Map<String, Value>, name: &str) -> Result<Vec<u8>, KeyError> {
    let text = jwk.get(name).and_then(Value::as_str).ok_or(WRONG_KEY)?;
    URL_SAFE_NO_PAD.decode(text).map_err(|_| WRONG_KEY)
}
