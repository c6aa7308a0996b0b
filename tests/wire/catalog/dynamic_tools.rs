//! Tools that are known at run time only.

use std::time::Duration;

use axum::Router;
use mcp::{
    AccessToken, Changes, Denied, DynamicCall, DynamicRequest, DynamicTool, FromRequest, Http, ItemId, Json,
    MemoryClient, Rate, Request, StaticTokens, Stdio,
};
use serde_json::{Value, json};

use crate::support::client::{LEGACY, ask, modern_message};
use crate::support::conversation::Way;
use crate::support::log::Log;
use crate::support::schema::MODERN;
use crate::support::servers::limits;
use crate::support::stdio::Client;

struct Open;

#[mcp::server]
impl Open {
    /// Do nothing.
    #[mcp::tool]
    fn idle(&self) {}

    #[mcp::resource("notes://{id}")]
    fn note(&self, id: u64) -> String {
        id.to_string()
    }

    /// Greet.
    #[mcp::prompt]
    fn hello(&self) -> &'static str {
        "hello"
    }
}

#[derive(serde::Serialize, schemars::JsonSchema)]
struct Sum {
    sum: i64,
}

fn schema() -> Value {
    json!({
        "type": "object",
        "properties": {"a": {"type": "integer", "minimum": 0}, "b": {"type": "integer", "default": 0}},
        "required": ["a"],
    })
}

/// Adds two numbers.
fn add() -> DynamicTool {
    let add = async |call: DynamicCall| -> Result<Json<Sum>, mcp::Error> {
        #[derive(serde::Deserialize)]
        struct Numbers {
            a: i64,
            #[serde(default)]
            b: i64,
        }
        let Numbers { a, b } = call.read()?;
        assert!(call.context().protocol_version() >= "2025" && call.arguments().contains_key("a"));
        tokio::task::yield_now().await;
        a.checked_add(b).map(|sum| Json(Sum { sum })).ok_or_else(|| mcp::Error::tool("the sum is too large"))
    };
    tool("add", schema(), move |call| Box::pin(add(call)) as _).read_only(true).title("Sum")
}

type Answer = std::pin::Pin<Box<dyn Future<Output = Result<Json<Sum>, mcp::Error>> + Send>>;

fn tool(name: &str, schema: Value, run: impl Fn(DynamicCall) -> Answer + Send + Sync + 'static) -> DynamicTool {
    DynamicTool::new(name, "Add two numbers.", schema, run).expect("a tool")
}

fn texts(name: &str, schema: Value) -> Result<DynamicTool, mcp::DynamicToolError> {
    DynamicTool::new(name, "Return the arguments.", schema, |call| async move {
        Value::from(call.arguments().clone()).to_string()
    })
}

