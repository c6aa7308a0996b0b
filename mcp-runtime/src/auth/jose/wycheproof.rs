//! The test vectors of Project Wycheproof for JSON Web Signatures, Keys and Crypto.
//!
//! They are read from `../shared/wycheproof`, beside the repository. They sign `foo`, so they test the layer below the
//! claims.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::path::Path;

use serde::Deserialize;
use serde_json::{Value, json};

use super::jwk::{KeySet, SignatureVerdict};
use super::jws::Jws;

const HMAC: &str = "a shared secret: who can verify with it could sign with it";
const ROCA: &str = "the key was made by broken hardware (ROCA), which its issuer has to notice and not every server";
const ES512: &str = "the key's `alg` is misspelt, as `ES521`";
const OTHER_ALGORITHM: &str = "the key is for PS256 and the token for PS384: a key is bound to its own algorithm";
const JWE: &str = "an encrypted token, which no issuer sends to a resource server";

/// The vectors whose verdict differs from Wycheproof's. All but ROCA are refused, though `valid`.
const EXCEPTIONS: &[(&str, u32, &str)] = &[
    ("signature", 1, HMAC),
    ("signature", 346, OTHER_ALGORITHM),
    ("signature", 347, ES512),
    ("signature", 348, HMAC),
    ("signature", 350, OTHER_ALGORITHM),
    ("signature", 351, ES512),
    ("signature", 352, HMAC),
    ("signature", 357, HMAC),
    ("signature", 358, HMAC),
    ("signature", 359, HMAC),
    // Besides, there are characters in these two that are not of the alphabet.
    ("signature", 372, HMAC),
    ("signature", 373, HMAC),
    ("signature", 376, HMAC),
    ("signature", 377, HMAC),
    ("key", 2, HMAC),
    ("key", 7, ROCA),
    ("key", 13, HMAC),
    ("key", 14, HMAC),
    ("key", 15, HMAC),
    ("crypto", 1, HMAC),
    ("crypto", 46, ROCA),
    ("crypto", 48, HMAC),
    ("crypto", 50, JWE),
    ("crypto", 67, JWE),
];

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Suite {
    number_of_tests: usize,
    test_groups: Vec<Group>,
}

#[derive(Deserialize)]
struct Group {
    public: Option<Value>,
    private: Option<Value>,
    tests: Vec<Vector>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Vector {
    tc_id: u32,
    /// A text, or an object in the JSON serialisation.
    #[serde(alias = "jwe")]
    jws: Value,
    result: String,
}

#[test]
fn every_vector_is_judged_as_it_should_be() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/wycheproof");
    if !folder.is_dir() {
        // Not by `println`, which a passing test would swallow.
        let note = format!("\nNOT TESTED against the vectors of Wycheproof: {} is missing\n", folder.display());
        std::io::stderr().write_all(note.as_bytes()).unwrap();
        return;
    }
    let mut otherwise = BTreeSet::new();
    for (name, accepted, refused) in [("signature", 32, 369), ("key", 2, 24), ("crypto", 3, 80)] {
        let file = folder.join(format!("json_web_{name}_test.json"));
        let suite: Suite = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
        let mut counts = [0, 0];
        for group in &suite.test_groups {
            let key = group.public.as_ref().or(group.private.as_ref()).unwrap();
            let jwks = if key.get("keys").is_some() { key.clone() } else { json!({"keys": [key]}) };
            for vector in &group.tests {
                let is_accepted = accepts(&jwks, &vector.jws);
                counts[usize::from(!is_accepted)] += 1;
                let expected = match &*vector.result {
                    "valid" => true,
                    "invalid" => false,
                    other => panic!("an unknown result: {other}"),
                };
                if is_accepted != expected {
                    otherwise.insert((name, vector.tc_id));
                }
            }
        }
        assert_eq!(counts, [accepted, refused], "{name}");
        assert_eq!(counts[0] + counts[1], suite.number_of_tests, "{name}");
    }
    let exceptions: BTreeSet<_> = EXCEPTIONS.iter().map(|(name, id, _)| (*name, *id)).collect();
    assert_eq!(otherwise, exceptions);
}

/// The two vectors for ES512, with the algorithm of their key corrected.
#[cfg(feature = "es512")]
#[test]
fn the_vectors_for_es512_are_good_with_a_key_of_that_name() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/wycheproof/json_web_signature_test.json");
    if !file.is_file() {
        return;
    }
    let suite: Suite = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
    let mut checked = 0;
    for group in suite.test_groups {
        let Some(mut key) = group.public.filter(|key| key["crv"] == "P-521") else { continue };
        key["alg"] = json!("ES512");
        for vector in &group.tests {
            let text = vector.jws.as_str().unwrap();
            assert!(accepts(&json!({"keys": [key]}), &vector.jws), "{}", vector.tc_id);
            for position in [1, text.len() / 2, text.len() - 10] {
                let other = if text.as_bytes()[position] == b'A' { "B" } else { "A" };
                let forged = format!("{}{other}{}", &text[..position], &text[position + 1..]);
                assert!(!accepts(&json!({"keys": [key]}), &json!(forged)), "{} {position}", vector.tc_id);
            }
            checked += 1;
        }
    }
    assert_eq!(checked, 2);
}

fn accepts(jwks: &Value, token: &Value) -> bool {
    let Ok(keys) = KeySet::parse(jwks.to_string().as_bytes()) else { return false };
    let token = token.as_str().map_or_else(|| token.to_string(), str::to_owned);
    Jws::parse(&token, None).is_ok_and(|token| keys.verify(&token, |_| true) == SignatureVerdict::Genuine)
}
