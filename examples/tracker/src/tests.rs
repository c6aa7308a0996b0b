//! Tests of the server, through its HTTP interface but without a socket.

use axum::body::{Body, to_bytes};
use axum::http::{HeaderValue, Request, Uri, header};
use mcp::testing::{TestClient, assert_manifest, assert_protected};
use mcp::{Bearer, Http, Protection, ReadResult, StaticTokens, ToolResult};
use serde_json::json;
use tower::ServiceExt as _;

use crate::app::{App, mcp_server};
use crate::server::{Issues, Tracker};
use crate::store::{Issue, Store};
use crate::{profile, static_tokens};

type Client = TestClient<Tracker, Bearer<StaticTokens>>;

async fn served() -> Http<Tracker, Bearer<StaticTokens>> {
    let store = Store::open("sqlite::memory:").await.expect("a database in memory");
    mcp_server(store, Protection::of::<Tracker>(), static_tokens())
}

/// Returns clients of one server: a lead of acme, and a developer of globex.
async fn clients() -> (Client, Client) {
    let client = TestClient::new(served().await);
    (client.token("acme-lead"), client.token("globex-dev"))
}

async fn create(client: &Client, title: &str) -> Issue {
    client.call_tool("create_issue", json!({"title": title})).await.structured().expect("an issue")
}

async fn text(client: &Client, tool: &str, arguments: serde_json::Value) -> String {
    client.call_tool(tool, arguments).await.result::<ToolResult>().expect("a result").text()
}

#[tokio::test]
async fn an_issue_is_opened_closed_and_deleted() {
    let (lead, _) = clients().await;
    let issue = create(&lead, "It rains").await;
    let id = issue.id;
    assert_eq!(issue, Issue { id, title: "It rains".to_owned(), open: true, reason: None });
    let closed: Issue =
        lead.call_tool("close_issue", json!({"id": id, "reason": "sunshine"})).await.structured().expect("an issue");
    assert_eq!(closed, Issue { open: false, reason: Some("sunshine".to_owned()), ..issue });
    let read: ReadResult = lead.read_resource(&format!("issue://{id}")).await.result().expect("a resource");
    assert_eq!(read.text(), "It rains (closed: sunshine)");
    assert_eq!(text(&lead, "close_issue", json!({"id": id})).await, format!("issue {id} is closed already"));
    assert_eq!(text(&lead, "delete_closed", json!({})).await, "Deleted 1 issues");
    let rest: Issues = lead.call_tool("list_issues", ()).await.structured().expect("issues");
    assert!(rest.issues.is_empty());
}

#[tokio::test]
async fn a_tenant_sees_no_issue_of_another() {
    let (acme, globex) = clients().await;
    let (first, second) = (create(&acme, "of acme").await.id, create(&globex, "of globex").await.id);
    for (client, own, other) in [(&acme, first, second), (&globex, second, first)] {
        let listed: Issues = client.call_tool("list_issues", ()).await.structured().expect("issues");
        assert_eq!(listed.issues.iter().map(|issue| issue.id).collect::<Vec<_>>(), [own]);
        let resources = client.request("resources/list", json!({})).await.json();
        assert_eq!(resources["result"]["resources"].as_array().expect("resources").len(), 1);
        assert_eq!(resources["result"]["resources"][0]["uri"], format!("issue://{own}"));
        // An issue of another tenant and one that does not exist have the same response.
        let [foreign, missing] = [other, other + 1].map(|id| (format!("issue://{id}"), json!({"id": id})));
        let unread = client.read_resource(&foreign.0).await.json().to_string();
        assert_eq!(unread.replace(&foreign.0, &missing.0), client.read_resource(&missing.0).await.json().to_string());
        assert!(unread.contains("error"), "{unread}");
        let unclosed = client.call_tool("close_issue", foreign.1).await.json();
        assert_eq!(unclosed, client.call_tool("close_issue", missing.1).await.json());
    }
}

#[tokio::test]
async fn only_a_lead_deletes() {
    let (_, developer) = clients().await;
    assert_eq!(text(&developer, "delete_closed", json!({})).await, "only a lead of the tenant may do this");
}

#[tokio::test]
async fn a_caller_creates_thirty_issues_a_minute() {
    let (lead, developer) = clients().await;
    for number in 1..=30 {
        create(&lead, &format!("number {number}")).await;
    }
    let refused: ToolResult =
        lead.call_tool("create_issue", json!({"title": "one more"})).await.result().expect("a result");
    assert!(refused.is_error && refused.text().contains("seconds"), "{}", refused.text());
    create(&developer, "of another caller").await;
}

#[tokio::test]
async fn the_app_has_other_routes() {
    let store = Store::open("sqlite::memory:").await.expect("a database in memory");
    let origins = ["https://app.example.com".to_owned()];
    let app = App::new(store, Protection::of::<Tracker>(), static_tokens(), &origins).expect("an app");
    for (path, token, expected) in [
        ("/health", None, (200, "ok")),
        ("/issues", Some("Bearer acme-lead"), (200, r#"{"issues":[],"next":null}"#)),
        ("/issues", None, (401, r#"{"error":"invalid_token","error_description":"Authentication required"}"#)),
    ] {
        let mut request = Request::new(Body::empty());
        *request.uri_mut() = Uri::from_static(path);
        request.headers_mut().extend(token.map(|token| (header::AUTHORIZATION, HeaderValue::from_static(token))));
        let response = app.router.clone().oneshot(request).await.expect("a response");
        let status = response.status();
        let body = to_bytes(response.into_body(), 1024).await.expect("a body");
        assert_eq!((status.as_u16(), &*String::from_utf8_lossy(&body)), expected, "{path}");
    }
}

#[test]
fn an_unknown_profile_is_no_other_one() {
    assert!(profile(None).is_ok() && profile(Some("keycloak")).is_ok());
    let error = profile(Some("key-cloak")).expect_err("unknown");
    assert_eq!(error, "TRACKER_PROFILE: `key-cloak` is unknown; write `rfc9068` or `keycloak`");
}

#[tokio::test]
async fn the_server_is_protected() {
    assert_protected(served().await).await;
}

/// `SNAPSHOTS=overwrite cargo test -p tracker` writes the manifest.
#[tokio::test]
async fn permissions_are_those_of_the_manifest() {
    assert_manifest(&served().await, concat!(env!("CARGO_MANIFEST_DIR"), "/tracker.manifest"));
}
