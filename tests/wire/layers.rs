//! Layers around methods, over every transport.

use std::sync::{Arc, Mutex, PoisonError};

use mcp::{
    Context, Denied, Error, Http, Invocation, ItemKind, Layer, MemoryClient, Next, Reply, RequestOutcome,
    ResourceEntry, ResourcePage, Stdio,
};
use serde_json::{Value, json};

use crate::support::client::{call, message, post, send};
use crate::support::conversation::{Way, silent};
use crate::support::ends::Hook;
use crate::support::servers::{Notes, Verifier};

/// A server with an item of each kind.
struct Shop;

#[derive(serde::Deserialize, schemars::JsonSchema)]
struct Confirmation {
    sure: bool,
}

#[mcp::server(name = "shop", version = "1")]
impl Shop {
    /// Order something.
    #[mcp::tool]
    fn order(&self, name: String, #[arg(default = 1)] count: u32) -> Result<String, Error> {
        if count > 9 { Err(Error::tool("too many")) } else { Ok(format!("{count} {name}")) }
    }

    /// Order something, on a thread of its own.
    #[mcp::tool(blocking)]
    fn order_slowly(&self, name: String) -> String {
        name
    }

    /// Order something if the user is sure.
    #[mcp::tool]
    async fn order_surely(&self, cx: &Context) -> Result<bool, Error> {
        let answer = cx.elicit::<Confirmation>("sure", "Sure?").await?;
        Ok(answer.accepted().is_some_and(|answer| answer.sure))
    }

    /// Panic.
    #[mcp::tool]
    fn fall(&self) -> String {
        panic!("secret")
    }

    /// A price.
    #[mcp::resource("price://{name}/{count}", list = prices)]
    fn price(&self, name: String, count: u32) -> String {
        format!("{name} {count}")
    }

    fn prices(&self) -> ResourcePage {
        ResourcePage::new([ResourceEntry::new("Tea").value("name", "tea").value("count", 1)])
    }

    /// An advertisement.
    #[mcp::prompt]
    fn advertisement(&self, name: String) -> String {
        name
    }

    #[mcp::completion(prompt = "advertisement", argument = "name")]
    fn names(&self, name: String) -> Vec<String> {
        vec![name]
    }
}

struct Annex;

#[mcp::part(of = Shop)]
impl Annex {
    /// Return something.
    #[mcp::tool]
    fn take_back(&self, name: String) -> String {
        name
    }
}

/// Writes down what passes through.
#[derive(Clone, Default)]
struct Diary {
    name: &'static str,
    lines: Arc<Mutex<Vec<String>>>,
}

impl Diary {
    fn write(&self, line: String) {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner).push(line);
    }

    /// Takes the lines since the last call.
    fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.lines.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Layer for Diary {
    async fn call(&self, invocation: &Invocation<'_>, next: Next<'_>) -> Result<Reply, Error> {
        let arguments = Value::Object(invocation.arguments());
        let caller = invocation.token().map_or("-", |token| &*token.client_id);
        let caller_of_task = mcp::access_token().map(|token| token.client_id.clone()).unwrap_or_else(|| "-".to_owned());
        assert_eq!(caller, caller_of_task);
        self.write(format!(
            "{}{:?} {} {arguments} by {caller}",
            self.name,
            invocation.item().kind(),
            invocation.item().name()
        ));
        let result = next.run().await;
        self.write(match &result {
            Ok(Reply::Tool(result)) if result.is_error => format!("{}→ tool error", self.name),
            Ok(reply) => {
                let debug = format!("{reply:?}");
                format!("{}→ {}", self.name, debug.split('(').next().unwrap_or_default())
            }
            Err(error) => format!("{}→ {error:?}", self.name).chars().take(40).collect(),
        });
        result
    }
}

