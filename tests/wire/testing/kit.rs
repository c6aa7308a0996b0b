//! The test kit, used as its users do.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use mcp::testing::{TestClient, TestIssuer, TestKey, assert_manifest, assert_protected};
use mcp::{Decision, Http, JwtAlgorithm, JwtProfile, JwtVerifier, Protection, ToolResult};
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;

use crate::auth::hostile::ALGORITHMS;
use crate::support::client::checked;
use crate::support::servers::{Notes, Verifier, Workshop, limits};
use crate::support::socket::read_to_end;

/// Sends a request to the issuer over a connection of its own.
async fn ask(issuer: &TestIssuer, request: &str) -> (String, Value) {
    let mut stream = open(issuer, request).await;
    let response = read_to_end(&mut stream).await;
    let (head, body) = response.split_once("\r\n\r\n").expect("a response");
    let status = head.lines().next().and_then(|line| line.split(' ').nth(1)).expect("a status");
    (status.to_owned(), serde_json::from_str(body).unwrap_or_default())
}

async fn open(issuer: &TestIssuer, request: &str) -> TcpStream {
    let address = issuer.url().strip_prefix("http://").expect("an address");
    let mut stream = TcpStream::connect(address).await.expect("a connection");
    stream.write_all(request.as_bytes()).await.expect("a request");
    stream
}

