//! Access tokens that are JWTs, and the keys of their issuers.

use std::sync::LazyLock;
use std::time::{SystemTime, UNIX_EPOCH};

use mcp::testing::TestKey;
use mcp::{AccessToken, JwtAlgorithm, JwtProfile, JwtVerifier, Protection, TokenVerifier};
use serde_json::{Value, json};

use crate::wire::{block_on, choice, depth, forged, has_private_text, lines, read_unique};

const ISSUER: &str = "https://auth.example.com";
const RESOURCE: &str = "http://127.0.0.1:8000/mcp";

struct Desk;

#[mcp::server(issuer = "https://auth.example.com", resource = "http://127.0.0.1:8000/mcp")]
impl Desk {
    /// Do nothing.
    #[mcp::tool]
    fn nothing(&self) {}
}

const GOOD_HEADER: &str = r#"{"alg":"EdDSA","typ":"at+jwt","kid":"k"}"#;

/// The claims of a valid token, without the brace at the end.
const GOOD_CLAIMS: &str = r#"{"iss":"https://auth.example.com","aud":"http://127.0.0.1:8000/mcp","exp":4102444800,"client_id":"app","sub":"alice""#;

static KEY: LazyLock<TestKey> = LazyLock::new(|| TestKey::generate(JwtAlgorithm::EdDSA));

/// The public key, under a key id that seeds can have.
static JWK: LazyLock<Value> = LazyLock::new(|| {
    let mut jwk = KEY.public_jwk();
    jwk["kid"] = json!("k");
    jwk
});

static VERIFIER: LazyLock<JwtVerifier> =
    LazyLock::new(|| verifier(&json!({"keys": [*JWK]}).to_string()).expect("a verifier"));

fn verifier(jwks: &str) -> Option<JwtVerifier> {
    let profile = JwtProfile::rfc9068().jwks(jwks);
    JwtVerifier::builder(&Protection::of::<Desk>()).profile(profile).cache_capacity(0).build().ok()
}

/// The first line is the header of a token that the issuer signs, the rest its claims; and all of it is a token that
/// nobody signed, a claim of a good one, and a key of the issuer.
///
/// - A token is accepted only if it says all that RFC 9068 demands, and then its claims are what the token says.
/// - Claims are accepted if and only if they are JSON that everyone reads in the same way.
/// - What nobody signed, and what has another character than what was signed, is refused.
/// - A key that can't be read changes nothing for the others.
pub fn check(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else { return };
    let [header, claims] = lines(text);
    let token = KEY.jws(header, claims);
    if let Some(accepted) = verify(&VERIFIER, &token) {
        check_demands(header, claims, &accepted);
    }
    assert_eq!(verify(&VERIFIER, text), None, "nobody signed {text}");

    let claims = format!("{GOOD_CLAIMS},\"x\":{text}}}");
    let good = KEY.jws(GOOD_HEADER, &claims);
    let accepted = verify(&VERIFIER, &good);
    let read = read_unique(claims.as_bytes()).filter(Value::is_object);
    let is_clear = read.as_ref().is_some_and(|read| depth(read) <= 32 && !has_private_text(read));
    let has_one_more = read.as_ref().and_then(Value::as_object).is_some_and(|members| members.len() == 6);
    if !is_clear || has_one_more {
        let claimed = accepted.as_ref().map(|token| token.claims::<Value>().expect("claims are JSON"));
        assert_eq!(claimed, read.filter(|_| is_clear), "{claims}");
    }
    let forged = forged(&good, choice(data));
    assert_eq!(verify(&VERIFIER, &forged), None, "{forged} was not signed");

    // One that was made of a new key, so that nothing else was read of it.
    if let Some(verifier) = verifier(&format!(r#"{{"keys":[{},{text}]}}"#, *JWK)) {
        let good = KEY.jws(GOOD_HEADER, format!("{GOOD_CLAIMS}}}"));
        assert!(verify(&verifier, &good).is_some(), "with the key {text}");
    }
}

fn verify(verifier: &JwtVerifier, token: &str) -> Option<AccessToken> {
    block_on(verifier.verify_token(token)).ok()
}

/// The demands of RFC 9068 §4 and RFC 8725 on a token, written without a look at the verifier.
fn check_demands(header: &str, claims: &str, accepted: &AccessToken) {
    let header = read_unique(header.as_bytes()).expect("the header is clear");
    let claims = read_unique(claims.as_bytes()).expect("the claims are clear");
    let typ = header["typ"].as_str().expect("a type").to_ascii_lowercase();
    assert!(["at+jwt", "application/at+jwt"].contains(&&*typ), "{header}");
    assert_eq!(header["alg"], "EdDSA");
    assert!(header.get("kid").is_none_or(|kid| kid == "k"), "{header}");
    for name in ["crit", "b64", "zip", "jwk", "x5c"] {
        assert_eq!(header.get(name), None, "{header}");
    }
    assert_eq!(claims["iss"], ISSUER);
    let is_audience = |audience: &Value| audience == RESOURCE;
    assert!(is_audience(&claims["aud"]) || claims["aud"].as_array().is_some_and(|all| all.iter().any(is_audience)));
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("a clock").as_secs_f64();
    assert!(claims["exp"].as_f64().is_some_and(|end| end > now - 1.0), "{claims}");
    for name in ["nbf", "iat"] {
        assert!(
            claims.get(name).is_none_or(|start| start.as_f64().is_some_and(|start| start < now + 61.0)),
            "{claims}"
        );
    }
    assert_eq!(claims.get("cnf"), None);
    assert_eq!(claims["client_id"], *accepted.client_id);
    assert!(!accepted.client_id.is_empty());
    assert_eq!(claims.get("sub").map(|sub| sub.as_str().expect("a text")), accepted.subject.as_deref());
    assert_eq!(accepted.claims::<Value>().expect("claims are JSON"), claims);
}