#[tokio::test]
async fn a_layer_sees_every_method_over_every_transport() {
    let sure = |_: &str, _: &Value| json!({"action": "accept", "content": {"sure": true}});
    for way in Way::ALL {
        let diary = Diary::default();
        let (http, stdio) = (diary.clone(), diary.clone());
        let mut connection = way
            .connect_built(|| Http::open(Shop).layer(http).with(Annex), || Stdio::new(Shop).layer(stdio).with(Annex))
            .await;
        for (method, params, expected) in [
            (
                "tools/call",
                json!({"name": "order", "arguments": {"name": "tea", "count": 2}}),
                [r#"Tool order {"count":2,"name":"tea"} by -"#, "→ Tool"],
            ),
            (
                "tools/call",
                json!({"name": "order_slowly", "arguments": {"name": "tea"}}),
                [r#"Tool order_slowly {"name":"tea"} by -"#, "→ Tool"],
            ),
            (
                "tools/call",
                json!({"name": "take_back", "arguments": {"name": "tea"}}),
                [r#"Tool take_back {"name":"tea"} by -"#, "→ Tool"],
            ),
            (
                "resources/read",
                json!({"uri": "price://tea/7"}),
                [r#"Resource price://{name}/{count} {"count":"7","name":"tea"} by -"#, "→ Resource"],
            ),
            ("resources/list", json!({}), ["List price://{name}/{count} {} by -", "→ List"]),
            (
                "prompts/get",
                json!({"name": "advertisement", "arguments": {"name": "tea"}}),
                [r#"Prompt advertisement {"name":"tea"} by -"#, "→ Prompt"],
            ),
            (
                "completion/complete",
                json!({
                    "ref": {"type": "ref/prompt", "name": "advertisement"}, "argument": {"name": "name", "value": "t"}
                }),
                [r#"Completion advertisement {"name":"t"} by -"#, "→ Completion"],
            ),
        ] {
            let answer = connection.request(method, params, silent).await.answer;
            assert!(answer.get("result").is_some(), "{answer}");
            assert_eq!(diary.take(), expected, "{way:?}");
        }
        // A layer runs in each round.
        let answer = connection.call("order_surely", json!({}), sure).await;
        let lines = diary.take();
        if way.is_modern() {
            assert_eq!((answer.text(), lines.len()), ("true", 4), "{lines:?}");
            assert!(lines[1].starts_with("→ Error"), "{lines:?}");
        } else {
            assert_eq!(lines.len(), 2, "{lines:?}");
        }
        // There is no method to put it around.
        connection.request("tools/list", json!({}), silent).await;
        assert_eq!(diary.take(), [""; 0]);
    }
}

#[tokio::test]
async fn the_layer_that_is_added_last_is_the_outermost_and_parts_get_all() {
    let lines = Arc::default();
    let diary = |name| Diary { name, lines: Arc::clone(&lines) };
    let client = MemoryClient::new(Shop).layer(diary("inner ")).layer(diary("outer "));
    client.changes().add(Annex).expect("no clash");
    for tool in ["order", "take_back"] {
        client.call_tool(tool, json!({"name": "tea"})).await.expect("a result");
        assert_eq!(
            diary("").take(),
            [
                format!(r#"outer Tool {tool} {{"name":"tea"}} by -"#),
                format!(r#"inner Tool {tool} {{"name":"tea"}} by -"#),
                "inner → Tool".to_owned(),
                "outer → Tool".to_owned(),
            ]
        );
    }
}

#[tokio::test]
async fn a_layer_knows_the_caller_who_has_the_scopes() {
    let diary = Diary::default();
    let app = Http::protected(Notes::default(), Verifier).layer(diary.clone()).router();
    send(&app, call("alice-token", "add_note", r#"{"text":"a"}"#)).await;
    assert_eq!(diary.take(), [""; 0]);
    send(&app, call("bob-token", "add_note", r#"{"text":"a"}"#)).await;
    assert_eq!(diary.take(), [r#"Tool add_note {"text":"a"} by bob"#, "→ Tool"]);
    let second = message("tools/call", r#""name":"whoami""#).replace(r#""id":1"#, r#""id":2"#);
    let batch = format!("[{},{second}]", message("tools/call", r#""name":"list_notes""#));
    send(&app, post(&[("authorization", "Bearer bob-token")], batch)).await;
    assert_eq!(diary.take().len(), 4);
}

/// Refuses and replaces, by the name of the item.
struct Clerk;

impl Layer for Clerk {
    async fn call(&self, invocation: &Invocation<'_>, next: Next<'_>) -> Result<Reply, Error> {
        match (invocation.item().kind(), invocation.item().name()) {
            (ItemKind::Tool, "fall") => return Err(Error::tool("closed")),
            (ItemKind::Tool, "order_slowly") => return Err(Denied::not_found().into()),
            (ItemKind::Prompt, _) => panic!("secret of the layer"),
            _ => {}
        }
        match next.run().await? {
            Reply::Tool(result) => {
                let text = result.text().to_uppercase();
                Ok(Reply::Tool(mcp::ToolResult::new(vec![mcp::TextContent::new(text).into()])))
            }
            Reply::Resource(_) => Ok(Reply::Completion(mcp::Completion::new(["tea"]))),
            other => Ok(other),
        }
    }
}

#[tokio::test]
async fn a_layer_refuses_and_replaces() {
    let (hook, mut ends) = Hook::new();
    let client = MemoryClient::new(Shop).layer(Clerk).audit(hook);
    let result = client.call_tool("order", json!({"name": "tea"})).await.expect("a result");
    assert_eq!(result.text(), "1 TEA");
    // The method would have panicked.
    let result = client.call_tool("fall", json!({})).await.expect("a result");
    assert!(result.is_error);
    assert_eq!(result.text(), "closed");
    let result = client.call_tool("order_slowly", json!({"name": "tea"})).await.expect("a result");
    assert_eq!((result.is_error, &*result.text()), (true, "Not found"));
    // A reply of another kind fails closed.
    let error = client.request("resources/read", json!({"uri": "price://tea/1"})).await.expect_err("no resource");
    assert_eq!(error.code(), Some(-32603));
    let prompt = json!({"name": "advertisement", "arguments": {"name": "tea"}});
    client.request("prompts/get", prompt).await.expect_err("a panic");
    let outcomes: Vec<_> =
        ends.all().iter().map(|line| line.split(' ').next().unwrap_or_default().to_owned()).collect();
    let expected = [
        RequestOutcome::Ok,
        RequestOutcome::ToolError,
        RequestOutcome::Denied,
        RequestOutcome::Error(-32603),
        RequestOutcome::Panicked,
    ];
    assert_eq!(outcomes, expected.map(RequestOutcome::as_str));
}
