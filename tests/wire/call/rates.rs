//! Rates: how many requests of an account are served, and what the others get.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::Router;
use mcp::{AccessToken, Bearer, Context, Http, MemoryClient, Rate, Rates, StaticTokens, Stdio};
use serde_json::{Value, json};
use tokio::time::advance;

use crate::support::client::{ask, call, deliver, legacy, message, modern, modern_message, post, send};
use crate::support::ends::Hook;
use crate::support::schema::MODERN;
use crate::support::servers::limits;
use crate::support::stdio::Client;

const VERSIONS: [&str; 4] = [MODERN, "2025-11-25", "2025-06-18", "2025-03-26"];

#[derive(Default)]
struct Tracker {
    closed: Arc<AtomicUsize>,
}

#[derive(serde::Deserialize, schemars::JsonSchema)]
struct Confirmation {
    confirm: bool,
}

#[mcp::server(
    name = "tracker",
    version = "1",
    issuer = "https://auth.example.com",
    resource = "http://127.0.0.1:8000/mcp",
    scopes = ["read"],
    optional_scopes = ["write"],
)]
impl Tracker {
    /// Close an issue.
    #[mcp::tool(scopes = ["write"], rate = "2/min")]
    fn close(&self, id: u64) -> String {
        self.closed.fetch_add(1, Ordering::Relaxed);
        format!("closed {id}")
    }

    /// Close all issues.
    #[mcp::tool(rate = "1/min")]
    async fn close_all(&self, cx: &Context) -> Result<bool, mcp::Error> {
        let answer = cx.elicit::<Confirmation>("sure", "Close all issues?").await?;
        cx.elicit::<Confirmation>("really", "Really?").await?;
        Ok(answer.accepted().is_some_and(|answer| answer.confirm))
    }

    /// Ask until an answer is valid.
    #[mcp::tool(rate = "1/min")]
    async fn guess(&self, cx: &Context) -> Result<bool, mcp::Error> {
        for attempt in 0.. {
            match cx.elicit::<Confirmation>(format!("attempt {attempt}"), "Guess").await {
                Err(error) if error.code() == Some(-32602) => {}
                answer => return Ok(answer?.accepted().is_some()),
            }
        }
        Ok(false)
    }

    /// Wait without end for lack of a valid answer.
    #[mcp::tool(rate = "1/min")]
    async fn linger(&self, cx: &Context) -> Result<bool, mcp::Error> {
        match cx.elicit::<Confirmation>("sure", "Sure?").await {
            Err(error) if error.code() == Some(-32602) => std::future::pending().await,
            answer => Ok(answer?.accepted().is_some()),
        }
    }

    /// Ask something else each time.
    #[mcp::tool(rate = "1/min")]
    async fn waver(&self, cx: &Context) -> Result<bool, mcp::Error> {
        let number = self.closed.fetch_add(1, Ordering::Relaxed);
        Ok(cx.elicit::<Confirmation>("sure", format!("Close {number} issues?")).await?.accepted().is_some())
    }

    /// Count the closed issues.
    #[mcp::tool]
    fn count(&self) -> String {
        self.closed.load(Ordering::Relaxed).to_string()
    }

    /// An issue.
    #[mcp::resource("issue://{id}", rate = "2/min")]
    fn issue(&self, id: u64) -> String {
        format!("issue {id}")
    }

    /// Explain the issues.
    #[mcp::prompt(rate = "1/h")]
    fn explain(&self) -> &'static str {
        "Explain the issues."
    }
}

/// A server with a rate for everything together.
struct Desk;

#[mcp::server(issuer = "https://auth.example.com", resource = "http://127.0.0.1:8000/mcp", rate = "3/s")]
impl Desk {
    /// Ring.
    #[mcp::tool]
    fn ring(&self) -> &'static str {
        "ring"
    }
}

fn tokens() -> StaticTokens {
    let token =
        |client: &str, subject: &str| AccessToken::ours(client).with_subject(subject).with_scopes(["read", "write"]);
    StaticTokens::new([
        ("alice", token("app", "alice")),
        ("alices-other-app", token("other", "alice")),
        ("bob", token("app", "bob")),
        ("reader", AccessToken::ours("app").with_subject("reader").with_scopes(["read"])),
    ])
}