async fn get(issuer: &TestIssuer, path: &str) -> (String, Value) {
    ask(issuer, &format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")).await
}

async fn introspect(issuer: &TestIssuer, headers: &str, form: &str) -> (String, Value) {
    let head = format!("POST /introspect HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{headers}");
    ask(issuer, &format!("{head}Content-Length: {}\r\n\r\n{form}", form.len())).await
}

#[tokio::test]
async fn an_issuer_publishes_itself_and_counts_who_asks() {
    let issuer = TestIssuer::start().await.unwrap();
    let (_, metadata) = get(&issuer, "/.well-known/oauth-authorization-server").await;
    assert_eq!(metadata["issuer"], issuer.url());
    assert_eq!(metadata["jwks_uri"], issuer.jwks_url());
    assert_eq!(metadata["introspection_endpoint"], issuer.introspection_url());
    assert_eq!(get(&issuer, "/.well-known/openid-configuration").await.1, metadata);
    let (_, jwks) = get(&issuer, "/jwks").await;
    assert_eq!(jwks, json!({"keys": [issuer.key().public_jwk()]}));
    assert_eq!(jwks, issuer.jwks());
    assert_eq!(get(&issuer, "/other").await.0, "404");
    assert_eq!((issuer.metadata_requests(), issuer.jwks_requests(), issuer.introspection_requests()), (2, 1, 0));
}

#[tokio::test]
async fn an_issuer_answers_for_opaque_tokens() {
    let issuer = TestIssuer::start().await.unwrap();
    let token = issuer.token("https://a.example").client_id("alice").scopes(["a", "b"]);
    let opaque = issuer.opaque_token(token.clone());
    let expired = issuer.opaque_token(token.expired());
    let (status, answer) = introspect(&issuer, "", &format!("token={opaque}")).await;
    assert_eq!(status, "200");
    for (name, value) in [("active", json!(true)), ("client_id", json!("alice")), ("scope", json!("a b"))] {
        assert_eq!(answer[name], value, "{name}");
    }
    let inactive = ("200".to_owned(), json!({"active": false}));
    assert_eq!(introspect(&issuer, "", &format!("token={expired}")).await, inactive);
    assert_eq!(introspect(&issuer, "", "token=other").await, inactive);
    assert_eq!(introspect(&issuer, "", "other=1").await, ("400".to_owned(), json!({"error": "invalid_request"})));
    issuer.revoke(&opaque);
    assert_eq!(introspect(&issuer, "", &format!("token={opaque}")).await, inactive);

    // `:` and ` ` must be encoded in both places (RFC 6749 §2.3.1).
    issuer.require_client("me:you", "top secret");
    let refused = ("401".to_owned(), json!({"error": "invalid_client"}));
    assert_eq!(introspect(&issuer, "", "token=other").await, refused);
    assert_eq!(introspect(&issuer, "", "token=other&client_id=me%3Ayou&client_secret=wrong").await, refused);
    assert_eq!(introspect(&issuer, "", "token=other&client_id=me%3ayou&client_secret=top+secret").await, inactive);
    let basic = "Authorization: Basic bWUlM0F5b3U6dG9wK3NlY3JldA==\r\n";
    assert_eq!(introspect(&issuer, basic, "token=other").await, inactive);
    assert_eq!(issuer.introspection_requests(), 9);
}

#[tokio::test]
async fn an_issuer_breaks_recovers_and_goes() {
    let issuer = TestIssuer::start().await.unwrap();
    issuer.fail(503);
    assert_eq!(get(&issuer, "/jwks").await.0, "503");
    issuer.hang();
    let request = "GET /jwks HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    let mut waiting = open(&issuer, request).await;
    issuer.jwks_requested(2).await;
    issuer.recover();
    assert!(read_to_end(&mut waiting).await.starts_with("HTTP/1.1 200 "));
    issuer.hang();
    let mut waiting = open(&issuer, request).await;
    issuer.jwks_requested(3).await;
    drop(issuer);
    assert_eq!(read_to_end(&mut waiting).await, "");
}

#[tokio::test]
async fn an_issuer_changes_its_keys() {
    let algorithms = [JwtAlgorithm::RS256, JwtAlgorithm::ES384, JwtAlgorithm::EdDSA];
    let issuer = TestIssuer::start_with(algorithms).await.unwrap();
    let kids = |jwks: &Value| -> Vec<Value> {
        jwks["keys"].as_array().expect("keys").iter().map(|key| key["kid"].clone()).collect()
    };
    let first = issuer.jwks();
    issuer.rotate_same_kid();
    let second = issuer.jwks();
    assert_eq!(kids(&first), kids(&second));
    issuer.rotate();
    let third = issuer.jwks();
    for (index, part) in ["n", "x", "x"].into_iter().enumerate() {
        let values = [&first, &second, &third].map(|jwks| &jwks["keys"][index][part]);
        assert!(values[0].is_string() && values[0] != values[1] && values[1] != values[2], "{values:?}");
        assert_ne!(kids(&second)[index], kids(&third)[index]);
    }
    // Whoever generates a key gets none of the issuer's.
    let stranger = TestKey::generate(JwtAlgorithm::RS256).public_jwk();
    assert!([&first, &second, &third].iter().all(|jwks| jwks["keys"][0]["n"] != stranger["n"]));
}

#[tokio::test]
async fn tokens_of_an_issuer_are_verified_with_its_published_keys() {
    let issuer = TestIssuer::start().await.unwrap();
    let protection = Protection::of::<Notes>().issuer(issuer.url()).unwrap();
    let verifier = JwtVerifier::builder(&protection).build().unwrap();
    let good = issuer.token(protection.resource_url()).client_id("alice").scopes(["notes:read"]);
    let client = TestClient::new(Http::protected(Notes::default(), verifier).protection(protection));
    let alice = client.token(good.mint());
    let result: ToolResult = checked(alice.call_tool("whoami", ()).await).result().unwrap();
    assert_eq!(result.text(), "alice alice alice");
    assert_eq!((issuer.metadata_requests(), issuer.jwks_requests()), (1, 1));
    let late = checked(client.token(good.clone().expires_in(Duration::ZERO).mint()).list_tools().await);
    assert_eq!(late.json()["error_description"], "The access token expired");
}

#[tokio::test]
async fn a_client_sees_what_a_client_sees() {
    let client = TestClient::new(Http::protected(Notes::default(), Verifier));
    let anonymous = checked(client.list_tools().await);
    assert_eq!(anonymous.status(), 401);
    assert_eq!(
        anonymous.www_authenticate(),
        Some(
            r#"Bearer error="invalid_token", error_description="Authentication required", resource_metadata="http://127.0.0.1:8000/.well-known/oauth-protected-resource/mcp", scope="notes:read""#
        )
    );
    assert_eq!(anonymous.headers()["cache-control"], "no-store");
    let error = anonymous.result::<Value>().unwrap_err();
    assert_eq!(
        error.message(),
        r#"no result of the expected type, but 401 Unauthorized with the body {"error":"invalid_token","error_description":"Authentication required"}"#
    );

    let alice = client.token("alice-token");
    assert_eq!(checked(client.list_tools().await).status(), 401, "the other client has no token still");
    assert_eq!(checked(alice.list_tools().await).json()["result"]["tools"].as_array().unwrap().len(), 7);
    let result: ToolResult = checked(alice.call_tool("whoami", ()).await).result().unwrap();
    assert_eq!(result.text(), "alice alice alice");
    assert_eq!(checked(alice.call_tool("add_note", json!({"text": "a"})).await).status(), 403);
    let discovered: Value = checked(alice.request("server/discover", json!({})).await).result().unwrap();
    assert_eq!(discovered["supportedVersions"][0], "2026-07-28");
    assert_eq!(checked(alice.notify("notifications/cancelled", json!({"requestId": 1})).await).status(), 202);
    // Names that do not fit into a header.
    for name in ["日本", " a", "=?base64?YQ==?="] {
        let error = checked(alice.call_tool(name, json!({})).await).result::<Value>().unwrap_err();
        assert_eq!(error.message(), format!("Unknown tool: {name}"));
    }
    let response = checked(alice.send(http::Request::get(client.endpoint()).body("").unwrap()).await);
    assert_eq!(response.status(), 405);
    let own = http::Request::get(client.endpoint()).header("authorization", "Bearer expired-token").body("").unwrap();
    assert_eq!(checked(alice.send(own).await).status(), 401);
    assert!(!format!("{alice:?}").contains("alice-token"));

    let (workshop, _observer) = Workshop::new();
    let open = TestClient::new(Http::open(workshop));
    let error = checked(open.call_tool("fail", json!({"how": "params"})).await).result::<Value>().unwrap_err();
    assert_eq!((error.code(), error.message()), (Some(-32602), "no such thing"));
}

struct Hierarchy;

#[mcp::server(
    issuer = ["https://auth.example.com", "https://login.example.com"],
    resource = "https://mcp.example.com/deep/path",
    scopes = ["read", "use"],
    optional_scopes = ["write", "admin", "audit"],
    hierarchy = ["admin" > "write" > "read"],
    resource_name = "Hierarchy",
)]
impl Hierarchy {
    /// It must not be run.
    #[mcp::tool(scopes = ["admin"], hidden)]
    fn shred(&self) {
        panic!("a tool was run");
    }

