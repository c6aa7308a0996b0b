//! Tools: their arguments and their results.

use std::borrow::Cow;
use std::fmt;

use mcp::{
    AudioContent, Content, EmbeddedResource, ImageContent, Json, MemoryClient, ResourceLink, TextContent, ToolResult,
    server, tool,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{called, listed, mistake, text};

#[tokio::test]
async fn optional_arguments_behind_an_alias() {
    type Maybe = Option<String>;

    struct Notes;

    #[server]
    impl Notes {
        /// Find a note.
        #[tool]
        fn find(&self, text: Maybe, exact: Option<bool>, limit: u32) -> String {
            format!("{text:?} {exact:?} {limit}")
        }
    }

    assert_eq!(
        listed(Notes).await["inputSchema"],
        json!({
            "type": "object",
            "properties": {
                "text": {"type": "string"},
                "exact": {"type": "boolean"},
                "limit": {"type": "integer", "minimum": 0, "maximum": 4_294_967_295_u32},
            },
            "required": ["limit"],
        })
    );
    let client = MemoryClient::new(Notes);
    assert_eq!(called(&client, "find", json!({"limit": 1})).await, text("None None 1"));
    let arguments = json!({"limit": 1, "text": "milk", "exact": null});
    assert_eq!(called(&client, "find", arguments).await, text("Some(\"milk\") None 1"));
    assert_eq!(called(&client, "find", json!({})).await, mistake("Argument limit is missing"));
}

/// Absent and `null` are both `None`, and clients that know one type for each value can read the schema. Where `null` says
/// something of its own, it stays.
#[tokio::test]
async fn the_schema_of_an_optional_argument_is_that_of_its_type() {
    /// A colour.
    #[derive(Deserialize, JsonSchema, Serialize)]
    enum Colour {
        Red,
        Blue,
    }

    #[derive(Deserialize, JsonSchema, Serialize)]
    #[schemars(inline)]
    enum Size {
        Small,
        Large,
    }

    /// An order of things.
    #[derive(Deserialize, JsonSchema, Serialize)]
    struct Order {
        by: Option<u8>,
    }

    #[derive(Deserialize, JsonSchema, Serialize)]
    #[serde(untagged)]
    #[schemars(inline)]
    enum Until {
        Year(u16),
        Ever,
    }

    struct Shop;

    #[server]
    impl Shop {
        /// Find things.
        #[tool]
        #[expect(clippy::too_many_arguments, reason = "one for each form of a schema")]
        fn find(
            &self,
            /// The colour.
            colour: Option<Colour>,
            size: Option<Size>,
            order: Option<Order>,
            tags: Option<Vec<Option<String>>>,
            #[arg(range = 1..)] limit: Option<u8>,
            any: Option<Value>,
            until: Until,
            #[arg(default = Some(5))] stars: Option<u8>,
        ) -> String {
            json!([colour, size, order, tags, limit, any, until, stars]).to_string()
        }
    }

    let schema = &listed(Shop).await["inputSchema"];
    assert_eq!(
        schema["properties"],
        json!({
            "colour": {"$ref": "#/$defs/Colour", "description": "The colour."},
            "size": {"type": "string", "enum": ["Small", "Large"]},
            "order": {"$ref": "#/$defs/Order"},
            "tags": {"type": "array", "items": {"anyOf": [{"type": "string"}, {"type": "null"}]}},
            "limit": {"type": "integer", "minimum": 1, "maximum": 255},
            "any": {},
            "until": {
                "anyOf": [
                    {"type": "integer", "minimum": 0, "maximum": 65535},
                    {"type": "null"},
                ],
            },
            "stars": {"anyOf": [{"type": "integer", "minimum": 0, "maximum": 255}, {"type": "null"}]},
        })
    );
    assert_eq!(schema["required"], json!(["until"]));
    assert_eq!(schema["$defs"]["Order"]["properties"]["by"]["anyOf"][1], json!({"type": "null"}));

    let client = MemoryClient::new(Shop);
    assert_eq!(called(&client, "find", json!({"until": null})).await, text("[null,null,null,null,null,null,null,5]"));
    let null = json!({
        "colour": null, "size": null, "order": null, "tags": null, "limit": null, "any": null, "until": null,
        "stars": null,
    });
    assert_eq!(called(&client, "find", null).await, text("[null,null,null,null,null,null,null,null]"));
    let given = json!({
        "colour": "Red", "size": "Large", "order": {"by": null}, "tags": [null], "limit": 1, "any": 2, "until": 3,
        "stars": 4,
    });
    assert_eq!(called(&client, "find", given).await, text(r#"["Red","Large",{"by":null},[null],1,2,3,4]"#));
}

#[tokio::test]
async fn everything_that_can_be_said_about_a_tool() {
    struct Notes;

    #[server]
    impl Notes {
        /// Not this one.
        #[tool(
            name = "notes.delete-all",
            title = "Delete every note",
            description = "Delete \"every\" note, C:\\notes included.",
            read_only = false,
            destructive,
            idempotent,
            open_world = false,
            blocking
        )]
        fn delete(&self) {}
    }

    assert_eq!(
        listed(Notes).await,
        json!({
            "name": "notes.delete-all",
            "title": "Delete every note",
            "description": "Delete \"every\" note, C:\\notes included.",
            "inputSchema": {"type": "object", "properties": {}},
            "annotations": {
                "readOnlyHint": false,
                "destructiveHint": true,
                "idempotentHint": true,
                "openWorldHint": false,
            },
        })
    );
}

#[tokio::test]
async fn descriptions_can_be_included_and_put_together() {
    struct Notes;

    #[server]
    impl Notes {
        #[doc = include_str!("description.md")]
        #[tool]
        fn add(
            &self,
            /// The text,
            #[doc = concat!("in ", "parts,")]
            ///   of a note.
            text: String,
        ) -> String {
            text
        }
    }

    let tool = listed(Notes).await;
    assert_eq!(tool["description"], "Add a note:\n\n- in Markdown.");
    assert_eq!(tool["inputSchema"]["properties"]["text"]["description"], "The text,\nin parts,\nof a note.");
}

#[tokio::test]
async fn icons_metadata_and_names_of_arguments() {
    struct Contacts;

    #[server]
    impl Contacts {
        /// Write to somebody.
        #[tool(
            icons = ["https://example.com/icon.png", { src = "http://localhost:1/i.svg", sizes = ["any"], theme = "light" }],
            meta = { "com.example/color": "red", "nested": { "list": [1, "two", null] } },
        )]
        fn write(
            &self,
            #[arg(name = "contactMethod", default = "mail", length = 1..)] contact_method: String,
            #[arg(name = "type")] kind: u8,
        ) -> String {
            format!("{contact_method} {kind}")
        }
    }

    let client = MemoryClient::new(Contacts);
    assert_eq!(
        listed(Contacts).await,
        json!({
            "name": "write",
            "description": "Write to somebody.",
            "inputSchema": {
                "type": "object",
                "properties": {
                    "contactMethod": {"type": "string", "default": "mail", "minLength": 1},
                    "type": {"type": "integer", "minimum": 0, "maximum": 255},
                },
                "required": ["type"],
            },
            "icons": [
                {"src": "https://example.com/icon.png"},
                {"src": "http://localhost:1/i.svg", "sizes": ["any"], "theme": "light"},
            ],
            "_meta": {"com.example/color": "red", "nested": {"list": [1, "two", null]}},
        })
    );
    assert_eq!(called(&client, "write", json!({"type": 1})).await, text("mail 1"));
    assert_eq!(called(&client, "write", json!({"type": 1, "contactMethod": "phone"})).await, text("phone 1"));
    assert_eq!(
        called(&client, "write", json!({"type": 1, "contactMethod": ""})).await,
        mistake("Argument contactMethod: must have at least 1 character, not 0")
    );
    assert_eq!(
        called(&client, "write", json!({"type": 1, "contact_method": ""})).await,
        mistake("Unknown argument `contact_method`; did you mean `contactMethod`?")
    );
}

