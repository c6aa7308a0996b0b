//! The record of each request that is over: in the audit hook, and in the log.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::ConnectInfo;
use http::{Method, Request};
use mcp::{Context, Error, Http, MemoryClient, Stdio};
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;
use tokio::sync::Notify;

use crate::support::client::{Never, call, legacy, message, modern, modern_message, post, request, send, unchecked};
use crate::support::conversation::Way;
use crate::support::ends::Hook;
use crate::support::log::Log;
use crate::support::servers::{Notes, Verifier, Workshop};
use crate::support::socket::{Served, read_response};
use crate::support::stdio;

/// A server whose requests end in every way.
#[derive(Default)]
struct Desk {
    started: Arc<Notify>,
}

#[derive(serde::Deserialize, schemars::JsonSchema)]
struct Confirmation {
    sure: bool,
}

#[mcp::server(name = "desk", version = "1")]
impl Desk {
    /// End in one way or another.
    #[mcp::tool]
    async fn end(&self, how: String) -> Result<String, Error> {
        match &*how {
            "tool" => Err(Error::tool("not today")),
            "code" => Err(Error::new(17, "broken")),
            "panic" => panic!("secret"),
            _ => Ok(how),
        }
    }

    /// Wait without end.
    #[mcp::tool]
    async fn wait(&self) -> String {
        self.started.notify_one();
        std::future::pending().await
    }

    /// Ask the user.
    #[mcp::tool]
    async fn ask(&self, cx: &Context) -> Result<bool, Error> {
        let answer = cx.elicit::<Confirmation>("sure", "Sure?").await?;
        Ok(answer.accepted().is_some_and(|answer| answer.sure))
    }

    /// A page.
    #[mcp::resource("page://{number}")]
    fn page(&self, number: u32) -> Option<String> {
        (number > 0).then(|| number.to_string())
    }

    /// A question.
    #[mcp::prompt]
    fn question(&self, topic: String) -> String {
        format!("Why {topic}?")
    }

    #[mcp::completion(prompt = "question", argument = "topic")]
    fn topics(&self, topic: String) -> Vec<String> {
        vec![topic]
    }
}

#[tokio::test]
async fn each_request_has_one_over_every_transport() {
    let sure = |_: &str, _: &Value| json!({"action": "accept", "content": {"sure": true}});
    for way in Way::ALL {
        let (hook, mut ends) = Hook::new();
        let (http, stdio) = (hook.clone(), hook);
        let mut connection = way
            .connect_built(|| Http::open(Desk::default()).audit(http), || Stdio::new(Desk::default()).audit(stdio))
            .await;
        let session = if matches!(way, Way::Http(_)) && !way.is_modern() { " session=…" } else { "" };
        let handshake = if way.is_modern() { vec![] } else { vec![format!("ok initialize{session}")] };
        assert_eq!(ends.all(), handshake, "{way:?}");
        let missing = if way.is_modern() { -32602 } else { -32002 };
        let end = |how| json!({"name": "end", "arguments": {"how": how}});
        let cases = [
            ("tools/call", end("ok"), "ok tools/call tool=end item=end".to_owned()),
            ("tools/call", end("tool"), "tool_error tools/call tool=end item=end".to_owned()),
            ("tools/call", end("code"), "error 17 tools/call tool=end item=end".to_owned()),
            ("tools/call", end("panic"), "panicked tools/call tool=end item=end".to_owned()),
            ("tools/call", json!({"name": "end"}), "tool_error tools/call tool=end item=end".to_owned()),
            ("tools/call", json!({"name": "nothing"}), "error -32602 tools/call tool=nothing".to_owned()),
            (
                "resources/read",
                json!({"uri": "page://1"}),
                "ok resources/read resource=page://1 item=page://{number}".to_owned(),
            ),
            (
                "resources/read",
                json!({"uri": "page://0"}),
                format!("error {missing} resources/read resource=page://0 item=page://{{number}}"),
            ),
            (
                "prompts/get",
                json!({"name": "question", "arguments": {"topic": "tea"}}),
                "ok prompts/get prompt=question item=question".to_owned(),
            ),
            (
                "completion/complete",
                json!({"ref": {"type": "ref/prompt", "name": "question"}, "argument": {"name": "topic", "value": "t"}}),
                "ok completion/complete item=question".to_owned(),
            ),
            ("tools/list", json!({}), "ok tools/list".to_owned()),
        ];
        for (method, params, expected) in cases {
            connection.request(method, params, sure).await;
            assert_eq!(ends.all(), [format!("{expected}{session}")], "{way:?}");
        }
        connection
            .unchecked("nothing", json!({"_meta": {"io.modelcontextprotocol/protocolVersion": way.version()}}))
            .await;
        let unknown = ends.next().await;
        assert!(unknown.starts_with("error -32"), "{way:?}: {unknown}");
        connection.call("ask", json!({}), sure).await;
        let ended = |outcome| format!("{outcome} tools/call tool=ask item=ask{session}");
        let expected = match way.version() {
            // It has no elicitation.
            "2025-03-26" => vec![ended("tool_error")],
            _ if way.is_modern() => vec![ended("input_required"), ended("ok")],
            _ => vec![ended("ok")],
        };
        assert_eq!(ends.all(), expected, "{way:?}");
    }
}

