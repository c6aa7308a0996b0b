//! Scopes of everything that is not a tool, and of parts: the same 403, the same filtered lists, the same record.

use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use mcp::{AccessToken, Decision, Http, PartOf, StaticTokens};
use serde_json::{Value, json};

use crate::support::client::{ask, post};
use crate::support::refusals::{challenge, lacking};
use crate::support::schema::MODERN;

struct Library;

#[mcp::server(
    issuer = "https://auth.example.com",
    resource = "http://127.0.0.1:8000/mcp",
    scopes = ["read"],
    optional_scopes = ["write", "audit"],
)]
impl Library {
    /// The catalogue.
    #[mcp::resource("library://catalogue")]
    fn catalogue(&self) -> &'static str {
        "one book"
    }

    /// The loans.
    #[mcp::resource("library://loans/{reader}", scopes = ["audit"], hidden)]
    fn loans(&self, reader: String, token: &AccessToken) -> String {
        format!("{} asks about {reader}", token.client_id)
    }

    /// A page of the visitors' book.
    #[mcp::resource("library://{page}")]
    fn page(&self, page: String) -> String {
        format!("page {page}")
    }

    /// Today's visitors.
    #[mcp::resource("library://visitors", scopes = ["audit"], hidden)]
    fn visitors(&self) -> &'static str {
        "nobody"
    }

    /// Recommend a book.
    #[mcp::prompt]
    fn recommend(&self) -> String {
        mcp::access_token().map_or_else(String::new, |token| format!("Recommend a book to {}.", token.client_id))
    }

    /// Write a reminder.
    #[mcp::prompt(scopes = ["write"], hidden)]
    fn remind(&self, reader: String) -> String {
        format!("Remind {reader}.")
    }

    #[mcp::completion(prompt = "remind", argument = "reader")]
    fn readers(&self, reader: String) -> Vec<&'static str> {
        ["ann", "bob"].into_iter().filter(|name| name.starts_with(&reader)).collect()
    }
}

/// A part for the staff.
struct Desk;

#[mcp::part(of = Library)]
impl Desk {
    /// Lend a book.
    #[mcp::tool(scopes = ["write"])]
    fn lend(&self, token: &AccessToken) -> String {
        format!("lent by {}", token.client_id)
    }

    /// The desk.
    #[mcp::resource("library://desk")]
    fn desk(&self) -> &'static str {
        "tidy"
    }
}

type Heard = Arc<Mutex<Vec<String>>>;

fn app() -> (Router, Heard) {
    let token = |scopes: &[&str]| AccessToken::ours("app").with_scopes(scopes);
    let tokens = StaticTokens::new([("reader", token(&["read"])), ("clerk", token(&["read", "write", "audit"]))]);
    let heard = Heard::default();
    let record = Arc::clone(&heard);
    let audit = move |decision: &Decision<'_>| {
        let line = format!(
            "{} {:?} {:?} {:?} {:?} {:?}",
            decision.outcome,
            decision.method,
            decision.tool,
            decision.prompt,
            decision.resource,
            decision.scopes_needed
        );
        record.lock().unwrap_or_else(PoisonError::into_inner).push(line);
    };
    (Http::protected(Library, tokens).with(Desk).audit(audit).router(), heard)
}

