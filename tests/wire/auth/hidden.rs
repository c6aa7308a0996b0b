//! Tools that are listed only for callers who may call them.

use axum::Router;
use mcp::{AccessToken, Http, MemoryClient, StaticTokens, Stdio};
use serde_json::{Value, json};

use crate::support::client::{LEGACY, answer, call, legacy, modern, modern_message, send};
use crate::support::refusals::lacking;
use crate::support::stdio::Client;

struct Archive;

#[mcp::server(
    issuer = "https://auth.example.com",
    resource = "http://127.0.0.1:8000/mcp",
    scopes = ["read"],
    optional_scopes = ["write", "admin", "audit"],
    hierarchy = ["admin" > "write" > "read"],
)]
impl Archive {
    /// Shred everything.
    #[mcp::tool(scopes = ["admin"], hidden)]
    fn shred(&self) -> &'static str {
        "shredded"
    }

    /// Look something up.
    #[mcp::tool]
    fn look(&self) {}

    /// Edit with a record of it.
    #[mcp::tool(hidden = true, scopes = ["write", "audit"])]
    fn edit(&self) {}

    /// Put something in.
    #[mcp::tool(scopes = ["write"], hidden = false)]
    fn put(&self) {}
}

fn http() -> Http<Archive, mcp::Bearer<StaticTokens>> {
    let token = |scopes: &[&str]| AccessToken::ours("someone").with_scopes(scopes);
    let tokens = [
        ("reader", token(&["read"])),
        ("writer", token(&["read", "write"])),
        ("admin", token(&["admin"])),
        ("auditor", token(&["audit", "read"])),
        ("editor", token(&["audit", "write"])),
        ("everyone", token(&["audit", "admin"])),
    ];
    Http::protected(Archive, StaticTokens::new(tokens))
}

const SEEN: [(&str, &[&str]); 6] = [
    ("reader", &["look", "put"]),
    ("writer", &["look", "put"]),
    // By the hierarchy, but it has nothing to do with `audit`.
    ("admin", &["shred", "look", "put"]),
    ("auditor", &["look", "put"]),
    ("editor", &["look", "edit", "put"]),
    ("everyone", &["shred", "look", "edit", "put"]),
];

fn names(list: &Value) -> Vec<&str> {
    list.as_array().expect("tools").iter().map(|tool| tool["name"].as_str().expect("a name")).collect()
}

async fn list(app: &Router, version: &str, token: &str) -> Value {
    let request = match version {
        "2026-07-28" => modern(token, "tools/list", ""),
        _ => legacy(version, token, "tools/list", ""),
    };
    let answer = answer(app, version, request).await;
    serde_json::from_str(answer.strip_prefix("200 ").expect("a list")).expect("JSON")
}

#[tokio::test]
async fn a_caller_sees_what_their_scopes_cover() {
    let app = http().router();
    for (token, seen) in SEEN {
        for version in LEGACY.into_iter().chain(["2026-07-28"]) {
            let list = list(&app, version, token).await;
            assert_eq!(names(&list["result"]["tools"]), seen, "{version} {token}");
            // Whatever is left out, the rest is what everyone else gets; and nobody may share any of it.
            let scope = (version == "2026-07-28").then(|| json!("private"));
            assert_eq!(list["result"].get("cacheScope"), scope.as_ref(), "{version} {token}");
        }
    }
    let whole = list(&app, "2026-07-28", "everyone").await;
    let mut expected = whole.clone();
    expected["result"]["tools"]
        .as_array_mut()
        .unwrap()
        .retain(|tool| tool["name"] != "shred" && tool["name"] != "edit");
    assert_eq!(list(&app, "2026-07-28", "reader").await, expected);
    // It is the same server for everyone.
    let discovered = answer(&app, "2026-07-28", modern("reader", "server/discover", "")).await;
    assert!(discovered.contains(r#""cacheScope":"public""#), "{discovered}");
}

#[tokio::test]
async fn a_call_of_a_hidden_tool_is_told_which_scopes_it_needs() {
    let app = http().router();
    let refused = send(&app, call("reader", "shred", "{}")).await;
    assert_eq!(
        refused,
        "403 Forbidden\ncache-control: no-store\ncontent-type: application/json\nwww-authenticate: Bearer \
         error=\"insufficient_scope\", error_description=\"Required scope: read admin\", \
         resource_metadata=\"http://127.0.0.1:8000/.well-known/oauth-protected-resource/mcp\", scope=\"read admin\"\n\n"
            .to_owned()
            + &lacking("read admin")
    );
    let served = send(&app, call("admin", "shred", "{}")).await;
    assert!(served.starts_with("200 OK\n") && served.contains(r#""text":"shredded""#), "{served}");
}

#[tokio::test]
async fn where_there_are_no_tokens_everything_is_listed() {
    let all = ["shred", "look", "edit", "put"];
    let tools = MemoryClient::new(Archive).list_tools().await.unwrap();
    assert_eq!(names(&Value::from(tools)), all);
    let mut client = Client::of(Stdio::new(Archive));
    client.write(&modern_message("tools/list", "")).await;
    let answer: Value = serde_json::from_str(&client.read().await.unwrap()).unwrap();
    assert_eq!(names(&answer["result"]["tools"]), all);
}

#[test]
fn the_summary_says_what_is_hidden() {
    let summary = http().summary();
    let (_, tools) = summary.split_once("\n\n").unwrap();
    assert_eq!(
        tools,
        "\
Tool            read  admin  write  audit
shred (hidden)  ✓     ✓
look            ✓
edit (hidden)   ✓            ✓      ✓
put             ✓            ✓
"
    );
}
