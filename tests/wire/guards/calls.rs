//! Guards of calls, reads and prompts.

use mcp::MemoryClient;
use serde_json::{Value, json};

use super::{Tracker, app};
use crate::support::client::{LEGACY, ask};
use crate::support::schema::MODERN;

/// The requests about an issue, each with the text of the answer, and of that about a missing issue.
fn requests(id: u64) -> [(&'static str, Value, String, &'static str); 4] {
    [
        ("tools/call", json!({"name": "close", "arguments": {"id": id}}), (id + 4).to_string(), "Not found"),
        ("tools/call", json!({"name": "close_blocking", "arguments": {"id": id}}), format!("{id} acme"), "Not found"),
        ("resources/read", json!({"uri": format!("issue://{id}")}), format!("issue {id}"), "Resource not found"),
        (
            "prompts/get",
            json!({"name": "explain", "arguments": {"number": id.to_string()}}),
            format!("Explain issue {id}"),
            "Not found",
        ),
    ]
}

fn text(body: &Value) -> &str {
    let result = &body["result"];
    [&result["content"][0]["text"], &result["contents"][0]["text"], &result["messages"][0]["content"]["text"]]
        .into_iter()
        .find_map(Value::as_str)
        .unwrap_or_else(|| panic!("no text in {body}"))
}

#[tokio::test]
async fn the_guard_of_an_item_decides_by_its_arguments_and_the_caller() {
    let app = app();
    for version in [MODERN, LEGACY[2], LEGACY[1], LEGACY[0]] {
        for (method, params, expected, missing) in requests(3) {
            let (status, _, body) = ask(&app, version, "alice-token", method, params.clone()).await;
            assert_eq!((status, text(&body)), (200, &*expected), "{version} {method}");
            let (_, challenge, body) = ask(&app, version, "gloria-token", method, params.clone()).await;
            assert_eq!(challenge, "", "{version} {method}: {body}");
            if method == "tools/call" {
                assert_eq!((text(&body), &body["result"]["isError"]), (missing, &json!(true)), "{version}");
            } else {
                let code = if version != MODERN && method == "resources/read" { -32002 } else { -32602 };
                assert_eq!((&body["error"]["code"], &body["error"]["message"]), (&json!(code), &json!(missing)));
            }
            let (status, challenge, body) = ask(&app, version, "down-token", method, params).await;
            assert_eq!((status, &*challenge), (503, ""), "{version} {method}: {body}");
        }
    }
}

#[tokio::test]
async fn guards_are_asked_in_order_after_scopes_and_arguments() {
    let app = app();
    let close = |id: Value| json!({"name": "close", "arguments": {"id": id}});
    for (token, id, expected) in [
        ("alice-token", json!(7), "issue 7 is locked"),
        ("alice-token", json!(0), "Argument id: must be at least 1 and at most 100, not 0"),
        ("stranger-token", json!(7), "the token names no tenant"),
        ("stranger-token", json!("x"), "Argument id: expected an integer, got \"x\""),
    ] {
        let (status, _, body) = ask(&app, MODERN, token, "tools/call", close(id)).await;
        assert_eq!((status, text(&body), &body["result"]["isError"]), (200, expected, &json!(true)));
    }
    // The default of an argument is what the guard decides by.
    let params = json!({"name": "explain"});
    let (_, _, body) = ask(&app, MODERN, "alice-token", "prompts/get", params.clone()).await;
    assert_eq!(text(&body), "Explain issue 3");
    let (_, _, body) = ask(&app, MODERN, "gloria-token", "prompts/get", params).await;
    assert_eq!(body["error"]["message"], "Not found");
}

