//! Tokens of calls that outlive their requests, and of requests in sessions.

use http::HeaderValue;
use serde_json::{Value, json};

use super::{Assistant, app, exchange, exchanging, issued};
use crate::support::client::{legacy, message, post, send};
use crate::support::log::Log;

/// Sends a request of a client that supports tasks, about the item `name`.
async fn result(app: &axum::Router, method: &str, name: &str, params: &str) -> Value {
    let capabilities = r#""_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientInfo":{"name":"test","version":"1"},"io.modelcontextprotocol/clientCapabilities":{"extensions":{"io.modelcontextprotocol/tasks":{}}}}"#;
    let headers = [
        ("authorization", "Bearer inbound-token-1"),
        ("mcp-protocol-version", "2026-07-28"),
        ("mcp-method", method),
        ("mcp-name", name),
    ];
    let response = send(app, post(&headers, message(method, &format!("{params},{capabilities}")))).await;
    let (_, json) = response.split_once("\n\n").unwrap();
    let answer: Value = serde_json::from_str(json).unwrap_or_else(|_| panic!("{response}"));
    answer["result"].clone()
}

#[tokio::test]
async fn a_task_has_the_tokens_from_before_it_began() {
    let mut server = exchanging(issued("exchanged-token-10", json!({}))).await;
    for first in [true, false] {
        let assistant = Assistant::default();
        let app = app(&assistant, exchange(&server));
        let log = Log::start();
        let task =
            result(&app, "tools/call", "copy", &format!(r#""name":"copy","arguments":{{"first":{first}}}"#)).await;
        let id = task["taskId"].as_str().unwrap_or_else(|| panic!("{task}")).to_owned();
        assistant.sent.lock().unwrap().push(HeaderValue::from_static("go on"));
        let end = loop {
            let task = result(&app, "tasks/get", &id, &format!(r#""taskId":"{id}""#)).await;
            if task["status"] != "working" {
                break task;
            }
            tokio::task::yield_now().await;
        };
        if first {
            assert_eq!(end["result"]["content"][0]["text"], "sent to https://calendar.example.com/v1", "{end}");
            let token = "Bearer exchanged-token-10";
            assert_eq!(assistant.take_sent(), [token, "go on", token]);
            assert_eq!(server.asked().len(), 1);
        } else {
            assert_eq!(
                end["error"]["message"], "The request ended without a token for an API that this needs",
                "{end}"
            );
            assert!(log.text().contains("call `token` before `start_task`"), "{}", log.text());
            assert_eq!((assistant.take_sent().len(), server.asked().len()), (1, 0));
        }
    }
}

#[tokio::test]
async fn requests_of_older_versions_have_tokens_too() {
    let server = exchanging(issued("exchanged-token-11", json!({}))).await;
    let app = app(&Assistant::default(), exchange(&server));
    for (method, params) in
        [("tools/call", r#""name":"events","arguments":{}"#), ("resources/read", r#""uri":"calendar://agenda""#)]
    {
        let response = send(&app, legacy("2025-06-18", "inbound-token-1", method, params)).await;
        assert!(response.contains("sent to https://calendar.example.com/v1"), "{response}");
    }
}
