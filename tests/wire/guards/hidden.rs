//! Items that guards hide: to everyone else, each is unknown, whatever the request.

use axum::Router;
use mcp::{AccessToken, Context, Denied, Http, StaticTokens};
use serde_json::{Value, json};

use crate::support::client::{LEGACY, ask, post, send, unchecked};
use crate::support::schema::MODERN;
use crate::support::stream::{Stream, listen};

/// A server that shows its items to its keeper.
struct Vault;

#[mcp::server(
    issuer = "https://auth.example.com",
    resource = "http://127.0.0.1:8000/mcp",
    timeout = "1s",
    guard = keeper,
)]
impl Vault {
    /// One caller is the keeper.
    #[mcp::guard]
    async fn keeper(&self, token: &AccessToken) -> Result<(), Denied> {
        match &*token.client_id {
            "keeper" => Ok(()),
            "panics" => panic!("secret"),
            "slow" => std::future::pending().await,
            "busy" => Err(Denied::rate_limited(std::time::Duration::from_secs(7))),
            "down" => Err(mcp::Error::tool("the directory of secrets is down"))?,
            _ => Err(Denied::new("you are not the keeper")),
        }
    }

    /// Opens a box.
    #[mcp::tool(hidden, rate = "1/h")]
    fn open(&self, #[arg(header = "Number", range = 1..=9)] number: u8) -> String {
        format!("opened {number}")
    }

    /// Moves a box.
    #[mcp::tool(hidden, task = "required")]
    fn shift(&self, cx: &Context) -> Result<bool, mcp::Error> {
        cx.start_task()
    }

    /// Explains a box.
    #[mcp::prompt(hidden, rate = "1/h")]
    fn explain(&self, topic: String) -> String {
        topic
    }

    /// Topics.
    #[mcp::completion(prompt = "explain", argument = "topic")]
    fn topics(&self, topic: String) -> Vec<String> {
        vec![topic]
    }

    /// The log.
    #[mcp::resource("vault://log", hidden, rate = "1/h")]
    fn log(&self) -> &'static str {
        "log"
    }
}

fn vault() -> Router {
    let names = ["keeper", "other", "panics", "slow", "busy", "down"];
    let tokens = StaticTokens::new(names.map(|name| (name, AccessToken::ours(name))));
    Http::protected(Vault, tokens).router()
}