#[tokio::test]
async fn a_client_in_memory_is_recorded_too() {
    let (hook, mut ends) = Hook::new();
    let client = MemoryClient::new(Desk::default()).audit(hook);
    client.call_tool("end", json!({"how": "ok"})).await.expect("a result");
    client.call_tool("nothing", json!({})).await.expect_err("no such tool");
    assert_eq!(ends.all(), ["ok tools/call tool=end item=end", "error -32602 tools/call tool=nothing"]);
}

#[tokio::test]
async fn a_request_that_is_dropped_was_cancelled() {
    let (hook, mut ends) = Hook::new();
    let desk = Desk::default();
    let started = Arc::clone(&desk.started);
    let app = Http::open(desk).audit(hook).router();
    tokio::select! {
        biased;
        response = send(&app, call("", "wait", "{}")) => panic!("{response}"),
        () = started.notified() => {}
    }
    assert_eq!(ends.all(), ["cancelled tools/call tool=wait item=wait"]);
    // Before the message is there, the rest is unknown.
    tokio::select! {
        biased;
        response = tower::ServiceExt::oneshot(app.clone(), post(&[], Body::new(Never))) => panic!("{response:?}"),
        () = std::future::ready(()) => {}
    }
    assert_eq!(ends.all(), ["cancelled"]);
}

#[tokio::test]
async fn a_request_that_its_client_cancels_is_over_at_once() {
    let (hook, mut ends) = Hook::new();
    let (workshop, mut observer) = Workshop::new();
    let mut client = stdio::Client::of(Stdio::new(workshop).audit(hook));
    client.write(&stdio::wait("1")).await;
    assert_eq!(observer.events.recv().await, Some("started"));
    client.write(&stdio::cancel("1")).await;
    assert_eq!(ends.next().await, "cancelled tools/call tool=wait item=wait");
}

