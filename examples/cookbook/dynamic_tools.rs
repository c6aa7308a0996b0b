//! Tools from a configuration: a name, a description, a schema and a closure.

use mcp::{DynamicTool, MemoryClient};
use serde_json::json;

struct Greetings;

#[mcp::server]
impl Greetings {
    /// Say hello.
    #[mcp::tool]
    fn hello(&self) -> &'static str {
        "Hello"
    }
}

pub(crate) async fn run() -> crate::Outcome {
    let configured = [("gruezi", "Grüezi"), ("salut", "Salut")];
    let mut client = MemoryClient::new(Greetings);
    for (name, greeting) in configured {
        let schema = json!({"type": "object", "properties": {"whom": {"type": "string"}}, "required": ["whom"]});
        client = client.tool(DynamicTool::new(name, "Greet somebody.", schema, move |call| async move {
            format!("{greeting} {}", call.arguments()["whom"].as_str().unwrap_or_default())
        })?);
    }
    assert_eq!(client.call_tool("salut", json!({"whom": "Anna"})).await?.text(), "Salut Anna");
    assert!(client.call_tool("salut", json!({})).await?.is_error);
    Ok(())
}
