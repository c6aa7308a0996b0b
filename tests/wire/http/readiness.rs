//! The probe of an orchestrator, and the fetches before the first request.

use std::io;
use std::sync::Arc;

use mcp::testing::TestIssuer;
use mcp::{AccessToken, Http, IntrospectionVerifier, JwtVerifier, Protection, TokenError, TokenVerifier};

use crate::support::log::Log;
use crate::support::servers::{Notes, Workshop};
use crate::support::socket::{Served, exchange};

fn protection(issuer: &TestIssuer) -> Protection<Notes> {
    Protection::of::<Notes>().issuer(issuer.url()).expect("an issuer")
}

/// Sends a probe as Kubernetes does, with the address of the instance.
async fn probe(served: &Served, method: &str) -> String {
    let head = format!("{method} /ready HTTP/1.1\r\nHost: 10.1.2.3:8000\r\nConnection: close\r\n\r\n");
    exchange(served.address, head.as_bytes()).await
}

fn response(status: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "HTTP/1.1 {status}\r\ncontent-type: text/plain; charset=utf-8\r\ncache-control: no-store\r\nconnection: close\r\n\
         content-length: {length}\r\n\r\n{body}"
    )
}

#[tokio::test]
async fn a_server_is_ready_when_its_verifier_can_decide() {
    let log = Log::start();
    let issuer = TestIssuer::start().await.unwrap();
    issuer.fail(503);
    let protection = protection(&issuer);
    let verifier = JwtVerifier::builder(&protection).build().unwrap();
    let http = Http::protected(Notes::default(), verifier).protection(protection).readiness("/ready");
    let served = Served::start(|listener, stop| http.serve_until(listener, stop)).await;
    assert_eq!(probe(&served, "GET").await, response("503 Service Unavailable", "not ready\n"));
    let log = log.text();
    let (why, url) =
        (format!("the keys of {} can't be fetched: ", issuer.url()), format!("{}/.well-known/", issuer.url()));
    assert!(log.contains("not ready") && log.contains(&why) && log.contains(&url), "{log}");
    issuer.recover();
    // After the pause between a fetch that failed and the next one.
    crate::support::clock::pass(std::time::Duration::from_secs(2)).await;
    assert_eq!(probe(&served, "GET").await, response("200 OK", "ready\n"));
    assert!(probe(&served, "HEAD").await.starts_with("HTTP/1.1 200 OK"));
    // The keys are cached.
    issuer.fail(503);
    assert_eq!(probe(&served, "GET").await, response("200 OK", "ready\n"));
    assert_eq!(issuer.jwks_requests(), 1);
    assert!(probe(&served, "POST").await.starts_with("HTTP/1.1 404"));
    served.stop().await;
}

#[tokio::test]
async fn a_probe_is_served_where_it_is_wanted_only() {
    let served = Served::notes().await;
    assert!(probe(&served, "GET").await.starts_with("HTTP/1.1 404"));
    served.stop().await;
    let open = |listener, stop| Http::open(Workshop::new().0).readiness("/ready").serve_until(listener, stop);
    let served = Served::start(open).await;
    assert_eq!(probe(&served, "GET").await, response("200 OK", "ready\n"));
    served.stop().await;
}

struct Broken;

impl TokenVerifier for Broken {
    async fn verify_token(&self, _: &str) -> Result<AccessToken, TokenError> {
        Err(TokenError::unavailable("broken"))
    }

    async fn warm_up(&self) -> io::Result<()> {
        panic!("the verifier is broken")
    }
}

#[tokio::test]
async fn a_verifier_that_panics_is_not_ready() {
    let http = Http::protected(Notes::default(), Broken).readiness("/ready");
    let served = Served::start(|listener, stop| http.serve_until(listener, stop)).await;
    assert_eq!(probe(&served, "GET").await, response("503 Service Unavailable", "not ready\n"));
    served.stop().await;
}

#[tokio::test]
async fn a_verifier_is_warmed_up_before_the_first_request() {
    let issuer = TestIssuer::start().await.unwrap();
    let protection = protection(&issuer);
    let jwt = Arc::new(JwtVerifier::builder(&protection).build().unwrap());
    jwt.warm_up().await.unwrap();
    assert!(jwt.verify_token(&issuer.token(protection.resource_url()).mint()).await.is_ok());
    assert_eq!(issuer.jwks_requests(), 1);

    issuer.require_client("me", "secret");
    let introspection = |secret: &str| {
        let builder = IntrospectionVerifier::builder(&protection, issuer.introspection_url());
        builder.client_secret_basic("me", secret).build().unwrap()
    };
    introspection("secret").warm_up().await.unwrap();
    let refused = introspection("wrong").warm_up().await.unwrap_err().to_string();
    let expected = format!(
        "tokens of {} can't be introspected: {} answers 401 Unauthorized",
        issuer.url(),
        issuer.introspection_url()
    );
    assert_eq!(refused, expected);
}
