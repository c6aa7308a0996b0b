//! The client in memory: a server object without anything around it.

use mcp::MemoryClient;
use serde_json::json;

use crate::support::schema::{MODERN, Watch};
use crate::support::servers::{Notes, Workshop};

#[tokio::test]
async fn a_test_talks_to_the_server_object() {
    let client = MemoryClient::new(Notes::default());
    let names: Vec<_> = client.list_tools().await.unwrap().iter().map(|tool| tool["name"].clone()).collect();
    assert_eq!(
        names,
        ["list_notes", "add_note", "whoami", "whoami_sync", "whoami_blocking", "whoami_surely", "inspect"]
    );
    // No scopes are enforced, but a token cannot be made up.
    let result = client.call_tool("add_note", json!({"text": "a"})).await.unwrap();
    assert!(result.is_error);
    for no_arguments in [json!({}), json!(null)] {
        let result = client.call_tool("list_notes", no_arguments).await.unwrap();
        assert!(!result.is_error && result.content.is_empty());
    }
    let discovered = client.request("server/discover", json!({})).await.unwrap();
    assert_eq!(discovered["supportedVersions"][0], "2026-07-28");
    // There is no wire, but what would be on it is there.
    for (method, params) in [
        ("server/discover", json!({})),
        ("tools/list", json!({})),
        ("tools/call", json!({"name": "whoami"})),
        ("tools/call", json!({"name": "whoami_surely"})),
    ] {
        let result = client.request(method, params.clone()).await.unwrap();
        let watch = Watch::new(MODERN);
        watch.sent_unchecked(
            json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}).to_string().as_bytes(),
        );
        watch.received(json!({"jsonrpc": "2.0", "id": 1, "result": result}).to_string().as_bytes());
    }
}

#[tokio::test]
async fn errors_come_as_they_are() {
    let (workshop, _observer) = Workshop::new();
    let client = MemoryClient::new(workshop);
    let result = client.call_tool("measure", ()).await.unwrap();
    assert_eq!(result.structured_content.unwrap().get(), r#"{"celsius":22.5,"station":"roof"}"#);
    let error = client.call_tool("fail", json!({"how": "params"})).await.unwrap_err();
    assert_eq!(
        format!("{error:?}"),
        r#"Error { kind: Protocol(-32602), message: "no such thing", data: Some("[\"a\",\"b\"]") }"#
    );
    for (error, expected) in [
        (client.call_tool("nothing", json!({})).await.unwrap_err(), (-32602, "Unknown tool: nothing")),
        (client.call_tool("echo", [1]).await.unwrap_err(), (-32602, "Invalid params: `arguments` must be an object")),
        (client.call_tool("panic_sync", json!({})).await.unwrap_err(), (-32603, "The tool panicked")),
        (client.call_tool("panic_async", json!({})).await.unwrap_err(), (-32603, "The tool panicked")),
        (client.call_tool("panic_blocking", json!({})).await.unwrap_err(), (-32603, "The tool panicked")),
        (client.request("nothing", json!({})).await.unwrap_err(), (-32601, "Method not found: nothing")),
        (client.request("nothing", json!({"name": {}})).await.unwrap_err(), (-32601, "Method not found: nothing")),
        (
            client.request("tools/list", json!([])).await.unwrap_err(),
            (-32602, "Invalid params: `params` must be an object"),
        ),
    ] {
        assert_eq!((error.code(), error.message()), (Some(expected.0), expected.1));
    }
    assert_eq!(client.call_tool("count", json!({})).await.unwrap().text(), "1", "the server goes on");
}
