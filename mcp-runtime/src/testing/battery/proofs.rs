//! The attacks on a server that accepts tokens bound to a key (DPoP, RFC 9449).

use std::time::{Duration, SystemTime};

use base64::Engine as _;
use base64::engine::general_purpose::{URL_SAFE, URL_SAFE_NO_PAD};
use mcp_core::{Dpop, Refusal};
use serde_json::{Value, json};

use crate::auth::{JwtAlgorithm, ProtectedResource};
use crate::testing::token::seconds;
use crate::testing::{TestKey, TestProof, TestToken};

/// Returns the values of the `DPoP` headers, by a good proof of the request.
pub(super) type Proofs = Box<dyn Fn(&TestProof) -> Vec<String> + Send>;

/// An attack with a scheme, a token and proofs.
pub(super) struct ProofAttack {
    pub(super) name: &'static str,
    pub(super) scheme: &'static str,
    pub(super) token: String,
    pub(super) proofs: Proofs,
    pub(super) refusal: Refusal,
}

/// Returns one good proof.
pub(super) fn good_proof() -> Proofs {
    Box::new(|good| vec![good.mint()])
}

/// Returns the attacks on the proofs of a token, which is good and bound to `key`.
pub(super) fn proof_attacks(good: &TestToken, resource: &ProtectedResource, key: &TestKey) -> Vec<ProofAttack> {
    let token = good.mint();
    let attack = |name, proofs, refusal| ProofAttack { name, scheme: "DPoP", token: token.clone(), proofs, refusal };
    let mut attacks: Vec<ProofAttack> =
        headers().into_iter().map(|(name, proofs)| attack(name, proofs, FORM)).collect();
    for (name, change, refusal) in [members(), keys(key), claims(resource)].into_iter().flatten() {
        let proofs: Proofs = Box::new(move |good| vec![change(good)]);
        attacks.push(attack(name, proofs, refusal));
    }
    attacks.extend(presentations(good, resource, key));
    attacks
}

/// The refusal of a proof, of which the description is not compared.
pub(super) const FORM: Refusal = Refusal::InvalidProof("");

type Change = Box<dyn Fn(&TestProof) -> String + Send>;

/// Returns headers that are not one proof.
fn headers() -> Vec<(&'static str, Proofs)> {
    let values = |make: fn(String) -> Vec<String>| -> Proofs { Box::new(move |good| make(good.mint())) };
    vec![
        ("no proof", values(|_| vec![])),
        ("an empty proof", values(|_| vec![String::new()])),
        ("the proof in two headers", values(|proof| vec![proof.clone(), proof])),
        ("a proof and an empty header", values(|proof| vec![proof, String::new()])),
        ("two proofs in a header", values(|proof| vec![format!("{proof}, {proof}")])),
        ("a quoted proof", values(|proof| vec![format!("\"{proof}\"")])),
        ("no JWT as a proof", values(|_| vec!["not-a-proof".to_owned()])),
        ("a proof of four parts", values(|proof| vec![format!("{proof}.AAAA")])),
        ("a proof of two parts", values(|proof| vec![proof.rsplit_once('.').unwrap_or_default().0.to_owned()])),
        ("a proof with padding", values(|proof| vec![format!("{proof}==")])),
        ("a proof of 64 KiB", Box::new(|good| vec![good.clone().claim("x", "x".repeat(48 * 1024)).mint()])),
    ]
}