fn tracker() -> Http<Tracker, Bearer<StaticTokens>> {
    Http::protected(Tracker::default(), tokens())
}

fn close() -> Value {
    json!({"name": "close", "arguments": {"id": 3}})
}

/// Calls `close`, and returns its text if it was served, or else the text of its error.
async fn close_as(app: &Router, version: &str, token: &str) -> Result<String, String> {
    let (status, _, body) = ask(app, version, token, "tools/call", close()).await;
    assert_eq!(status, 200, "{body}");
    let text = body["result"]["content"][0]["text"].as_str().expect("a text").to_owned();
    if body["result"]["isError"] == true { Err(text) } else { Ok(text) }
}

#[tokio::test(start_paused = true)]
async fn a_tool_beyond_its_rate_tells_the_model_how_long_to_wait() {
    let closed = || Ok("closed 3".to_owned());
    let wait = |time: &str| Err(format!("Too many requests for `close` (at most 2/min); try again in {time}"));
    for version in VERSIONS {
        let app = tracker().router();
        assert_eq!(close_as(&app, version, "alice").await, closed());
        assert_eq!(close_as(&app, version, "alice").await, closed());
        assert_eq!(close_as(&app, version, "alice").await, wait("30 seconds"));
        advance(Duration::from_millis(28_001)).await;
        assert_eq!(close_as(&app, version, "alice").await, wait("2 seconds"));
        assert_eq!(close_as(&app, version, "alices-other-app").await, wait("2 seconds"), "the same account");
        assert_eq!(close_as(&app, version, "bob").await, closed(), "another account");
        advance(Duration::from_millis(1_999)).await;
        assert_eq!(close_as(&app, version, "alice").await, closed());
        assert_eq!(close_as(&app, version, "alice").await, wait("30 seconds"));
        let (_, _, body) = ask(&app, version, "alice", "tools/call", json!({"name": "count"})).await;
        assert_eq!(body["result"]["content"][0]["text"], "4", "no other call has run, and other tools have no rate");
    }
}

