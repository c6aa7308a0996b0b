//! Pages of other origins, in browsers.

use axum::Router;
use http::Method;
use mcp::Http;

use crate::support::client::{Headers, call, modern, post, rejected, request, send, unchecked};
use crate::support::servers::{Notes, Verifier};
use crate::support::session::{Room, tokens};
use crate::support::socket::Served;
use crate::support::stream::Stream;

struct Regions;

#[mcp::server(
    issuer = "https://auth.example.com",
    resource = "http://127.0.0.1:8000/mcp",
    scopes = ["read"],
    optional_scopes = ["write"],
)]
impl Regions {
    /// Look something up in a region.
    #[mcp::tool]
    fn look_up(&self, #[arg(header = "Region")] region: String, #[arg(header = "Shard")] shard: u8) -> String {
        format!("{region} {shard}")
    }

    /// Sends the same elsewhere.
    #[mcp::tool]
    fn look_up_again(&self, #[arg(header = "Region")] region: String) -> String {
        region
    }

    /// Move something to a vault.
    #[mcp::tool(hidden, scopes = ["write"])]
    fn shelve(&self, #[arg(header = "Vault")] vault: String) -> String {
        vault
    }
}

const ORIGIN: &str = "https://app.example.com";

fn notes() -> Router {
    Http::protected(Notes::default(), Verifier).allow_origins([ORIGIN, "http://localhost:6274"]).router()
}

fn preflight(headers: Headers<'_>) -> http::Request<axum::body::Body> {
    let usual = [("content-type", ""), ("accept", ""), ("access-control-request-method", "POST")];
    let usual = usual.into_iter().filter(|(name, _)| headers.iter().all(|(given, _)| given != name));
    let headers: Vec<_> = usual.chain(headers.iter().copied()).collect();
    request(Method::OPTIONS, "/mcp", &headers, "")
}

fn allowed(origin: &str, further: &str) -> String {
    format!(
        "204 No Content\n\
         access-control-allow-headers: authorization, content-type, accept, mcp-protocol-version, mcp-method, mcp-name, \
         mcp-session-id, last-event-id, dpop, traceparent, tracestate, baggage{further}\n\
         access-control-allow-methods: GET, POST, DELETE\n\
         access-control-allow-origin: {origin}\n\
         access-control-expose-headers: www-authenticate, mcp-session-id, dpop-nonce, retry-after\n\
         access-control-max-age: 7200\n\
         vary: Origin\n\n"
    )
}

/// The headers of a response that a page may read.
fn readable(origin: &str) -> String {
    format!(
        "access-control-allow-origin: {origin}\n\
         access-control-expose-headers: www-authenticate, mcp-session-id, dpop-nonce, retry-after\n"
    )
}

#[tokio::test]
async fn a_browser_may_ask_in_advance_without_a_token() {
    for origin in [ORIGIN, "http://localhost:6274", "HTTPS://App.Example.com"] {
        for method in ["POST", "GET", "DELETE", "PUT"] {
            let request = preflight(&[("origin", origin), ("access-control-request-method", method)]);
            assert_eq!(send(&notes(), request).await, allowed(origin, ""), "{method}");
        }
    }
    let app = Http::protected(Regions, tokens()).allow_origins([ORIGIN]).router();
    for (asked, further) in [
        ("authorization,content-type,mcp-param-region", ", mcp-param-region, mcp-param-shard"),
        ("mcp-param-region, mcp-param-vault", ", mcp-param-region, mcp-param-shard, mcp-param-vault"),
        ("", ", mcp-param-region, mcp-param-shard"),
        // Whether a hidden tool has it makes no difference.
        ("mcp-param-vault", ", mcp-param-region, mcp-param-shard, mcp-param-vault"),
        ("mcp-param-none", ", mcp-param-region, mcp-param-shard, mcp-param-none"),
        (
            "Mcp-Param-B, mcp-param-a,mcp-param-b , MCP-PARAM-SHARD",
            ", mcp-param-region, mcp-param-shard, mcp-param-b, mcp-param-a",
        ),
        ("mcp-param-, mcp-param-a b, mcp-param-(, x-param-a, cookie, *", ", mcp-param-region, mcp-param-shard"),
    ] {
        let request = preflight(&[("origin", ORIGIN), ("access-control-request-headers", asked)]);
        assert_eq!(send(&app, request).await, allowed(ORIGIN, further), "{asked}");
    }
    let many: Vec<_> = (0..100).map(|number| format!("mcp-param-{number}")).collect();
    let further = format!(", mcp-param-region, mcp-param-shard, {}", many[..64].join(", "));
    let request = preflight(&[("origin", ORIGIN), ("access-control-request-headers", &many.join(","))]);
    assert_eq!(send(&app, request).await, allowed(ORIGIN, &further), "64 at most");
}

