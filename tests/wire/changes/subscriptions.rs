//! `subscriptions/listen`, and what is told to those who listen.

use std::time::{Duration, SystemTime};

use mcp::{AccessToken, Changes, Http, StaticTokens};
use tokio::time::Instant;

use crate::support::client::{call, message, modern, send};
use crate::support::log::Log;
use crate::support::servers::{Notes, Workshop, limits};
use crate::support::session::{Room, room};
use crate::support::stream::{Stream, listen};

const NOTHING: &str = r#""notifications":{}"#;

fn told(method: &str, params: &str) -> String {
    let meta = r#""_meta":{"io.modelcontextprotocol/subscriptionId":7}"#;
    format!(r#"{{"jsonrpc":"2.0","method":"notifications/{method}","params":{{{meta}{params}}}}}"#)
}

fn acknowledged(notifications: &str) -> String {
    told("subscriptions/acknowledged", &format!(r#","notifications":{{{notifications}}}"#))
}

const END: &str = r#"{"jsonrpc":"2.0","id":7,"result":{"resultType":"complete","_meta":{"io.modelcontextprotocol/subscriptionId":7}}}"#;

fn as_alice(mut request: http::Request<axum::body::Body>) -> http::Request<axum::body::Body> {
    request.headers_mut().insert("authorization", "Bearer alice-token".parse().unwrap());
    request
}

fn workshop() -> (axum::Router, Changes) {
    let http = Http::open(Workshop::new().0);
    let changes = http.changes();
    (http.router(), changes)
}

#[tokio::test]
async fn a_client_hears_what_it_asked_for_and_is_told_what_that_is() {
    let (app, changes) = workshop();
    let all = r#""toolsListChanged":true,"promptsListChanged":true,"resourcesListChanged":true,"resourceSubscriptions":["notes://1"]"#;
    // There are no prompts and no resources here.
    let mut stream = Stream::open(&app, listen("7", all)).await;
    assert_eq!(stream.message().await, acknowledged(r#""toolsListChanged":true,"resourceSubscriptions":[]"#));
    let mut nothing = Stream::open(&app, listen("7", r#""toolsListChanged":false,"other":1"#)).await;
    assert_eq!(nothing.message().await, acknowledged(""));
    changes.prompts_changed();
    changes.resources_changed();
    changes.resource_updated("notes://1");
    for _ in 0..3 {
        changes.tools_changed();
    }
    assert_eq!(stream.message().await, told("tools/list_changed", ""));
    changes.tools_changed();
    assert_eq!(stream.message().await, told("tools/list_changed", ""));
    changes.close();
    for mut stream in [stream, nothing, Stream::open(&app, listen("7", "")).await] {
        let mut message = stream.message().await;
        if message != END {
            assert_eq!(message, acknowledged(""), "who comes after the end");
            message = stream.message().await;
        }
        assert_eq!(message, END);
        assert_eq!(stream.next().await, None);
    }
}

/// The buffer of a slow client has each change once, and not a copy of every message.
#[tokio::test]
async fn a_change_is_not_told_twice_to_a_client_that_has_not_read_it() {
    let (app, changes, _) = room();
    let asked = r#""toolsListChanged":true,"resourcesListChanged":true,"resourceSubscriptions":["notes://1"]"#;
    let mut stream = Stream::open(&app, as_alice(listen("7", asked))).await;
    stream.message().await;
    let change = || {
        changes.tools_changed();
        changes.resources_changed();
        changes.resource_updated("notes://1");
    };
    change();
    assert_eq!(stream.message().await, told("tools/list_changed", ""));
    for _ in 0..1000 {
        change();
    }
    assert_eq!(stream.message().await, told("resources/list_changed", ""));
    assert_eq!(stream.message().await, told("resources/updated", r#","uri":"notes://1""#));
    assert_eq!(stream.message().await, told("tools/list_changed", ""));
    changes.close();
    assert_eq!(stream.message().await, END);
}

#[tokio::test]
async fn the_id_of_a_subscription_is_that_of_its_request_as_it_was_written() {
    let (app, _) = workshop();
    for id in [r#""a\u0020b""#, "-7", "123456789012345678901234567890"] {
        let request = crate::support::client::unchecked(listen(id, ""));
        let message = Stream::open(&app, request).await.message().await;
        let expected = acknowledged("").replace(r#"subscriptionId":7"#, &format!(r#"subscriptionId":{id}"#));
        assert_eq!(message, expected);
    }
}

#[tokio::test]
async fn what_cannot_be_listened_to_is_an_error() {
    let (app, _) = workshop();
    for (notifications, message) in [
        ("", "`notifications` is missing"),
        (r#""notifications":null"#, "`notifications` is missing"),
        (r#""notifications":[]"#, "`notifications` must be an object"),
        (r#""notifications":{"toolsListChanged":1}"#, "`notifications`: invalid type: integer `1`, expected a boolean"),
        (
            r#""notifications":{"resourceSubscriptions":"a"}"#,
            r#"`notifications`: invalid type: string \"a\", expected a sequence"#,
        ),
    ] {
        let headers = [("mcp-protocol-version", "2026-07-28"), ("mcp-method", "subscriptions/listen")];
        let body = crate::support::client::modern_message("subscriptions/listen", notifications);
        let response =
            send(&app, crate::support::client::unchecked(crate::support::client::post(&headers, body))).await;
        let expected = format!(r#""error":{{"code":-32602,"message":"Invalid params: {message}"}}"#);
        assert!(response.starts_with("400 ") && response.contains(&expected), "{notifications}: {response}");
    }
    // Older versions have no such method.
    let old = crate::support::client::post(&[], message("subscriptions/listen", NOTHING));
    assert!(send(&app, crate::support::client::unchecked(old)).await.contains("-32601"));
}

#[tokio::test]
async fn a_tool_comes_and_goes_and_everyone_hears_of_it() {
    let (app, changes) = workshop();
    let mut stream = Stream::open(&app, listen("7", r#""toolsListChanged":true"#)).await;
    stream.message().await;
    let is_there = async || {
        let listed = send(&app, modern("", "tools/list", "")).await.contains(r#""name":"count""#);
        let called = !send(&app, call("", "count", "{}")).await.contains("Unknown tool: count");
        assert_eq!(listed, called);
        listed
    };
    assert!(is_there().await);
    assert!(changes.disable_tool("count") && !changes.disable_tool("count") && !is_there().await);
    assert_eq!(stream.message().await, told("tools/list_changed", ""));
    assert!(changes.enable_tool("count") && !changes.enable_tool("count") && is_there().await);
    assert_eq!(stream.message().await, told("tools/list_changed", ""));
    assert!(!changes.enable_tool("no_such_tool") && !changes.disable_tool("no_such_tool"));
    changes.close();
    assert_eq!(stream.message().await, END);
}

struct Annex;

#[mcp::part(of = Room)]
impl Annex {
    /// Wave.
    #[mcp::tool]
    fn wave(&self) {}

    /// Greet.
    #[mcp::prompt]
    fn greet(&self) -> &'static str {
        "Say hello."
    }
}

#[tokio::test]
async fn a_client_hears_of_the_resources_that_it_may_see_and_of_parts_that_are_added() {
    let (app, changes, _) = room();
    let filter = r#""toolsListChanged":true,"promptsListChanged":true,"resourcesListChanged":true,"resourceSubscriptions":["notes://1","notes://x/y","secrets://1"]"#;
    let open = async |token: &str| {
        let mut request = listen("7", filter);
        request.headers_mut().insert("authorization", format!("Bearer {token}").parse().unwrap());
        Stream::open(&app, request).await
    };
    let (mut narrow, mut wide) = (open("alice-token").await, open("alice-2-token").await);
    let honoured = |uris: &str| {
        acknowledged(&format!(
            r#""toolsListChanged":true,"resourcesListChanged":true,"resourceSubscriptions":[{uris}]"#
        ))
    };
    assert_eq!(narrow.message().await, honoured(r#""notes://1""#));
    assert_eq!(wide.message().await, honoured(r#""notes://1","secrets://1""#));
    for uri in ["secrets://1", "notes://2", "notes://1"] {
        changes.resource_updated(uri);
    }
    let updated = |uri: &str| told("resources/updated", &format!(r#","uri":"{uri}""#));
    assert_eq!(narrow.message().await, updated("notes://1"));
    assert_eq!(wide.message().await, updated("secrets://1"));
    assert_eq!(wide.message().await, updated("notes://1"));
    changes.add(Annex).unwrap();
    // It has no resources, and there were no prompts to hear of when the client began to listen.
    assert_eq!(narrow.message().await, told("tools/list_changed", ""));
    assert!(changes.add(Annex).unwrap_err().to_string().contains("wave"), "it is there already");
    changes.resources_changed();
    assert_eq!(narrow.message().await, told("resources/list_changed", ""));
    let mut late = open("alice-token").await;
    let all = honoured(r#""notes://1""#)
        .replace(r#""toolsListChanged":true"#, r#""toolsListChanged":true,"promptsListChanged":true"#);
    assert_eq!(late.message().await, all);
}

#[tokio::test(start_paused = true)]
async fn a_silent_stream_says_so_every_now_and_then() {
    let open = || Http::open(Workshop::new().0);
    for (http, seconds) in
        [(open(), 15), (open().limits(limits(|limits| limits.streams.keep_alive = Duration::from_secs(2))), 2)]
    {
        let changes = http.changes();
        let mut stream = Stream::open(&http.router(), listen("7", r#""toolsListChanged":true"#)).await;
        stream.message().await;
        let start = Instant::now();
        for round in 1..=3 {
            assert_eq!(stream.next().await.as_deref(), Some(":\n\n"));
            assert_eq!(start.elapsed().as_secs(), round * seconds);
        }
        tokio::time::advance(Duration::from_secs(1)).await;
        changes.tools_changed();
        stream.message().await;
        assert_eq!(stream.next().await.as_deref(), Some(":\n\n"));
        assert_eq!(start.elapsed().as_secs(), 3 * seconds + 1 + seconds);
    }
    let mut never = Stream::open(
        &open().limits(limits(|limits| limits.streams.keep_alive = Duration::MAX)).router(),
        listen("7", ""),
    )
    .await;
    never.message().await;
    assert!(tokio::time::timeout(Duration::from_secs(1_000_000), never.next()).await.is_err());
}

#[tokio::test(start_paused = true)]
async fn a_stream_ends_with_its_token() {
    let token = AccessToken::ours("alice").with_scopes(["notes:read"]);
    let tokens = StaticTokens::new([("short", token.with_expires_at(SystemTime::now() + Duration::from_secs(40)))]);
    let http =
        Http::protected(Notes::default(), tokens).limits(limits(|limits| limits.streams.keep_alive = Duration::MAX));
    let changes = http.changes();
    let app = http.router();
    let mut request = listen("7", r#""toolsListChanged":true"#);
    request.headers_mut().insert("authorization", "Bearer short".parse().unwrap());
    let mut stream = Stream::open(&app, request).await;
    stream.message().await;
    let start = Instant::now();
    let late = async {
        tokio::time::advance(Duration::from_secs(41)).await;
        changes.tools_changed();
    };
    let (last, ()) = tokio::join!(stream.message(), late);
    assert_eq!(last, END);
    assert_eq!(stream.next().await, None);
    assert!(start.elapsed().as_secs() <= 41);
}

/// A method may announce a URI that its client wrote.
#[tokio::test]
async fn a_wrong_uri_does_not_flood_the_log() {
    let changes = Http::open(Workshop::new().0).changes();
    let log = Log::start();
    for _ in 0..10 {
        changes.resource_updated(format!("NOTES://%{}", "x".repeat(100_000)));
    }
    let text = log.text();
    assert_eq!((text.lines().count(), text.len() < 1000), (1, true), "{text:.2000}");
}

#[tokio::test]
async fn there_is_a_largest_number_of_streams_and_of_resources() {
    let open = || Http::open(Workshop::new().0);
    for (http, limit) in [
        (open().limits(limits(|limits| limits.streams.open = 2)), 2),
        (open().limits(limits(|limits| limits.streams.open = 0)), 0),
    ] {
        let app = http.router();
        let mut streams = Vec::new();
        for _ in 0..limit {
            let mut stream = Stream::open(&app, listen("7", "")).await;
            stream.message().await;
            streams.push(stream);
        }
        let refused = "503 Service Unavailable\ncontent-type: application/json\nretry-after: 5\n\n{\"jsonrpc\":\"2.0\",\"id\":7,\"error\":{\"code\":-32603,\"message\":\"There are too many open streams; try again later\"}}";
        assert_eq!(send(&app, listen("7", "")).await, refused);
        // Other requests have their answers.
        assert!(send(&app, call("", "count", "{}")).await.starts_with("200 "));
        if streams.pop().is_some() {
            assert_eq!(Stream::open(&app, listen("7", "")).await.message().await, acknowledged(""));
        }
    }
    for (http, limit) in [(open(), 1000), (open().limits(limits(|limits| limits.streams.subscriptions = 2)), 2)] {
        let app = http.router();
        let uris = |count: usize| {
            let uris: Vec<_> = (0..count).map(|n| format!(r#""notes://{n}""#)).collect();
            listen("7", &format!(r#""resourceSubscriptions":[{}]"#, uris.join(",")))
        };
        assert_eq!(
            Stream::open(&app, uris(limit)).await.message().await,
            acknowledged(r#""resourceSubscriptions":[]"#)
        );
        let refused = send(&app, uris(limit + 1)).await;
        let message = format!(
            "Invalid params: `resourceSubscriptions` has {} resources; this server takes {limit} at once",
            limit + 1
        );
        assert!(refused.starts_with("400 ") && refused.contains(&message), "{refused}");
        // One resource is one, however often it is named.
        let again = format!(r#""resourceSubscriptions":["notes://1"{}]"#, r#","notes://1""#.repeat(limit));
        assert_eq!(
            Stream::open(&app, listen("7", &again)).await.message().await,
            acknowledged(r#""resourceSubscriptions":[]"#)
        );
    }
    let app = open().limits(limits(|limits| limits.streams.open = usize::MAX)).router();
    assert_eq!(Stream::open(&app, listen("7", "")).await.message().await, acknowledged(""));
}