#[tokio::test]
async fn a_schema_that_is_written_by_hand() {
    struct Maps;

    #[server]
    impl Maps {
        /// Find a way.
        #[tool(input_schema = {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "type": "object",
            "$defs": { "place": { "type": "string", "minLength": 2 } },
            "properties": {
                "from": { "$ref": "#/$defs/place" },
                "to": { "type": "string", "x-mcp-header": "To" },
                "speed": { "type": "number", "exclusiveMinimum": 0.5, "default": -1.0 },
            },
            "required": ["from", "to"],
        })]
        fn way(&self, from: String, #[arg(header = "To")] to: String, #[arg(default = -1.0)] speed: f64) -> String {
            format!("{from} {to} {speed}")
        }
    }

    assert_eq!(
        listed(Maps).await["inputSchema"],
        json!({
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "type": "object",
            "$defs": {"place": {"type": "string", "minLength": 2}},
            "properties": {
                "from": {"$ref": "#/$defs/place"},
                "to": {"type": "string", "x-mcp-header": "To"},
                "speed": {"type": "number", "exclusiveMinimum": 0.5, "default": -1.0},
            },
            "required": ["from", "to"],
        })
    );
    let client = MemoryClient::new(Maps);
    assert_eq!(called(&client, "way", json!({"from": "here", "to": "there"})).await, text("here there -1"));
    assert_eq!(called(&client, "way", json!({"from": "here"})).await, mistake("Argument to is missing"));
}

