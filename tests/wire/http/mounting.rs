//! A server among the routes of an app.

use axum::Router;
use axum::extract::State;
use axum::response::IntoResponse as _;
use axum::routing::get;
use http::{Method, StatusCode};
use mcp::{Http, Protection};

use crate::support::client::{call, post, request, send, unchecked};
use crate::support::log::Log;
use crate::support::servers::{Notes, Verifier, Workshop};
use crate::support::socket::{Served, exchange};

fn app() -> Router {
    let notes = Http::protected(Notes::default(), Verifier).router();
    let private = Protection::of::<Notes>()
        .issuer("https://other.example.com")
        .and_then(|protection| protection.resource("http://127.0.0.1:8000/private/mcp"))
        .unwrap();
    let private = Http::protected(Notes::default(), Verifier).protection(private).router();
    let workshop = Http::open(Workshop::new().0).path("/workshop").router();
    Router::new()
        .route("/", get(|| async { "home" }))
        .route("/state", get(|State(state): State<&'static str>| async move { state }))
        .with_state("state of the app")
        .merge(notes)
        .merge(private)
        .merge(workshop)
        .layer(axum::middleware::map_response(|mut response: axum::response::Response| async {
            response.headers_mut().insert("x-app", "1".parse().unwrap());
            response
        }))
        .fallback(|| async { (StatusCode::IM_A_TEAPOT, "fallback").into_response() })
}

#[tokio::test]
async fn an_app_keeps_its_routes_layers_state_and_fallback() {
    let app = app();
    let own = |status: &str, body: &str, layer: &str| {
        format!("{status}\ncontent-type: text/plain; charset=utf-8\n{layer}\n{body}")
    };
    for (path, expected) in [
        ("/", own("200 OK", "home", "x-app: 1\n")),
        ("/state", own("200 OK", "state of the app", "x-app: 1\n")),
        ("/mcp/", own("418 I'm a teapot", "fallback", "")),
        ("/.well-known/oauth-protected-resource", own("418 I'm a teapot", "fallback", "")),
        ("/.well-known/oauth-protected-resource/workshop", own("418 I'm a teapot", "fallback", "")),
    ] {
        assert_eq!(send(&app, request(Method::GET, path, &[], "")).await, expected, "{path}");
    }
}

#[tokio::test]
async fn each_server_has_its_own_path_protection_and_metadata() {
    let app = app();
    for (path, issuer) in [("/mcp", "https://auth.example.com"), ("/private/mcp", "https://other.example.com")] {
        let url = format!("http://127.0.0.1:8000/.well-known/oauth-protected-resource{path}");
        let refused = send(&app, request(Method::POST, path, &[], "")).await;
        assert!(refused.starts_with("401 ") && refused.contains(&url) && refused.contains("\nx-app: 1\n"), "{refused}");
        let document = send(&app, request(Method::GET, &url["http://127.0.0.1:8000".len()..], &[], "")).await;
        let expected = format!(r#"{{"resource":"http://127.0.0.1:8000{path}","authorization_servers":["{issuer}"],"#);
        assert!(document.contains(&expected), "{document}");
    }
    // A token for one of them is not one for the other.
    for (path, status) in [("/mcp", "200 OK\n"), ("/private/mcp", "401 Unauthorized\n")] {
        let mut request = call("fitting-token", "whoami", "{}");
        *request.uri_mut() = path.parse().unwrap();
        let response = send(&app, request).await;
        assert!(response.starts_with(status), "{path}: {response}");
    }
    let mut open = call("", "count", "{}");
    *open.uri_mut() = "/workshop".parse().unwrap();
    let response = send(&app, open).await;
    assert!(response.starts_with("200 OK\n") && response.contains(r#""text":"1""#), "{response}");
}

#[tokio::test]
async fn an_open_server_may_be_nested() {
    let app = Router::new().nest("/api", Http::open(Workshop::new().0).router());
    let mut request = call("", "count", "{}");
    *request.uri_mut() = "/api/mcp".parse().unwrap();
    assert!(send(&app, request).await.starts_with("200 OK\n"));
    assert!(send(&app, post(&[], "")).await.starts_with("404 "));
}

/// Clients would be sent to where its resource says that it is, and it is not there.
#[tokio::test]
async fn a_protected_server_is_never_served_nested() {
    let notes = || Http::protected(Notes::default(), Verifier).router();
    // With the prefix in its resource, too: nested, it is at the prefix twice.
    let prefixed = || {
        let protection = Protection::of::<Notes>().resource("http://127.0.0.1:8000/api/mcp").unwrap();
        Http::protected(Notes::default(), Verifier).protection(protection).router()
    };
    let well_known = "/.well-known/oauth-protected-resource";
    for (app, prefix, path) in [
        (Router::new().nest("/api", notes()), "/api", "/mcp"),
        (Router::new().nest("/api/", notes()), "/api", "/mcp"),
        (Router::new().nest("/{tenant}", notes()), "/a", "/mcp"),
        (Router::new().nest_service("/api", notes()), "/api", "/mcp"),
        (Router::new().nest("/api", Router::new().merge(notes())), "/api", "/mcp"),
        (Router::new().nest("/a", Router::new().nest("/b", notes())), "/a/b", "/mcp"),
        (Router::new().nest("/api", prefixed()), "/api", "/api/mcp"),
    ] {
        let log = Log::start();
        for (method, path) in [
            (Method::POST, format!("{prefix}{path}")),
            (Method::GET, format!("{prefix}{path}")),
            (Method::GET, format!("{prefix}{well_known}{path}")),
        ] {
            let mut request = call("alice-token", "whoami", "{}");
            *request.method_mut() = method;
            *request.uri_mut() = path.parse().unwrap();
            assert_eq!(
                send(&app, unchecked(request)).await,
                "500 Internal Server Error\ncontent-type: application/json\n\n{\"jsonrpc\":\"2.0\",\"error\":{\"code\":-32603,\"message\":\"This server is mounted at another path than that of its resource\"}}",
                "{path}"
            );
        }
        let log = log.text();
        assert_eq!(log.matches("the routes of a protected server were nested").count(), 1, "{log}");
        assert!(log.contains("ERROR") && log.contains("write `.merge(http.router())`"), "{log}");
        assert!(log.contains("resource=\"http://127.0.0.1:8000/"), "{log}");
    }
    // What the message says to write.
    let app = Router::new().merge(prefixed()).nest("/other", Router::new().route("/", get(|| async { "other" })));
    let mut request = call("alice-token", "whoami", "{}");
    *request.uri_mut() = "/api/mcp".parse().unwrap();
    assert!(send(&app, request).await.starts_with("200 OK\n"));
}

#[test]
fn the_path_of_an_endpoint_is_a_path() {
    for path in ["mcp", "", "/a?b", "/a#b", "/{tenant}/mcp"] {
        let set = || Http::open(Workshop::new().0).path(path);
        let panic = std::panic::catch_unwind(set).expect_err(path);
        let message = "the path of an endpoint starts with `/` and is one path: no query, no fragment, no braces";
        assert_eq!(panic.downcast_ref::<&str>(), Some(&message), "{path}");
    }
}

/// A proxy in front of it strips `/notes` from the address that its clients know.
fn stripped() -> Http<Notes, mcp::Bearer<Verifier>> {
    let protection = Protection::of::<Notes>().resource("https://example.com/notes/mcp").unwrap();
    Http::protected(Notes::default(), Verifier).protection(protection)
}

const NOTES_METADATA: &str = "https://example.com/.well-known/oauth-protected-resource/notes/mcp";

#[tokio::test]
async fn the_path_of_an_endpoint_may_differ_from_that_of_its_resource() {
    for (mounted, paths) in [
        ("/mcp", ["/.well-known/oauth-protected-resource/notes/mcp", "/.well-known/oauth-protected-resource/mcp"]),
        ("/", ["/.well-known/oauth-protected-resource/notes/mcp", "/.well-known/oauth-protected-resource"]),
        ("/a/", ["/.well-known/oauth-protected-resource/notes/mcp", "/.well-known/oauth-protected-resource/a"]),
    ] {
        let app = Router::new().merge(stripped().path(mounted).router()).route("/other", get(|| async { "other" }));
        let to = |token: &str, path: &str| {
            let mut request = call(token, "whoami", "{}");
            *request.uri_mut() = path.parse().unwrap();
            request.headers_mut().insert("host", "example.com".parse().unwrap());
            request
        };
        let refused = send(&app, to("", mounted)).await;
        assert!(
            refused.starts_with("401 ") && refused.contains(&format!("resource_metadata=\"{NOTES_METADATA}\"")),
            "{refused}"
        );
        let served = send(&app, to("alice-token", mounted)).await;
        assert!(served.starts_with("200 OK\n"), "{mounted}: {served}");
        assert!(send(&app, to("alice-token", "/notes/mcp")).await.starts_with("404 "), "it is not there");
        for path in paths {
            let document = send(&app, request(Method::GET, path, &[], "")).await;
            assert!(
                document.starts_with("200 OK\n")
                    && document.contains(r#"{"resource":"https://example.com/notes/mcp","#),
                "{path}: {document}"
            );
        }
        // Nested, nobody knows any more where it is.
        let nested = Router::new().nest("/notes", stripped().path(mounted).router());
        let path = if mounted == "/" { "/notes".to_owned() } else { format!("/notes{mounted}") };
        assert!(send(&nested, to("alice-token", &path)).await.starts_with("500 "));
    }
    assert!(stripped().path("/mcp").summary().starts_with(&format!(
        "Endpoint  https://example.com/notes/mcp\nMetadata  {NOTES_METADATA}\nIssuer    https://auth.example.com\nMounted   /mcp\n"
    )));
}

#[tokio::test]
async fn a_server_of_its_own_is_behind_such_a_proxy_too() {
    let http = stripped().path("/mcp");
    let served = Served::start(|listener, stop| http.serve_until(listener, stop)).await;
    let well_known = "/.well-known/oauth-protected-resource";
    for path in [format!("{well_known}/notes/mcp"), format!("{well_known}/mcp"), well_known.to_owned()] {
        let request = format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        let document = exchange(served.address, request.as_bytes()).await;
        assert!(document.starts_with("HTTP/1.1 200 OK\r\n"), "{path}: {document}");
        assert!(document.contains(r#"{"resource":"https://example.com/notes/mcp","#), "{path}: {document}");
    }
    let request = "POST /mcp HTTP/1.1\r\nHost: example.com\r\nConnection: close\r\n\r\n";
    let refused = exchange(served.address, request.as_bytes()).await;
    assert!(refused.contains(&format!("resource_metadata=\"{NOTES_METADATA}\"")), "{refused}");
    served.stop().await;
}

fn nothing(endpoint: &str) -> String {
    let error = format!("There is nothing at this path; the endpoint of this MCP server is {endpoint}");
    let body = format!(r#"{{"jsonrpc":"2.0","error":{{"code":-32600,"message":"{error}"}}}}"#);
    format!(
        "HTTP/1.1 404 Not Found\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
}

#[tokio::test]
async fn who_comes_to_another_path_is_told_where_the_endpoint_is() {
    let notes = Http::protected(Notes::default(), Verifier);
    let workshop = Http::open(Workshop::new().0).path("/workshop");
    let served = [
        (Served::start(|listener, stop| notes.serve_until(listener, stop)).await, "http://127.0.0.1:8000/mcp"),
        (Served::start(|listener, stop| workshop.serve_until(listener, stop)).await, "/workshop"),
    ];
    for (served, endpoint) in served {
        for path in ["/", "/mcp/", "/workshop/", "//mcp", "/MCP", "/.well-known/oauth-authorization-server"] {
            for method in ["GET", "POST"] {
                let further = "Host: x\r\nConnection: close\r\nContent-Length: 2";
                let request = format!("{method} {path} HTTP/1.1\r\n{further}\r\n\r\n{{}}");
                let response = exchange(served.address, request.as_bytes()).await;
                assert_eq!(response, nothing(endpoint), "{method} {path}");
            }
        }
        served.stop().await;
    }
}

#[tokio::test]
async fn a_proxy_that_strips_a_prefix_is_found_in_the_log() {
    let warning = "set the rest with `Http::path`";
    let mounted: fn(Http<Notes, _>) -> Http<Notes, _> = |http| http.path("/mcp");
    for (set, requests) in [
        // What is left of `/notes/mcp`, or what is more than what is expected.
        (
            (|http| http) as fn(Http<Notes, _>) -> Http<Notes, _>,
            [("POST /mcp", 1), ("POST /", 1), ("GET /mcp", 0), ("POST /cp", 0), ("POST /notes", 0)],
        ),
        (
            mounted,
            [("POST /notes/mcp", 1), ("POST /", 1), ("GET /notes/mcp", 0), ("POST /other/mcp", 0), ("POST /mcp", 0)],
        ),
    ] {
        for (start, lines) in requests {
            let log = Log::start();
            let http = set(stripped());
            let served = Served::start(|listener, stop| http.serve_until(listener, stop)).await;
            let request = format!("{start} HTTP/1.1\r\nHost: example.com\r\nConnection: close\r\n\r\n");
            // Once is enough.
            for _ in 0..3 {
                exchange(served.address, request.as_bytes()).await;
            }
            served.stop().await;
            let log = log.text();
            assert_eq!(log.matches(warning).count(), lines, "{start}: {log}");
            if lines > 0 {
                let path = start.split(' ').nth(1).unwrap();
                assert!(log.contains("WARN") && log.contains(&format!("path=\"{path}\"")), "{log}");
            }
        }
    }
}