#[tokio::test]
async fn everything_can_need_scopes_and_says_which() {
    let (app, heard) = app();
    let reader = json!({"ref": {"type": "ref/prompt", "name": "remind"}, "argument": {"name": "reader", "value": "a"}});
    for (method, params, scopes, result) in [
        ("resources/read", json!({"uri": "library://loans/ann"}), "read audit", "app asks about ann"),
        ("resources/read", json!({"uri": "library://visitors"}), "read audit", "nobody"),
        // Another way to write it, which is not a page of the book.
        ("resources/read", json!({"uri": "library://%76isitors"}), "read audit", "nobody"),
        ("prompts/get", json!({"name": "remind", "arguments": {"reader": "ann"}}), "read write", "Remind ann."),
        ("completion/complete", reader, "read write", r#"["ann"]"#),
        ("tools/call", json!({"name": "lend"}), "read write", "lent by app"),
    ] {
        for version in [MODERN, "2025-11-25", "2025-06-18", "2025-03-26"] {
            let refused = ask(&app, version, "reader", method, params.clone()).await;
            let body: Value = serde_json::from_str(&lacking(scopes)).expect("JSON");
            assert_eq!(refused, (403, challenge(scopes), body), "{version} {method}");
            let (status, _, answer) = ask(&app, version, "clerk", method, params.clone()).await;
            assert!(status == 200 && answer["result"].to_string().contains(result), "{answer}");
        }
    }
    for (method, params, result) in [
        ("resources/read", json!({"uri": "library://catalogue"}), "one book"),
        ("resources/read", json!({"uri": "library://desk"}), "tidy"),
        ("prompts/get", json!({"name": "recommend"}), "Recommend a book to app."),
    ] {
        let (status, _, answer) = ask(&app, MODERN, "reader", method, params).await;
        assert!(status == 200 && answer["result"].to_string().contains(result), "{answer}");
    }
    let heard = heard.lock().unwrap_or_else(PoisonError::into_inner);
    for line in [
        r#"refused Some("resources/read") None None Some("library://loans/ann") ["read", "audit"]"#,
        r#"allowed Some("prompts/get") None Some("recommend") None ["read"]"#,
        r#"allowed Some("resources/read") None None Some("library://desk") ["read"]"#,
        r#"refused Some("prompts/get") None Some("remind") None ["read", "write"]"#,
        r#"allowed Some("tools/call") Some("lend") None None ["read", "write"]"#,
    ] {
        assert!(heard.iter().any(|heard| heard == line), "{line} in {heard:#?}");
    }
}

#[tokio::test]
async fn what_is_hidden_is_listed_for_those_who_may_have_it() {
    let (app, _) = app();
    for (method, member, key, reader, clerk) in [
        ("tools/list", "tools", "name", &["lend"][..], &["lend"][..]),
        (
            "resources/list",
            "resources",
            "uri",
            &["library://catalogue", "library://desk"],
            &["library://catalogue", "library://visitors", "library://desk"],
        ),
        (
            "resources/templates/list",
            "resourceTemplates",
            "uriTemplate",
            &["library://{page}"],
            &["library://loans/{reader}", "library://{page}"],
        ),
        ("prompts/list", "prompts", "name", &["recommend"], &["recommend", "remind"]),
    ] {
        for (token, expected) in [("reader", reader), ("clerk", clerk)] {
            let (_, _, answer) = ask(&app, MODERN, token, method, json!({})).await;
            let result = &answer["result"];
            let listed: Vec<_> = result[member].as_array().expect("a list").iter().map(|item| &item[key]).collect();
            assert_eq!(listed, expected, "{method} for {token}");
            // What is not the same for everyone is for nobody else.
            let cache = if method == "tools/list" { "public" } else { "private" };
            assert_eq!(result["cacheScope"], cache, "{method} for {token}");
        }
    }
}

#[tokio::test]
async fn the_guard_of_everything_is_attacked() {
    let tokens = StaticTokens::new([("reader", AccessToken::ours("app"))]);
    mcp::testing::assert_protected(Http::protected(Library, tokens).with(Desk)).await;
}

/// The part is in it, what is hidden, and what is disabled.
#[test]
fn the_manifest_has_a_line_for_each_item() {
    let served = || Http::protected(Library, StaticTokens::new([("reader", AccessToken::ours("app"))]));
    let whole = served().with(Desk);
    mcp::testing::assert_manifest(&whole, "wire/auth/library.manifest");
    if std::env::var_os("SNAPSHOTS").is_some() {
        // Nothing differs from what is being written.
        return;
    }
    whole.changes().disable_tool("lend");
    for (http, change) in [
        (whole, "\n\n- tool lend needs read write, schema "),
        (served(), "\n\n- resource library://desk needs read\n- tool lend needs read write, schema "),
    ] {
        let differs = move || mcp::testing::assert_manifest(&http, "wire/auth/library.manifest");
        let panic = std::panic::catch_unwind(std::panic::AssertUnwindSafe(differs)).unwrap_err();
        let message = panic.downcast_ref::<String>().expect("a message");
        assert!(message.contains(change), "{message}");
    }
}

/// The items of a part need what every request needs, with or without scopes of their own.
#[test]
fn the_summary_has_a_table_for_each_kind() {
    let tokens = StaticTokens::new([("reader", AccessToken::ours("app").with_scopes(["read"]))]);
    let summary = Http::protected(Library, tokens).with(Desk).summary();
    let (_, tables) = summary.split_once("\n\n").expect("tables");
    assert_eq!(
        tables,
        "\
Tool  read  write
lend  ✓     ✓

Resource                     read  audit
library://catalogue          ✓
library://visitors (hidden)  ✓     ✓
library://desk               ✓

Template                           read  audit
library://loans/{reader} (hidden)  ✓     ✓
library://{page}                   ✓

Prompt           read  write
recommend        ✓
remind (hidden)  ✓     ✓
"
    );
}

/// A part of something else does not fit, which the compiler says; its name may not be taken, which building says.
#[test]
fn parts_that_clash_are_found_when_the_server_is_built() {
    struct Other;

    #[mcp::part(of = Library)]
    impl Other {
        /// Lend a book.
        #[mcp::tool(scopes = ["write"])]
        fn lend(&self) {}
    }

    struct Shelf;

    #[mcp::part(of = Library)]
    impl Shelf {
        /// Loans.
        #[mcp::resource("library://loans/{who}")]
        fn loans(&self, who: String) -> String {
            who
        }
    }

    struct Letters;

    #[mcp::part(of = Library)]
    impl Letters {
        /// Recommend a book.
        #[mcp::prompt]
        fn recommend(&self) -> &'static str {
            ""
        }
    }

    fn clash(part: impl PartOf<Library>) -> String {
        let http = Http::protected(Library, StaticTokens::new([("x", AccessToken::ours("x"))])).with(Desk);
        http.changes().add(part).expect_err("a clash").to_string()
    }
    assert_eq!(clash(Other), "there is a tool `lend` in `Desk` and in `Other`; give one of them another name");
    assert_eq!(
        clash(Shelf),
        "there is a template `library://loans/{who}` in `Library` and in `Shelf`; give one of them another form"
    );
    assert_eq!(
        clash(Letters),
        "there is a prompt `recommend` in `Library` and in `Letters`; give one of them another name"
    );
    struct Elsewhere;

    #[mcp::server]
    impl Elsewhere {
        /// Lend a picture.
        #[mcp::tool]
        fn lend_picture(&self) {}
    }

    // What a handler gets to change is a server of any type.
    let changes = Http::open(Elsewhere).changes();
    let foreign = changes.add(Desk).expect_err("a part of another server").to_string();
    assert_eq!(foreign, "`Desk` is no part of `Elsewhere`; write `#[mcp::part(of = Elsewhere)]` above its block");
    let panic = std::panic::catch_unwind(|| {
        Http::protected(Library, StaticTokens::new([("x", AccessToken::ours("x"))])).with(Desk).with(Desk)
    });
    let message = panic.err().and_then(|panic| panic.downcast::<String>().ok()).expect("a message");
    assert_eq!(*message, "there are two tools `lend` in `Desk`; add it once, or give one of them another name");
}