#[tokio::test]
async fn a_handler_may_need_more_scopes_after_its_guards() {
    let params = json!({"name": "close", "arguments": {"id": 3, "reason": "admin"}});
    let (status, challenge, _) = ask(&app(), MODERN, "alice-token", "tools/call", params).await;
    assert_eq!(status, 403);
    assert!(challenge.contains(r#"scope="read write admin""#), "{challenge}");
}

#[tokio::test]
async fn completions_are_not_guarded_but_know_the_caller() {
    let params =
        json!({"ref": {"type": "ref/prompt", "name": "explain"}, "argument": {"name": "number", "value": "99"}});
    let (_, _, body) = ask(&app(), MODERN, "alice-token", "completion/complete", params.clone()).await;
    assert_eq!(body["result"]["completion"]["values"], json!(["99-acme"]));
    let (status, _, _) = ask(&app(), MODERN, "down-token", "completion/complete", params).await;
    assert_eq!(status, 503);
}

#[tokio::test]
async fn a_guard_is_asked_in_each_round_of_a_question() {
    let app = app();
    let mut params = json!({"name": "delete", "arguments": {"id": 3}});
    params["_meta"] = json!({"io.modelcontextprotocol/clientCapabilities": {"elicitation": {}}});
    let (status, _, body) = ask_with(&app, "gloria-token", params.clone()).await;
    assert_eq!((status, text(&body)), (200, "Not found"), "before the question");
    let (_, _, body) = ask_with(&app, "alice-token", params.clone()).await;
    params["requestState"] = body["result"]["requestState"].clone();
    params["inputResponses"] = json!({"confirm": {"action": "accept", "content": {"confirm": true}}});
    let (_, _, body) = ask_with(&app, "alice-token", params).await;
    assert_eq!(text(&body), "deleted 3");
}

/// Asks as a client that can fill in forms.
async fn ask_with(app: &axum::Router, token: &str, mut params: Value) -> (u16, String, Value) {
    params["_meta"]["io.modelcontextprotocol/protocolVersion"] = json!(MODERN);
    let body = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}).to_string();
    let bearer = format!("Bearer {token}");
    let headers = [
        ("authorization", &*bearer),
        ("mcp-protocol-version", MODERN),
        ("mcp-method", "tools/call"),
        ("mcp-name", params["name"].as_str().expect("a name")),
    ];
    let response = crate::support::client::deliver(app, crate::support::client::post(&headers, body)).await;
    let status = response.status().as_u16();
    let body = http_body_util::BodyExt::collect(response.into_body()).await.expect("a body").to_bytes();
    (status, String::new(), serde_json::from_slice(&body).expect("JSON"))
}

#[tokio::test]
async fn a_denied_call_becomes_no_task() {
    let mut params = json!({"name": "export", "arguments": {"id": 3}});
    params["_meta"] = json!({
        "io.modelcontextprotocol/clientCapabilities": {"extensions": {"io.modelcontextprotocol/tasks": {}}}
    });
    let app = app();
    let (_, _, body) = ask_with(&app, "gloria-token", params.clone()).await;
    assert_eq!(text(&body), "Not found");
    let (_, _, body) = ask_with(&app, "alice-token", params).await;
    assert_eq!(body["result"]["resultType"], "task", "{body}");
}

#[tokio::test]
async fn guards_are_asked_in_memory_too() {
    let client = MemoryClient::new(Tracker::default());
    let denied = client.call_tool("close", json!({"id": 3})).await.expect("a result");
    assert_eq!((denied.is_error, denied.text().as_str()), (true, "this needs a token"));
}

#[tokio::test(start_paused = true)]
async fn no_stream_begins_before_the_verdict() {
    let slow = mcp::Http::open(Slow).router();
    let call = |tool: &str| crate::support::client::call("", tool, "{}");
    let response = crate::support::client::send(&slow, call("never")).await;
    assert!(response.starts_with("503 "), "{response}");
    let response = crate::support::client::send(&slow, call("later")).await;
    assert!(response.contains("content-type: text/event-stream") && response.contains("done"), "{response}");
}

/// A server whose guard takes longer than the silence after which a stream begins.
struct Slow;

#[mcp::server]
impl Slow {
    /// Fails at length.
    #[mcp::guard]
    async fn fails(&self) -> Result<(), mcp::Denied> {
        tokio::time::sleep(std::time::Duration::from_secs(60)).await;
        Err("the database is down".into())
    }

    /// Thinks about it.
    #[mcp::guard]
    async fn thinks(&self) -> Result<(), mcp::Denied> {
        tokio::time::sleep(std::time::Duration::from_secs(60)).await;
        Ok(())
    }

    /// Is never called.
    #[mcp::tool(guard = fails)]
    fn never(&self) -> &'static str {
        "called"
    }

    /// Is called after a while, and takes as long.
    #[mcp::tool(guard = thinks)]
    async fn later(&self) -> &'static str {
        tokio::time::sleep(std::time::Duration::from_secs(60)).await;
        "done"
    }
}

/// A server with a hierarchy of scopes.
struct Levels;

#[mcp::server(
    issuer = "https://auth.example.com",
    resource = "http://127.0.0.1:8000/mcp",
    scopes = ["read"],
    optional_scopes = ["write", "admin"],
    hierarchy = ["admin" > "write" > "read"],
)]
impl Levels {
    /// Says what the token allows.
    #[mcp::tool]
    fn allowed(&self, token: &mcp::AccessToken) -> String {
        ["read", "write", "admin"]
            .map(|scope| format!("{scope} {} {}", token.allows(scope), token.has_scope(scope)))
            .join(", ")
    }
}

#[tokio::test]
async fn an_admitted_token_knows_the_hierarchy_of_scopes() {
    let token = mcp::AccessToken::ours("app").with_scopes(["write"]);
    assert!(token.allows("write") && !token.allows("read"), "nobody has admitted it");
    let app = mcp::Http::protected(Levels, mcp::StaticTokens::new([("app-token", token)])).router();
    let (_, _, body) = ask(&app, MODERN, "app-token", "tools/call", json!({"name": "allowed"})).await;
    assert_eq!(text(&body), "read true false, write true true, admin false false");
}
