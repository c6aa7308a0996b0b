//! Tasks, and the results that they keep.

use axum::Router;
use serde_json::{Value, json};

use super::{app, is_served, refused};
use crate::support::client::{deliver, post, send};
use crate::support::schema::MODERN;

fn request(token: &str, method: &str, mut params: Value) -> http::Request<axum::body::Body> {
    params["_meta"] = json!({
        "io.modelcontextprotocol/protocolVersion": MODERN,
        "io.modelcontextprotocol/clientCapabilities": {"extensions": {"io.modelcontextprotocol/tasks": {}}},
    });
    let name = params["name"].as_str().or(params["taskId"].as_str()).unwrap_or_default();
    let bearer = format!("Bearer {token}");
    let headers =
        [("authorization", &*bearer), ("mcp-protocol-version", MODERN), ("mcp-method", method), ("mcp-name", name)];
    post(&headers, json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}).to_string())
}

async fn answer(app: &Router, token: &str, method: &str, params: Value) -> Value {
    let body = deliver(app, request(token, method, params)).await.into_body();
    let body = http_body_util::BodyExt::collect(body).await.expect("a body").to_bytes();
    serde_json::from_slice(&body).expect("JSON")
}

/// The task, once it is over.
async fn finished(app: &Router, token: &str, id: &Value) -> Value {
    loop {
        let task = answer(app, token, "tasks/get", json!({"taskId": id})).await;
        if task["result"]["status"] != "working" {
            return task;
        }
        tokio::task::yield_now().await;
    }
}

/// Begins a task whose result has so many bytes, and waits for its end.
async fn work(app: &Router, token: &str, bytes: usize) -> Value {
    let task = answer(app, token, "tools/call", json!({"name": "work", "arguments": {"bytes": bytes}})).await;
    let id = task["result"]["taskId"].clone();
    finished(app, token, &id).await;
    id
}

#[tokio::test]
async fn running_tasks_leave_room_for_others() {
    let app = app(|limits| limits.state.tasks = 4);
    let toil = |token| request(token, "tools/call", json!({"name": "toil"}));
    let first = answer(&app, "alice", "tools/call", json!({"name": "toil"})).await["result"]["taskId"].clone();
    assert!(send(&app, toil("alice-2")).await.starts_with("200 "));
    for token in ["alice", "alice-2"] {
        assert_eq!(send(&app, toil(token)).await, refused("1", "tasks"));
    }
    assert!(is_served(&app, "alice").await && send(&app, toil("bob")).await.starts_with("200 "));
    answer(&app, "alice", "tasks/cancel", json!({"taskId": first})).await;
    assert!(send(&app, toil("alice")).await.starts_with("200 "));
}

/// A task keeps the buffer of the connection that its request came over.
#[tokio::test]
async fn requests_of_tasks_leave_room_for_others() {
    let app = app(|limits| limits.memory.buffered_bytes = 1024 * 1024);
    let toil = |token| request(token, "tools/call", json!({"name": "toil"}));
    let mut tasks = 0;
    let refusal = loop {
        let response = send(&app, toil("alice")).await;
        if !response.starts_with("200 ") {
            break response;
        }
        tasks += 1;
    };
    assert_eq!((tasks, refusal), (7, refused("1", "buffered bytes")), "half of what there is");
    assert!(is_served(&app, "alice").await && send(&app, toil("bob")).await.starts_with("200 "));
}

#[tokio::test]
async fn the_result_of_a_task_has_a_largest_length() {
    for (app, limit) in
        [(app(|_| {}), 4 * 1024 * 1024), (app(|limits| limits.memory.task_result_bytes = 40_000), 40_000)]
    {
        let status = async |bytes| {
            let id = work(&app, "alice", bytes).await;
            finished(&app, "alice", &id).await["result"].clone()
        };
        // The rest of the result is shorter than that.
        assert_eq!(status(limit - 1000).await["status"], "completed");
        let message = format!("The result of the task is longer than {limit} bytes, which is all that is kept");
        let failed = status(limit).await;
        assert_eq!(failed["status"], "failed");
        assert_eq!(failed["error"], json!({"code": -32603, "message": message}));
    }
}

#[tokio::test]
async fn results_of_tasks_leave_room_for_others() {
    let app = app(|limits| limits.memory.task_results_bytes = 110_000);
    let bob = work(&app, "bob", 20_000).await;
    let mut alice = Vec::new();
    for _ in 0..10 {
        alice.push(work(&app, "alice", 20_000).await);
    }
    let status = async |token: &str, id: &Value| finished(&app, token, id).await["result"]["status"].clone();
    // Hers go, the oldest first.
    for (index, id) in alice.iter().enumerate() {
        let expected = if index < 8 { Value::Null } else { json!("completed") };
        assert_eq!(status("alice", id).await, expected, "{index}");
    }
    assert_eq!(status("bob", &bob).await, "completed");
}
