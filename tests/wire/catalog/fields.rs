//! Arguments that are the fields of a struct.

use mcp::{Fields, Json, MemoryClient};
use serde_json::json;

use crate::support::conversation::{Client, Way, silent};

#[derive(serde::Deserialize, serde::Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Draft {
    /// The title, in one line.
    #[schemars(length(min = 3))]
    short_title: String,
    #[serde(default)]
    labels: Vec<String>,
    owner: Option<Owner>,
}

#[derive(serde::Deserialize, serde::Serialize, schemars::JsonSchema)]
struct Owner {
    name: String,
}

struct Tracker;

#[mcp::server]
impl Tracker {
    /// Create an issue.
    #[mcp::tool]
    fn create(&self, draft: Fields<Draft>) -> Json<Draft> {
        Json(draft.0)
    }

    /// Change an issue.
    #[mcp::tool]
    async fn change(&self, #[arg(range = 1..)] id: u64, draft: Fields<Draft>, note: Option<String>) -> String {
        format!("{id} {} {} {note:?}", draft.short_title, draft.labels.len())
    }

    /// Find issues.
    #[mcp::tool(lenient)]
    fn find(&self, #[arg(default = Fields(Page { first: 7 }))] page: Fields<Page>) -> u64 {
        page.first
    }
}

#[derive(serde::Deserialize, schemars::JsonSchema)]
struct Page {
    first: u64,
}

#[tokio::test]
async fn each_field_is_an_argument() {
    let draft = json!({
        "shortTitle": {"type": "string", "description": "The title, in one line.", "minLength": 3},
        "labels": {"type": "array", "items": {"type": "string"}, "default": []},
        "owner": {"anyOf": [{"$ref": "#/$defs/Owner"}, {"type": "null"}]},
    });
    for way in Way::ALL {
        let mut connection = way.connect(Tracker, Client::default()).await;
        let tools = connection.request("tools/list", json!({}), silent).await.answer["result"]["tools"].take();
        assert_eq!(tools[0]["inputSchema"]["properties"], draft, "{way:?}");
        assert_eq!(tools[0]["inputSchema"]["required"], json!(["shortTitle"]), "{way:?}");
        assert_eq!(tools[0]["inputSchema"]["$defs"]["Owner"]["required"], json!(["name"]), "{way:?}");
        assert_eq!(tools[1]["inputSchema"]["required"], json!(["id", "shortTitle"]), "{way:?}");
        assert_eq!(tools[2]["inputSchema"].get("required"), None, "{way:?}");
        for (tool, arguments, is_error, text) in [
            ("create", json!({"shortTitle": "abc"}), false, r#"{"shortTitle":"abc","labels":[],"owner":null}"#),
            (
                "change",
                json!({"labels": ["a"], "id": 1, "shortTitle": "abc", "note": "n"}),
                false,
                "1 abc 1 Some(\"n\")",
            ),
            ("create", json!({}), true, "Argument shortTitle is missing"),
            ("create", json!({"shortTitle": 1}), true, "Argument shortTitle: expected a string, got 1"),
            ("create", json!({"shortTitle": "a"}), true, "Argument shortTitle: must have at least 3 characters, not 1"),
            ("create", json!({"shortTitle": "abc", "owner": {}}), true, "Argument owner.name is missing"),
            (
                "create",
                json!({"short_title": "abc"}),
                true,
                "Unknown argument `short_title`; did you mean `shortTitle`?",
            ),
            (
                "create",
                json!({"draft": {"shortTitle": "abc"}}),
                true,
                "Unknown argument `draft`; the arguments are: labels, owner, shortTitle",
            ),
            ("change", json!({"id": 0, "shortTitle": "abc"}), true, "Argument id: must be at least 1, not 0"),
            ("find", json!({}), false, "7"),
            ("find", json!({"first": "3", "more": 1}), false, "3"),
        ] {
            let answer = connection.call(tool, arguments.clone(), silent).await;
            assert_eq!((answer.is_error(), answer.text()), (is_error, text), "{way:?} {tool} {arguments}");
        }
    }
}

struct Twice;

#[mcp::server]
impl Twice {
    /// Find a page.
    #[mcp::tool]
    fn find(&self, first: u64, page: Fields<Page>) -> u64 {
        first + page.first
    }
}

struct Number;

#[mcp::server]
impl Number {
    /// Find a page.
    #[mcp::tool]
    fn find(&self, number: Fields<u64>) -> u64 {
        *number
    }
}

#[test]
fn a_server_is_not_built_with_other_fields() {
    let refused = |build: fn()| {
        let panic = std::panic::catch_unwind(build).expect_err("it was built");
        panic.downcast_ref::<String>().cloned().unwrap_or_default()
    };
    assert_eq!(
        refused(|| drop(MemoryClient::new(Twice))),
        "the tool `find` has two arguments `first`; rename a parameter, or a field with `#[serde(rename = \"…\")]`"
    );
    assert_eq!(
        refused(|| drop(MemoryClient::new(Number))),
        "the parameter `number` of the tool `find` has no fields; `mcp::Fields` is for a struct with named fields, so take \
         the type without it"
    );
}
