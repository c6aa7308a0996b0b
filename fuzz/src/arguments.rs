//! The arguments of tools, and the schemas that say what they may be.

use std::collections::{BTreeMap, HashMap};
use std::sync::LazyLock;

use mcp::testing::TestClient;
use mcp::{Anyone, Http, MemoryClient};
use serde_json::{Value, json};

use crate::schema::{Verdict, validate};
use crate::wire::{block_on, depth, has_private_text, lines, post, read_unique};

#[derive(serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Colour {
    Red,
    Green,
}

#[derive(serde::Deserialize, schemars::JsonSchema)]
#[serde(tag = "kind", rename_all = "lowercase")]
#[expect(dead_code, reason = "that it can be read is all")]
enum Shape {
    Circle { radius: f64 },
    Square { side: i32, colour: Option<Colour> },
}

#[derive(serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "that it can be read is all")]
struct Address {
    street: String,
    #[serde(default)]
    lines: Vec<String>,
}

struct Desk;

#[mcp::server]
impl Desk {
    /// Take numbers.
    #[mcp::tool]
    fn numbers(
        &self,
        #[arg(range = 1..=5)] small: u8,
        #[arg(range = -2..3)] signed: Option<i64>,
        #[arg(range = 0.5..1.5)] real: Option<f64>,
        whole: Option<i32>,
        #[arg(default = 7)] count: u16,
    ) {
        let _ = (small, signed, real, whole, count);
    }

    /// Take texts and lists.
    #[mcp::tool]
    fn texts(
        &self,
        #[arg(length = 1..=3)] short: String,
        #[arg(pattern = "^[a-z]+$", length = ..=4)] word: Option<String>,
        letter: Option<char>,
        #[arg(length = 1..=2)] bytes: Option<Vec<u8>>,
        #[arg(length = ..=1)] map: Option<BTreeMap<String, bool>>,
        pair: Option<(i32, String)>,
    ) {
        drop((short, word, letter, bytes, map, pair));
    }

    /// Take what has a type of its own.
    #[mcp::tool]
    fn values(&self, colour: Colour, shape: Option<Shape>, address: Option<Address>, any: Option<Value>) {
        drop((colour, shape, address, any));
    }
}

static DESK: LazyLock<TestClient<Desk, Anyone>> = LazyLock::new(|| TestClient::new(Http::open(Desk)));

/// The published schemas, by their tools, with what is enforced and not published because some clients refuse it.
static SCHEMAS: LazyLock<HashMap<String, Value>> = LazyLock::new(|| {
    let tools = block_on(MemoryClient::new(Desk).list_tools()).expect("the tools");
    let schema = |tool: &Value| {
        let mut schema = tool["inputSchema"].clone();
        schema["additionalProperties"] = false.into();
        if let Some(address) = schema.pointer_mut("/$defs/Address") {
            address["additionalProperties"] = false.into();
        }
        if let Some(pair) = schema.pointer_mut("/properties/pair") {
            pair["prefixItems"] = json!([{"type": "integer", "format": "int32"}, {"type": "string"}]);
        }
        (tool["name"].as_str().expect("a name").to_owned(), schema)
    };
    tools.iter().map(schema).collect()
});

/// The first line is the name of a tool, the rest the arguments of a call: they are accepted if and only if they are
/// valid by the schema.
///
/// A `null` for an argument that can be left out is left out, which is understood and not published: many clients know
/// values of one type only.
pub fn check(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else { return };
    let [tool, text] = lines(text);
    let Some(schema) = SCHEMAS.get(tool) else { return };
    let Some(mut arguments) = read_unique(text.as_bytes()).filter(Value::is_object) else { return };
    if depth(&arguments) > 60 || has_private_text(&arguments) {
        return;
    }
    if let Some(members) = arguments.as_object_mut() {
        members.retain(|name, value| !value.is_null() || !is_optional(schema, name));
    }
    let verdict = validate(schema, &arguments);
    if verdict != Verdict::OtherForm {
        let (is_accepted, answer) = call(tool, text);
        assert_eq!(is_accepted, verdict == Verdict::Valid, "{text}: {answer}");
    }
}

/// Returns `true` if a parameter is an `Option`: one with a default takes no `null`.
fn is_optional(schema: &Value, name: &str) -> bool {
    let is_required = schema["required"].as_array().is_some_and(|required| required.iter().any(|other| other == name));
    schema["properties"].get(name).is_some_and(|property| property.get("default").is_none()) && !is_required
}

fn call(tool: &str, arguments: &str) -> (bool, Value) {
    let params = format!(r#"{{"name":"{tool}","arguments":{arguments}}}"#);
    let message = format!(r#"{{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{params}}}"#);
    let answer = block_on(DESK.send(post(message))).json();
    let result = answer.get("result").unwrap_or_else(|| panic!("no result: {answer}"));
    (result["isError"] != Value::Bool(true), answer)
}