#[tokio::test]
async fn refusals_are_recorded_with_what_is_known() {
    let (hook, mut ends) = Hook::new();
    let app = Http::protected(Notes::default(), Verifier).audit(hook).router();
    let token = ("authorization", "Bearer alice-token");
    let user = "client=alice";
    let second = |tool| format!(r#"{{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{{"name":"{tool}"}}}}"#);
    let cases: Vec<(Request<Body>, Vec<String>)> = vec![
        (modern("", "tools/list", ""), vec!["refused 401".to_owned()]),
        // Tokens of a client, which is not the caller until its token is valid.
        (modern("expired-token", "tools/list", ""), vec!["refused 401".to_owned()]),
        (modern("foreign-token", "tools/list", ""), vec!["refused 401".to_owned()]),
        (modern("down-token", "tools/list", ""), vec!["refused 503".to_owned()]),
        (post(&[("host", "notes.example.com")], ""), vec!["refused 421".to_owned()]),
        (post(&[token, ("content-type", "text/plain")], ""), vec!["refused 415".to_owned()]),
        (request(Method::GET, "/mcp", &[token], ""), vec![format!("refused 405 {user}")]),
        (post(&[token], " ".repeat(5 << 20)), vec![format!("refused 413 {user}")]),
        (post(&[token], "{"), vec![format!("error -32700 {user}")]),
        (post(&[token], r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#), vec![]),
        (
            call("alice-token", "add_note", r#"{"text":"a"}"#),
            vec![format!("insufficient_scope tools/call tool=add_note item=add_note {user}")],
        ),
        (
            call("issued-token", "whoami", "{}"),
            vec![format!("ok tools/call tool=whoami item=whoami {user} issuer=https://auth.example.com")],
        ),
        (
            post(&[token], format!("[{},{}]", message("ping", ""), second("nothing"))),
            vec![format!("ok ping {user}"), format!("error -32602 tools/call tool=nothing {user}")],
        ),
        (
            post(&[token], format!("[{},{}]", message("ping", ""), second("add_note"))),
            vec![
                format!("insufficient_scope ping {user}"),
                format!("insufficient_scope tools/call tool=add_note item=add_note {user}"),
            ],
        ),
    ];
    for (request, mut expected) in cases {
        let shown = format!("{request:?}");
        send(&app, unchecked(request)).await;
        let mut ended = ends.all();
        ended.sort();
        expected.sort();
        assert_eq!(ended, expected, "{shown}");
    }
}

#[tokio::test]
async fn the_other_end_of_the_connection_is_known() {
    let (hook, mut ends) = Hook::new();
    let served = {
        let hook = hook.clone();
        Served::start(|listener, stop| Http::open(Desk::default()).audit(hook).serve_until(listener, stop)).await
    };
    let mut stream = TcpStream::connect(served.address).await.expect("a connection");
    let client = stream.local_addr().expect("an address");
    let body = modern_message("tools/list", "");
    let head = format!(
        "POST /mcp HTTP/1.1\r\nhost: {}\r\ncontent-type: application/json\r\naccept: application/json, text/event-stream\r\n\
         mcp-protocol-version: 2026-07-28\r\nmcp-method: tools/list\r\nx-forwarded-for: 192.0.2.1\r\nforwarded: for=192.0.2.1\r\ncontent-length: {}\r\n\r\n{body}",
        served.address,
        body.len()
    );
    stream.write_all(head.as_bytes()).await.expect("a request");
    read_response(&mut stream).await;
    assert_eq!(ends.all(), [format!("ok tools/list peer={client}")]);
    served.stop().await;

    let app = Http::open(Desk::default()).audit(hook).router();
    let mut request = legacy("2025-11-25", "", "ping", "");
    request.extensions_mut().insert(ConnectInfo(SocketAddr::from(([192, 0, 2, 7], 40_000))));
    send(&app, request).await;
    assert_eq!(ends.all(), ["ok ping peer=192.0.2.7:40000"]);
}

#[tokio::test]
async fn the_log_has_the_same_at_info() {
    let app = Http::protected(Notes::default(), Verifier).router();
    let trace = "0af7651916cd43dd8448eb211c80319c";
    let traced = format!(
        r#""name":"whoami","arguments":{{}},"_meta":{{"traceparent":"00-{trace}-b7ad6b7169203331-01","io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{{}}}}"#
    );
    let headers = [
        ("authorization", "Bearer issued-token"),
        ("mcp-protocol-version", "2026-07-28"),
        ("mcp-method", "tools/call"),
        ("mcp-name", "whoami"),
    ];
    for (request, expected) in [
        (modern("", "tools/list", ""), r#"outcome="refused" status=401 duration_ms=… "#.to_owned()),
        (
            post(&headers, message("tools/call", &traced)),
            format!(
                r#"outcome="ok" duration_ms=… method="tools/call" tool="whoami" item="whoami" id="1" trace_id="{trace}" client_id="alice" issuer="https://auth.example.com""#
            ),
        ),
        (
            call("alice-token", "nothing", "{}"),
            r#"outcome="error" code=-32602 duration_ms=… method="tools/call" tool="nothing" id="1" client_id="alice""#
                .to_owned(),
        ),
    ] {
        let log = Log::start();
        send(&app, request).await;
        let text = log.text();
        let lines: Vec<_> = text.lines().filter(|line| line.contains("mcp::request: request ended ")).collect();
        let [line] = &*lines else { panic!("not one line: {text}") };
        assert!(line.contains(" INFO "), "{line}");
        let (_, fields) = line.split_once("request ended ").expect("fields");
        let (before, rest) = fields.split_once("duration_ms=").expect("a duration");
        let (duration, after) = rest.split_once(' ').unwrap_or((rest, ""));
        assert!(duration.parse::<f64>().is_ok_and(|duration| duration >= 0.0), "{duration}");
        assert_eq!(format!("{before}duration_ms=… {after}"), expected);
    }
}

#[tokio::test]
async fn a_hook_that_panics_at_the_end_changes_nothing() {
    struct Broken;
    impl mcp::Audit for Broken {
        fn ended(&self, _: &mcp::RequestRecord<'_>) {
            panic!("the hook is broken");
        }
    }
    let log = Log::start();
    let app = Http::open(Desk::default()).audit(Broken).router();
    let silent = Http::open(Desk::default()).router();
    let request = || call("", "end", r#"{"how":"ok"}"#);
    assert_eq!(send(&app, request()).await, send(&silent, request()).await);
    assert_eq!(log.text().matches("the audit hook panicked suppressed=0\n").count(), 1);
}
