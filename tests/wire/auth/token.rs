//! The token of a request, wherever a handler looks for it, and only there.

use serde_json::{Value, json};

use crate::support::client::{call, legacy, send};
use crate::support::servers::{Notes, notes_app};

fn text(response: &str) -> String {
    let (_, body) = response.split_once("\n\n").expect("a head");
    let body: Value = serde_json::from_str(body).expect("JSON");
    body["result"]["content"][0]["text"].as_str().unwrap_or_else(|| panic!("{body}")).to_owned()
}

#[tokio::test]
async fn every_kind_of_handler_knows_its_caller() {
    let app = notes_app();
    for (tool, expected) in [("whoami", "bob bob bob"), ("whoami_sync", "bob bob"), ("whoami_blocking", "bob bob")] {
        assert_eq!(text(&send(&app, call("bob-token", tool, "{}")).await), expected);
        for version in crate::support::client::LEGACY {
            let request = legacy(version, "bob-token", "tools/call", &format!(r#""name":"{tool}""#));
            assert_eq!(text(&send(&app, request).await), expected, "{version}");
        }
    }
    assert_eq!(
        text(&send(&app, call("bob-token", "whoami_surely", "{}")).await),
        r#"AccessToken { client_id: "bob", scopes: ["notes:write", "notes:read"], subject: None, expires_at: None, audience: [], issuer: None, claims: [] }"#
    );
    assert_eq!(mcp::access_token(), None, "outside of a request");
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_at_the_same_time_are_not_mixed_up() {
    let app = notes_app();
    let mut requests = tokio::task::JoinSet::new();
    for n in 0..300 {
        let app = app.clone();
        requests.spawn(async move {
            let token = format!("client-{n}");
            for tool in ["whoami", "whoami_sync", "whoami_blocking"] {
                let text = text(&send(&app, call(&token, tool, "{}")).await);
                assert!(text.split(' ').all(|name| name == token), "{token}: {text}");
            }
        });
    }
    while let Some(result) = requests.join_next().await {
        result.expect("no mixing");
    }
}

#[tokio::test]
async fn where_there_is_no_http_there_is_no_token() {
    let client = mcp::MemoryClient::new(Notes::default());
    for (tool, is_error, text) in [
        ("whoami", false, "anonymous anonymous anonymous"),
        ("whoami_sync", false, "anonymous anonymous"),
        ("whoami_blocking", false, "anonymous anonymous"),
        ("whoami_surely", true, "This needs an access token, which only requests over HTTP carry"),
        ("inspect", true, "This can only be asked for over HTTP"),
    ] {
        let result = client.call_tool(tool, json!({})).await.expect("a result");
        assert_eq!((result.is_error, result.text().as_str()), (is_error, text), "{tool}");
    }
}

#[tokio::test]
async fn the_request_is_there_without_the_token_and_with_what_a_layer_added() {
    let app = notes_app().layer(axum::Extension("from a layer"));
    let mut request = call("alice-token", "inspect", "{}");
    *request.uri_mut() = "/mcp?page=2".parse().unwrap();
    request.headers_mut().insert("x-forwarded-for", "192.0.2.1".parse().unwrap());
    assert_eq!(
        text(&send(&app, request).await),
        r#"POST /mcp?page=2 Some("from a layer") host content-type accept x-forwarded-for mcp-protocol-version mcp-method mcp-name"#
    );
}
