//! Lists with hidden items that guards decide about.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use mcp::{AccessToken, Denied, Http, MemoryClient, StaticTokens};
use serde_json::{Value, json};

use crate::support::client::{LEGACY, ask};
use crate::support::schema::MODERN;

/// A server that counts the questions to a guard.
#[derive(Default)]
struct Console(Arc<AtomicUsize>);

#[mcp::server(
    issuer = "https://auth.example.com",
    resource = "http://127.0.0.1:8000/mcp",
    scopes = ["read"],
    optional_scopes = ["write"],
)]
impl Console {
    /// Some callers are operators.
    #[mcp::guard]
    pub(crate) async fn operator(&self, token: Option<&AccessToken>) -> Result<(), Denied> {
        self.0.fetch_add(1, Ordering::Relaxed);
        match token.map(|token| &*token.client_id) {
            Some("down") => Err("the directory is down".into()),
            Some("operator") => Ok(()),
            _ => Err(Denied::not_found()),
        }
    }

    /// Even numbers are machines.
    #[mcp::guard]
    pub(crate) fn even(&self, n: u8) -> Result<(), Denied> {
        if n.is_multiple_of(2) { Ok(()) } else { Err(Denied::not_found()) }
    }

    /// Restarts a machine.
    #[mcp::tool(hidden, guard = [operator, even])]
    fn restart(&self, n: u8) -> u8 {
        n
    }

    /// Lists the machines.
    #[mcp::tool]
    fn machines(&self) -> &'static str {
        "all"
    }

    /// Stops a machine.
    #[mcp::tool(hidden, guard = operator, scopes = ["write"])]
    fn stop(&self) -> &'static str {
        "stopped"
    }

    /// The log.
    #[mcp::resource("console://log", hidden, guard = operator)]
    fn log(&self) -> &'static str {
        "log"
    }

    /// Explains the log.
    #[mcp::prompt(hidden, guard = operator)]
    fn explain(&self) -> &'static str {
        "Explain"
    }
}

/// A part whose items are guarded by the server.
struct Racks;

#[mcp::part(of = Console, guard = Console::operator)]
impl Racks {
    /// Opens a rack.
    #[mcp::tool(hidden, guard = Console::even)]
    fn open(&self, n: u8) -> u8 {
        n
    }

    /// Welding is forbidden.
    #[mcp::guard]
    fn never(&self) -> Result<(), Denied> {
        Err(Denied::new("it is too hot"))
    }

    /// Welds a rack.
    #[mcp::tool(hidden, guard = never)]
    fn weld(&self) -> &'static str {
        "welded"
    }

    /// The racks.
    #[mcp::resource("console://racks", hidden)]
    fn racks(&self) -> &'static str {
        "racks"
    }
}

fn console() -> (Router, Arc<AtomicUsize>) {
    let count = Arc::<AtomicUsize>::default();
    let token = |name: &str| AccessToken::ours(name).with_scopes("read");
    let writer = AccessToken::ours("operator").with_scopes("read write");
    let tokens = [
        ("operator-token", token("operator")),
        ("writer-token", writer),
        ("other-token", token("other")),
        ("down-token", token("down")),
    ];
    (Http::protected(Console(Arc::clone(&count)), StaticTokens::new(tokens)).with(Racks).router(), count)
}

fn names(result: &Value) -> Vec<&str> {
    let lists = ["tools", "resources", "prompts"].into_iter().filter_map(|list| result[list].as_array());
    lists.flatten().filter_map(|item| item["name"].as_str()).collect()
}

#[tokio::test]
async fn a_hidden_item_is_listed_for_callers_whom_its_guard_allows() {
    let (app, count) = console();
    for (token, method, expected) in [
        ("operator-token", "tools/list", &["restart", "machines", "open"][..]),
        ("writer-token", "tools/list", &["restart", "machines", "stop", "open"]),
        ("other-token", "tools/list", &["machines"]),
        ("operator-token", "resources/list", &["log", "racks"]),
        ("other-token", "resources/list", &[]),
        ("operator-token", "prompts/list", &["explain"]),
        ("other-token", "prompts/list", &[]),
    ] {
        for version in [MODERN, LEGACY[2]] {
            count.store(0, Ordering::Relaxed);
            let (_, _, body) = ask(&app, version, token, method, json!({})).await;
            assert_eq!(names(&body["result"]), expected, "{token} {method} {version}");
            assert_eq!(count.load(Ordering::Relaxed), 1, "asked once for {method}");
        }
    }
    let (status, _, body) = ask(&app, MODERN, "down-token", "tools/list", json!({})).await;
    assert_eq!((status, &body["error"]["code"]), (503, &json!(503)), "an outage hides nothing");
    let client = MemoryClient::new(Console::default());
    assert_eq!(client.list_tools().await.expect("a list").len(), 1);
}

#[tokio::test]
async fn a_hidden_item_is_unknown_to_callers_whose_lists_do_not_have_it() {
    let (app, count) = console();
    for version in [MODERN, LEGACY[2]] {
        for (method, params, message) in [
            ("tools/call", json!({"name": "restart", "arguments": {"n": 2}}), "Unknown tool: restart"),
            ("prompts/get", json!({"name": "explain"}), "Unknown prompt: explain"),
            ("resources/read", json!({"uri": "console://log"}), "Resource not found"),
            ("tools/call", json!({"name": "open", "arguments": {"n": 2}}), "Unknown tool: open"),
        ] {
            let (_, _, body) = ask(&app, version, "other-token", method, params).await;
            assert_eq!(body["error"]["message"], message, "{version}");
        }
        count.store(0, Ordering::Relaxed);
        let odd = json!({"name": "restart", "arguments": {"n": 3}});
        let (_, _, body) = ask(&app, version, "operator-token", "tools/call", odd).await;
        assert_eq!(body["result"]["content"][0]["text"], "Not found", "it is the machine that is unknown");
        assert_eq!(count.load(Ordering::Relaxed), 2, "whether it is known, and for the call");
    }
}
