//! A server among the routes of an app.

use axum::Router;
use axum::extract::State;
use axum::response::IntoResponse as _;
use axum::routing::get;
use http::{Method, StatusCode};
use mcp::{Http, Protection};

use crate::client::{call, post, request, send, unchecked};
use crate::log::Log;
use crate::servers::{Notes, Verifier, Workshop};

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
fn the_path_of_an_open_server_is_a_path() {
    for path in ["mcp", "", "/a?b", "/a#b", "/{tenant}/mcp"] {
        let set = || Http::open(Workshop::new().0).path(path);
        let panic = std::panic::catch_unwind(set).err().expect(path);
        let message = "the path of an endpoint starts with `/` and is one path: no query, no fragment, no braces";
        assert_eq!(panic.downcast_ref::<&str>(), Some(&message), "{path}");
    }
}
