//! The limits of proofs: their age, their length, their record, and nonces.

use std::time::{Duration, SystemTime};

use mcp::testing::SimulatedBackplane;
use mcp::{AccessToken, Http, Limits, StaticTokens};

use super::{Client, Notes, RESOURCE, assert_result, call, required};

fn limits(set: impl FnOnce(&mut mcp::ProofLimits)) -> Limits {
    let mut limits = Limits::default();
    set(&mut limits.proofs);
    limits
}

/// Returns the nonce of a response.
fn nonce(response: &str) -> &str {
    response.lines().find_map(|line| line.strip_prefix("dpop-nonce: ")).unwrap_or_else(|| panic!("{response}"))
}

#[tokio::test]
async fn a_proof_has_a_largest_size_and_age() {
    let client = Client::new();
    let proof = || client.proof("POST", "bound-token");
    let app = client.app_with(limits(|proofs| proofs.bytes = 1024));
    assert_result(&client.call(&app, "bound-token").await, "app []");
    let long = call(&app, "DPoP bound-token", &[&proof().claim("x", "x".repeat(1024)).mint()]).await;
    assert!(long.starts_with("401 ") && long.contains("The proof is too long"), "{long}");

    let app = client.app_with(limits(|proofs| proofs.age = Duration::from_secs(30)));
    let ago = |seconds| proof().issued_at(SystemTime::now() - Duration::from_secs(seconds)).mint();
    assert_result(&call(&app, "DPoP bound-token", &[&ago(25)]).await, "app []");
    assert!(call(&app, "DPoP bound-token", &[&ago(35)]).await.starts_with("401 "));
}

#[tokio::test]
async fn used_proofs_leave_room_for_others() {
    let (alice, bob) = (Client::new(), Client::new());
    let token = |client: &Client, user: &str| {
        let token = AccessToken::issued_for(RESOURCE, "app").with_subject(user);
        token.with_scopes("notes:read").with_confirmation(client.confirmation())
    };
    let tokens = StaticTokens::new([("alices-token", token(&alice, "alice")), ("bobs-token", token(&bob, "bob"))]);
    let app = Http::protected(Notes, tokens).limits(limits(|proofs| proofs.used_bytes = 2048)).router();
    let mut admitted = 0;
    let refused = loop {
        let response = alice.call(&app, "alices-token").await;
        if !response.starts_with("200 ") {
            break response;
        }
        admitted += 1;
        assert!(admitted < 100);
    };
    assert!(admitted >= 10, "{admitted}");
    assert!(refused.starts_with("503 ") && refused.contains("retry-after: 5"), "{refused}");
    assert!(bob.call(&app, "bobs-token").await.starts_with("200 "));
}

#[tokio::test]
async fn a_proof_needs_the_nonce_that_each_response_has() {
    let client = Client::new();
    let nonces = || limits(|proofs| proofs.nonce_lifetime = Some(Duration::from_secs(60)));
    let instance = |key: u8| {
        let http = Http::protected(Notes, client.tokens()).protection(required()).limits(nonces());
        http.state_keys([[key; 32]]).router()
    };
    let app = instance(1);
    let refused = call(&app, "", &[]).await;
    let first = nonce(&refused).to_owned();
    assert!(refused.starts_with("401 ") && refused.contains("cache-control: no-store"), "{refused}");

    let asked = client.call(&app, "bound-token").await;
    assert!(
        asked.starts_with("401 ")
            && asked.contains("www-authenticate: DPoP error=\"use_dpop_nonce\"")
            && asked.ends_with(
                r#"{"error":"use_dpop_nonce","error_description":"The proof needs the nonce of the header DPoP-Nonce"}"#
            ),
        "{asked}"
    );
    let with = |nonce: &str| client.proof("POST", "bound-token").nonce(nonce).mint();
    let admitted = call(&app, "DPoP bound-token", &[&with(&first)]).await;
    assert_result(&admitted, "app []");
    assert!(admitted.contains("cache-control: no-store"), "{admitted}");
    for good in [nonce(&admitted), nonce(&asked), &first] {
        assert_result(&call(&app, "DPoP bound-token", &[&with(good)]).await, "app []");
    }
    // Another instance with the same keys knows them, and one with other keys does not.
    assert_result(&call(&instance(1), "DPoP bound-token", &[&with(&first)]).await, "app []");
    for (app, bad) in [(&instance(2), &*first), (&app, "AAAA"), (&app, "")] {
        let refused = call(app, "DPoP bound-token", &[&with(bad)]).await;
        assert!(refused.contains("use_dpop_nonce") && !nonce(&refused).is_empty(), "{refused}");
    }

    let at_once =
        Http::protected(Notes, client.tokens()).limits(limits(|proofs| proofs.nonce_lifetime = Some(Duration::ZERO)));
    let app = at_once.router();
    let stale = nonce(&call(&app, "", &[]).await).to_owned();
    assert!(call(&app, "DPoP bound-token", &[&with(&stale)]).await.contains("use_dpop_nonce"));
    let bearer = call(&app, "Bearer bearer-token", &[]).await;
    assert_result(&bearer, "app []");
    assert!(!nonce(&bearer).is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_proof_is_used_once_at_all_instances() {
    let (client, engine) = (Client::new(), SimulatedBackplane::new());
    let [first, second] =
        [(); 2].map(|()| Http::protected(Notes, client.tokens()).replicas(engine.connect(), [[7; 32]]).router());
    let proof = client.proof("POST", "bound-token").mint();
    assert_result(&call(&first, "DPoP bound-token", &[&proof]).await, "app []");
    let again = call(&second, "DPoP bound-token", &[&proof]).await;
    assert!(again.starts_with("401 ") && again.contains("The proof was used before"), "{again}");
    assert_result(&client.call(&second, "bound-token").await, "app []");
    // Whatever is not known is not admitted, and bearer tokens need no engine.
    engine.stop();
    let unknown = client.call(&second, "bound-token").await;
    assert!(unknown.starts_with("503 ") && unknown.contains("retry-after: 5"), "{unknown}");
    assert_result(&call(&second, "Bearer bearer-token", &[]).await, "app []");
    // If the operator says so, an instance goes on by its own memory.
    let http = Http::protected(Notes, client.tokens()).single_use_in_outages(true);
    let alone = http.replicas(engine.connect(), [[7; 32]]).router();
    let proof = client.proof("POST", "bound-token").mint();
    assert_result(&call(&alone, "DPoP bound-token", &[&proof]).await, "app []");
    let again = call(&alone, "DPoP bound-token", &[&proof]).await;
    assert!(again.contains("The proof was used before"), "{again}");
    engine.resume();
    assert_result(&client.call(&second, "bound-token").await, "app []");
}