/// Sends a request, right or wrong, and returns the whole response.
async fn respond(app: &Router, version: &str, method: &str, params: &str) -> String {
    let meta = r#""_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}"#;
    let is_modern = version == MODERN;
    let params = if is_modern && !params.contains("_meta") { format!("{params},{meta}") } else { params.to_owned() };
    let body = format!(r#"{{"jsonrpc":"2.0","id":1,"method":"{method}","params":{{{params}}}}}"#);
    let parsed: Value = serde_json::from_str(&body).expect("JSON");
    let name = parsed["params"]["name"].as_str().or(parsed["params"]["uri"].as_str()).unwrap_or_default();
    let mut headers = vec![("authorization", "Bearer other"), ("mcp-protocol-version", version)];
    if is_modern {
        headers.extend([("mcp-method", method), ("mcp-name", name), ("mcp-param-number", "7")]);
    }
    send(app, unchecked(post(&headers, body))).await
}

#[tokio::test]
async fn every_path_to_a_hidden_item_answers_as_for_an_unknown_one() {
    let app = vault();
    let reference = |name: &str| format!(r#""ref":{{"type":"ref/prompt","name":"{name}"}},"argument""#);
    let wrong_meta = r#""_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{},"progressToken":[]}"#;
    let cases = [
        ("tools/call", r#""name":"open","arguments":{"number":7}"#.to_owned()),
        ("tools/call", r#""name":"open","arguments":{"number":7}"#.to_owned()),
        ("tools/call", r#""name":"open","arguments":{"number":8}"#.to_owned()),
        ("tools/call", r#""name":"open""#.to_owned()),
        ("tools/call", r#""name":"open","arguments":{"number":"x","other":1}"#.to_owned()),
        ("tools/call", r#""name":"open","arguments":{"number":7,"number":7}"#.to_owned()),
        ("tools/call", r#""name":"open","arguments":7"#.to_owned()),
        ("tools/call", r#""name":"open","arguments":{"number":7},"requestState":"x""#.to_owned()),
        ("tools/call", format!(r#""name":"open","arguments":{{"number":7}},{wrong_meta}"#)),
        ("tools/call", r#""name":"shift""#.to_owned()),
        ("prompts/get", r#""name":"explain""#.to_owned()),
        ("prompts/get", r#""name":"explain","arguments":{"topic":"a","other":"b"}"#.to_owned()),
        ("prompts/get", r#""name":"explain","arguments":{"topic":"a","topic":"b"}"#.to_owned()),
        ("completion/complete", reference("explain") + r#":{"name":"topic","value":"a"}"#),
        ("completion/complete", reference("explain") + r#":{"name":"other","value":"a"}"#),
        (
            "completion/complete",
            reference("explain") + r#":{"name":"topic","value":"a"},"context":{"arguments":{"a":"b","a":"b"}}"#,
        ),
        ("resources/read", r#""uri":"vault://log""#.to_owned()),
        ("resources/read", r#""uri":"vault://log""#.to_owned()),
    ];
    for (method, params) in &cases {
        for version in [MODERN, LEGACY[2], LEGACY[0]] {
            let hidden = respond(&app, version, method, params).await;
            let renamed = |text: &str| text.replace("open", "0pen").replace("shift", "5hift");
            let renamed =
                |text: &str| renamed(text).replace("explain", "3xplain").replace("vault://log", "vault://1og");
            let unknown = respond(&app, version, method, &renamed(params)).await;
            assert_eq!(renamed(&hidden), unknown, "{version} {method} {params}");
        }
    }
    let batch = r#"[{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"open"}},
        {"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"0pen"}}]"#;
    let answers = send(&app, unchecked(post(&[("authorization", "Bearer other")], batch))).await;
    assert!(answers.contains("Unknown tool: open\"") && answers.contains("Unknown tool: 0pen\""), "{answers}");
    for _ in 0..2 {
        let mut request = listen("7", r#""resourceSubscriptions":["vault://log"]"#);
        request.headers_mut().insert("authorization", "Bearer other".parse().expect("a header"));
        let acknowledged = Stream::open(&app, request).await.message().await;
        assert!(acknowledged.contains(r#""resourceSubscriptions":[]"#), "{acknowledged}");
    }
}

#[tokio::test]
async fn whoever_may_see_it_gets_its_own_errors() {
    let app = vault();
    let open = |number: u8| json!({"name": "open", "arguments": {"number": number}});
    for (params, expected) in [
        (open(7), "opened 7"),
        (open(7), "Too many requests for `open` (at most 1/h); try again in 3600 seconds"),
        (json!({"name": "open"}), "Too many requests for `open` (at most 1/h); try again in 3600 seconds"),
    ] {
        let (_, _, body) = ask(&app, LEGACY[2], "keeper", "tools/call", params).await;
        assert_eq!(body["result"]["content"][0]["text"], expected);
    }
    let (status, _, body) = ask(&app, MODERN, "keeper", "tools/call", open(7)).await;
    assert_eq!((status, &body["error"]["code"]), (400, &json!(-32020)), "the header is missing");
    let (_, _, body) = ask(&app, MODERN, "keeper", "tools/call", json!({"name": "shift"})).await;
    assert_eq!(body["error"]["code"], -32021, "the client lacks tasks");
    let (_, _, body) = ask(&app, MODERN, "keeper", "prompts/get", json!({"name": "explain", "arguments": {}})).await;
    assert_eq!(body["error"]["message"], "Invalid params: the argument `topic` is missing");
}

/// A guard that says nothing about the caller hides nothing: a list would look as if items had been removed.
#[tokio::test(start_paused = true)]
async fn a_guard_that_fails_fails_the_list() {
    let app = vault();
    for (token, status, code) in [("panics", 500, -32603), ("slow", 200, 504), ("busy", 429, 429), ("down", 503, 503)] {
        for (method, params) in [
            ("tools/list", json!({})),
            ("prompts/list", json!({})),
            ("resources/list", json!({})),
            ("tools/call", json!({"name": "shift"})),
        ] {
            let (sent, _, body) = ask(&app, MODERN, token, method, params).await;
            assert_eq!((sent, &body["error"]["code"]), (status, &json!(code)), "{token} {method}: {body}");
            assert!(!body.to_string().contains("secret"), "{body}");
        }
    }
}
