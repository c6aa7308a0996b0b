//! The places in which a server shows and uses proofs: verifiers, documents, layers and pages.

use std::time::Duration;

use axum::Router;
use axum::routing::get;
use http::Method;
use mcp::testing::{TestClient, TestIssuer, TestProof, assert_manifest, assert_protected};
use mcp::{AccessToken, CachedVerifier, Http, IntrospectionVerifier, JwtVerifier, Limits, Protection, ResourceServer};
use mcp::{TokenError, TokenVerifier};

use super::{Client, Notes, RESOURCE, Vault, required};
use crate::support::client::{request, send};

#[tokio::test]
async fn each_verifier_carries_the_key_of_a_token() {
    let (client, issuer) = (Client::new(), TestIssuer::start().await.unwrap());
    let protection = Protection::of::<Notes>().issuer(issuer.url()).unwrap();
    let jwt = || JwtVerifier::builder(&protection).build().unwrap();
    let introspection = || IntrospectionVerifier::builder(&protection, issuer.introspection_url()).build().unwrap();
    let good = || issuer.token(RESOURCE).scopes(["notes:read"]).bound_to(&client.key);
    let (signed, opaque) = (good().mint(), issuer.opaque_token(good().claim("token_type", "DPoP")));
    check(&client, Http::protected(Notes, jwt()).protection(protection.clone()), &signed).await;
    check(&client, Http::protected(Notes, introspection()).protection(protection.clone()), &opaque).await;
    let cached = CachedVerifier::builder(Forwarding(jwt())).build();
    check(&client, Http::protected(Notes, cached).protection(protection.clone()), &signed).await;

    // A verifier of a server without proofs accepts no such token, whoever calls it.
    let plain = protection.without_dpop();
    let verifier = JwtVerifier::builder(&plain).build().unwrap();
    assert!(verifier.verify_token(&signed).await.is_err());
    let verifier = IntrospectionVerifier::builder(&plain, issuer.introspection_url()).build().unwrap();
    assert!(verifier.verify_token(&opaque).await.is_err());
}

struct Forwarding(JwtVerifier);

impl TokenVerifier for Forwarding {
    async fn verify_token(&self, token: &str) -> Result<AccessToken, TokenError> {
        self.0.verify_token(token).await
    }
}

/// Checks that a token is good with its key alone, at first and from a cache.
async fn check<V: TokenVerifier>(client: &Client, http: Http<Notes, mcp::Bearer<V>>, token: &str) {
    let server = TestClient::new(http);
    let stranger = Client::new();
    for _ in 0..2 {
        assert_eq!(server.bound_token(token, &client.key).list_tools().await.status(), 200);
        assert_eq!(server.bound_token(token, &stranger.key).list_tools().await.status(), 401);
        assert_eq!(server.token(token).list_tools().await.status(), 401);
    }
}

#[tokio::test]
async fn a_protected_server_refuses_every_attack_in_both_forms() {
    let client = Client::new();
    assert_protected(Http::protected(Notes, client.tokens())).await;
    let mut limits = Limits::default();
    limits.proofs.nonce_lifetime = Some(Duration::from_secs(60));
    assert_protected(Http::protected(Vault, client.tokens()).limits(limits)).await;
}

#[tokio::test]
async fn the_documents_of_a_server_show_its_proofs() {
    let client = Client::new();
    let algorithms = r#""dpop_signing_alg_values_supported":["ES256","ES384","EdDSA","Ed25519","PS256","PS384","PS512","RS256","RS384","RS512"]"#;
    let path = "/.well-known/oauth-protected-resource/mcp";
    let accepted = send(&client.app(), request(Method::GET, path, &[], "")).await;
    assert!(accepted.ends_with(&format!(r#""bearer_methods_supported":["header"],{algorithms}}}"#)), "{accepted}");
    let app = Http::protected(Notes, client.tokens()).protection(required()).router();
    let document = send(&app, request(Method::GET, path, &[], "")).await;
    assert!(
        document.ends_with(&format!(
            r#""bearer_methods_supported":["header"],{algorithms},"dpop_bound_access_tokens_required":true}}"#
        )),
        "{document}"
    );
    let page = send(&app, request(Method::GET, "/mcp", &[("accept", "text/html")], "")).await;
    assert!(page.contains("<h2>Keys</h2>\n<p>An application has to bind its access to a key of its own"), "{page}");
    let http = Http::protected(Vault, client.tokens());
    assert!(http.summary().contains("Issuer    https://auth.example.com\nProof     DPoP\n"), "{}", http.summary());
    assert_manifest(&http, "wire/auth/dpop/vault.manifest");
}

#[tokio::test]
async fn a_page_of_another_origin_sends_proofs_and_reads_nonces() {
    let client = Client::new();
    let app = Http::protected(Notes, client.tokens()).allow_origins(["https://app.example.com"]).router();
    let headers = [("origin", "https://app.example.com"), ("access-control-request-method", "POST")];
    let preflight = send(&app, request(Method::OPTIONS, "/mcp", &headers, "")).await;
    assert!(preflight.starts_with("204 ") && preflight.contains(", dpop, "), "{preflight}");
    let refused = send(&app, request(Method::POST, "/mcp", &headers[..1], "")).await;
    assert!(
        refused.contains("access-control-expose-headers: www-authenticate, mcp-session-id, dpop-nonce"),
        "{refused}"
    );
}

#[tokio::test]
async fn a_proof_for_another_route_names_its_path() {
    let client = Client::new();
    let mut limits = Limits::default();
    limits.proofs.nonce_lifetime = Some(Duration::from_secs(60));
    let protection = Protection::new("https://auth.example.com", RESOURCE).unwrap().require_dpop();
    let server = ResourceServer::new(protection, client.tokens()).unwrap().limits(limits);
    let export = get(|headers: http::HeaderMap| async move { format!("{}", headers.contains_key("dpop")) });
    let app = Router::new().route("/export", export).route_layer(server.layer());
    let sent = async |url: &str, nonce: &str| {
        let proof = TestProof::new(&client.key, "GET", url).token("bound-token").nonce(nonce).mint();
        send(&app, request(Method::GET, "/export", &[("authorization", "DPoP bound-token"), ("dpop", &proof)], ""))
            .await
    };
    let here = "http://127.0.0.1:8000/export";
    let asked = sent(here, "").await;
    let nonce = asked.lines().find_map(|line| line.strip_prefix("dpop-nonce: ")).unwrap();
    assert!(asked.starts_with("401 ") && asked.contains("use_dpop_nonce"), "{asked}");
    let admitted = sent(here, nonce).await;
    assert!(
        admitted.starts_with("200 ") && admitted.contains("dpop-nonce: ") && admitted.ends_with("false"),
        "{admitted}"
    );
    for other in [RESOURCE, "http://127.0.0.1:8000/", "http://127.0.0.1:8000/export/x"] {
        let refused = sent(other, nonce).await;
        assert!(refused.starts_with("401 ") && refused.contains("invalid_dpop_proof"), "{other} {refused}");
    }
}
