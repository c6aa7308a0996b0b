//! All that is wrong with a token, said at once.

use std::time::Duration;

use mcp::testing::{TestIssuer, TestKey};
use mcp::{JwtAlgorithm, JwtProfile, JwtVerifier, Protection, TokenAspect};
use serde_json::{Value, json};

use crate::support::clock::now;
use crate::support::servers::{Notes, RESOURCE};

/// A verifier of a server with this issuer, and the key that it has.
fn verifier(issuer: &str, profile: JwtProfile) -> (JwtVerifier, TestKey) {
    let key = TestKey::generate(JwtAlgorithm::ES256);
    let protection = Protection::of::<Notes>().issuer(issuer).unwrap();
    let profile = profile.jwks(json!({"keys": [key.public_jwk()]}).to_string());
    (JwtVerifier::builder(&protection).profile(profile).build().unwrap(), key)
}

fn token(key: &TestKey, typ: &str, mut claims: Value) -> String {
    if claims.get("exp").is_none() {
        claims["exp"] = json!(now() + 3600);
    }
    key.jws(json!({"alg": "ES256", "kid": key.kid(), "typ": typ}).to_string(), claims.to_string())
}

const MAPPER: &str = "add an *Audience* mapper to a client scope that the client has, with the resource as *Included \
                      Custom Audience*";
const REALM: &str = "https://kc.example.com/realms/main";

#[tokio::test]
async fn everything_that_is_wrong_is_said_at_once() {
    let (verifier, _) = verifier(REALM, JwtProfile::rfc9068());
    let stranger = TestKey::generate(JwtAlgorithm::ES256);
    let claims = json!({
        "iss": "https://kc.example.com/realms/other", "aud": ["account", "\u{1b}[31m"], "azp": "app", "typ": "ID",
        "cnf": {"jkt": "x"}, "exp": 1, "nbf": now() + 7200, "sub": 7, "scope": "openid",
    });
    let explanation = verifier.explain(&token(&stranger, "JWT", claims)).await;
    let seconds = explanation.to_string();
    let seconds = seconds.split("it expired ").nth(1).and_then(|rest| rest.split(' ').next()).unwrap();
    assert!(now() - seconds.parse::<u64>().unwrap() <= 60, "{seconds}");
    assert_eq!(
        explanation.to_string(),
        format!(
            "The token is refused:\n\
             - type: its `typ` is not `at+jwt`; `JwtProfile::allow_plain_typ` accepts `JWT`\n\
             - binding: it is bound to a key (`cnf`), and a bearer token proves no possession of one; \
             `dpop = \"accepted\"` of `#[mcp::server]` accepts it with a proof\n\
             - issuer: its issuer is not, to the letter, one of this server's: `{REALM}`; in the token it is \
             \"https://kc.example.com/realms/other\"\n\
             - client: it names no client: it has no `client_id`; `JwtProfile::client_claim` sets the claim\n\
             - audience: its `aud` is [\"account\",\"\\u001b[31m\"], without `{RESOURCE}`; let the client ask for this \
             resource, set the audience at the provider, or name it: `JwtProfile::accept_audience`\n\
             - expiry: it expired {seconds} seconds ago\n\
             - start: it is not valid yet, by its `nbf`\n\
             - subject: its `sub` has a wrong type: it is a number\n\
             - scopes: every request needs `notes:read`, and its scopes are \"openid\"\n\
             - signature: no key of its issuer confirms its signature\n\
             Note: with `JwtProfile::keycloak()`, this is left: kind (it is no access token, but an ID token (its claim \
             `typ` is `ID`)), binding, issuer, audience (its `aud` is [\"account\",\"\\u001b[31m\"], without `{RESOURCE}`; \
             {MAPPER}), expiry, start, subject, scopes\n"
        )
    );
    assert_eq!(explanation.accepted(), None);
    assert_eq!(explanation.problems().len(), 10);
    assert_eq!(explanation.problems()[0].aspect, TokenAspect::Type);
}

