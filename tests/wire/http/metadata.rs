//! The protected-resource metadata document.

use http::Method;
use mcp::Http;

use crate::support::client::{request, send, unchecked};
use crate::support::servers::{Notes, Verifier, notes_app};
use crate::support::socket::{Served, exchange};

const PATH: &str = "/.well-known/oauth-protected-resource/mcp";
const DOCUMENT: &str = r#"{"resource":"http://127.0.0.1:8000/mcp","authorization_servers":["https://auth.example.com"],"scopes_supported":["notes:read"],"bearer_methods_supported":["header"]}"#;

#[tokio::test]
async fn everyone_reads_the_same_document() {
    let app = notes_app();
    let whole = send(&app, request(Method::GET, PATH, &[], "")).await;
    let etag = whole.lines().find_map(|line| line.strip_prefix("etag: ")).expect("an entity tag").to_owned();
    assert!(etag.len() == 18 && etag.starts_with('"') && etag.ends_with('"'), "{etag}");
    let head = format!(
        "access-control-allow-origin: *\ncache-control: public, max-age=3600\ncontent-type: application/json\n\
         etag: {etag}\n\n"
    );
    assert_eq!(whole, format!("200 OK\n{head}{DOCUMENT}"));
    // Nothing about the caller counts.
    for headers in [
        &[("host", "evil.example")][..],
        &[("origin", "https://evil.example")],
        &[("authorization", "Bearer crash-token")],
        &[("authorization", "Bearer"), ("authorization", "Bearer")],
        &[("accept", "text/html")],
        &[("if-none-match", "\"0\", W/\"1\"")],
    ] {
        assert_eq!(send(&app, request(Method::GET, PATH, headers, "")).await, whole, "{headers:?}");
    }
    // The connection leaves the body out.
    assert_eq!(send(&app, request(Method::HEAD, PATH, &[], "")).await, whole);
    let known = format!(
        "304 Not Modified\naccess-control-allow-origin: *\ncache-control: public, max-age=3600\netag: {etag}\n\n"
    );
    for value in [etag.clone(), format!("W/{etag}"), format!("\"0\", {etag}"), "*".to_owned()] {
        let request = request(Method::GET, PATH, &[("if-none-match", &value)], "");
        assert_eq!(send(&app, request).await, known, "{value}");
    }
    assert_eq!(
        send(&app, request(Method::OPTIONS, PATH, &[("origin", "https://app.example.com")], "")).await,
        "204 No Content\naccess-control-allow-headers: *\naccess-control-allow-methods: GET, HEAD, OPTIONS\n\
         access-control-allow-origin: *\naccess-control-max-age: 7200\n\n"
    );
    for method in [Method::POST, Method::PUT, Method::DELETE] {
        assert_eq!(
            send(&app, unchecked(request(method, PATH, &[], "x"))).await,
            "405 Method Not Allowed\naccess-control-allow-origin: *\nallow: GET, HEAD, OPTIONS\n\n"
        );
    }
}

#[tokio::test]
async fn the_root_belongs_to_the_app_and_to_a_server_of_its_own() {
    let root = "/.well-known/oauth-protected-resource";
    assert_eq!(send(&notes_app(), request(Method::GET, root, &[], "")).await, "404 Not Found\n\n");
    let served =
        Served::start(|listener, stop| Http::protected(Notes::default(), Verifier).serve_until(listener, stop)).await;
    for path in [root, PATH] {
        let get = format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        let response = exchange(served.address, get.as_bytes()).await;
        assert!(response.starts_with("HTTP/1.1 200 OK\r\n") && response.ends_with(DOCUMENT), "{response}");
        let head = exchange(served.address, get.replacen("GET", "HEAD", 1).as_bytes()).await;
        assert!(head.contains(&format!("content-length: {}\r\n", DOCUMENT.len())), "{head}");
        assert!(head.ends_with("\r\n\r\n"), "{head}");
    }
    for path in ["/", "/mcp/", "//mcp", "/MCP", "/%6dcp", "/.well-known/oauth-protected-resource/", "/other"] {
        let get = format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        let response = exchange(served.address, get.as_bytes()).await;
        assert!(response.starts_with("HTTP/1.1 404 Not Found\r\n"), "{path}: {response}");
    }
    served.stop().await;
}

struct Bare;

#[mcp::server(issuer = "https://tenant.auth0.com/", resource = "https://mcp.example.com")]
impl Bare {
    /// Do nothing.
    #[mcp::tool]
    fn nothing(&self) {}
}

struct Rich;

#[mcp::server(
    issuer = ["https://login.example.com:443/realms/one/", "https://b.example.com", "http://localhost:9000"],
    resource = "https://mcp.example.com:8443/a/b:c/*d/%7Ee",
    scopes = ["https://example.com/scope", "api://x/.default"],
    optional_scopes = ["never:listed"],
    resource_name = "Notes \"and\" \\ more — é",
    resource_documentation = "https://example.com/docs?page=1#top",
)]
impl Rich {
    /// Do nothing.
    #[mcp::tool]
    fn nothing(&self) {}
}

#[tokio::test]
async fn every_text_is_published_as_it_was_declared() {
    for (app, path, document) in [
        (
            Http::protected(Bare, Verifier).router(),
            "",
            r#"{"resource":"https://mcp.example.com","authorization_servers":["https://tenant.auth0.com/"],"bearer_methods_supported":["header"]}"#,
        ),
        (
            Http::protected(Rich, Verifier).router(),
            "/a/b:c/*d/%7Ee",
            r#"{"resource":"https://mcp.example.com:8443/a/b:c/*d/%7Ee","authorization_servers":["https://login.example.com:443/realms/one/","https://b.example.com","http://localhost:9000"],"scopes_supported":["https://example.com/scope","api://x/.default"],"bearer_methods_supported":["header"],"resource_name":"Notes \"and\" \\ more — é","resource_documentation":"https://example.com/docs?page=1#top"}"#,
        ),
    ] {
        let path = format!("/.well-known/oauth-protected-resource{path}");
        let response = send(&app, request(Method::GET, &path, &[], "")).await;
        let (head, body) = response.split_once("\n\n").expect("a head");
        assert!(head.starts_with("200 OK\n"), "{response}");
        assert_eq!(body, document);
    }
}
