//! The attributes and their outcome: the lists and the results, compared whole.

// Whatever a user forbids in their own crate must not fail in generated code.
#![deny(warnings, missing_docs, unused_imports, unused_qualifications, unreachable_pub, clippy::all, clippy::pedantic)]
#![expect(
    clippy::unwrap_used,
    clippy::unused_self,
    clippy::unused_async,
    clippy::needless_pass_by_value,
    clippy::needless_lifetimes,
    clippy::unnecessary_literal_bound,
    clippy::unnecessary_wraps,
    reason = "the methods are as small as they can be"
)]

mod arguments;
mod blocks;
mod completions;
mod parts;
mod prompts;
mod resources;
mod tools;

use mcp::{MemoryClient, Server};
use serde_json::{Value, json};

/// The definition of the only tool.
async fn listed<S: Server>(server: S) -> Value {
    let mut tools = MemoryClient::new(server).list_tools().await.unwrap();
    assert_eq!(tools.len(), 1, "{tools:?}");
    tools.remove(0)
}

/// The result of a call as it is on the wire, without what every result has.
async fn called<S: Server>(client: &MemoryClient<S>, name: &str, arguments: Value) -> Value {
    answered(client, "tools/call", json!({"name": name, "arguments": arguments})).await
}

/// The result of any request, without what every result has.
async fn answered<S: Server>(client: &MemoryClient<S>, method: &str, params: Value) -> Value {
    let mut result = client.request(method, params).await.unwrap();
    let members = result.as_object_mut().unwrap();
    assert_eq!(members.remove("resultType"), Some(json!("complete")));
    assert!(members.remove("_meta").is_some());
    result
}

/// The result with one block of text.
fn text(text: &str) -> Value {
    json!({"content": [{"type": "text", "text": text}]})
}

/// The result that tells the model about a mistake.
fn mistake(message: &str) -> Value {
    json!({"content": [{"type": "text", "text": message}], "isError": true})
}