#[tokio::test(start_paused = true)]
async fn everything_else_beyond_its_rate_is_a_429() {
    for version in VERSIONS {
        let app = tracker().router();
        for (method, params, served, name, rate, seconds) in [
            ("resources/read", json!({"uri": "issue://1"}), 2, "issue://{id}", "2/min", 30),
            ("prompts/get", json!({"name": "explain"}), 1, "explain", "1/h", 3600),
        ] {
            for _ in 0..served {
                let (status, _, body) = ask(&app, version, "alice", method, params.clone()).await;
                assert_eq!((status, &body["error"]), (200, &json!(null)), "{version} {method}");
            }
            let (status, challenge, body) = ask(&app, version, "alice", method, params.clone()).await;
            let text = format!("Too many requests for `{name}` (at most {rate}); try again in {seconds} seconds");
            assert_eq!((status, &*challenge), (429, ""), "{version} {method}");
            let error = json!({"code": 429, "message": text, "data": {"retry_after": seconds}});
            assert_eq!(body, json!({"jsonrpc": "2.0", "id": 1, "error": error}), "{version} {method}");
            let (status, ..) = ask(&app, version, "bob", method, params).await;
            assert_eq!(status, 200, "another account");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn all_requests_together_have_the_rate_of_the_server() {
    let refused = "\
429 Too Many Requests
content-type: application/json
retry-after: 1

{\"jsonrpc\":\"2.0\",\"id\":1,\"error\":{\"code\":429,\"message\":\"Too many requests (at most 3/s); try again in 1 second\",\"data\":{\"retry_after\":1}}}";
    for version in VERSIONS {
        let app = Http::protected(Desk, tokens()).router();
        let request = |token| match version {
            MODERN => call(token, "ring", "{}"),
            version => legacy(version, token, "tools/call", r#""name":"ring","arguments":{}"#),
        };
        assert!(send(&app, request("alice")).await.starts_with("200"));
        // An unknown tool counts, too.
        let (status, _, body) = ask(&app, version, "alice", "tools/call", json!({"name": "unknown"})).await;
        assert!(status != 429 && body["error"]["code"] == -32602, "{body}");
        assert_eq!(ask(&app, version, "alice", "tools/list", json!({})).await.0, 200);
        assert_eq!(send(&app, request("alice")).await, refused, "{version}");
        assert_eq!(ask(&app, version, "alices-other-app", "tools/list", json!({})).await.0, 429);
        assert_eq!(ask(&app, version, "bob", "tools/list", json!({})).await.0, 200);
        advance(Duration::from_millis(334)).await;
        assert!(send(&app, request("alice")).await.starts_with("200"));
        assert_eq!(send(&app, request("alice")).await, refused, "{version}");
    }
}

#[tokio::test(start_paused = true)]
async fn each_message_of_a_batch_counts() {
    let app = Http::protected(Desk, tokens()).router();
    let messages: Vec<String> = (1..=5)
        .map(|id| message("tools/call", r#""name":"ring","arguments":{}"#).replacen(":1,", &format!(":{id},"), 1))
        .collect();
    let batch = post(&[("authorization", "Bearer alice")], format!("[{}]", messages.join(",")));
    let answers = send(&app, batch).await;
    let served = |id: u64| format!(r#"{{"jsonrpc":"2.0","id":{id},"result":"#);
    let refused = |id: u64| format!(r#"{{"jsonrpc":"2.0","id":{id},"error":{{"code":429,"#);
    assert!(answers.starts_with("200"), "{answers}");
    assert!((1..=3).all(|id| answers.contains(&served(id))), "{answers}");
    assert!((4..=5).all(|id| answers.contains(&refused(id))), "{answers}");
}

#[tokio::test(start_paused = true)]
async fn a_request_without_the_scopes_does_not_count() {
    let closed = Arc::new(AtomicUsize::new(0));
    let server = Tracker { closed: Arc::clone(&closed) };
    let app = Http::protected(server, tokens()).router();
    for _ in 0..3 {
        let (status, ..) = ask(&app, MODERN, "reader", "tools/call", close()).await;
        assert_eq!(status, 403);
    }
    // Invalid arguments count: a model that guesses has to wait, too.
    for expected in [true, true, false] {
        let guess = json!({"name": "close", "arguments": {}});
        let (_, _, body) = ask(&app, MODERN, "bob", "tools/call", guess).await;
        let text = body["result"]["content"][0]["text"].as_str().unwrap_or_default();
        assert_eq!(text.starts_with("Argument id"), expected, "{body}");
    }
    assert_eq!(closed.load(Ordering::Relaxed), 0);
}

/// Sends a round of a call with these further params as alice, who can fill in forms.
async fn round(app: &Router, tool: &str, further: Value) -> Value {
    let mut params = json!({"name": tool, "_meta": {
        "io.modelcontextprotocol/protocolVersion": MODERN,
        "io.modelcontextprotocol/clientCapabilities": {"elicitation": {"form": {}}},
    }});
    params.as_object_mut().unwrap().extend(further.as_object().unwrap().clone());
    let body = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}).to_string();
    let headers = [
        ("authorization", "Bearer alice"),
        ("mcp-protocol-version", MODERN),
        ("mcp-method", "tools/call"),
        ("mcp-name", tool),
    ];
    let response = deliver(app, post(&headers, body)).await.into_body();
    let body = http_body_util::BodyExt::collect(response).await.expect("a body").to_bytes();
    serde_json::from_slice::<Value>(&body).expect("JSON")["result"].clone()
}

fn confirm() -> Value {
    json!({"action": "accept", "content": {"confirm": true}})
}

fn limited(tool: &str, seconds: u32) -> String {
    format!("Too many requests for `{tool}` (at most 1/min); try again in {seconds} seconds")
}

/// Each state is good for one request that does not count, so that no state is a way around the rate.
#[tokio::test(start_paused = true)]
async fn a_round_that_answers_does_not_count_again() {
    let app = tracker().router();
    let round = async |further| round(&app, "close_all", further).await;
    let asked = round(json!({})).await;
    let first = json!({"inputResponses": {"sure": confirm()}, "requestState": asked["requestState"]});
    let asked = round(first.clone()).await;
    assert_eq!(asked["resultType"], "input_required");
    let last = json!({"inputResponses": {"really": confirm()}, "requestState": asked["requestState"]});
    assert_eq!(round(last.clone()).await["content"][0]["text"], "true");
    for further in [first, last.clone(), json!({"inputResponses": {"sure": confirm()}}), json!({})] {
        assert_eq!(round(further.clone()).await["content"][0]["text"], limited("close_all", 60), "{further}");
    }
    advance(Duration::from_secs(60)).await;
    assert_eq!(round(last).await["content"][0]["text"], "true", "a second time, it counts");
    assert_eq!(round(json!({})).await["content"][0]["text"], limited("close_all", 60));
}

#[tokio::test(start_paused = true)]
async fn a_round_without_an_answer_to_its_question_counts() {
    let app = tracker().router();
    for answers in [None, Some(json!({})), Some(json!({"other": confirm()}))] {
        let state = round(&app, "close_all", json!({})).await["requestState"].take();
        let mut further = json!({"requestState": state});
        if let Some(answers) = answers {
            further["inputResponses"] = answers;
        }
        let refused = round(&app, "close_all", further.clone()).await;
        assert_eq!(refused["content"][0]["text"], limited("close_all", 60), "{further}");
        advance(Duration::from_secs(60)).await;
    }
}

/// The method has run by then, and so the account owes the request.
#[tokio::test(start_paused = true)]
async fn a_round_without_a_valid_answer_counts_afterwards() {
    let app = tracker().router();
    let invalid = json!({"action": "accept", "content": {"confirm": "perhaps"}});
    for (tool, key, answer) in [("guess", "attempt 0", invalid), ("waver", "sure", confirm())] {
        let state = round(&app, tool, json!({})).await["requestState"].take();
        let further = json!({"requestState": state, "inputResponses": {key: answer}});
        let refused = round(&app, tool, further).await;
        assert_eq!(refused["content"][0]["text"], limited(tool, 60), "{refused}");
        advance(Duration::from_secs(60)).await;
        assert_eq!(round(&app, tool, json!({})).await["content"][0]["text"], limited(tool, 60), "it is owed");
        advance(Duration::from_secs(60)).await;
        assert_eq!(round(&app, tool, json!({})).await["resultType"], "input_required");
    }
}

#[tokio::test(start_paused = true)]
async fn a_round_counts_if_its_client_leaves() {
    let app = tracker().router();
    let state = round(&app, "linger", json!({})).await["requestState"].take();
    let further = json!({"requestState": state, "inputResponses": {"sure": {"action": "accept", "content": {}}}});
    let left = tokio::time::timeout(Duration::from_millis(500), round(&app, "linger", further)).await;
    assert!(left.is_err(), "{left:?}");
    advance(Duration::from_secs(60)).await;
    assert_eq!(round(&app, "linger", json!({})).await["content"][0]["text"], limited("linger", 60), "it is owed");
}

#[tokio::test(start_paused = true)]
async fn rates_can_be_replaced_at_start() {
    let rates = Rates::new().server(Rate::per_second(10)).item("close", Rate::per_hour(1)).only_429();
    let app = tracker().rates(rates).router();
    assert_eq!(close_as(&app, MODERN, "alice").await, Ok("closed 3".to_owned()));
    for version in VERSIONS {
        let (status, _, body) = ask(&app, version, "alice", "tools/call", close()).await;
        let text = "Too many requests for `close` (at most 1/h); try again in 3600 seconds";
        let error = json!({"code": 429, "message": text, "data": {"retry_after": 3600}});
        assert_eq!((status, &body["error"]), (429, &error), "{version}");
    }
    for _ in 0..5 {
        assert_eq!(ask(&app, MODERN, "alice", "tools/list", json!({})).await.0, 200);
    }
    let refused = send(&app, modern("alice", "tools/list", "")).await;
    assert!(refused.contains("Too many requests (at most 10/s); try again in 1 second"), "{refused}");
}

#[tokio::test]
async fn a_rate_of_an_unknown_item_is_an_error_at_start() {
    let message = "`Rates` has a rate for `closed`, which `Tracker` does not have; did you mean `close`?";
    let rates = || Rates::new().item("closed", Rate::per_hour(1));
    let error = tracker().rates(rates()).serve("127.0.0.1:0").await.unwrap_err();
    assert_eq!(error.to_string(), message);
    let error = Stdio::new(Tracker::default()).rates(rates()).serve_on(&b""[..], Vec::new()).await.unwrap_err();
    assert_eq!(error.to_string(), message);
    let client = MemoryClient::new(Tracker::default()).rates(rates());
    assert_eq!(client.list_tools().await.unwrap_err().message(), message);
    let unlike = MemoryClient::new(Tracker::default()).rates(Rates::new().item("search", Rate::per_hour(1)));
    assert_eq!(
        unlike.list_tools().await.unwrap_err().message(),
        "`Rates` has a rate for `search`, which `Tracker` does not have; it has close, close_all, guess, linger, waver, \
         count, issue://{id}, explain"
    );
}

#[tokio::test(start_paused = true)]
async fn other_transports_have_one_caller() {
    let client = MemoryClient::new(Tracker::default());
    for _ in 0..2 {
        assert!(!client.call_tool("close", json!({"id": 3})).await.unwrap().is_error);
    }
    let result = client.call_tool("close", json!({"id": 3})).await.unwrap();
    let text = "Too many requests for `close` (at most 2/min); try again in 30 seconds";
    assert_eq!((result.is_error, &*result.text()), (true, text));
    let mut client = Client::of(Stdio::new(Desk));
    for _ in 0..3 {
        let served = client.ask(&modern_message("tools/call", r#""name":"ring""#)).await;
        assert!(served.contains(r#""text":"ring""#), "{served}");
    }
    let error =
        r#"{"code":429,"message":"Too many requests (at most 3/s); try again in 1 second","data":{"retry_after":1}}"#;
    let refused = format!(r#"{{"jsonrpc":"2.0","id":1,"error":{error}}}"#);
    assert_eq!(client.ask(&modern_message("tools/call", r#""name":"ring""#)).await, refused);
    assert_eq!(client.finish().await, [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn a_refused_request_has_a_record() {
    let (hook, mut ends) = Hook::new();
    let app = tracker().rates(Rates::new().server(Rate::per_second(4))).audit(hook).router();
    for _ in 0..3 {
        let _ = close_as(&app, MODERN, "bob").await;
    }
    for _ in 0..2 {
        let _ = ask(&app, MODERN, "bob", "prompts/get", json!({"name": "explain"})).await;
    }
    let close = "tools/call tool=close item=close subject=bob client=app";
    let explain = "prompts/get prompt=explain item=explain subject=bob client=app";
    assert_eq!(
        ends.all(),
        [
            format!("ok {close}"),
            format!("ok {close}"),
            format!("rate_limited {close}"),
            format!("ok {explain}"),
            format!("rate_limited {explain}"),
        ]
    );
}

/// The default is too large to be filled here.
#[tokio::test(start_paused = true)]
async fn so_many_accounts_are_remembered() {
    assert_eq!(mcp::Limits::default().state.rates, 100_000);
    let app = tracker().limits(limits(|limits| limits.state.rates = 1)).router();
    for _ in 0..2 {
        assert!(close_as(&app, MODERN, "alice").await.is_ok());
    }
    assert!(close_as(&app, MODERN, "alice").await.is_err());
    assert!(close_as(&app, MODERN, "bob").await.is_ok(), "who takes the only place");
    assert!(close_as(&app, MODERN, "alice").await.is_ok());
}

#[test]
fn the_manifest_and_the_summary_have_the_rates() {
    mcp::testing::assert_manifest(&tracker(), "wire/call/rates.manifest");
    let rates = Rates::new().server(Rate::per_second(10)).item("count", Rate::per_hour(1));
    let summary = tracker().rates(rates).summary();
    let (head, tables) = summary.split_once("\n\n").expect("tables");
    assert!(head.ends_with("\nRate      10/s"), "{head}");
    assert_eq!(
        tables,
        "\
Tool       read  write  Rate
close      ✓     ✓      2/min
close_all  ✓            1/min
guess      ✓            1/min
linger     ✓            1/min
waver      ✓            1/min
count      ✓            1/h

Template      read  Rate
issue://{id}  ✓     2/min

Prompt   read  Rate
explain  ✓     1/h
"
    );
}