    /// It must not be run either.
    #[mcp::tool]
    fn look(&self, _count: Option<u8>) {
        panic!("a tool was run");
    }

    /// Nor must this.
    #[mcp::tool(hidden, scopes = ["write", "audit"])]
    fn edit(&self) {
        panic!("a tool was run");
    }
}

struct Scopeless;

#[mcp::server(issuer = "https://auth.example.com", resource = "https://mcp.example.com")]
impl Scopeless {
    /// Do nothing.
    #[mcp::tool]
    fn nothing(&self) {}
}

struct Shelf;

#[mcp::server(
    issuer = "https://auth.example.com",
    resource = "https://mcp.example.com/shelf",
    scopes = ["read"],
    optional_scopes = ["lend", "audit"],
)]
impl Shelf {
    /// It needs more than it declares, because it could be a book.
    #[mcp::resource("shelf://index%2Fnew", scopes = ["lend"])]
    fn index(&self) -> String {
        panic!("a resource was read")
    }

    /// A rare book, which needs more as well, because it could be one of the other shelf.
    #[mcp::resource("shelf://Rare/{book}", scopes = ["lend"])]
    fn rare(&self, book: String) -> String {
        panic!("{book} was read")
    }

    /// A rare book of another shelf.
    #[mcp::resource("shelf://rare/{book}", scopes = ["audit"])]
    fn also_rare(&self, book: String) -> String {
        panic!("{book} was read")
    }

