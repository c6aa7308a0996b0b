//! The types that parameters and results have in practice, listed and called.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::{env, fs};

use dialects::{Dialects, EXAMPLES, mount};
use mcp::{Http, MemoryClient};
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer};
use serde_json::{Value, json};

use crate::support::conversation::{Client, Way, silent};
use crate::support::log::Log;
use crate::support::schema::{MODERN, VERSIONS};

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

/// Every message is held against the official schema of its version on the way.
#[tokio::test]
async fn every_example_is_listed_and_called_in_every_version() {
    let examples: BTreeMap<String, Vec<Example>> = serde_json::from_str(EXAMPLES).unwrap();
    for version in VERSIONS {
        let mut connection = Way::connect_to(version, mount(Http::open(Dialects)).router()).await;
        let list = connection.request("tools/list", json!({}), silent).await.answer;
        let mut listed: Vec<_> = list["result"]["tools"].as_array().unwrap().iter().map(|tool| &tool["name"]).collect();
        listed.sort_by_key(|name| name.as_str());
        assert_eq!(listed, examples.keys().collect::<Vec<_>>());
        for (tool, examples) in &examples {
            for Example { arguments, structured_content } in examples {
                let called = connection.call(tool, arguments.clone(), silent).await;
                let result = &called.answer["result"];
                assert!(result.get("isError").is_none(), "{tool}: {result}");
                if let Some(expected) = structured_content {
                    assert_eq!(&serde_json::from_str::<Value>(called.text()).unwrap(), expected, "{tool}");
                }
                let fits = match version {
                    "2025-03-26" => false,
                    MODERN => true,
                    _ => structured_content.as_ref().is_some_and(Value::is_object),
                };
                let expected = structured_content.as_ref().filter(|_| fits);
                assert_eq!(result.get("structuredContent"), expected, "{tool} in {version}");
            }
        }
    }
}

/// To store a change: `SNAPSHOTS=overwrite cargo test -p mcp-tests --test wire dialects`.
#[tokio::test]
async fn the_schemas_are_kept_as_a_text() {
    let mut connection = Way::connect_to(MODERN, mount(Http::open(Dialects)).router()).await;
    let list = connection.request("tools/list", json!({}), silent).await.answer;
    let mut schemas = String::new();
    for tool in list["result"]["tools"].as_array().unwrap() {
        writeln!(schemas, "{}\n    takes   {}", tool["name"].as_str().unwrap(), tool["inputSchema"]).unwrap();
        if let Some(schema) = tool.get("outputSchema") {
            writeln!(schemas, "    returns {schema}").unwrap();
        }
    }
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/wire/catalog/dialects.schemas");
    if env::var_os("SNAPSHOTS").is_some_and(|value| value == "overwrite") {
        fs::write(path, &schemas).unwrap();
    }
    let expected = fs::read_to_string(path).unwrap();
    for (line, expected) in schemas.lines().zip(expected.lines()) {
        assert_eq!(line, expected, "see the comment at this test");
    }
    assert_eq!(schemas.lines().count(), expected.lines().count());
}

#[derive(Deserialize, JsonSchema)]
#[expect(dead_code, reason = "its name is all that matters")]
struct Thing {
    #[serde(rename = "@type")]
    kind: Option<String>,
    good: Option<String>,
}

struct Things;

#[mcp::server]
impl Things {
    /// Take things.
    #[mcp::tool]
    fn take_things(&self, things: Vec<Thing>) {
        drop(things);
    }
}

#[tokio::test]
async fn a_member_that_some_clients_refuse_is_a_line_in_the_log() {
    let log = Log::start();
    drop(MemoryClient::new(Things));
    let text = log.text();
    let lines: Vec<&str> = text.lines().filter(|line| line.contains("take_things")).collect();
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert!(lines[0].contains("WARN") && lines[0].contains("name=\"@type\""), "{}", lines[0]);
}

#[tokio::test]
async fn params_that_are_null_are_absent() {
    for way in Way::ALL {
        let mut connection = way.connect(Things, Client::default()).await;
        let mut answer = async |params: Value| {
            let mut answer = connection.unchecked("tools/list", params).await;
            answer["id"].take();
            answer
        };
        let (null, absent) = (answer(Value::Null).await, answer(json!({})).await);
        assert_eq!(null, absent, "{way:?}");
        assert_eq!(null.get("result").is_some(), !way.is_modern(), "{way:?}: {null}");
    }
}