#[tokio::test]
async fn a_page_that_is_allowed_reads_every_answer() {
    let app = notes();
    let from_page = |mut request: http::Request<axum::body::Body>| {
        request.headers_mut().insert("origin", ORIGIN.parse().unwrap());
        request
    };
    let readable = readable(ORIGIN);
    let served = send(&app, from_page(call("alice-token", "whoami", "{}"))).await;
    assert!(
        served.starts_with(&format!("200 OK\n{readable}content-type: application/json\nvary: Origin\n\n")),
        "{served}"
    );
    // Refusals say where to get a token, or what is wrong.
    for (request, status) in [
        (call("", "whoami", "{}"), "401 Unauthorized"),
        (call("narrow-token", "whoami", "{}"), "403 Forbidden"),
        (call("alice-token", "add_note", r#"{"text":"a"}"#), "403 Forbidden"),
        (call("down-token", "whoami", "{}"), "503 Service Unavailable"),
        (unchecked(post(&[("authorization", "Bearer alice-token")], " ".repeat(5 << 20))), "413 Payload Too Large"),
        (
            unchecked(post(&[("authorization", "Bearer alice-token"), ("content-type", "")], "{}")),
            "415 Unsupported Media Type",
        ),
        (post(&[("host", "evil.example")], ""), "421 Misdirected Request"),
        (request(Method::PUT, "/mcp", &[("authorization", "Bearer alice-token")], ""), "405 Method Not Allowed"),
        // Without what the browser asks for, it is no preflight.
        (request(Method::OPTIONS, "/mcp", &[], ""), "401 Unauthorized"),
    ] {
        let response = send(&app, from_page(request)).await;
        let is_readable = response.starts_with(&format!("{status}\naccess-control-allow-origin: {ORIGIN}\n"));
        assert!(is_readable && response.contains(readable.lines().nth(1).unwrap()), "{response}");
        assert!(response.contains("\nvary: Origin\n"), "{response}");
    }
    // The page for people is not the same for everyone either.
    let page = request(Method::GET, "/mcp", &[("accept", "text/html")], "");
    let page = send(&app, from_page(page)).await;
    assert!(page.contains("\nvary: Origin\nvary: accept\n"), "{page}");
    // Streams have the headers, too.
    let (room, _observer) = Room::new();
    let app = Http::protected(room, tokens()).allow_origins([ORIGIN]).router();
    let listen = modern("alice-token", "subscriptions/listen", r#""notifications":{"toolsListChanged":true}"#);
    let response = crate::support::client::deliver(&app, from_page(listen)).await;
    assert_eq!(response.headers()["access-control-allow-origin"], ORIGIN);
    assert!(Stream::of(response).message().await.contains("acknowledged"));
}

#[tokio::test]
async fn other_pages_read_nothing() {
    let app = notes();
    let refused = rejected("403 Forbidden", -32600, "This server does not answer to the requesting origin");
    let refused = refused.replace("application/json\n", "application/json\nvary: Origin\n");
    for headers in [
        &[("origin", "https://evil.example")][..],
        &[("origin", "https://app.example.com.evil.example")],
        &[("origin", "http://app.example.com")],
        &[("origin", "null")],
        &[("origin", ORIGIN), ("origin", "https://evil.example")],
    ] {
        assert_eq!(send(&app, preflight(headers)).await, refused, "{headers:?}");
        assert_eq!(send(&app, post(headers, "")).await, refused, "{headers:?}");
    }
    // Those that are let in without being named are none that may read: of the server itself, and of this machine.
    for headers in [
        &[][..],
        &[("origin", "http://127.0.0.1:8000")],
        &[("origin", "http://localhost:1")],
        &[("origin", ORIGIN), ("origin", ORIGIN)],
    ] {
        for request in [preflight(headers), post(headers, "")] {
            let response = send(&app, request).await;
            assert!(response.starts_with("401 ") && !response.contains("access-control"), "{response}");
            assert!(response.contains("\nvary: Origin\n"), "{response}");
        }
    }
    // Where nobody is named, nothing depends on who asks.
    let response =
        send(&Http::protected(Notes::default(), Verifier).router(), preflight(&[("origin", "http://localhost:1")]))
            .await;
    assert!(response.starts_with("401 ") && !response.contains("vary"), "{response}");
}

#[tokio::test]
async fn a_server_of_its_own_is_shared_in_the_same_way() {
    let http = Http::protected(Notes::default(), Verifier).allow_origins([ORIGIN]);
    let served = Served::start(|listener, stop| http.serve_until(listener, stop)).await;
    let head =
        "OPTIONS /mcp HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nAccess-Control-Request-Method: POST\r\n";
    let response =
        crate::support::socket::exchange(served.address, format!("{head}Origin: {ORIGIN}\r\n\r\n").as_bytes()).await;
    assert_eq!(
        response,
        format!(
            "HTTP/1.1 204 No Content\r\naccess-control-allow-methods: GET, POST, DELETE\r\n\
             access-control-allow-headers: authorization, content-type, accept, mcp-protocol-version, mcp-method, mcp-name, \
             mcp-session-id, last-event-id, dpop, traceparent, tracestate, baggage\r\n\
             access-control-max-age: 7200\r\nvary: Origin\r\naccess-control-allow-origin: {ORIGIN}\r\n\
             access-control-expose-headers: www-authenticate, mcp-session-id, dpop-nonce, retry-after\r\n\
             connection: close\r\n\r\n"
        )
    );
    served.stop().await;
}
