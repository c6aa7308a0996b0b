//! What `#[mcp::server]` accepts, and what comes of it: listed tools and results, compared whole.

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

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use mcp::{
    AccessToken, AudioContent, Content, EmbeddedResource, ImageContent, Json, MemoryClient, ResourceLink, Server,
    TextContent, ToolResult, server, tool,
};
use serde_json::{Value, json};

/// The definition of the only tool.
async fn listed<S: Server>(server: S) -> Value {
    let mut tools = MemoryClient::new(server).list_tools().await.unwrap();
    assert_eq!(tools.len(), 1, "{tools:?}");
    tools.remove(0)
}

/// The result of a call as it is on the wire, without what every result has.
async fn called<S: Server>(client: &MemoryClient<S>, name: &str, arguments: Value) -> Value {
    let mut result = client.request("tools/call", json!({"name": name, "arguments": arguments})).await.unwrap();
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

#[tokio::test]
async fn a_generic_block_with_lifetimes_and_conditions() {
    struct Shelf<T, const N: usize> {
        items: [T; N],
        name: String,
    }

    #[server]
    impl<T, const N: usize> Shelf<T, N>
    where
        T: fmt::Display + Clone + serde::de::DeserializeOwned + schemars::JsonSchema + Send + Sync + 'static,
    {
        /// Name the shelf.
        #[tool]
        fn name<'a>(&'a self) -> &'a str {
            &self.name
        }

        /// Name the shelf, or whoever calls.
        #[tool]
        async fn caller<'a>(&'a self, token: Option<&'a AccessToken>) -> Result<Cow<'a, str>, mcp::Error> {
            Ok(token.map_or(&*self.name, |token| &token.client_id).into())
        }

        /// Compare with an item.
        #[tool]
        fn compare(&self, index: usize, item: T) -> String {
            format!("{} {item}", self.items[index])
        }
    }

    let client = MemoryClient::new(Shelf { items: [1.5, 2.5], name: "top".to_owned() });
    assert_eq!(called(&client, "name", json!({})).await, text("top"));
    assert_eq!(called(&client, "caller", json!({})).await, text("top"));
    assert_eq!(called(&client, "compare", json!({"index": 1, "item": 0.25})).await, text("2.5 0.25"));
}

#[tokio::test]
async fn a_block_of_a_type_with_a_lifetime() {
    struct Sign<'a> {
        text: &'a str,
    }

    #[server]
    impl<'a> Sign<'a> {
        /// Read the sign.
        #[tool]
        async fn read(&self, times: usize) -> String {
            tokio::task::yield_now().await;
            self.text.repeat(times)
        }

        /// Read the sign slowly.
        #[tool(blocking)]
        fn spell(&self) -> &'a str {
            self.text
        }
    }

    let client = MemoryClient::new(Sign { text: "Exit" });
    assert_eq!(called(&client, "read", json!({"times": 2})).await, text("ExitExit"));
    assert_eq!(called(&client, "spell", json!({})).await, text("Exit"));
}

#[tokio::test]
async fn a_deprecated_tool_is_still_a_tool() {
    struct Shop;

    #[server]
    impl Shop {
        /// Look around.
        #[tool]
        #[deprecated]
        fn look(&self) -> &'static str {
            "Shelves"
        }
    }

    assert_eq!(called(&MemoryClient::new(Shop), "look", json!({})).await, text("Shelves"));
}

#[tokio::test]
async fn a_renamed_crate() {
    mod vendored {
        pub(crate) use ::mcp as framework;
    }

    struct Notes;

    #[vendored::framework::server(crate = vendored::framework)]
    impl Notes {
        /// List every note.
        #[vendored::framework::tool]
        fn list(&self) {}
    }

    assert_eq!(
        listed(Notes).await,
        json!({
            "name": "list",
            "description": "List every note.",
            "inputSchema": {"type": "object", "additionalProperties": false},
        })
    );
}