#[tokio::test]
async fn it_is_listed_and_called_like_any_other() {
    let expected = json!([
        {"name": "idle", "description": "Do nothing.", "inputSchema": {"type": "object", "properties": {}}},
        {
            "name": "add", "title": "Sum", "description": "Add two numbers.", "inputSchema": schema(),
            "outputSchema": {
                "type": "object", "properties": {"sum": {"type": "integer"}}, "required": ["sum"], "title": "Sum",
            },
            "annotations": {"readOnlyHint": true},
        },
    ]);
    let mut answers = Vec::new();
    let app = Http::open(Open).tool(add()).router();
    for version in LEGACY.into_iter().chain([MODERN]) {
        let mut connection = Way::connect_to(version, app.clone()).await;
        let silent = crate::support::conversation::silent;
        answers.push(connection.request("tools/list", json!({}), silent).await.answer["result"]["tools"].take());
        let sum = connection.call("add", json!({"a": 1, "b": 2}), silent).await;
        assert_eq!(sum.text(), r#"{"sum":3}"#, "{version}");
        for (arguments, message) in [
            (json!({"b": 2}), "Argument a is missing"),
            (json!({"a": "1"}), "Argument a: expected an integer, got \"1\""),
            (json!({"a": -1}), "Argument a: must be at least 0, not -1"),
            (json!({"a": 1, "c": 2}), "Unknown argument `c`; there are: a, b"),
            (json!({"a": i64::MAX, "b": 1}), "the sum is too large"),
        ] {
            let refused = connection.call("add", arguments, silent).await;
            assert_eq!((refused.is_error(), refused.text()), (true, message), "{version}");
        }
    }
    let memory = MemoryClient::new(Open).tool(add());
    answers.push(memory.list_tools().await.unwrap().into());
    assert_eq!(
        memory.call_tool("add", json!({"a": 1})).await.unwrap().structured_content.unwrap().get(),
        r#"{"sum":1}"#
    );
    let mut stdio = Client::of(Stdio::new(Open).tool(add()));
    let list: Value = serde_json::from_str(&stdio.ask(&modern_message("tools/list", "")).await).unwrap();
    answers.push(list["result"]["tools"].clone());
    for (index, tools) in answers.iter().enumerate() {
        let mut expected = expected.clone();
        let tool = expected[1].as_object_mut().unwrap();
        // The oldest version has neither.
        if index == 0 {
            tool.remove("title");
            tool.remove("outputSchema");
        }
        if let Some(schema) = tool.get_mut("outputSchema") {
            *schema = tools[1]["outputSchema"].clone();
            assert_eq!(schema["properties"]["sum"]["type"], "integer", "{tools}");
        }
        assert_eq!(*tools, expected, "{index}");
    }
    let twice = r#""name":"add","arguments":{"a":1,"a":2}"#;
    stdio.write_unchecked(&modern_message("tools/call", twice)).await;
    assert!(stdio.read().await.unwrap().contains("Argument a is given twice"));
}

struct Guarded;

#[mcp::server(
    issuer = "https://auth.example.com",
    resource = "http://127.0.0.1:8000/mcp",
    scopes = ["read"],
    optional_scopes = ["write"],
)]
impl Guarded {
    /// Look.
    #[mcp::tool]
    fn look(&self) {}
}

fn guarded() -> (Router, Changes) {
    let token = |scopes: &[&str]| AccessToken::ours("someone").with_scopes(scopes);
    let tokens = StaticTokens::new([("reader-token", token(&["read"])), ("writer-token", token(&["read", "write"]))]);
    let named = DynamicTool::new("named", "Name the caller.", json!({"type": "object"}), |call| async move {
        call.token().map(|token| token.client_id.clone()).unwrap_or_default()
    });
    let http = Http::protected(Guarded, tokens).tool(named.expect("a tool").scopes(["write"]).hidden());
    let changes = http.changes();
    (http.router(), changes)
}

