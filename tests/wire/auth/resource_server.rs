//! The gate as a layer of tower: in front of other routes, and of MCP servers of other frameworks.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::{Duration, SystemTime};

use axum::Router;
use axum::body::Body;
use axum::routing::{any, get};
use bytes::Bytes;
use http::{Method, Request, Response};
use http_body::{Body as _, Frame};
use http_body_util::BodyExt as _;
use mcp::{AccessToken, BearerLayer, Decision, Http, JwtVerifier, Limits, Protection, ResourceServer, StaticTokens};
use tower::ServiceExt as _;

use super::gate::refused_headers;
use crate::support::client::{
    Headers, LEGACY, Never, Pieces, call, deliver, legacy, message, modern_message, post, request, send, unchecked,
};
use crate::support::clock::{at_once, pass};
use crate::support::refusals::{challenge, forbidden, forbidden_for};
use crate::support::servers::{Notes, Verifier, limits, notes_app};

const ISSUER: &str = "https://auth.example.com";
const RESOURCE: &str = "http://127.0.0.1:8000/mcp";

/// The protection of [`Notes`], without a server in the source.
fn protection() -> Protection<()> {
    let protection = Protection::new(ISSUER, RESOURCE).and_then(|protection| {
        protection.scopes(&["notes:read"])?.optional_scopes(&["notes:write", "notes:admin"])?.hierarchy(&[&[
            "notes:admin",
            "notes:write",
            "notes:read",
        ]])
    });
    protection.expect("a protection")
}

fn server() -> ResourceServer<Verifier> {
    ResourceServer::new(protection(), Verifier).expect("a resource server")
}

/// Reports what reached the service behind the layer.
async fn seen(token: AccessToken, request: Request<Body>) -> String {
    let current = mcp::access_token().map(|token| token.client_id.clone());
    let headers: Vec<_> = request.headers().keys().map(ToString::to_string).collect();
    let method = request.method().clone();
    let body = request.into_body().collect().await.expect("a body").to_bytes();
    format!("{method} {} {current:?} {} {}", token.client_id, headers.join(" "), String::from_utf8_lossy(&body))
}

fn routes(layer: BearerLayer<Verifier>) -> Router {
    Router::new().route("/mcp", any(seen)).layer(layer)
}

/// A layer with the scopes that [`Notes`] has.
fn tools() -> BearerLayer<Verifier> {
    server().layer().tool("add_note", ["notes:write"]).expect("a layer")
}

#[tokio::test]
async fn a_route_gives_every_refusal_of_the_endpoint() {
    let declared = Http::protected(Notes::default(), Verifier).resource_server();
    for app in [routes(server().layer()), routes(declared.layer()), routes(tools())] {
        for (headers, expected) in refused_headers() {
            for method in ["POST", "GET", "PUT", "OPTIONS", "QUERY"] {
                let method = Method::from_bytes(method.as_bytes()).expect("a method");
                let request = request(method.clone(), "/mcp?access_token=alice-token", &headers, "{");
                assert_eq!(send(&app, unchecked(request)).await, expected, "{method} {headers:?}");
            }
            let expected =
                expected.replacen("cache-control: no-store\n", "cache-control: no-store\nconnection: close\n", 1);
            let mut odd = vec![("content-length", "99999999999")];
            odd.extend(&headers);
            assert_eq!(send(&app, post(&odd, Body::new(Never))).await, expected, "{headers:?}");
        }
    }
}

#[tokio::test]
async fn a_route_sees_the_token_and_not_its_text() {
    let app = routes(server().layer());
    let headers = [("authorization", "Bearer alice-token"), ("x-other", "1")];
    for method in [Method::GET, Method::POST, Method::PUT] {
        let request = request(method.clone(), "/mcp", &headers, "any text");
        assert_eq!(
            send(&app, unchecked(request)).await,
            format!(
                "200 OK\ncontent-type: text/plain; charset=utf-8\n\n\
                 {method} alice Some(\"alice\") host content-type accept x-other any text"
            )
        );
    }
    // Without the layer there is no token.
    let bare = Router::new().route("/mcp", any(seen));
    let response = send(&bare, unchecked(post(&headers, "{}"))).await;
    assert!(response.starts_with("500 ") && response.ends_with("This route is not protected"), "{response}");
}