    /// A book.
    #[mcp::resource("shelf://{book}", scopes = ["audit"])]
    fn book(&self, book: String) -> String {
        panic!("{book} was read")
    }

    #[mcp::completion(resource = "shelf://{book}", argument = "book")]
    fn books(&self, book: String) -> Vec<String> {
        panic!("a completion of {book:?} was asked for")
    }
}

#[tokio::test]
async fn protected_servers_are_protected() {
    assert_protected(Http::protected(Notes::default(), Verifier)).await;
    assert_protected(Http::protected(Hierarchy, Verifier).limits(limits(|limits| limits.request.page_size = 1))).await;
    assert_protected(Http::protected(Scopeless, Verifier)).await;
    assert_protected(Http::protected(Shelf, Verifier)).await;
}

/// With everything else that an environment changes.
#[tokio::test]
async fn what_is_attacked_is_what_is_served() {
    let protection = Protection::of::<Notes>()
        .issuers(["https://a.example", "https://b.example"])
        .and_then(|protection| protection.resource("https://notes.example.com/v2"))
        .unwrap();
    let verifier = JwtVerifier::builder(&protection).build().unwrap();
    let heard = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&heard);
    let http = Http::protected(Notes::default(), verifier).audit(move |_: &Decision<'_>| {
        counter.fetch_add(1, Ordering::Relaxed);
    });
    assert_protected(http.protection(protection)).await;
    assert!(heard.load(Ordering::Relaxed) > 500, "{heard:?}");
}

#[tokio::test]
async fn a_verifier_for_another_server_is_found_by_the_battery_and_by_a_client() {
    let verifier = || JwtVerifier::builder(&Protection::of::<Hierarchy>()).build().unwrap();
    let expected = "the verifier of `Notes` is for another resource, so every token would be refused";
    let attack = async move { assert_protected(Http::protected(Notes::default(), verifier())).await };
    let panic = tokio::spawn(attack).await.unwrap_err().into_panic();
    let message = panic.downcast_ref::<String>().unwrap();
    assert!(message.starts_with("asserted at tests/wire/testing/kit.rs:") && message.contains(expected), "{message}");
    let connect = || TestClient::new(Http::protected(Notes::default(), verifier()));
    let panic = std::panic::catch_unwind(connect).err().unwrap();
    let message = panic.downcast_ref::<String>().unwrap();
    assert!(message.starts_with(expected), "{message}");
}

#[test]
fn who_may_do_what_is_kept_as_a_text() {
    assert_manifest(&Http::protected(Hierarchy, Verifier), "wire/testing/hierarchy.manifest");
    assert_manifest(&Http::protected(Shelf, Verifier), "wire/testing/shelf.manifest");
    assert_manifest(&Http::open(Workshop::new().0).path("/workshop"), "wire/testing/workshop.manifest");
}

#[tokio::test]
async fn every_algorithm_is_minted_and_verified() {
    let issuer = TestIssuer::start_with(ALGORITHMS).await.unwrap();
    let protection = Protection::of::<Scopeless>().issuer(issuer.url()).unwrap();
    let profile = JwtProfile::rfc9068().jwks(issuer.jwks().to_string());
    let verifier = JwtVerifier::builder(&protection).profile(profile).build().unwrap();
    let client = TestClient::new(Http::protected(Scopeless, verifier).protection(protection.clone()));
    for algorithm in ALGORITHMS {
        let token = issuer.token(protection.resource_url()).algorithm(algorithm).mint();
        assert_eq!(checked(client.token(token).list_tools().await).status(), 200, "{algorithm:?}");
    }
}
