//! Mutated tokens on standard output, with the verdict of this project and that of the crate `jsonwebtoken`.
//!
//! `verdicts SEED COUNT` prints the settings and then a token in each line, as JSON. Equal seeds have equal mutations.

#![allow(clippy::print_stdout, reason = "the output is read by a program")]

mod draft;
mod edits;
mod issuer;
mod mutations;
mod random;

use std::collections::HashMap;
use std::error::Error;
use std::time::Duration;

use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use mcp::{JwtProfile, JwtVerifier, Protection, TokenError, TokenVerifier};
use serde_json::{Map, Value, json};

use issuer::{AUDIENCE, ISSUER, Issuer};
use random::Random;

/// The claims that decide about a request, whose reading is compared.
const CLAIMS: [&str; 5] = ["iss", "sub", "client_id", "scope", "jti"];

fn main() -> Result<(), Box<dyn Error>> {
    let numbers: Vec<u64> = std::env::args().skip(1).map(|text| text.parse()).collect::<Result<_, _>>()?;
    let [seed, count] = *numbers.as_slice() else { return Err("usage: verdicts SEED COUNT".into()) };
    let mut random = Random::new(seed);
    let issuer = Issuer::new();
    println!("{}", json!({"jwks": issuer.jwks(), "issuer": ISSUER, "audience": AUDIENCE, "claims": CLAIMS}));

    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build()?;
    let profile = JwtProfile::rfc9068().jwks(issuer.jwks().to_string());
    let verifier = JwtVerifier::builder(&Protection::<()>::new(ISSUER, AUDIENCE)?)
        .profile(profile)
        .leeway(Duration::ZERO)
        .cache_capacity(0)
        .build()?;
    let other = JsonWebToken::new(&issuer.jwks())?;
    for _ in 0..count {
        let mut draft = issuer.draft(&mut random);
        let mutations = *random.one_of(&[1, 1, 1, 1, 2, 2, 3, 0]);
        let labels: Vec<String> = (0..mutations).map(|_| mutations::mutate(&mut draft, &issuer, &mut random)).collect();
        let token = draft.finish();
        let ours = match runtime.block_on(verifier.verify_token(&token)) {
            Ok(accepted) => read(&accepted.claims()?),
            Err(TokenError::Invalid { reason }) => json!({"refused": reason}),
            Err(error) => json!({"refused": format!("{error:?}")}),
        };
        println!("{}", json!({"labels": labels, "token": token, "mcp": ours, "jsonwebtoken": other.verdict(&token)}));
    }
    Ok(())
}

/// Returns the verdict about an accepted token, with the claims that are texts.
fn read(claims: &Map<String, Value>) -> Value {
    json!({"read": CLAIMS.map(|name| claims.get(name).and_then(Value::as_str))})
}

/// The crate `jsonwebtoken` with the same keys and settings.
struct JsonWebToken(HashMap<String, (DecodingKey, Validation)>);

impl JsonWebToken {
    fn new(jwks: &Value) -> Result<Self, Box<dyn Error>> {
        let jwks: JwkSet = serde_json::from_value(jwks.clone())?;
        let mut keys = HashMap::new();
        for jwk in &jwks.keys {
            let algorithm: Algorithm = jwk.common.key_algorithm.ok_or("a key has no algorithm")?.to_string().parse()?;
            let mut validation = Validation::new(algorithm);
            validation.set_issuer(&[ISSUER]);
            validation.set_audience(&[AUDIENCE]);
            validation.set_required_spec_claims(&["exp", "iss", "aud"]);
            validation.validate_nbf = true;
            validation.leeway = 0;
            let kid = jwk.common.key_id.clone().ok_or("a key has no id")?;
            keys.insert(kid, (DecodingKey::from_jwk(jwk)?, validation));
        }
        Ok(Self(keys))
    }

    /// Verifies a token with the key that it names, or else with each one.
    fn verdict(&self, token: &str) -> Value {
        let header = match jsonwebtoken::decode_header(token) {
            Ok(header) => header,
            Err(error) => return json!({"refused": error.to_string()}),
        };
        let mut refusal = "no key".to_owned();
        for (kid, (key, validation)) in &self.0 {
            if header.kid.as_ref().is_some_and(|named| named != kid) {
                continue;
            }
            match jsonwebtoken::decode::<Map<String, Value>>(token, key, validation) {
                // The crate does not know `client_id`, which an access token has.
                Ok(data) if !data.claims.contains_key("client_id") => refusal = "no client_id".to_owned(),
                Ok(data) => return read(&data.claims),
                Err(error) => refusal = error.to_string(),
            }
        }
        json!({"refused": refusal})
    }
}