#[tokio::test]
async fn an_argument_that_is_given_twice_has_no_value() {
    let (app, _) = app();
    let arguments = r#""name":"remind","arguments":{"reader":"ann","reader":"bob"}"#;
    let body = format!(r#"{{"jsonrpc":"2.0","id":1,"method":"prompts/get","params":{{{arguments}}}}}"#);
    let headers = [("authorization", "Bearer clerk"), ("mcp-protocol-version", "2025-11-25")];
    assert_eq!(
        crate::support::client::answer(&app, "2025-11-25", post(&headers, body)).await,
        r#"200 {"jsonrpc":"2.0","id":1,"error":{"code":-32602,"message":"Invalid params: `arguments`: `reader` is given twice"}}"#
    );
}

/// An empty completion has the form of each version.
#[tokio::test]
async fn an_argument_without_a_completion_has_an_empty_one() {
    let (app, _) = app();
    let params = json!({
        "ref": {"type": "ref/resource", "uri": "library://loans/{reader}"},
        "argument": {"name": "reader", "value": "a"},
    });
    let completion = json!({"values": [], "hasMore": false});
    for version in ["2025-11-25", "2025-06-18", "2025-03-26"] {
        let (_, _, answer) = ask(&app, version, "clerk", "completion/complete", params.clone()).await;
        assert_eq!(answer["result"], json!({"completion": completion}), "{version}");
    }
    let (_, _, answer) = ask(&app, MODERN, "clerk", "completion/complete", params).await;
    let result = &answer["result"];
    assert_eq!((&result["completion"], &result["resultType"]), (&completion, &json!("complete")));
}