/// Returns proofs whose header is wrong in one way each, or whose text is no JSON of unique members.
fn members() -> Vec<(&'static str, Change, Refusal)> {
    let with = |name: &'static str, value: Value| -> Change {
        Box::new(move |good| good.clone().header(name, value.clone()).mint())
    };
    let without = |name: &'static str| -> Change { Box::new(move |good| good.clone().without_header(name).mint()) };
    [
        ("a proof of another type", with("typ", json!("JWT"))),
        ("an access token's type", with("typ", json!("at+jwt"))),
        ("the type in capitals", with("typ", json!("DPOP+JWT"))),
        ("no type", without("typ")),
        ("a critical extension", with("crit", json!(["exp"]))),
        ("a payload that is not encoded", with("b64", json!(false))),
        ("a compressed payload", with("zip", json!("DEF"))),
        ("no algorithm", without("alg")),
        ("an algorithm that is a number", with("alg", json!(256))),
        ("an algorithm of another key", with("alg", json!("ES384"))),
        ("an unknown algorithm", with("alg", json!("ES256K"))),
        ("a proof with the algorithm `none`", Box::new(|good: &TestProof| good.clone().unsigned().mint()) as Change),
        (
            "a proof with the algorithm `None`",
            Box::new(|good: &TestProof| good.clone().unsigned().header("alg", "None").mint()),
        ),
        ("no key in the header", without("jwk")),
        ("a key that is null", with("jwk", Value::Null)),
        ("a key that is a text", with("jwk", json!("key"))),
        (
            "a header with a member twice",
            rewritten(|header| header.replacen('{', r#"{"typ":"JWT","#, 1), str::to_owned),
        ),
        (
            "a key with a member twice",
            rewritten(|header| header.replacen(r#""jwk":{"#, r#""jwk":{"crv":"P-384","#, 1), str::to_owned),
        ),
        ("a header that is no object", rewritten(|_| "[]".to_owned(), str::to_owned)),
        ("a header that is no JSON", rewritten(|_| "{".to_owned(), str::to_owned)),
        ("a payload that is no JSON", rewritten(str::to_owned, |_| "{".to_owned())),
        ("a payload with something behind it", rewritten(str::to_owned, |claims| format!("{claims}{{}}"))),
        (
            "a payload with a member twice",
            rewritten(str::to_owned, |claims| claims.replacen('{', r#"{"htm":"PATCH","#, 1)),
        ),
    ]
    .into_iter()
    .map(|(name, change)| (name, change, FORM))
    .collect()
}

/// Changes the texts of header and payload, and signs them with the key of the proof.
fn rewritten(header: fn(&str) -> String, claims: fn(&str) -> String) -> Change {
    Box::new(move |good| good.sign(header(&good.header_json()), claims(&good.claims_json())))
}

/// Returns proofs with another key, or with another signature.
fn keys(key: &TestKey) -> Vec<(&'static str, Change, Refusal)> {
    let stranger = TestKey::generate(JwtAlgorithm::ES256);
    let jwk = |name: &'static str, value: Value| -> Change {
        let mut jwk = key.public_jwk();
        jwk[name] = value;
        Box::new(move |good| good.clone().header("jwk", jwk.clone()).mint())
    };
    let own = key.clone();
    let other_key = stranger.clone();
    let other_header = stranger.public_jwk();
    let symmetric = |secret: String| -> Change {
        let secret = TestKey::shared_secret(secret);
        Box::new(move |good| good.clone().header("alg", "HS256").signed_by(&secret).mint())
    };
    let oct = json!({"kty": "oct", "k": URL_SAFE_NO_PAD.encode("secret")});
    let text = |make: fn(&str, &str) -> String| -> Change {
        Box::new(move |good| {
            let proof = good.mint();
            let (message, signature) = proof.rsplit_once('.').unwrap_or_default();
            make(message, signature)
        })
    };
    let x = key.public_jwk()["x"].as_str().unwrap_or_default().to_owned();
    vec![
        (
            "a proof of another key",
            Box::new(move |good: &TestProof| {
                good.clone().signed_by(&other_key).header("jwk", other_key.public_jwk()).mint()
            }) as Change,
            Refusal::OtherKey,
        ),
        (
            "another key in the header",
            Box::new(move |good: &TestProof| good.clone().header("jwk", other_header.clone()).mint()),
            Refusal::OtherKey,
        ),
        (
            "a proof that another key signed",
            Box::new(move |good: &TestProof| good.clone().signed_by(&stranger).mint()),
            FORM,
        ),
        ("the public key (PEM) as the secret of a proof", symmetric(key.public_pem()), FORM),
        ("the public key (JWK) as the secret of a proof", symmetric(key.public_jwk().to_string()), FORM),
        ("a private key in the header", jwk("d", json!("AAAA")), FORM),
        ("a private prime in the header", jwk("p", json!("AAAA")), FORM),
        ("a secret in the header", jwk("k", json!("AAAA")), FORM),
        (
            "a symmetric key in the header",
            Box::new(move |good: &TestProof| good.clone().header("jwk", oct.clone()).mint()),
            FORM,
        ),
        ("a key for encryption", jwk("use", json!("enc")), FORM),
        ("a key that only signs", jwk("key_ops", json!(["sign"])), FORM),
        ("a key with padding", jwk("x", json!(format!("{x}="))), FORM),
        ("a key that is no point", jwk("x", json!("AAAA")), FORM),
        ("a proof without a signature", text(|message, _| format!("{message}.")), FORM),
        ("a proof with half a signature", text(|message, signature| format!("{message}.{}", &signature[..43])), FORM),
        (
            "a tampered proof",
            Box::new(|good: &TestProof| {
                let (honest, other) = (good.mint(), good.clone().claim("x", 1).mint());
                let (message, _) = other.rsplit_once('.').unwrap_or_default();
                format!("{message}.{}", honest.rsplit_once('.').unwrap_or_default().1)
            }),
            FORM,
        ),
        (
            "a proof with the signature of something else",
            Box::new(move |good: &TestProof| {
                let proof = good.mint();
                let (message, _) = proof.rsplit_once('.').unwrap_or_default();
                format!("{message}.{}", URL_SAFE_NO_PAD.encode(own.sign(b"something else")))
            }),
            FORM,
        ),
    ]
}

/// Returns proofs of another request, another time or another token.
fn claims(resource: &ProtectedResource) -> Vec<(&'static str, Change, Refusal)> {
    let with = |name: &'static str, value: Value| -> Change {
        Box::new(move |good| good.clone().claim(name, value.clone()).mint())
    };
    let without = |name: &'static str| -> Change { Box::new(move |good| good.clone().without(name).mint()) };
    let url = &*resource.url;
    let path = url.strip_prefix(&*resource.origin).unwrap_or_default();
    let (scheme, rest) = url.split_once("://").unwrap_or_default();
    let other_scheme = if scheme == "https" { "http" } else { "https" };
    let now = SystemTime::now();
    // Far enough beyond any window that an operator sets.
    let far = Duration::from_secs(24 * 60 * 60);
    let hash = URL_SAFE.encode([7; 32]);
    [
        ("no method", without("htm")),
        ("an empty method", with("htm", json!(""))),
        ("a method that is a list", with("htm", json!(["POST", "GET"]))),
        ("another method", with("htm", json!("BREW"))),
        ("the method in small letters", Box::new(|good: &TestProof| good.with_lower_case_method().mint()) as Change),
        ("no address", without("htu")),
        ("an address that is a list", with("htu", json!([url]))),
        ("an address without a host", with("htu", json!(path))),
        ("an address with a user", with("htu", json!(format!("{scheme}://user@{rest}")))),
        ("an address of another scheme", with("htu", json!(format!("{other_scheme}://{rest}")))),
        ("an address of another host", with("htu", json!(format!("https://evil.example{path}")))),
        ("an address of another port", with("htu", json!(format!("{}:4433{path}", resource.origin)))),
        ("an address below", with("htu", json!(format!("{url}/x")))),
        ("an address with an escaped slash", with("htu", json!(format!("{url}%2Fx")))),
        ("the authorization server's address", with("htu", json!("https://auth.example/token"))),
        ("no time", without("iat")),
        ("a time that is a text", with("iat", json!(seconds(now).to_string()))),
        ("a time that is null", with("iat", Value::Null)),
        ("a time before all times", with("iat", json!(-1))),
        ("a proof of yesterday", with("iat", json!(seconds(now - far)))),
        ("a proof of tomorrow", with("iat", json!(seconds(now + far)))),
        ("an expired proof", with("exp", json!(seconds(now - Duration::from_secs(1))))),
        ("no identifier", without("jti")),
        ("an empty identifier", with("jti", json!(""))),
        ("an identifier that is a number", with("jti", json!(7))),
        ("no hash of the token", without("ath")),
        ("an empty hash of the token", with("ath", json!(""))),
        ("the hash of another token", Box::new(|good: &TestProof| good.clone().token("another-token").mint())),
        ("a hash with padding", with("ath", json!(hash))),
        ("a nonce that is a number", with("nonce", json!(7))),
    ]
    .into_iter()
    .map(|(name, change)| (name, change, FORM))
    .collect()
}

/// Returns bound tokens without their scheme, and tokens with the scheme that are not bound.
fn presentations(good: &TestToken, resource: &ProtectedResource, key: &TestKey) -> Vec<ProofAttack> {
    let as_bearer = if resource.dpop() == Dpop::Required { Refusal::ProofRequired } else { Refusal::BoundToken };
    let other = TestKey::generate(JwtAlgorithm::ES256);
    let bound = |cnf: Value| good.clone().claim("cnf", cnf).mint();
    let invalid = Refusal::AuthenticationRequired;
    let mut attacks: Vec<ProofAttack> = [
        ("a bound token as a bearer token", "Bearer", good.mint(), as_bearer),
        ("an unbound token with a proof", "DPoP", good.clone().without("cnf").mint(), Refusal::UnboundToken),
        ("a token that is bound to another key", "DPoP", good.clone().bound_to(&other).mint(), Refusal::OtherKey),
        ("a token that is bound to nothing", "DPoP", bound(json!({})), invalid),
        ("a token that is bound to null", "DPoP", bound(Value::Null), invalid),
        ("a token that is bound to a text", "DPoP", bound(json!(key.thumbprint())), invalid),
        ("a token that is bound to no thumbprint", "DPoP", bound(json!({"jkt": "x"})), invalid),
        ("a token that is bound to a list", "DPoP", bound(json!({"jkt": [key.thumbprint()]})), invalid),
        ("a token that is bound to a certificate", "DPoP", bound(json!({"x5t#S256": key.thumbprint()})), invalid),
        (
            "a token that is bound to a certificate, too",
            "DPoP",
            bound(json!({"jkt": key.thumbprint(), "x5t#S256": key.thumbprint()})),
            invalid,
        ),
    ]
    .into_iter()
    .map(|(name, scheme, token, refusal)| ProofAttack { name, scheme, token, proofs: good_proof(), refusal })
    .collect();
    attacks.push(ProofAttack {
        name: "a bound token as a bearer token without a proof",
        scheme: "Bearer",
        token: good.mint(),
        proofs: Box::new(|_| vec![]),
        refusal: as_bearer,
    });
    attacks
}
