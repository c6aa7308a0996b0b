//! Refusals of proofs, and of tokens without their proof.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use http::Method;
use mcp::testing::{TestKey, TestProof};
use mcp::{AccessToken, Decision, Http, JwtAlgorithm, Protection, StaticTokens};

use super::{Client, Notes, RESOURCE, Vault, assert_result, call, required};
use crate::support::client::{request, send};
use crate::support::log::Log;
use crate::support::refusals::METADATA;

const ALGORITHMS: &str = "ES256 ES384 EdDSA Ed25519 PS256 PS384 PS512 RS256 RS384 RS512";

/// Returns a refusal of a server that accepts bearer tokens, too.
fn beside_bearer(scheme: &str, error: &str, description: &str) -> String {
    let algorithms =
        if scheme == "Bearer" { format!(", DPoP algs=\"{ALGORITHMS}\"") } else { format!(", algs=\"{ALGORITHMS}\"") };
    refusal(scheme, error, description, &format!(", scope=\"notes:read\"{algorithms}"))
}

fn refusal(scheme: &str, error: &str, description: &str, rest: &str) -> String {
    format!(
        "401 Unauthorized\ncache-control: no-store\ncontent-type: application/json\nwww-authenticate: {scheme} \
         error=\"{error}\", error_description=\"{description}\", resource_metadata=\"{METADATA}\"{rest}\n\n\
         {{\"error\":\"{error}\",\"error_description\":\"{description}\"}}"
    )
}

