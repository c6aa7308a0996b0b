//! Verdicts of guards and handlers: what each becomes over HTTP, in a stream, in a batch, and on other transports.

use std::time::Duration;

use axum::Router;
use mcp::{AccessToken, Context, Denied, Error, Http, MemoryClient, Protection, StaticTokens};
use serde_json::{Value, json};

use crate::support::client::{ask, deliver, legacy, message, modern, post, send, unchecked};
use crate::support::log::Log;
use crate::support::refusals::METADATA;
use crate::support::schema::MODERN;
use crate::support::stream::Stream;

struct Tracker;

fn verdict(how: &str) -> Result<String, Denied> {
    match how {
        "denied" => Err(Denied::new("issue 3 is locked")),
        "absent" => Err(Denied::absent("the token names no tenant")),
        "hidden" => Err(Denied::not_found()),
        "missing" => Err(Error::not_found())?,
        "scopes" => Err(Denied::scopes(["admin"])),
        "undeclared" => Err(Denied::scopes(["admin", "root"])),
        "undecided" => Ok("x".parse::<u8>()?.to_string()),
        "tool" => Err(Error::tool("invalid digit found in string"))?,
        "internal" => Err(Error::internal("the database is down").with_source("invalid digit found in string"))?,
        "needs" => Err(Error::scopes(["admin"]))?,
        "wait" => Err(Denied::rate_limited(Duration::from_millis(1500))),
        _ => Ok("allowed".to_owned()),
    }
}

/// The error of a row that is missing is the handler's own, and any other a verdict.
fn answer(how: &str) -> Result<String, Error> {
    if how == "nothing" { Err(Error::not_found()) } else { Ok(verdict(how)?) }
}

#[mcp::server(
    issuer = "https://auth.example.com",
    resource = "http://127.0.0.1:8000/mcp",
    scopes = ["read"],
    optional_scopes = ["write", "admin"],
)]
impl Tracker {
    /// Close an issue.
    #[mcp::tool(scopes = ["write"])]
    fn close(&self, how: String) -> Result<String, Error> {
        answer(&how)
    }

    /// Close an issue after a message.
    #[mcp::tool(scopes = ["write"])]
    fn say(&self, how: String, cx: &Context) -> Result<String, Error> {
        cx.progress(1.0);
        answer(&how)
    }

    /// Close an issue on a thread.
    #[mcp::tool(blocking, scopes = ["write"])]
    fn block(&self, how: String) -> Result<String, Error> {
        answer(&how)
    }

    /// An issue.
    #[mcp::resource("issue://{how}", scopes = ["write"])]
    fn issue(&self, how: String) -> Result<String, Error> {
        answer(&how)
    }

    /// Explain an issue.
    #[mcp::prompt(scopes = ["write"])]
    fn explain(&self, how: String) -> Result<String, Error> {
        answer(&how)
    }
}

fn http() -> Http<Tracker, mcp::Bearer<StaticTokens>> {
    let token = |scopes: &[&str]| AccessToken::ours("app").with_scopes(scopes);
    let tokens = [("writer", token(&["read", "write"])), ("admin", token(&["read", "write", "admin"]))];
    Http::protected(Tracker, StaticTokens::new(tokens))
}