#[tokio::test]
async fn everything_that_can_be_said_about_an_argument() {
    const LIMIT: usize = 7;

    struct Notes;

    #[server]
    impl Notes {
        /// Find "notes" in C:\notes:
        ///
        /// - exactly, or
        ///   - nearly;
        /// - with `"#`.
        #[tool(read_only)]
        #[expect(clippy::too_many_arguments, reason = "one for each constraint")]
        fn find(
            &self,
            /// The "text".
            ///
            /// In C:\notes.
            #[arg(length = 1..=10, pattern = "^[a-z]+$", default = "milk")]
            text: String,
            #[arg(description = "Not this one.", length = ..3)]
            /// The tags.
            tags: Vec<String>,
            #[arg(range = -1.5..2.0, default = -0.5)] score: f64,
            #[arg(range = 1..=5, default = 1)] copies: u8,
            #[arg(range = -10.., default = -3)] offset: i64,
            #[arg(default = LIMIT * 2)] limit: usize,
            #[arg(default = true)] exact: bool,
            #[arg(default = Vec::new(), length = 1..)] counts: Vec<u8>,
        ) -> String {
            format!("{text} {tags:?} {score} {copies} {offset} {limit} {exact} {counts:?}")
        }
    }

    assert_eq!(
        listed(Notes).await,
        json!({
            "name": "find",
            "description": "Find \"notes\" in C:\\notes:\n\n- exactly, or\n  - nearly;\n- with `\"#`.",
            "inputSchema": {
                "type": "object",
                "properties": {
                    "text": {
                        "type": "string",
                        "description": "The \"text\".\n\nIn C:\\notes.",
                        "default": "milk",
                        "pattern": "^[a-z]+$",
                        "minLength": 1,
                        "maxLength": 10,
                    },
                    "tags": {
                        "type": "array",
                        "items": {"type": "string"},
                        "description": "Not this one.",
                        "maxItems": 2,
                    },
                    "score": {
                        "type": "number",
                        "format": "double",
                        "default": -0.5,
                        "minimum": -1.5,
                        "exclusiveMaximum": 2.0,
                    },
                    "copies": {"type": "integer", "default": 1, "minimum": 1, "maximum": 5},
                    "offset": {"type": "integer", "format": "int64", "default": -3, "minimum": -10},
                    "limit": {"type": "integer", "minimum": 0},
                    "exact": {"type": "boolean", "default": true},
                    "counts": {
                        "type": "array",
                        "items": {"type": "integer", "minimum": 0, "maximum": 255},
                        "minItems": 1,
                    },
                },
                "required": ["tags"],
            },
            "annotations": {"readOnlyHint": true},
        })
    );
    let client = MemoryClient::new(Notes);
    assert_eq!(
        called(&client, "find", json!({"tags": ["a"]})).await,
        text("milk [\"a\"] -0.5 1 -3 14 true []"),
        "the defaults are those of the source, whether the schema can show them or not"
    );
    let cases = [
        (json!({"tags": [], "text": "Milk"}), "Argument text: must match the pattern `^[a-z]+$`"),
        (json!({"tags": ["a", "b", "c"]}), "Argument tags: must have at most 2 items, not 3"),
        (json!({"tags": [], "score": 2.0}), "Argument score: must be at least -1.5 and less than 2.0, not 2.0"),
        (json!({"tags": [], "copies": 6}), "Argument copies: must be at least 1 and at most 5, not 6"),
        (json!({"tags": [], "offset": -11}), "Argument offset: must be at least -10, not -11"),
        (json!({"tags": [], "counts": []}), "Argument counts: must have at least 1 item, not 0"),
        (json!({"tags": [], "limits": 1}), "Unknown argument `limits`; did you mean `limit`?"),
    ];
    for (arguments, expected) in cases {
        assert_eq!(called(&client, "find", arguments).await, mistake(expected));
    }
}

