//! `resources/list` with resources of templates, which depend on the caller.

use axum::Router;
use mcp::{AccessToken, Annotations, Context, Http, MemoryClient, ResourceEntry, ResourcePage, StaticTokens};
use serde_json::{Value, json};

use crate::support::client::{LEGACY, answer, ask, legacy, modern};
use crate::support::conversation::{Client, Way, silent};
use crate::support::log::Log;
use crate::support::servers::limits;

struct Tracker;

#[mcp::server(name = "tracker", version = "1")]
impl Tracker {
    /// About the tracker.
    #[mcp::resource("tracker://about")]
    fn about(&self) -> &'static str {
        "about"
    }

    /// An issue.
    #[mcp::resource("issue://{id}", list = issues, mime_type = "text/plain", icons = ["https://example.com/i.png"])]
    fn issue(&self, id: u64) -> String {
        format!("issue {id}")
    }

    async fn issues(&self, after: Option<u64>, cx: &Context) -> Result<ResourcePage, mcp::Error> {
        assert!(!cx.protocol_version().is_empty());
        tokio::task::yield_now().await;
        let first = after.unwrap_or(0) + 1;
        let entries = (first..=5).take(2).map(|id| ResourceEntry::new(format!("Issue {id}")).value("id", id));
        let page = ResourcePage::new(entries);
        Ok(if first + 1 < 5 { page.next_cursor(first + 1) } else { page })
    }

    /// A file.
    #[mcp::resource("file://{+path}{?rev}", list = files, blocking)]
    fn file(&self, path: String, rev: Option<u8>) -> String {
        format!("file {path} {rev:?}")
    }

    fn files(&self) -> Vec<ResourceEntry> {
        let mut annotations = Annotations::default();
        annotations.priority = Some(0.5);
        annotations.last_modified = Some("2026-11-30T12:00:00Z".to_owned());
        let full =
            ResourceEntry::new("full").value("path", "a b/ü?#").value("rev", 7).title("All").description("Of it.");
        vec![
            full.mime_type("text/rust").size(3).annotations(annotations),
            ResourceEntry::new("short").value("path", "x"),
            ResourceEntry::new("last").value("path", "%2F"),
        ]
    }
}

const URIS: [&str; 9] = [
    "tracker://about",
    "issue://1",
    "issue://2",
    "issue://3",
    "issue://4",
    "issue://5",
    "file://a%20b/%C3%BC%3F%23?rev=7",
    "file://x",
    "file://%252F",
];

#[tokio::test]
async fn every_page_fits_and_every_entry_can_be_read() {
    for way in Way::ALL {
        for size in [1, 2, 3, 1000] {
            let mut connection = way.connect_in_pages(Tracker, Client::default(), size).await;
            let (mut uris, mut params) = (Vec::new(), json!({}));
            loop {
                let page = connection.request("resources/list", params, silent).await.answer["result"].take();
                let entries = page["resources"].as_array().expect("resources");
                assert!(entries.len() <= size, "{way:?} {page}");
                uris.extend(entries.iter().map(|entry| entry["uri"].as_str().expect("a URI").to_owned()));
                let Some(next) = page.get("nextCursor") else { break };
                params = json!({"cursor": next});
            }
            assert_eq!(uris, URIS, "{way:?} {size}");
        }
        let mut connection = way.connect(Tracker, Client::default()).await;
        for (uri, expected) in [
            (URIS[5], "issue 5"),
            (URIS[6], "file a b/ü?# Some(7)"),
            (URIS[7], "file x None"),
            (URIS[8], "file %2F None"),
        ] {
            let read = connection.request("resources/read", json!({"uri": uri}), silent).await.answer;
            assert_eq!(read["result"]["contents"][0]["text"], expected, "{way:?} {uri}");
        }
    }
    let first = MemoryClient::new(Tracker).request("resources/list", json!({})).await.unwrap();
    assert_eq!(first["resources"].as_array().unwrap().len(), 3, "the page of the method ends the page");
}

/// A list, with its cursor replaced.
async fn list(app: &Router, version: &str, params: &str) -> Value {
    let request = match version {
        "2026-07-28" => modern("", "resources/list", params),
        _ => legacy(version, "", "resources/list", params),
    };
    let answer = answer(app, version, request).await;
    serde_json::from_str(answer.strip_prefix("200 ").unwrap_or_else(|| panic!("{answer}"))).expect("JSON")
}