/// The requests that ask for each kind of item.
fn requests(how: &str) -> [(&'static str, Value); 4] {
    [
        ("tools/call", json!({"name": "close", "arguments": {"how": how}})),
        ("tools/call", json!({"name": "block", "arguments": {"how": how}})),
        ("resources/read", json!({"uri": format!("issue://{how}")})),
        ("prompts/get", json!({"name": "explain", "arguments": {"how": how}})),
    ]
}

fn challenge(scopes: &str) -> String {
    format!(
        "Bearer error=\"insufficient_scope\", error_description=\"Required scope: {scopes}\", \
         resource_metadata=\"{METADATA}\", scope=\"{scopes}\""
    )
}

fn scopes_error(scopes: &str) -> Value {
    json!({
        "code": 403, "message": format!("Required scope: {scopes}"),
        "data": {"error": "insufficient_scope", "scope": scopes},
    })
}

#[tokio::test]
async fn missing_scopes_are_a_challenge_for_all_of_them() {
    let app = http().router();
    for version in [MODERN, "2025-11-25", "2025-06-18", "2025-03-26"] {
        for (method, params) in requests("scopes") {
            let (status, challenged, body) = ask(&app, version, "writer", method, params.clone()).await;
            assert_eq!((status, challenged), (403, challenge("read write admin")), "{version} {method}");
            assert_eq!(body["error"], scopes_error("read write admin"), "{version} {method}");
        }
    }
    let refused = modern("writer", "tools/call", r#""name":"close","arguments":{"how":"scopes"}"#);
    assert!(send(&app, refused).await.contains("cache-control: no-store\n"), "no cache may store it");
    // Also as an error of a function that a guard calls.
    let needed = modern("writer", "tools/call", r#""name":"close","arguments":{"how":"needs"}"#);
    assert!(send(&app, needed).await.starts_with("403"));
    // By the names that clients request.
    let protection = Protection::of::<Tracker>().scope_prefix("api://tracker/").expect("a prefix");
    let app = http().protection(protection).router();
    let names = "api://tracker/read api://tracker/write api://tracker/admin";
    let (method, params) = &requests("scopes")[0];
    let (status, challenged, body) = ask(&app, MODERN, "writer", method, params.clone()).await;
    assert_eq!((status, challenged), (403, challenge(names)));
    assert_eq!(body["error"], scopes_error(names));
}

#[tokio::test]
async fn scopes_that_no_token_cures_are_an_error_of_the_server() {
    let app = http().router();
    for (token, how, text, cause) in [
        ("admin", "scopes", "The server asks for scopes that the caller has", "`read write admin` already"),
        ("writer", "undeclared", "The server asks for a scope that it does not have", "`optional_scopes = [\"root\"]`"),
    ] {
        for (method, params) in requests(how) {
            let log = Log::start();
            let (status, challenge, body) = ask(&app, MODERN, token, method, params).await;
            assert_eq!((status, &*challenge), (500, ""), "{method}");
            assert_eq!(body["error"], json!({"code": -32603, "message": text}), "{method}");
            assert!(log.text().contains(cause), "{method}: {}", log.text());
        }
    }
}

#[tokio::test]
async fn a_denial_is_told_to_the_model_or_hidden() {
    let app = http().router();
    for (how, text) in [("denied", "issue 3 is locked"), ("absent", "the token names no tenant")] {
        for (method, params) in requests(how) {
            let (status, challenge, body) = ask(&app, MODERN, "writer", method, params).await;
            assert_eq!((status, &*challenge), (200, ""), "{method}");
            if method == "tools/call" {
                assert_eq!(body["result"]["content"], json!([{"type": "text", "text": text}]));
                assert_eq!(body["result"]["isError"], true);
            } else {
                assert_eq!(body["error"], json!({"code": 403, "message": text}), "{method}");
            }
        }
    }
    // To the byte what a missing row gets.
    for version in [MODERN, "2025-11-25"] {
        for ((method, params), (_, missing)) in requests("hidden").into_iter().zip(requests("nothing")) {
            let hidden = ask(&app, version, "writer", method, params).await;
            let (status, challenge, body) = ask(&app, version, "writer", method, missing).await;
            assert_eq!(hidden.2.to_string(), body.to_string().replace("nothing", "hidden"), "{version} {method}");
            assert_eq!((hidden.0, &hidden.1), (status, &challenge), "{version} {method}");
            let (_, passed_on) = &requests("missing").into_iter().find(|(of, _)| *of == method).expect("a request");
            let (_, _, passed_on) = ask(&app, version, "writer", method, passed_on.clone()).await;
            assert_eq!(hidden.2.to_string(), passed_on.to_string().replace("missing", "hidden"), "{version} {method}");
            if method == "tools/call" {
                assert_eq!(status, 200);
                assert_eq!(body["result"]["content"], json!([{"type": "text", "text": "Not found"}]));
                assert_eq!(body["result"]["isError"], true);
            } else {
                let modern = version == MODERN;
                let code = if modern || method == "prompts/get" { -32602 } else { -32002 };
                assert_eq!((status, &body["error"]["code"]), (if modern { 400 } else { 200 }, &json!(code)));
            }
        }
    }
    // To the byte what an unknown URI gets.
    let read = |uri: &str| modern("writer", "resources/read", &format!(r#""uri":"{uri}""#));
    let (hidden, unknown) =
        (send(&app, unnamed(read("issue://hidden"))).await, send(&app, unnamed(read("desk://3"))).await);
    assert_eq!(hidden, unknown.replace("desk://3", "issue://hidden"));
}

/// Lets the URI be the name of the request, as the headers must say.
fn unnamed(mut request: http::Request<axum::body::Body>) -> http::Request<axum::body::Body> {
    request.headers_mut().remove("mcp-name");
    request
}

#[tokio::test]
async fn an_error_in_a_guard_is_undecided_and_its_text_only_logged() {
    let app = http().router();
    for (version, how) in [(MODERN, "undecided"), ("2025-03-26", "undecided"), (MODERN, "tool"), (MODERN, "internal")] {
        for (method, params) in requests(how) {
            let log = Log::start();
            let (status, _, body) = ask(&app, version, "writer", method, params).await;
            assert_eq!((status, &body["error"]["code"]), (503, &json!(503)), "{method}");
            let text = body["error"]["message"].as_str().expect("a text");
            let id = text.strip_prefix("This can't be decided at the moment (id ").and_then(|id| id.strip_suffix(')'));
            assert!(log.text().contains(id.expect("an id")) && log.text().contains("invalid digit"), "{}", log.text());
            assert!(!body.to_string().contains("invalid digit"), "{body}");
        }
    }
    let request = modern("writer", "tools/call", r#""name":"close","arguments":{"how":"undecided"}"#);
    assert_eq!(deliver(&app, request).await.headers()["retry-after"], "5");
}

#[tokio::test]
async fn a_caller_that_has_to_wait_learns_the_seconds() {
    let app = http().router();
    let text = "Too many requests; try again in 2 seconds";
    let call = modern("writer", "tools/call", r#""name":"close","arguments":{"how":"wait"}"#);
    assert!(send(&app, call).await.contains(&format!(
        r#"{{"content":[{{"type":"text","text":"{text}"}}],"structuredContent":{{"retry_after":2}},"isError":true"#
    )));
    let get = modern("writer", "prompts/get", r#""name":"explain","arguments":{"how":"wait"}"#);
    let error = format!(r#"{{"code":429,"message":"{text}","data":{{"retry_after":2}}}}"#);
    assert_eq!(
        send(&app, get).await,
        format!(
            "429 Too Many Requests\ncontent-type: application/json\nretry-after: 2\n\n\
             {{\"jsonrpc\":\"2.0\",\"id\":1,\"error\":{error}}}"
        )
    );
}

#[tokio::test]
async fn a_stream_or_a_batch_has_the_same_errors_as_messages() {
    let app: Router = http().router();
    let params = r#""name":"say","arguments":{"how":"scopes"}"#;
    let with_progress = format!(r#"{params},"_meta":{{"progressToken":7}}"#);
    let mut stream = Stream::open(&app, legacy("2025-06-18", "writer", "tools/call", &with_progress)).await;
    assert!(stream.next().await.expect("a message").contains("notifications/progress"));
    let answer = stream.next().await.expect("the answer");
    assert!(answer.contains(&scopes_error("read write admin")["data"]["scope"].to_string()), "{answer}");
    assert!(answer.contains(r#""code":403"#), "{answer}");

    let batch = format!("[{},{}]", message("tools/call", params), message("ping", "").replacen("1", "2", 1));
    let answers = send(&app, unchecked(post(&[("authorization", "Bearer writer")], batch))).await;
    assert!(
        answers.starts_with("200 OK\n")
            && answers.contains(r#""code":403,"message":"Required scope: read write admin""#),
        "{answers}"
    );
}

#[tokio::test]
async fn without_http_every_verdict_is_a_message() {
    let client = MemoryClient::new(Tracker);
    for (method, params) in requests("scopes") {
        let error = client.request(method, params).await.expect_err(method);
        let expected = scopes_error("read write admin");
        assert_eq!((error.code(), error.message()), (Some(403), expected["message"].as_str().expect("a text")));
    }
    for (how, code) in [("undecided", 503), ("undeclared", -32603)] {
        for (method, params) in requests(how) {
            assert_eq!(client.request(method, params).await.expect_err(method).code(), Some(code), "{how} {method}");
        }
    }
    for how in ["denied", "hidden"] {
        assert!(client.call_tool("close", json!({"how": how})).await.expect("a result").is_error);
    }
    for (method, params) in requests("hidden").into_iter().skip(2) {
        assert_eq!(client.request(method, params).await.expect_err(method).code(), Some(-32602), "{method}");
    }
}