#[derive(serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
struct Weather {
    celsius: f64,
}

#[derive(Debug, mcp::ToolError)]
#[tool_error(shown)]
struct OutOfPaper;

impl fmt::Display for OutOfPaper {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("out of paper")
    }
}

impl std::error::Error for OutOfPaper {}

struct Results;

#[server]
impl Results {
    /// Text.
    #[tool]
    fn string(&self) -> String {
        "text".to_owned()
    }

    /// Text.
    #[tool]
    fn str(&self) -> &str {
        "text"
    }

    /// Text.
    #[tool]
    fn static_str(&self) -> &'static str {
        "text"
    }

    /// Text.
    #[tool]
    async fn cow(&self) -> Cow<'_, str> {
        "text".into()
    }

    /// Text.
    #[tool]
    fn boxed(&self) -> Box<str> {
        "text".into()
    }

    /// A number.
    #[tool]
    fn integer(&self) -> i128 {
        -170_141_183_460_469_231_731_687_303_715_884_105_728
    }

    /// A number.
    #[tool]
    fn float(&self) -> f32 {
        1.5
    }

    /// A letter.
    #[tool]
    fn letter(&self) -> char {
        'x'
    }

    /// Yes or no.
    #[tool]
    fn truth(&self) -> bool {
        true
    }

    /// Return nothing.
    #[tool]
    fn nothing(&self) {}

    /// Return nothing, later.
    #[tool]
    async fn nothing_later(&self) -> () {}

    /// Several texts.
    #[tool]
    fn strings(&self) -> Vec<String> {
        vec!["one".to_owned(), "two".to_owned()]
    }

    /// A block of text.
    #[tool]
    fn text(&self) -> TextContent {
        TextContent::new("text")
    }

    /// A picture.
    #[tool]
    fn image(&self) -> ImageContent {
        ImageContent::new([1, 2, 3], "image/png")
    }

    /// A sound.
    #[tool]
    fn audio(&self) -> AudioContent {
        AudioContent::new([1, 2, 3], "audio/wav")
    }

    /// A link.
    #[tool]
    fn link(&self) -> ResourceLink {
        ResourceLink::new("file:///a", "a").mime_type("text/plain").size(3)
    }

    /// A resource.
    #[tool]
    fn embedded(&self) -> EmbeddedResource {
        EmbeddedResource::text("file:///a", "abc").mime_type("text/plain")
    }

    /// One block of any kind.
    #[tool]
    fn content(&self) -> Content {
        EmbeddedResource::blob("file:///a", [1, 2, 3]).into()
    }

    /// Several blocks of any kind.
    #[tool]
    fn contents(&self) -> Vec<Content> {
        vec![TextContent::new("text").into(), ResourceLink::new("file:///a", "a").into()]
    }

    /// Data.
    #[tool]
    fn data(&self) -> Json<Weather> {
        Json(Weather { celsius: 22.5 })
    }

    /// Data that is no object.
    #[tool]
    fn list(&self) -> Json<Vec<u8>> {
        Json(vec![1, 2])
    }

    /// A result by hand.
    #[tool]
    fn result(&self) -> ToolResult {
        ToolResult::error("by hand")
    }

    /// It works.
    #[tool]
    fn works(&self) -> Result<Json<Weather>, OutOfPaper> {
        Ok(Json(Weather { celsius: 1.0 }))
    }

    /// It fails.
    #[tool(blocking)]
    fn fails(&self) -> Result<String, OutOfPaper> {
        Err(OutOfPaper)
    }

    /// It fails with a text.
    #[tool]
    async fn fails_with_text(&self) -> Result<(), String> {
        Err("no".to_owned())
    }

    /// It fails with an error for the model.
    #[tool]
    fn fails_for_the_model(&self) -> Result<(), mcp::Error> {
        Err(mcp::Error::tool("try again"))
    }

    /// It fails with an error of the protocol.
    #[tool]
    fn fails_for_the_client(&self) -> Result<(), mcp::Error> {
        Err(mcp::Error::invalid_params("not like this"))
    }
}