#[tokio::test]
async fn the_preset_that_would_accept_a_token_is_named() {
    let good = json!({"iss": REALM, "aud": RESOURCE, "azp": "app", "typ": "Bearer", "scope": "notes:read"});
    let (strict, key) = verifier(REALM, JwtProfile::rfc9068());
    let explanation = strict.explain(&token(&key, "JWT", good.clone())).await;
    assert_eq!(explanation.presets().collect::<Vec<_>>(), ["JwtProfile::keycloak()"]);
    assert!(
        explanation.to_string().ends_with("It would be accepted with `JwtProfile::keycloak()`.\n"),
        "{explanation}"
    );

    // With the preset that is likely, one thing is left.
    let mut fresh = good.clone();
    fresh["aud"] = json!("account");
    let explanation = strict.explain(&token(&key, "JWT", fresh)).await;
    assert_eq!(explanation.presets().count(), 0);
    let left = format!(
        "with `JwtProfile::keycloak()`, this is left: audience (its `aud` is \"account\", without `{RESOURCE}`; {MAPPER})"
    );
    assert_eq!(explanation.remarks().collect::<Vec<_>>(), [left]);

    // Words of the operator count with the presets, too.
    let issuer = "https://login.microsoftonline.com/72f988bf-86f1-41af-91ab-2d7cd011db47/v2.0";
    let (plain, key) = verifier(issuer, JwtProfile::rfc9068().scope_claim("groups"));
    let entra = json!({
        "iss": "https://sts.windows.net/72f988bf-86f1-41af-91ab-2d7cd011db47/", "aud": "api://some-id", "appid": "app",
        "tid": "72f988bf-86f1-41af-91ab-2d7cd011db47", "scp": "a", "groups": ["notes:read"],
    });
    let explanation = plain.explain(&token(&key, "JWT", entra)).await;
    assert_eq!(explanation.presets().collect::<Vec<_>>(), [r#"JwtProfile::entra("some-id")"#], "{explanation}");

    // Of an issuer without a sign of its provider, those that fit.
    let (unknown, key) = verifier("https://auth.example.com", JwtProfile::rfc9068());
    let claims = json!({"iss": "https://auth.example.com", "aud": RESOURCE, "cid": "app", "scope": "notes:read"});
    let explanation = unknown.explain(&token(&key, "JWT", claims)).await;
    assert_eq!(explanation.presets().collect::<Vec<_>>(), ["JwtProfile::okta()"], "{explanation}");
}

#[tokio::test]
async fn a_token_that_is_good_has_no_problems() {
    let issuer = TestIssuer::start().await.unwrap();
    let protection = Protection::of::<Notes>().issuer(issuer.url()).unwrap();
    let profile = JwtProfile::rfc9068().scope_claim("groups");
    let verifier = JwtVerifier::builder(&protection).profile(profile).fetch_timeout(Duration::from_secs(60));
    let verifier = verifier.build().unwrap();
    let token = issuer.token(RESOURCE).scopes(["notes:read", "a"]);
    let explanation = verifier.explain(&token.mint()).await;
    assert_eq!(
        explanation.to_string(),
        "The token is accepted: client \"test-client\", scopes \"notes:read a\".\n\
         Note: it has no `groups`, from which the profile reads scopes\n"
    );
    assert_eq!(explanation.accepted().unwrap().client_id, "test-client");
    // A broader scope counts, as it does for the guard.
    assert!(verifier.explain(&token.clone().scopes(["notes:admin"]).mint()).await.accepted().is_some());
    let narrow = verifier.explain(&token.scopes(["a"]).mint()).await;
    assert_eq!(narrow.problems()[0].aspect, TokenAspect::Scopes);
    assert!(narrow.accepted().is_none());
}

#[tokio::test]
async fn what_is_no_jwt_is_said_without_the_token() {
    let (verifier, key) = verifier(REALM, JwtProfile::keycloak());
    let good = token(&key, "JWT", json!({"iss": REALM}));
    let (head, _) = good.rsplit_once('.').unwrap();
    for (token, expected) in [
        (
            "2YotnFZFEjr1zCsicMWpAA".to_owned(),
            "form: it is no JWT, because it has no three parts; for opaque tokens, see `IntrospectionVerifier`",
        ),
        (format!("{head}.!"), "form: its signature is not canonical base64url"),
        (key.jws(r#"{"alg":"HS256"}"#, "{}"), "form: its algorithm is missing or never accepted"),
        (key.jws(r#"{"alg":"ES256"}"#, "[]"), "form: its claims are not a JSON object of unique members"),
        ("x".repeat(16 * 1024 + 1), "form: it is longer than `max_token_bytes`"),
    ] {
        let explanation = verifier.explain(&token).await;
        assert_eq!(explanation.to_string(), format!("The token is refused:\n- {expected}\n"));
        assert!(!format!("{explanation:?}").contains(&token));
    }
}
