//! The page for a person who opens the address of a server in a browser.

use axum::Router;
use http::Method;
use http_body_util::BodyExt as _;
use mcp::{AccessToken, Http, Protection, StaticTokens};
use tower::ServiceExt as _;

use crate::support::client::request;
use crate::support::servers::Notes;

const BROWSER: &str = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8";

struct Shelf;

#[mcp::server(
    issuer = ["https://login.example.com/", "https://login.example.org"],
    resource = "https://shelf.example.com/mcp&more",
    scopes = ["shelf:read"],
    optional_scopes = ["shelf:secret"],
    resource_name = "The <b>\"shelf\"</b>",
    resource_documentation = "https://example.com/shelf?a=1&b=2",
    instructions = "For those who are let in.",
)]
impl Shelf {
    /// A tool that nobody hears of without a token.
    #[mcp::tool(scopes = ["shelf:secret"])]
    fn put(&self) {}
}

fn http() -> Http<Shelf, mcp::Bearer<StaticTokens>> {
    Http::protected(Shelf, StaticTokens::new([("good", AccessToken::ours("x").with_scopes(["shelf:read"]))]))
}

async fn get(app: &Router, method: Method, headers: &[(&str, &str)]) -> (u16, http::HeaderMap, String) {
    let path = if headers.contains(&("host", "notes.example.org")) { "/mcp" } else { "/mcp&more" };
    let request = request(method, path, headers, "");
    let (parts, body) = app.clone().oneshot(request).await.expect("a response").into_parts();
    let body = body.collect().await.expect("a body").to_bytes();
    (parts.status.as_u16(), parts.headers, String::from_utf8(body.to_vec()).expect("UTF-8"))
}

#[tokio::test]
async fn a_browser_gets_the_401_of_everyone_as_a_page() {
    let app = http().allow_hosts(["shelf.example.com"]).router();
    let host = ("host", "shelf.example.com");
    let (_, json_headers, json) = get(&app, Method::GET, &[host, ("accept", "text/event-stream")]).await;
    assert_eq!(json, r#"{"error":"invalid_token","error_description":"Authentication required"}"#);
    let (status, headers, page) = get(&app, Method::GET, &[host, ("accept", BROWSER)]).await;
    assert_eq!(status, 401);
    assert_eq!(headers["www-authenticate"], json_headers["www-authenticate"]);
    assert_eq!(headers["cache-control"], "no-store");
    for (name, value) in [
        ("content-type", "text/html; charset=utf-8"),
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
        ("referrer-policy", "no-referrer"),
        ("vary", "accept"),
    ] {
        assert_eq!(headers[name], value);
    }
    let policy = headers["content-security-policy"].to_str().expect("ASCII");
    assert!(policy.starts_with("default-src 'none'; style-src 'sha256-"), "{policy}");
    for text in [
        "<title>The &lt;b&gt;&quot;shelf&quot;&lt;/b&gt;</title>",
        "<pre>https://shelf.example.com/mcp&amp;more</pre>",
        "claude mcp add --transport http the-b-shelf-b &#39;https://shelf.example.com/mcp&amp;more&#39;",
        "<a href=\"https://example.com/shelf?a=1&amp;b=2\" rel=\"noreferrer\">Documentation</a>",
        "<li><code>https://login.example.com/</code></li><li><code>https://login.example.org</code></li>",
        "<li><code>shelf:read</code></li>",
    ] {
        assert!(page.contains(text), "{text} in {page}");
    }
    // What the metadata document does not say is not said here.
    for text in ["secret", "put", "let in", "<script", "src=", "@import", "url("] {
        assert!(!page.replace("computed", "").contains(text), "{text} in {page}");
    }
}

#[tokio::test]
async fn the_page_is_for_get_without_a_good_token_and_can_be_turned_off() {
    let host = ("host", "shelf.example.com");
    let app = http().allow_hosts(["shelf.example.com"]).router();
    let is_page = async |app: &Router, method: Method, headers: &[(&str, &str)]| {
        let (status, headers, _) = get(app, method, headers).await;
        (status, headers.get("content-type").is_some_and(|kind| kind == "text/html; charset=utf-8"))
    };
    let browser = ("accept", BROWSER);
    assert_eq!(is_page(&app, Method::GET, &[host, browser]).await, (401, true));
    assert_eq!(is_page(&app, Method::HEAD, &[host, browser]).await, (401, true));
    assert_eq!(is_page(&app, Method::GET, &[host, browser, ("authorization", "Bearer bad")]).await, (401, true));
    assert_eq!(is_page(&app, Method::POST, &[host, browser]).await, (401, false));
    assert_eq!(is_page(&app, Method::GET, &[host]).await, (401, false));
    assert_eq!(is_page(&app, Method::GET, &[host, ("accept", "*/*")]).await, (401, false));
    assert_eq!(is_page(&app, Method::GET, &[host, ("accept", "text/html;q=0, */*")]).await, (401, false));
    assert_eq!(is_page(&app, Method::GET, &[host, ("accept", "text/html; Q=0.0, */*")]).await, (401, false));
    assert_eq!(is_page(&app, Method::GET, &[host, browser, ("authorization", "Bearer good")]).await, (405, false));
    assert_eq!(is_page(&app, Method::GET, &[host, browser, ("authorization", "Bearer")]).await, (400, false));
    let app = http().allow_hosts(["shelf.example.com"]).page(false).router();
    assert_eq!(is_page(&app, Method::GET, &[host, browser]).await, (401, false));
}

#[tokio::test]
async fn the_page_follows_the_protection() {
    let protection = Protection::of::<Notes>().resource("https://notes.example.org/mcp").expect("a resource");
    let tokens = StaticTokens::new([("x", AccessToken::ours("x"))]);
    let app = Http::protected(Notes::default(), tokens).protection(protection).router();
    let (_, _, page) = get(&app, Method::GET, &[("host", "notes.example.org"), ("accept", BROWSER)]).await;
    assert!(page.contains("<title>https://notes.example.org/mcp</title>"), "{page}");
    assert!(
        page.contains("claude mcp add --transport http notes-example-org-mcp https://notes.example.org/mcp"),
        "{page}"
    );
}
