//! The types that parameters and results have in practice, listed and called.

use std::collections::BTreeMap;

use dialects::{Dialects, EXAMPLES, mount};
use mcp::Http;
use serde::{Deserialize, Deserializer};
use serde_json::{Value, json};

use crate::conversation::{Way, silent};
use crate::schema::MODERN;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Example {
    arguments: Value,
    /// Absent where a tool returns a text, or nothing.
    #[serde(default, deserialize_with = "present")]
    structured_content: Option<Value>,
}

/// `null` is a result, too.
fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}

#[tokio::test]
async fn every_example_is_called() {
    let examples: BTreeMap<String, Vec<Example>> = serde_json::from_str(EXAMPLES).unwrap();
    for version in [MODERN] {
        let mut connection = Way::connect_to(version, mount(Http::open(Dialects)).router()).await;
        let list = connection.request("tools/list", json!({}), silent).await.answer;
        let mut listed: Vec<_> = list["result"]["tools"].as_array().unwrap().iter().map(|tool| &tool["name"]).collect();
        listed.sort_by_key(|name| name.as_str());
        assert_eq!(listed, examples.keys().collect::<Vec<_>>());
        for (tool, examples) in &examples {
            for example in examples {
                let called = connection.call(tool, example.arguments.clone(), silent).await;
                let result = &called.answer["result"];
                assert!(result.get("isError").is_none(), "{tool}: {result}");
                let expected = example.structured_content.as_ref();
                assert_eq!(result.get("structuredContent"), expected, "{tool}");
                if let Some(expected) = expected {
                    assert_eq!(&serde_json::from_str::<Value>(called.text()).unwrap(), expected, "{tool}");
                }
            }
        }
    }
}