#[tokio::test]
async fn every_type_of_result() {
    let client = MemoryClient::new(Results);
    for name in ["string", "str", "static_str", "cow", "boxed", "text"] {
        assert_eq!(called(&client, name, json!({})).await, text("text"), "{name}");
    }
    let cases = [
        ("integer", text("-170141183460469231731687303715884105728")),
        ("float", text("1.5")),
        ("letter", text("x")),
        ("truth", text("true")),
        ("nothing", json!({"content": []})),
        ("nothing_later", json!({"content": []})),
        ("strings", json!({"content": [{"type": "text", "text": "one"}, {"type": "text", "text": "two"}]})),
        ("image", json!({"content": [{"type": "image", "data": "AQID", "mimeType": "image/png"}]})),
        ("audio", json!({"content": [{"type": "audio", "data": "AQID", "mimeType": "audio/wav"}]})),
        (
            "link",
            json!({"content": [
                {"type": "resource_link", "uri": "file:///a", "name": "a", "mimeType": "text/plain", "size": 3},
            ]}),
        ),
        (
            "embedded",
            json!({"content": [
                {"type": "resource", "resource": {"uri": "file:///a", "mimeType": "text/plain", "text": "abc"}},
            ]}),
        ),
        ("content", json!({"content": [{"type": "resource", "resource": {"uri": "file:///a", "blob": "AQID"}}]})),
        (
            "contents",
            json!({"content": [
                {"type": "text", "text": "text"},
                {"type": "resource_link", "uri": "file:///a", "name": "a"},
            ]}),
        ),
        (
            "data",
            json!({
                "content": [{"type": "text", "text": "{\"celsius\":22.5}"}],
                "structuredContent": {"celsius": 22.5},
            }),
        ),
        ("list", json!({"content": [{"type": "text", "text": "[1,2]"}], "structuredContent": [1, 2]})),
        ("result", mistake("by hand")),
        (
            "works",
            json!({
                "content": [{"type": "text", "text": "{\"celsius\":1.0}"}],
                "structuredContent": {"celsius": 1.0},
            }),
        ),
        ("fails", mistake("out of paper")),
        ("fails_with_text", mistake("no")),
        ("fails_for_the_model", mistake("try again")),
    ];
    for (name, expected) in cases {
        assert_eq!(called(&client, name, json!({})).await, expected, "{name}");
    }
    let error = client.call_tool("fails_for_the_client", json!({})).await.unwrap_err();
    assert_eq!((error.code(), error.message()), (Some(-32602), "not like this"));
}

#[tokio::test]
async fn only_data_has_an_output_schema() {
    let tools = MemoryClient::new(Results).list_tools().await.unwrap();
    let schemas: Vec<_> =
        tools.iter().filter_map(|tool| Some((tool["name"].as_str()?, tool.get("outputSchema")?.clone()))).collect();
    let weather = json!({
        "title": "Weather",
        "type": "object",
        "properties": {"celsius": {"type": "number", "format": "double"}},
        "required": ["celsius"],
    });
    let list = json!({
        "title": "Array_of_uint8",
        "type": "array",
        "items": {"type": "integer", "minimum": 0, "maximum": 255},
    });
    assert_eq!(schemas, [("data", weather.clone()), ("list", list), ("works", weather)]);
}