#[tokio::test]
async fn a_token_is_good_with_the_scheme_and_the_key_that_it_is_bound_to() {
    let client = Client::new();
    let app = client.app();
    assert_result(&client.call(&app, "bound-token").await, "app []");
    assert_result(&client.call(&app, "own-bound-token").await, "app []");
    assert_result(&call(&app, "Bearer bearer-token", &[]).await, r#"app []"#);
    let good = |token| client.proof("POST", token).mint();
    let other = TestKey::generate(JwtAlgorithm::ES256);
    let of_other = TestProof::new(&other, "POST", RESOURCE).token("bound-token").mint();
    let bound = "The access token is bound to a key; send it with the scheme DPoP and a proof (RFC 9449)";
    let other_key = "The access token is bound to another key than that of the proof";
    for (authorization, proof, expected) in [
        ("Bearer bound-token", String::new(), beside_bearer("Bearer", "invalid_token", bound)),
        ("Bearer bound-token", good("bound-token"), beside_bearer("Bearer", "invalid_token", bound)),
        ("Bearer own-bound-token", String::new(), beside_bearer("Bearer", "invalid_token", bound)),
        (
            "DPoP bearer-token",
            good("bearer-token"),
            beside_bearer(
                "DPoP",
                "invalid_token",
                "The access token is not bound to a key; send it with the scheme Bearer",
            ),
        ),
        ("DPoP bound-token", of_other, beside_bearer("DPoP", "invalid_token", other_key)),
        ("DPoP others-token", good("others-token"), beside_bearer("DPoP", "invalid_token", other_key)),
        (
            "DPoP foreign-token",
            good("foreign-token"),
            beside_bearer("Bearer", "invalid_token", "The access token was issued for another resource"),
        ),
        ("DPoP wrong-token", good("wrong-token"), beside_bearer("Bearer", "invalid_token", "Authentication required")),
        ("", good(""), beside_bearer("Bearer", "invalid_token", "Authentication required")),
        ("Basic YTpi", good(""), beside_bearer("Bearer", "invalid_token", "Authentication required")),
    ] {
        let proofs: Vec<&str> = Some(&*proof).filter(|proof| !proof.is_empty()).into_iter().collect();
        assert_eq!(call(&app, authorization, &proofs).await, expected, "{authorization}");
    }
    let narrow = client.call(&app, "narrow-token").await;
    assert!(narrow.starts_with("403 ") && narrow.contains(r#"Bearer error="insufficient_scope""#), "{narrow}");
    assert!(narrow.contains(&format!(r#"scope="notes:read", DPoP algs="{ALGORITHMS}""#)), "{narrow}");
    let twice = good("bound-token");
    assert!(call(&app, "DPoP bound-token", &[&twice]).await.starts_with("200 "));
    let used = beside_bearer("DPoP", "invalid_dpop_proof", "The proof was used before; each request needs a new `jti`");
    assert_eq!(call(&app, "DPoP bound-token", &[&twice]).await, used);
}

#[tokio::test]
async fn a_proof_is_for_one_request_at_one_time() {
    let client = Client::new();
    let app = client.app();
    let proof = || client.proof("POST", "bound-token");
    let from_now = |seconds: u64| SystemTime::now() + Duration::from_secs(seconds);
    let ago = |seconds: u64| SystemTime::now() - Duration::from_secs(seconds);
    for good in [
        proof().issued_at(ago(295)),
        proof().issued_at(from_now(295)),
        proof().claim("htu", "HTTP://127.0.0.1:8000/x/../%6Dcp?query#fragment"),
        proof().claim("content_digest", "sha-256=:AAAA:").header("kid", "1"),
    ] {
        assert_result(&call(&app, "DPoP bound-token", &[&good.mint()]).await, "app []");
    }
    for (bad, description) in [
        (proof().issued_at(ago(310)), "The `iat` of the proof is too far from the time of the server"),
        (proof().issued_at(from_now(310)), "The `iat` of the proof is too far from the time of the server"),
        (proof().claim("htm", "GET"), "The `htm` of the proof is not the method of the request"),
        (proof().claim("htu", "http://127.0.0.1:8000/mcp/"), "The `htu` of the proof is not the URL of this resource"),
        (proof().token("bearer-token"), "The `ath` of the proof is not the SHA-256 of the access token"),
        (proof().without("ath"), "The proof has no text as its `ath`"),
        (proof().claim("jti", ""), "The proof has no text as its `jti`"),
        (proof().header("typ", "JWT"), "The `typ` of the proof is not `dpop+jwt`"),
        (proof().unsigned(), "The `alg` of the proof is not one of the `algs` of the challenge"),
        (
            proof().signed_by(&TestKey::generate(JwtAlgorithm::ES256)),
            "The signature of the proof is not one of its `jwk`",
        ),
    ] {
        let expected = beside_bearer("DPoP", "invalid_dpop_proof", description);
        assert_eq!(call(&app, "DPoP bound-token", &[&bad.mint()]).await, expected);
    }
    let missing = beside_bearer("DPoP", "invalid_dpop_proof", "A proof is missing: expected one DPoP header");
    assert_eq!(call(&app, "DPoP bound-token", &[]).await, missing);
    let several = beside_bearer("DPoP", "invalid_dpop_proof", "There are several DPoP headers: expected one");
    assert_eq!(call(&app, "DPoP bound-token", &[&proof().mint(), &proof().mint()]).await, several);
}

#[tokio::test]
async fn every_algorithm_of_the_challenge_is_accepted() {
    for algorithm in [
        JwtAlgorithm::ES256,
        JwtAlgorithm::ES384,
        JwtAlgorithm::EdDSA,
        JwtAlgorithm::PS256,
        JwtAlgorithm::PS384,
        JwtAlgorithm::PS512,
        JwtAlgorithm::RS256,
        JwtAlgorithm::RS384,
        JwtAlgorithm::RS512,
    ] {
        let client = Client { key: TestKey::generate(algorithm) };
        assert_result(&client.call(&client.app(), "bound-token").await, "app []");
    }
    let client = Client { key: TestKey::generate(JwtAlgorithm::EdDSA) };
    let newer_name = client.proof("POST", "bound-token").header("alg", "Ed25519");
    let newer_name = newer_name.header("jwk", {
        let mut jwk = client.key.public_jwk();
        jwk["alg"] = "Ed25519".into();
        jwk
    });
    assert_result(&call(&client.app(), "DPoP bound-token", &[&newer_name.mint()]).await, "app []");
}

#[tokio::test]
async fn a_server_that_requires_proofs_has_one_challenge_with_the_reason() {
    let log = Log::start();
    let client = Client::new();
    let app = Http::protected(Vault, client.tokens()).router();
    assert_result(&client.call(&app, "bound-token").await, "gold");
    let algorithms = format!(", algs=\"{ALGORITHMS}\"");
    let refusal = |description| refusal("DPoP", "invalid_token", description, &algorithms);
    let authentication =
        refusal("Authentication required, with an access token that is bound to a key (DPoP, RFC 9449)");
    let bearer = refusal("Bearer tokens are not accepted; request a token that is bound to a key (DPoP, RFC 9449)");
    let unbound = refusal("The access token is not bound to a key; request one with a proof (DPoP, RFC 9449)");
    assert_eq!(call(&app, "", &[]).await, authentication);
    assert_eq!(call(&app, "Basic YTpi", &[]).await, authentication);
    assert_eq!(call(&app, "Bearer bearer-token", &[]).await, bearer);
    assert_eq!(call(&app, "Bearer bound-token", &[&client.proof("POST", "bound-token").mint()]).await, bearer);
    let proof = client.proof("POST", "bearer-token").mint();
    assert_eq!(call(&app, "DPoP bearer-token", &[&proof]).await, unbound);
    let malformed = call(&app, "DPoP", &[]).await;
    assert!(
        malformed.starts_with("400 ") && malformed.contains("Authorization header with the scheme DPoP"),
        "{malformed}"
    );
    let told = log.text();
    assert!(told.contains("WARN") && told.contains("refused a client with a bearer token"), "{told}");

    // Set at start, as by the attribute.
    let app = Http::protected(Notes, client.tokens()).protection(required()).router();
    assert_result(&client.call(&app, "bound-token").await, "app []");
    let refused = call(&app, "Bearer bearer-token", &[]).await;
    assert!(refused.contains("www-authenticate: DPoP error=\"invalid_token\""), "{refused}");
}

#[tokio::test]
async fn a_server_without_proofs_admits_no_bound_token() {
    let client = Client::new();
    let app = Http::protected(Notes, client.tokens()).protection(Protection::of::<Notes>().without_dpop()).router();
    assert!(call(&app, "Bearer bearer-token", &[]).await.starts_with("200 "));
    for (token, description) in [
        ("Bearer bound-token", "The access token is bound to a key; request a bearer token"),
        ("Bearer own-bound-token", "The access token is bound to a key; request a bearer token"),
        ("DPoP bound-token", "Authentication required"),
        ("DPoP bearer-token", "Authentication required"),
    ] {
        let proof = client.proof("POST", "bound-token").mint();
        let expected = refusal("Bearer", "invalid_token", description, ", scope=\"notes:read\"");
        assert_eq!(call(&app, token, &[&proof]).await, expected, "{token}");
    }
}

#[tokio::test]
async fn the_audit_tells_proofs_from_tokens() {
    let client = Client::new();
    let lines = Arc::new(Mutex::new(Vec::new()));
    let record = Arc::clone(&lines);
    let hook = move |decision: &Decision<'_>| {
        let reason = decision.outcome.reason().map_or("allowed", mcp::Reason::as_str);
        let line = format!("{reason} {} {}", decision.client_id.unwrap_or("-"), decision.detail.unwrap_or("-"));
        record.lock().unwrap_or_else(PoisonError::into_inner).push(line);
    };
    let app = Http::protected(Notes, client.tokens()).audit(hook).router();
    client.call(&app, "bound-token").await;
    call(&app, "DPoP bound-token", &[]).await;
    call(&app, "Bearer bound-token", &[]).await;
    call(&app, "Digest bound-token", &[]).await;
    call(&app, "", &[]).await;
    assert_eq!(
        *lines.lock().unwrap(),
        [
            "allowed app -",
            "proof app A proof is missing: expected one DPoP header",
            "proof app The access token is bound to a key; send it with the scheme DPoP and a proof (RFC 9449)",
            "other_scheme - -",
            "no_token - -",
        ]
    );
}

#[tokio::test]
async fn every_method_needs_a_proof_of_its_own() {
    let client = Client::new();
    for app in [client.app(), Http::protected(Notes, client.tokens()).protection(required()).router()] {
        for method in [Method::GET, Method::POST, Method::DELETE, Method::PUT, Method::OPTIONS] {
            let proof = client.proof(method.as_str(), "bound-token");
            let sent = async |proof: &str| {
                let headers = [("authorization", "DPoP bound-token"), ("dpop", proof), ("content-type", "text/plain")];
                send(&app, request(method.clone(), "/mcp", &headers, "")).await
            };
            // The request is refused for its form only once its caller is known.
            let admitted = sent(&proof.mint()).await;
            assert!(["400 ", "405 ", "406 ", "415 "].iter().any(|status| admitted.starts_with(status)), "{admitted}");
            let refused = sent(&proof.claim("htm", "PATCH").claim("jti", "new").mint()).await;
            assert!(refused.starts_with("401 ") && refused.contains("invalid_dpop_proof"), "{method} {refused}");
            let refused = sent("").await;
            assert!(refused.starts_with("401 ") && refused.contains("invalid_dpop_proof"), "{method} {refused}");
        }
    }
}

#[tokio::test]
async fn the_key_of_a_token_is_not_that_of_another() {
    let (alice, bob) = (Client::new(), Client::new());
    let token = |client: &Client| {
        AccessToken::issued_for(RESOURCE, "app").with_scopes("notes:read").with_confirmation(client.confirmation())
    };
    let tokens = StaticTokens::new([("alices-token", token(&alice)), ("bobs-token", token(&bob))]);
    let app = Http::protected(Notes, tokens).router();
    // One identifier for two keys is two proofs.
    let proof = |client: &Client, token: &str| client.proof("POST", token).claim("jti", "1").mint();
    assert!(call(&app, "DPoP alices-token", &[&proof(&alice, "alices-token")]).await.starts_with("200 "));
    assert!(call(&app, "DPoP bobs-token", &[&proof(&bob, "bobs-token")]).await.starts_with("200 "));
    assert!(call(&app, "DPoP bobs-token", &[&proof(&alice, "bobs-token")]).await.starts_with("401 "));
}