#[tokio::test]
async fn conditional_methods() {
    struct Notes;

    #[server]
    impl Notes {
        /// Is there.
        #[cfg(test)]
        #[tool]
        fn present(&self) {}

        /// Is not.
        #[cfg(not(test))]
        #[tool]
        fn absent(&self, missing: NoSuchType) {}

        /// Says that it is a test.
        #[tool]
        #[cfg(test)]
        fn which(&self) -> &str {
            "test"
        }

        /// Says that it is none.
        #[tool]
        #[cfg(not(test))]
        fn which(&self) -> &str {
            "release"
        }
    }

    // The condition of a block is that of the server.
    struct Absent;

    #[server]
    #[cfg(not(test))]
    impl Absent {
        /// Is not.
        #[tool]
        fn absent(&self) {}
    }

    #[server]
    impl Absent {
        /// Is there.
        #[tool]
        fn present(&self) {}
    }

    let client = MemoryClient::new(Notes);
    let names: Vec<_> = client.list_tools().await.unwrap().into_iter().map(|tool| tool["name"].clone()).collect();
    assert_eq!(names, ["present", "which"]);
    assert_eq!(called(&client, "which", json!({})).await, text("test"));
    assert_eq!(listed(Absent).await["name"], "present");
}

#[tokio::test]
async fn names_that_generated_code_uses_itself() {
    struct Notes;

    #[server]
    impl Notes {
        /// Take arguments by any name.
        #[tool]
        async fn names(&self, call: u8, self_: u8, r#type: u8, server: u8, request: u8, __mcp: u8) -> String {
            format!("{call}{self_}{type}{server}{request}{__mcp}")
        }

        /// The same on another thread.
        #[tool(blocking)]
        fn r#match(&self, call: u8, token: Option<&AccessToken>) -> String {
            format!("{call}{}", token.is_some())
        }
    }

    let client = MemoryClient::new(Notes);
    let arguments = json!({"call": 1, "self_": 2, "type": 3, "server": 4, "request": 5, "__mcp": 6});
    assert_eq!(called(&client, "names", arguments).await, text("123456"));
    assert_eq!(called(&client, "match", json!({"call": 1})).await, text("1false"));
}

#[tokio::test]
async fn methods_that_a_smart_pointer_has_too() {
    struct Notes;

    #[server]
    impl Notes {
        /// Clone a note.
        #[tool]
        fn clone(&self) -> &str {
            "clone"
        }

        /// Borrow a note.
        #[tool]
        fn borrow(&self) -> &str {
            "borrow"
        }

        /// Refer to a note.
        #[tool]
        async fn as_ref(&self) -> &str {
            "as_ref"
        }

        /// Take a note.
        #[tool]
        fn take(&self, name: String) -> String {
            name
        }
    }

    let client = MemoryClient::new(Notes);
    for name in ["clone", "borrow", "as_ref"] {
        assert_eq!(called(&client, name, json!({})).await, text(name));
    }
    assert_eq!(called(&client, "take", json!({"name": "it"})).await, text("it"));
}