#[tokio::test]
async fn it_needs_its_scopes_and_is_hidden_without_them() {
    let (app, _) = guarded();
    for version in LEGACY.into_iter().chain([MODERN]) {
        let names = async |token: &str| {
            let (_, _, list) = ask(&app, version, token, "tools/list", json!({})).await;
            let tools = list["result"]["tools"].as_array().unwrap().clone();
            tools.iter().map(|tool| tool["name"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(names("reader-token").await, ["look"]);
        assert_eq!(names("writer-token").await, ["look", "named"]);
        let call = json!({"name": "named", "arguments": {}});
        let (status, challenge, _) = ask(&app, version, "reader-token", "tools/call", call.clone()).await;
        assert_eq!(status, 403);
        assert!(challenge.contains(r#"error="insufficient_scope""#) && challenge.contains(r#"scope="read write""#));
        let (status, _, answer) = ask(&app, version, "writer-token", "tools/call", call).await;
        assert_eq!((status, &answer["result"]["content"][0]["text"]), (200, &json!("someone")));
    }
}

/// The name of the caller, made from its token.
struct Name(String);

impl FromRequest for Name {
    async fn from_request(request: &Request<'_>) -> Result<Self, Denied> {
        assert!(request.server::<Guarded>().is_some());
        let token = request.token().ok_or(Denied::absent("this needs a token"))?;
        tokio::task::yield_now().await;
        if token.client_id == "down" {
            Err("no connection to the database of secrets")?
        }
        Ok(Self(format!("{} of {}", token.client_id, request.item().map_or("many", ItemId::name))))
    }
}

/// Rows have names of callers.
async fn same_caller(call: DynamicRequest) -> Result<(), Denied> {
    let name = call.request().extract::<Name>().await?;
    let row = call.arguments()["row"].as_str().ok_or("the schema asks for a text")?;
    if name.0.starts_with(row) { Ok(()) } else { Err(Denied::not_found()) }
}

/// The rows of alice are not locked.
async fn unlocked(call: DynamicRequest) -> Result<(), Denied> {
    if call.arguments()["row"] == "alice" { Ok(()) } else { Err(Denied::new("this row is locked")) }
}

/// A tool that returns a row of the caller.
fn row(name: &str) -> DynamicTool {
    let schema = json!({"type": "object", "properties": {"row": {"type": "string"}}, "required": ["row"]});
    let row = DynamicTool::new(name, "Return a row.", schema, |call| async move {
        call.request().extract::<Name>().await.map(|name| name.0.clone()).map_err(mcp::Error::from)
    });
    row.expect("a tool")
}

#[tokio::test]
async fn it_has_guards_a_rate_and_a_time_limit() {
    let token = |name: &str| AccessToken::ours(name).with_scopes(["read"]);
    let names = ["alice", "bob", "down"];
    let tokens = StaticTokens::new(names.map(|name| (format!("{name}-token"), token(name))));
    let stuck =
        DynamicTool::new("stuck", "Never end.", json!({"type": "object"}), |_| std::future::pending::<String>());
    let http = Http::protected(Guarded, tokens)
        .tool(row("row").guard(same_caller).guard(unlocked).rate(Rate::per_hour(2)))
        .tool(stuck.expect("a tool").timeout(Duration::from_millis(20)));
    mcp::testing::assert_manifest(&http, "wire/catalog/dynamic_tools.manifest");
    let app = http.router();
    let call = async |version: &str, token: &str, row: &str| {
        let params = json!({"name": "row", "arguments": {"row": row}});
        let (status, _, body) = ask(&app, version, token, "tools/call", params).await;
        (status, body["result"]["isError"] == true, body["result"]["content"][0]["text"].as_str().map(str::to_owned))
    };
    let text = |text: &str| Some(text.to_owned());
    assert_eq!(call(MODERN, "alice-token", "alice").await, (200, false, text("alice of row")));
    assert_eq!(call(LEGACY[2], "alice-token", "bob").await, (200, true, text("Not found")));
    let (_, is_error, limited) = call(MODERN, "alice-token", "alice").await;
    assert!(is_error && limited.is_some_and(|text| text.starts_with("Too many requests for `row` (at most 2/h)")));
    assert_eq!(call(LEGACY[2], "bob-token", "bob").await, (200, true, text("this row is locked")));
    let log = Log::start();
    assert_eq!(call(MODERN, "down-token", "down").await, (503, false, None));
    assert!(log.text().contains("no connection to the database of secrets"), "{}", log.text());
    let (_, _, stuck) = ask(&app, MODERN, "bob-token", "tools/call", json!({"name": "stuck"})).await;
    assert_eq!(stuck["result"]["content"][0]["text"], "Timed out after 20 ms");
}

#[tokio::test(start_paused = true)]
async fn no_stream_begins_before_its_guards_have_decided() {
    let slow = |_: DynamicRequest| async {
        tokio::time::sleep(Duration::from_secs(60)).await;
        Err(Denied::from("the database is down"))
    };
    let app = Http::open(Open).tool(texts("late", json!({"type": "object"})).expect("a tool").guard(slow)).router();
    let (status, _, _) = ask(&app, MODERN, "", "tools/call", json!({"name": "late"})).await;
    assert_eq!(status, 503);
}

#[tokio::test]
async fn it_comes_and_goes_while_the_server_runs() {
    let empty = || json!({"type": "object"});
    let http = Http::open(Open).limits(limits(|limits| limits.state.dynamic_tools = 2));
    let (changes, app) = (http.changes(), http.router());
    let mut connection = Way::connect_to(MODERN, app).await;
    connection.watch("notes://1").await;
    changes.add_tool(texts("late", empty()).unwrap()).unwrap();
    assert_eq!(connection.next().await["method"], "notifications/tools/list_changed");
    let silent = crate::support::conversation::silent;
    assert_eq!(connection.call("late", json!({}), silent).await.text(), "{}");
    // Nothing is added that does not fit.
    for (tool, error) in [
        (
            texts("late", empty()),
            "there are two tools `late` in `DynamicTool`; add it once, or give one of them another name",
        ),
        (
            texts("idle", empty()),
            "there is a tool `idle` in `Open` and in `DynamicTool`; give one of them another name",
        ),
        (
            texts("scoped", empty()).map(|tool| tool.scopes(["write"])),
            "the tool `scoped` needs the scope `write`, which the server does not declare; write `optional_scopes = \
             [\"write\"]` into its attribute",
        ),
    ] {
        assert_eq!(changes.add_tool(tool.unwrap()).unwrap_err().to_string(), error);
    }
    let rated = texts("rated", empty()).unwrap().rate(Rate::per_minute(1));
    assert_eq!(
        changes.add_tool(rated).unwrap_err().to_string(),
        "the tool `rated` has a rate, which is for each caller, and requests to an open server have none; remove the rate, \
         or give the server an `issuer` and a `resource`"
    );
    changes.add_tool(texts("second", empty()).unwrap()).unwrap();
    assert_eq!(
        changes.add_tool(texts("third", empty()).unwrap()).unwrap_err().to_string(),
        "there are 2 tools at run time already; remove one, or raise `limits.state.dynamic_tools`"
    );
    assert_eq!(connection.next().await["method"], "notifications/tools/list_changed");
    assert!(changes.disable_tool("late") && changes.remove_tool("late") && !changes.remove_tool("late"));
    assert!(!changes.remove_tool("idle"), "only those that were added");
    assert_eq!(connection.call("late", json!({}), silent).await.message(), "Unknown tool: late");
    changes.add_tool(texts("late", empty()).unwrap()).unwrap();
    assert_eq!(connection.call("late", json!({}), silent).await.text(), "{}", "it is enabled again");
}

#[test]
fn the_names_of_a_program_are_limited() {
    let add = |name: &str, limit: usize| {
        let http = Http::open(Open).limits(limits(|limits| limits.state.dynamic_tool_names = limit));
        http.changes().add_tool(texts(name, json!({"type": "object"})).unwrap()).map_err(|error| error.to_string())
    };
    let refused = "the tool `name_of_the_limit` has a new name, and there have been 0 at run time already; use an earlier \
                   one, or raise `limits.state.dynamic_tool_names`";
    assert_eq!(add("name_of_the_limit", 0), Err(refused.to_owned()));
    assert_eq!(add("name_of_the_limit", 100_000), Ok(()));
    assert_eq!(add("name_of_the_limit", 0), Ok(()), "an earlier name");
}

#[tokio::test]
async fn every_constraint_of_the_schema_is_enforced() {
    let nested = json!({"$ref": "#/$defs/node"});
    let cases = [
        (json!({"type": ["string", "null"]}), json!(null), None),
        (json!({"type": ["string", "null"]}), json!(1), Some("Argument x: expected a string or null, got 1")),
        (json!({"type": "integer"}), json!(2.0), None),
        (json!({"type": "integer"}), json!(2.5), Some("Argument x: expected an integer, got 2.5")),
        (json!({"enum": ["a", 1, [1.0]]}), json!([1]), None),
        (json!({"enum": ["a", 1]}), json!("b"), Some("Argument x: expected \"a\" or 1, got \"b\"")),
        (json!({"const": {"a": 1}}), json!({"a": 2}), Some("Argument x: expected an object, got an object")),
        (json!({"minimum": 1.5}), json!(1), Some("Argument x: must be at least 1.5, not 1")),
        (
            json!({"maximum": 18_446_744_073_709_551_614u64}),
            json!(u64::MAX),
            Some("Argument x: must be at most 18446744073709551614, not 18446744073709551615"),
        ),
        (json!({"exclusiveMinimum": 1}), json!(1.0), Some("Argument x: must be more than 1, not 1.0")),
        (json!({"exclusiveMaximum": 1}), json!(1), Some("Argument x: must be less than 1, not 1")),
        (json!({"minLength": 2}), json!("ä"), Some("Argument x: must have at least 2 characters, not 1")),
        (json!({"maxLength": 1}), json!("äö"), Some("Argument x: must have at most 1 character, not 2")),
        (json!({"pattern": "^[a-z]+$"}), json!("A"), Some("Argument x: must match the pattern `^[a-z]+$`")),
        (json!({"items": {"type": "string"}}), json!(["a", 1]), Some("Argument x[1]: expected a string, got 1")),
        (json!({"prefixItems": [{}, {"type": "null"}], "items": false}), json!([1, null]), None),
        (json!({"prefixItems": [{}], "items": false}), json!([1, 2]), Some("Argument x[1]: is excluded, got 2")),
        (json!({"minItems": 1}), json!([]), Some("Argument x: must have at least 1 item, not 0")),
        (json!({"uniqueItems": true}), json!([1, 2, 1.0]), Some("Argument x[2]: is given twice")),
        (json!({"required": ["a"]}), json!({}), Some("Argument x.a is missing")),
        (
            json!({"properties": {"a": {"type": "null"}}}),
            json!({"a": 1, "b": 2}),
            Some("Argument x.a: expected null, got 1"),
        ),
        (
            json!({"properties": {"name": {}}, "additionalProperties": false}),
            json!({"nam": 1}),
            Some("Argument x: there is no member `nam`; did you mean `name`?"),
        ),
        (
            json!({"additionalProperties": {"type": "null"}}),
            json!({"a": 1}),
            Some("Argument x.a: expected null, got 1"),
        ),
        (json!({"maxProperties": 0}), json!({"a": 1}), Some("Argument x: must have at most 0 entries, not 1")),
        (json!({"anyOf": [{"type": "null"}, {"minimum": 3}]}), json!(4), None),
        (
            json!({"anyOf": [{"type": "null"}, {"minimum": 3}]}),
            json!(2),
            Some("Argument x: is none of the alternatives, got 2"),
        ),
        (json!({"oneOf": [{"minimum": 1}, {"minimum": 3}]}), json!(2), None),
        (
            json!({"oneOf": [{"minimum": 1}, {"minimum": 3}]}),
            json!(4),
            Some("Argument x: must be exactly one of the alternatives, not 2"),
        ),
        (json!({"allOf": [{"minimum": 1}, {"maximum": 3}]}), json!(4), Some("Argument x: must be at most 3, not 4")),
        (json!({"not": {"type": "string"}}), json!("a"), Some("Argument x: is excluded, got \"a\"")),
        (nested.clone(), json!({"next": {"next": {}}}), None),
        (nested.clone(), json!({"next": {"next": 1}}), Some("Argument x.next.next: expected an object, got 1")),
        (json!({"$ref": "#/$defs/circle"}), json!(1), Some("The arguments are too complex to be checked")),
    ];
    for (property, value, error) in cases {
        let schema = json!({
            "type": "object", "properties": {"x": property},
            "$defs": {
                "node": {"type": "object", "properties": {"next": {"$ref": "#/$defs/node"}}},
                "circle": {"anyOf": [{"$ref": "#/$defs/circle"}, {"$ref": "#/$defs/circle"}]},
            },
        });
        let client = MemoryClient::new(Open).tool(texts("check", schema.clone()).expect("a tool"));
        let arguments = json!({"x": value});
        let result = client.call_tool("check", &arguments).await.expect("a result");
        match error {
            Some(error) => assert_eq!((result.is_error, &*result.text()), (true, error), "{schema} {value}"),
            None => assert_eq!(result.text(), arguments.to_string(), "{schema} {value}"),
        }
    }
    let open = json!({"type": "object", "additionalProperties": true});
    let client = MemoryClient::new(Open).tool(texts("check", open).expect("a tool"));
    assert_eq!(client.call_tool("check", json!({"any": 1})).await.unwrap().text(), r#"{"any":1}"#);
}

#[test]
fn a_tool_that_could_not_be_enforced_is_refused() {
    let deep = (0..70).fold(json!({}), |inner, _| json!({"items": inner}));
    let of = |x: Value| json!({"type": "object", "properties": {"x": x}});
    for (schema, why) in [
        (json!([]), "the schema must be an object"),
        (json!({}), "the schema must have `\"type\": \"object\"`, because arguments have names"),
        (
            json!({"type": "object", "anyOf": []}),
            "the schema must not have `anyOf`, which APIs of models refuse here; put it into a property",
        ),
        (
            of(json!({"multipleOf": 2})),
            "the schema at `/properties/x` has the keyword `multipleOf`, which is not enforced; check it in the tool, and \
             remove it",
        ),
        (
            of(json!({"type": "text"})),
            "the schema at `/properties/x/type` must be the name of a type, or a list of them",
        ),
        (of(json!({"minLength": -1})), "the schema at `/properties/x/minLength` must be a whole number from 0 on"),
        (of(json!({"$ref": "other.json"})), "the schema at `/properties/x/$ref` must be `#/$defs/` with a name"),
        (of(json!({"$ref": "#/$defs/a"})), "the schema at `/$defs` has no `a`, to which a `$ref` refers"),
        (of(json!(1)), "the schema at `/properties/x` must be an object"),
    ] {
        let error = texts("t", schema.clone()).unwrap_err().to_string();
        assert_eq!(error, format!("the tool `t` is invalid: {why}"), "{schema}");
    }
    for (schema, part) in [
        (of(json!({"pattern": "("})), "/properties/x/pattern` is invalid: "),
        (of(deep), "nests deeper than 64 levels"),
    ] {
        let error = texts("t", schema).unwrap_err().to_string();
        assert!(error.contains(part), "{error}");
    }
    let empty = || json!({"type": "object"});
    assert!(texts("a b", empty()).unwrap_err().to_string().starts_with("the tool `a b` is invalid: "));
    let nameless = DynamicTool::new("t", " ", empty(), |_| async {});
    assert!(
        nameless.unwrap_err().to_string().ends_with("it has no description, by which a model decides when to call it")
    );
}

#[test]
fn a_hidden_tool_that_every_caller_would_see_is_refused() {
    let (_, changes) = guarded();
    let refused = |tool: DynamicTool| changes.add_tool(tool.hidden()).map_err(|error| error.to_string());
    let plain = || texts("plain", json!({"type": "object"})).expect("a tool");
    let message = "the tool `plain` is hidden, and every caller has its scopes; write `.scopes([\"…\"])` with a scope beyond \
                   those of every request, or remove `.hidden()`";
    assert_eq!(refused(plain()), Err(message.to_owned()));
    assert_eq!(refused(plain().scopes(["read"])), Err(message.to_owned()));
    assert_eq!(refused(plain().scopes(["read", "write"])), Ok(()));
}

#[tokio::test(start_paused = true)]
async fn a_tool_that_comes_back_with_another_rate_begins_anew() {
    let (app, changes) = guarded();
    let call = async || {
        let (_, _, body) = ask(&app, MODERN, "reader-token", "tools/call", json!({"name": "rated"})).await;
        body["result"]["isError"] == true
    };
    let rated = |rate| texts("rated", json!({"type": "object"})).expect("a tool").rate(rate);
    changes.add_tool(rated(Rate::per_hour(1))).expect("a tool");
    assert_eq!([call().await, call().await], [false, true]);
    changes.remove_tool("rated");
    changes.add_tool(rated(Rate::per_second(1))).expect("a tool");
    assert_eq!([call().await, call().await], [false, true]);
    tokio::time::advance(Duration::from_secs(1)).await;
    assert!(!call().await);
}