#[tokio::test]
async fn scopes_of_a_layer_follow_the_hierarchy() {
    let write = server().layer().require(["notes:write"]).expect("a layer");
    let apps = [routes(write.clone()), routes(write.tool("whoami", "").expect("a layer"))];
    let body = modern_message("tools/call", r#""name":"whoami""#);
    for app in apps {
        let ask = async |token: &str| send(&app, unchecked(post(&[("authorization", token)], body.clone()))).await;
        // The body is not read, so that its id is not known.
        assert_eq!(ask("Bearer alice-token").await, forbidden("notes:read notes:write"));
        for token in ["Bearer bob-token", "Bearer admin-token"] {
            assert!(ask(token).await.starts_with("200 OK"), "{token}");
        }
    }
}

#[tokio::test]
async fn a_tool_of_another_framework_is_refused_as_on_the_endpoint() {
    let (app, endpoint) = (routes(tools()), notes_app());
    let add = r#""name":"add_note","arguments":{"text":"x"}"#;
    let mut requests: Vec<fn(&str) -> Request<Body>> =
        vec![|token| call(token, "add_note", r#"{"text":"x"}"#), |token| call(token, "whoami", "{}")];
    requests.push(|token| legacy(LEGACY[0], token, "tools/call", r#""name":"add_note","arguments":{"text":"x"}"#));
    requests.push(|token| legacy(LEGACY[1], token, "tools/call", r#""name":"add_note","arguments":{"text":"x"}"#));
    requests.push(|token| legacy(LEGACY[2], token, "tools/call", r#""name":"add_note","arguments":{"text":"x"}"#));
    requests.push(|token| legacy(LEGACY[2], token, "tools/call", r#""name":"add_\u006eote""#));
    for (number, request) in requests.iter().enumerate() {
        let (behind, expected) =
            (send(&app, request("alice-token")).await, send(&endpoint, request("alice-token")).await);
        if number == 1 {
            assert!(behind.starts_with("200 OK"), "{behind}");
        } else {
            assert_eq!(behind, forbidden_for("notes:read notes:write"));
            assert_eq!(behind, expected);
        }
    }
    for token in ["bob-token", "admin-token"] {
        // To the byte.
        let body = format!("\u{feff} {} \n", message("tools/call", add));
        let seen = send(&app, unchecked(post(&[("authorization", &format!("Bearer {token}"))], body.clone()))).await;
        assert!(seen.ends_with(&body), "{seen}");
    }
}

#[tokio::test]
async fn tools_without_a_name_in_the_layer_have_scopes_of_their_own() {
    let app = routes(tools().tool("whoami", [""; 0]).and_then(|layer| layer.other_tools(["notes:admin"])).unwrap());
    let ask = async |token: &str, tool: &str| deliver(&app, call(token, tool, "{}")).await;
    assert_eq!(ask("alice-token", "whoami").await.status(), 200);
    assert_eq!(ask("bob-token", "add_note").await.status(), 200);
    for tool in ["whoamI", "drop_table", "add_note "] {
        let refused = ask("bob-token", tool).await;
        assert_eq!(refused.status(), 403, "{tool}");
        assert_eq!(refused.headers()["www-authenticate"], challenge("notes:read notes:admin"));
        assert_eq!(ask("admin-token", tool).await.status(), 200, "{tool}");
    }
    // What calls no tool needs the scopes of every request.
    for method in ["tools/list", "initialize", "prompts/get", "tasks/result", "new/method"] {
        let request = legacy(LEGACY[2], "alice-token", method, r#""name":"drop_table""#);
        assert_eq!(deliver(&app, unchecked(request)).await.status(), 200, "{method}");
    }
    for method in [Method::GET, Method::DELETE] {
        let request = request(method, "/mcp", &[("authorization", "Bearer alice-token")], "");
        assert_eq!(deliver(&app, request).await.status(), 200);
    }
}

#[tokio::test]
async fn a_batch_needs_the_scopes_of_all_its_calls() {
    let app = routes(tools());
    let read = r#"{"jsonrpc":"2.0","id":0,"method":"tools/call","params":{"name":"whoami"}}"#;
    let write = r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"add_note"}}"#;
    let done = r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#;
    let ask = async |token: &str, body: String| {
        send(&app, unchecked(post(&[("authorization", &format!("Bearer {token}"))], body))).await
    };
    for batch in [format!("[{read},{write}]"), format!(" [{done},{write},{read}]"), format!("[{write}]")] {
        assert_eq!(ask("alice-token", batch.clone()).await, forbidden_for("notes:read notes:write"), "{batch}");
        assert!(ask("bob-token", batch.clone()).await.ends_with(&batch), "{batch}");
    }
    assert!(ask("alice-token", format!("[{read},{done}]")).await.starts_with("200 OK"));
}

/// Each body is one that another parser could take for a call of `add_note`.
#[tokio::test]
async fn a_body_of_two_meanings_reaches_no_service() {
    let app = routes(tools());
    let json = [("content-type", "application/json")];
    let cases: Vec<(Headers<'_>, &str, u16, &str)> = vec![
        (&json, "", 400, "EOF"),
        (&json, "{", 400, "EOF"),
        (&json, "[]", 400, "the batch is empty"),
        (&json, r#"[[{"jsonrpc":"2.0","id":1,"method":"ping"}]]"#, 400, "must be an object"),
        (&json, r#"{"jsonrpc":"2.0","id":1,"method":"ping"} {}"#, 400, "trailing"),
        (&json, r#"{"jsonrpc":"2.0","id":1,"method":"ping","method":"tools/call"}"#, 400, "duplicate field `method`"),
        (&json, r#"{"jsonrpc":"2.0","id":1,"method":"ping","m\u0065thod":"tools/call"}"#, 400, "duplicate field"),
        (&json, r#"{"jsonrpc":"2.0","id":1,"method":"ping","Method":"tools/call"}"#, 400, "must be spelled `method`"),
        (
            &json,
            r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"whoami"},"PARAMS":{}}"#,
            400,
            "`params`",
        ),
        (
            &json,
            r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"whoami"},"param\u017f":{}}"#,
            400,
            "`params`",
        ),
        (
            &json,
            r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"whoami","Name":"add_note"}}"#,
            400,
            "`name`",
        ),
        (
            &json,
            r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"whoami","name":"add_note"}}"#,
            400,
            "duplicate",
        ),
        (&json, r#"[{"jsonrpc":"2.0","id":1,"method":"ping","METHOD":"tools/call"}]"#, 400, "must be spelled"),
        (&json, r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":["add_note"]}}"#, 400, "`name`"),
        (&json, r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":["add_note"]}"#, 400, "must be an object"),
        (&json, r#"{"jsonrpc":"2.0","id":1,"method":"tools/call"}"#, 400, "`name` is missing"),
        (&json, r#"{"jsonrpc":"2.0","method":"tools/call","params":{"name":"add_note"}}"#, 400, "needs an `id`"),
        (&[("content-type", "text/plain")], "{}", 415, "Content-Type"),
        (&[("content-type", "")], "{}", 415, "Content-Type"),
        (&[("content-encoding", "gzip")], "{}", 415, "Content-Encoding"),
        (&[("mcp-method", "tools/call")], r#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#, 400, "does not match"),
        (
            &[("mcp-method", "tools/call"), ("mcp-name", "add_note")],
            r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"whoami"}}"#,
            400,
            "Mcp-Name header value 'add_note' does not match body value 'whoami'",
        ),
        (
            &[("mcp-name", "whoami"), ("mcp-name", "add_note")],
            r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"whoami"}}"#,
            400,
            "more than once",
        ),
    ];
    for (headers, body, status, part) in cases {
        for method in [Method::POST, Method::PUT, Method::from_bytes(b"QUERY").unwrap()] {
            let mut headers = headers.to_vec();
            headers.push(("authorization", "Bearer alice-token"));
            let refused = send(&app, unchecked(request(method, "/mcp", &headers, body))).await;
            assert!(
                refused.starts_with(&status.to_string()) && refused.contains(part),
                "{headers:?} {body}\n{refused}"
            );
        }
    }
}

#[tokio::test]
async fn a_body_is_read_within_the_limits() {
    let limited = limits(|limits| {
        limits.request.body_bytes = 200;
        limits.request.json_depth = 4;
        limits.request.batch = 2;
        limits.request.body_timeout = Duration::from_secs(10);
    });
    let layer = |limits: Limits| server().limits(limits).layer().tool("add_note", ["notes:write"]).expect("a layer");
    let app = routes(layer(limited));
    let ask = async |body: Body| send(&app, unchecked(post(&[("authorization", "Bearer alice-token")], body))).await;
    let ping = r#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#;
    let spaces: &'static str = "                                                            ";
    let long = Body::new(Pieces(vec![Ok(ping), Ok(spaces), Ok(spaces), Ok(spaces)]));
    for (body, status, part) in [
        (long, "413", "The body is larger than 200 bytes"),
        (message("ping", r#""a":[[[]]]"#).into(), "400", "nested deeper than 4 levels"),
        (format!("[{ping},{ping},{ping}]").into(), "400", "3 messages; 2 are allowed"),
        (Body::new(Pieces(vec![Ok("{"), Err(std::io::Error::other("cut"))])), "400", "could not be read"),
    ] {
        let refused = ask(body).await;
        assert!(refused.starts_with(status) && refused.contains(part), "{refused}");
    }
    assert!(ask(format!("[{ping},{ping}]").into()).await.starts_with("200 OK"));
    let late = tokio::spawn({
        let app = app.clone();
        async move { send(&app, post(&[("authorization", "Bearer alice-token")], Body::new(Never))).await }
    });
    tokio::task::yield_now().await;
    pass(Duration::from_secs(11)).await;
    let late = late.await.expect("no panic");
    assert!(late.starts_with("408") && late.contains("did not arrive in time"), "{late}");
}

/// A body that sends one piece, and never ends.
struct Open(Option<Bytes>);

impl http_body::Body for Open {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        self.0.take().map_or(Poll::Pending, |piece| Poll::Ready(Some(Ok(Frame::data(piece)))))
    }
}

#[tokio::test]
async fn a_stream_ends_when_its_token_expires() {
    let open = || async {
        let mut response = Response::new(Body::new(Open(Some(Bytes::from_static(b": open\n\n")))));
        response.headers_mut().insert("content-type", "Text/Event-Stream; charset=utf-8".parse().expect("a header"));
        response
    };
    let token = AccessToken::ours("alice").with_scopes("notes:read");
    let short = token.clone().with_expires_at(SystemTime::now() + Duration::from_secs(40));
    let server = ResourceServer::new(protection(), StaticTokens::new([("short", short), ("long", token)])).unwrap();
    let app = Router::new().route("/mcp", get(open)).layer(server.layer());
    let mut bodies = Vec::new();
    for token in ["Bearer short", "Bearer long"] {
        let request = request(Method::GET, "/mcp", &[("authorization", token)], "");
        let mut body = app.clone().oneshot(request).await.expect("a router cannot fail").into_body();
        assert_eq!(body.frame().await.expect("a piece").expect("no error").into_data().expect("data"), ": open\n\n");
        bodies.push(body);
    }
    let [mut short, mut long] = <[Body; 2]>::try_from(bodies).expect("two bodies");
    pass(Duration::from_secs(41)).await;
    assert!(at_once(short.frame()).await.is_none());
    assert!(is_pending(&mut long).await);
}

/// Returns `true` if a body has nothing to give.
async fn is_pending(body: &mut Body) -> bool {
    std::future::poll_fn(|cx| Poll::Ready(Pin::new(&mut *body).poll_frame(cx).is_pending())).await
}

#[tokio::test]
async fn the_metadata_document_needs_no_token() {
    let (server, path) = (server(), "/.well-known/oauth-protected-resource/mcp");
    assert_eq!(server.metadata_path(), path);
    let declared = send(&notes_app(), request(Method::GET, path, &[], "")).await;
    assert!(declared.starts_with("200 OK") && declared.contains(r#""scopes_supported":["notes:read"]"#), "{declared}");
    let merged = Router::new().route("/mcp", any(seen)).route_layer(server.layer()).merge(server.metadata_router());
    // Around a whole app, the layer responds by itself.
    let around = server.layer();
    let around = Router::new().fallback_service(tower::Layer::layer(&around, Router::new().route("/mcp", any(seen))));
    for app in [merged, around] {
        for (method, headers) in
            [(Method::GET, [("origin", "https://app.example.com")]), (Method::OPTIONS, [("origin", "null")])]
        {
            let metadata = request(method.clone(), path, &headers, "");
            let expected = send(&notes_app(), request(method.clone(), path, &headers, "")).await;
            assert_eq!(send(&app, metadata).await, expected, "{method}");
        }
        let refused = deliver(&app, unchecked(request(Method::GET, "/mcp", &[], ""))).await;
        assert_eq!(refused.status(), 401);
    }
}

#[tokio::test]
async fn each_decision_is_reported_once() {
    let lines = Arc::new(Mutex::new(Vec::new()));
    let hook = {
        let lines = Arc::clone(&lines);
        move |decision: &Decision<'_>| {
            let Decision { outcome, client_id, scopes_needed, method, tool, .. } = decision;
            let line = format!("{outcome} {client_id:?} {scopes_needed:?} {method:?} {tool:?}");
            lines.lock().unwrap_or_else(PoisonError::into_inner).push(line);
        }
    };
    let server = server().audit(hook);
    let plain = routes(server.layer().require("notes:write").unwrap());
    let tools = routes(server.layer().tool("add_note", "notes:write").unwrap());
    for (app, request, expected) in [
        (&plain, call("", "x", "{}"), r#"refused None ["notes:read"] None None"#),
        (&plain, call("alice-token", "x", "{}"), r#"refused Some("alice") ["notes:read", "notes:write"] None None"#),
        (&plain, call("bob-token", "x", "{}"), r#"allowed Some("bob") ["notes:read", "notes:write"] None None"#),
        (
            &tools,
            call("alice-token", "add_note", "{}"),
            r#"refused Some("alice") ["notes:read", "notes:write"] Some("tools/call") Some("add_note")"#,
        ),
        (
            &tools,
            call("alice-token", "x", "{}"),
            r#"allowed Some("alice") ["notes:read"] Some("tools/call") Some("x")"#,
        ),
    ] {
        deliver(app, request).await;
        assert_eq!(std::mem::take(&mut *lines.lock().unwrap_or_else(PoisonError::into_inner)), [expected]);
    }
}

#[test]
fn a_protection_that_cannot_work_is_refused_at_start() {
    let error = |result: Result<Protection<()>, mcp::ProtectionError>| result.expect_err("refused").to_string();
    let new = || Protection::new(ISSUER, RESOURCE);
    for (error, expected) in [
        (error(Protection::new("auth.example.com", RESOURCE)), "invalid issuer: "),
        (error(Protection::new(ISSUER, "/mcp")), "invalid resource: "),
        (error(Protection::new(RESOURCE, RESOURCE)), "the `issuer` is the `resource` itself"),
        (error(new().and_then(|p| p.scopes(&["a b"]))), "invalid scope: a scope has no spaces"),
        (error(new().and_then(|p| p.scopes(&["a", "a"]))), "the scope `a` is given twice; remove one"),
        (error(new().and_then(|p| p.scopes(&["a"])?.optional_scopes(&["a"]))), "the scope `a` is given twice"),
        (
            error(new().and_then(|p| p.scopes(&["a"])?.hierarchy(&[&["b", "a"]]))),
            "the scope `b` is not one of the resource; add it to its `optional_scopes`",
        ),
        (error(new().and_then(|p| p.scopes(&["a", "b"])?.hierarchy(&[&["a", "b", "a"]]))), "invalid hierarchy: "),
    ] {
        assert!(error.contains(expected), "{error}");
    }
    let error = |result: Result<BearerLayer<Verifier>, mcp::ProtectionError>| result.expect_err("refused").to_string();
    assert_eq!(
        error(server().layer().require(["notes:wirte"])),
        "the scope `notes:wirte` is not one of the resource; did you mean `notes:write`?"
    );
    assert_eq!(error(tools().tool("add_note", "")), "the tool `add_note` is given twice; remove one");
    let elsewhere = Protection::new(ISSUER, "https://other.example.com/mcp").expect("a protection");
    let verifier = JwtVerifier::builder(&elsewhere).build().expect("a verifier");
    let foreign = ResourceServer::new(protection(), verifier).expect_err("another resource").to_string();
    assert!(
        foreign.starts_with("the verifier of this resource is for another resource")
            && foreign.ends_with("and `ResourceServer::new(protection, …)`"),
        "{foreign}"
    );
}