#[tokio::test]
async fn a_block_that_another_macro_writes() {
    macro_rules! counter {
        ($name:ident, $($method:ident: $argument:ident $number:ty = $default:expr),*) => {
            struct $name;

            #[server]
            impl $name {$(
                #[doc = concat!("Count in ", stringify!($number), ".")]
                #[tool(description = "Count.")]
                fn $method(self: &Self, #[arg(default = $default)] $argument: $number) -> $number {
                    $argument + 1
                }
            )*}
        };
    }
    counter!(Counter, small: from u8 = 1 + 1, large: from u64 = 41);

    let client = MemoryClient::new(Counter);
    assert_eq!(called(&client, "small", json!({})).await, text("3"));
    assert_eq!(called(&client, "large", json!({})).await, text("42"));
    assert_eq!(called(&client, "large", json!({"from": 9})).await, text("10"));
}

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
                "text": {"type": ["string", "null"]},
                "exact": {"type": ["boolean", "null"]},
                "limit": {"type": "integer", "format": "uint32", "minimum": 0},
            },
            "required": ["limit"],
            "additionalProperties": false,
        })
    );
    let client = MemoryClient::new(Notes);
    assert_eq!(called(&client, "find", json!({"limit": 1})).await, text("None None 1"));
    let arguments = json!({"limit": 1, "text": "milk", "exact": null});
    assert_eq!(called(&client, "find", arguments).await, text("Some(\"milk\") None 1"));
    assert_eq!(called(&client, "find", json!({})).await, mistake("Argument `limit` is missing"));
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
            "inputSchema": {"type": "object", "additionalProperties": false},
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
                    "copies": {"type": "integer", "format": "uint8", "default": 1, "minimum": 1, "maximum": 5},
                    "offset": {"type": "integer", "format": "int64", "default": -3, "minimum": -10},
                    "limit": {"type": "integer", "format": "uint", "minimum": 0},
                    "exact": {"type": "boolean", "default": true},
                    "counts": {
                        "type": "array",
                        "items": {"type": "integer", "format": "uint8", "minimum": 0, "maximum": 255},
                        "minItems": 1,
                    },
                },
                "required": ["tags"],
                "additionalProperties": false,
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
        (json!({"tags": [], "text": "Milk"}), "Argument `text`: must match the pattern `^[a-z]+$`"),
        (json!({"tags": ["a", "b", "c"]}), "Argument `tags`: must have at most 2 items, not 3"),
        (json!({"tags": [], "score": 2.0}), "Argument `score`: must be at least -1.5 and less than 2.0, not 2.0"),
        (json!({"tags": [], "copies": 6}), "Argument `copies`: must be at least 1 and at most 5, not 6"),
        (json!({"tags": [], "offset": -11}), "Argument `offset`: must be at least -10, not -11"),
        (json!({"tags": [], "counts": []}), "Argument `counts`: must have at least 1 items, not 0"),
        (json!({"tags": [], "limits": 1}), "Unknown argument `limits`; did you mean `limit`?"),
    ];
    for (arguments, expected) in cases {
        assert_eq!(called(&client, "find", arguments).await, mistake(expected));
    }
}

#[tokio::test]
async fn a_server_says_what_it_is() {
    struct Notes;

    #[server(name = "notes", version = "7", title = "The \"notes\"", instructions = "Ask.\nTwice.")]
    impl Notes {
        /// List every note.
        #[tool]
        fn list(&self) {}
    }

    struct Unnamed<T>(PhantomData<T>);

    #[server]
    impl Unnamed<u8> {
        /// List every note.
        #[tool]
        fn list(&self) {}
    }

    let discovered = MemoryClient::new(Notes).request("server/discover", json!({})).await.unwrap();
    assert_eq!(discovered["instructions"], "Ask.\nTwice.");
    assert_eq!(
        discovered["_meta"]["io.modelcontextprotocol/serverInfo"],
        json!({"name": "notes", "title": "The \"notes\"", "version": "7"})
    );
    let discovered = MemoryClient::new(Unnamed(PhantomData)).request("server/discover", json!({})).await.unwrap();
    assert_eq!(discovered.get("instructions"), None);
    assert_eq!(
        discovered["_meta"]["io.modelcontextprotocol/serverInfo"],
        json!({"name": "Unnamed", "version": env!("CARGO_PKG_VERSION")})
    );
}

#[derive(serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
struct Weather {
    celsius: f64,
}

#[derive(Debug)]
struct OutOfPaper;

impl fmt::Display for OutOfPaper {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("out of paper")
    }
}

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

    /// Nothing.
    #[tool]
    fn nothing(&self) {}

    /// Nothing, later.
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

    /// What it says.
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
        "items": {"type": "integer", "format": "uint8", "minimum": 0, "maximum": 255},
    });
    assert_eq!(schemas, [("data", weather.clone()), ("list", list), ("works", weather)]);
}