#[tokio::test]
async fn entries_have_the_form_of_each_version() {
    let app = Http::open(Tracker).router();
    let mut first = list(&app, "2026-07-28", "").await;
    let cursor = first["result"]["nextCursor"].take();
    let icons = json!([{"src": "https://example.com/i.png"}]);
    let issue = |id: u64| json!({"uri": format!("issue://{id}"), "name": format!("Issue {id}"), "mimeType": "text/plain", "icons": icons});
    assert_eq!(
        first["result"],
        json!({
            "resources": [
                {"uri": "tracker://about", "name": "about", "description": "About the tracker."}, issue(1), issue(2),
            ],
            "nextCursor": null, "ttlMs": 0, "cacheScope": "private", "resultType": "complete",
            "_meta": {"io.modelcontextprotocol/serverInfo": {"name": "tracker", "version": "1"}},
        })
    );
    let second = list(&app, "2026-07-28", &format!(r#""cursor":{cursor}"#)).await;
    let third = format!(r#""cursor":{}"#, second["result"]["nextCursor"]);
    for version in LEGACY.into_iter().chain(["2026-07-28"]) {
        let is_oldest = version == "2025-03-26";
        let mut full = json!({
            "uri": URIS[6], "name": "full", "title": "All", "description": "Of it.", "mimeType": "text/rust", "size": 3,
            "annotations": {"priority": 0.5, "lastModified": "2026-11-30T12:00:00Z"},
        });
        if is_oldest {
            full = json!({
                "uri": URIS[6], "name": "full", "description": "Of it.", "mimeType": "text/rust", "size": 3,
                "annotations": {"priority": 0.5},
            });
        }
        let mut fifth = issue(5);
        if version < "2025-11-25" {
            fifth.as_object_mut().unwrap().remove("icons");
        }
        let rest = [json!({"uri": URIS[7], "name": "short"}), json!({"uri": URIS[8], "name": "last"})];
        let [short, last] = rest;
        let page = list(&app, version, &third).await;
        assert_eq!(page["result"]["resources"], json!([fifth, full, short, last]), "{version}");
        assert_eq!(page["result"].get("nextCursor"), None, "{version}");
    }
}

struct Tenants;

#[mcp::server(
    issuer = "https://auth.example.com",
    resource = "http://127.0.0.1:8000/mcp",
    scopes = ["read"],
    optional_scopes = ["issues"],
)]
impl Tenants {
    #[mcp::resource("issue://{tenant}/{id}", list = issues, scopes = ["issues"])]
    fn issue(&self, tenant: String, id: u64) -> String {
        format!("{tenant} {id}")
    }

    fn issues(&self, cursor: Option<String>, token: &AccessToken) -> Result<ResourcePage, mcp::Error> {
        let entry = |id: u64| ResourceEntry::new("issue").value("tenant", &token.client_id).value("id", id);
        Ok(match cursor.as_deref() {
            None => ResourcePage::new([entry(1)]).next_cursor("more"),
            Some("more") => ResourcePage::new([entry(2)]).next_cursor("x".repeat(10_000)),
            Some(other) => panic!("a cursor of nobody: {other}"),
        })
    }

    #[mcp::resource("broken://{id}", list = broken)]
    fn item(&self, id: String) -> String {
        id
    }

    fn broken(&self, token: &AccessToken) -> Result<ResourcePage, mcp::Error> {
        match token.client_id.as_str() {
            "without" => Ok(ResourcePage::new([ResourceEntry::new("it")])),
            "dots" => Ok(ResourcePage::new([ResourceEntry::new("it").value("id", "..")])),
            "endless" => Ok(ResourcePage::new([]).next_cursor(1)),
            "failing" => Err(mcp::Error::tool("try again later")),
            "panicking" => panic!("broken"),
            _ => Ok(ResourcePage::default()),
        }
    }
}

fn tenants() -> Router {
    let token = |client: &str| AccessToken::ours(client).with_scopes(["read", "issues"]);
    let reader = |client: &str| AccessToken::ours(client).with_scopes(["read"]);
    let tokens = [
        ("acme-token", token("acme")),
        ("acme-reader", reader("acme")),
        ("globex-token", token("globex")),
        ("without-token", reader("without")),
        ("dots-token", reader("dots")),
        ("endless-token", reader("endless")),
        ("failing-token", reader("failing")),
        ("panicking-token", reader("panicking")),
    ];
    Http::protected(Tenants, StaticTokens::new(tokens)).router()
}

#[tokio::test]
async fn a_caller_gets_their_own_entries_and_uses_their_own_cursors() {
    let app = tenants();
    let page = async |token: &str, params: Value| ask(&app, "2026-07-28", token, "resources/list", params).await;
    let uris = |body: &Value| {
        let entries = body["result"]["resources"].as_array().unwrap_or_else(|| panic!("{body}"));
        entries.iter().map(|entry| entry["uri"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let (_, _, acme) = page("acme-token", json!({})).await;
    assert_eq!(uris(&acme), ["issue://acme/1"]);
    assert_eq!(uris(&page("globex-token", json!({})).await.2), ["issue://globex/1"]);
    let (status, _, body) = page("acme-reader", json!({})).await;
    assert_eq!((status, uris(&body)), (200, vec![]), "without the scope of the template there are no entries");
    // The sealed cursor belongs to its caller and to the scopes of its list, and cannot be changed or made.
    let cursor = acme["result"]["nextCursor"].as_str().unwrap();
    let changed =
        format!("{}{}{}", &cursor[..40], if cursor[40..].starts_with('A') { "B" } else { "A" }, &cursor[41..]);
    let long = "A".repeat(5000);
    for (token, cursor) in [
        ("globex-token", cursor),
        ("acme-reader", cursor),
        ("acme-token", &changed),
        ("acme-token", &long),
        ("acme-token", "more"),
        ("acme-token", ""),
    ] {
        let (status, _, body) = page(token, json!({"cursor": cursor})).await;
        let expected = json!({"code": -32602, "message": "Invalid params: unknown cursor; begin without one"});
        assert_eq!((status, &body["error"]), (400, &expected), "{token} {cursor}");
    }
    assert!(!cursor.contains("more"), "it is sealed");
    let log = Log::start();
    let (_, _, body) = page("acme-token", json!({"cursor": cursor})).await;
    assert_eq!(body["error"]["code"], -32603, "its own cursor, whose page has too long a one");
    assert!(log.text().contains("the cursor of a list is too long"), "{}", log.text());
    let client = MemoryClient::new(Tracker).limits(limits(|limits| limits.request.cursor_bytes = 40));
    let refused = client.request("resources/list", json!({})).await.unwrap_err();
    assert_eq!(refused.message(), "The cursor of the list is too long");
}

#[tokio::test]
async fn a_list_that_fails_is_an_error_and_its_reason_is_logged() {
    let app = tenants();
    for (token, code, message, logged) in [
        ("without-token", -32603, "An entry of the list has no URI", "the variable `id` has no value"),
        ("dots-token", -32603, "An entry of the list has no URI", "no URI has these values"),
        (
            "endless-token",
            -32603,
            "The list has pages that can't be requested",
            "add a parameter `cursor: Option<String>`",
        ),
        ("failing-token", 422, "try again later", ""),
        ("panicking-token", -32603, "The list panicked", "the list panicked"),
    ] {
        let log = Log::start();
        for version in LEGACY.into_iter().chain(["2026-07-28"]) {
            let (_, _, body) = ask(&app, version, token, "resources/list", json!({})).await;
            assert_eq!(body["error"], json!({"code": code, "message": message}), "{token}");
        }
        assert!(log.text().contains(logged), "{token}: {}", log.text());
    }
}

#[tokio::test]
async fn lists_run_in_a_batch() {
    let app = Http::open(Tracker).router();
    let body =
        r#"[{"jsonrpc":"2.0","id":1,"method":"resources/list"},{"jsonrpc":"2.0","id":2,"method":"resources/list"}]"#;
    let request = crate::support::client::post(&[], body);
    let answers = answer(&app, "2025-03-26", request).await;
    let answers: Value = serde_json::from_str(answers.strip_prefix("200 ").unwrap()).unwrap();
    for (index, id) in [1, 2].into_iter().enumerate() {
        assert_eq!(
            (&answers[index]["id"], answers[index]["result"]["resources"].as_array().unwrap().len()),
            (&json!(id), 3)
        );
    }
}
