//! The record of each decision: in the hook, and in the log.

use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::body::Body;
use http::{Method, Request};
use mcp::{AccessToken, Audit, Decision, Http, Outcome, Protection, TokenError, TokenVerifier};
use tower::ServiceExt as _;

use crate::support::client::{
    LEGACY, Never, call, legacy, message, modern, modern_message, post, request, send, unchecked,
};
use crate::support::log::Log;
use crate::support::servers::{Notes, Verifier};

/// Knows a few tokens more.
struct Auditable;

impl TokenVerifier for Auditable {
    async fn verify_token(&self, token: &str) -> Result<AccessToken, TokenError> {
        match token {
            "stale-token" => Err(TokenError::Expired),
            "astray-token" => Err(TokenError::WrongAudience),
            "user-token" => Ok(AccessToken::issued_for(["https://other", "http://127.0.0.1:8000/mcp"], "app")
                .with_subject("user-17")
                .with_issuer("https://auth.example.com")
                .with_scopes(["notes:read", "openid"])
                .with_claim("email", "claim-value")),
            other => Verifier.verify_token(other).await,
        }
    }
}

/// Writes down what it hears.
#[derive(Clone, Default)]
struct Record(Arc<Mutex<Vec<String>>>);

impl Audit for Record {
    fn decided(&self, decision: &Decision<'_>) {
        let mut lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        lines.push(line(decision));
        for secret in ["-token", "claim-value"] {
            let debug = format!("{decision:?}");
            assert!(!debug.contains(secret), "{secret} is in {debug}");
        }
    }
}

impl Record {
    fn app() -> (Router, Self) {
        let record = Self::default();
        let app = Http::protected(Notes::default(), Auditable).audit(record.clone()).router();
        (app, record)
    }

    /// Takes the lines recorded since the last call.
    fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// `outcome detail | who | scopes | what | token`
fn line(decision: &Decision<'_>) -> String {
    let outcome = match decision.outcome {
        Outcome::Refused(reason) => format!("refused {reason}"),
        outcome => outcome.to_string(),
    };
    let or = |text: Option<&str>| text.unwrap_or("-").to_owned();
    format!(
        "{outcome} {:?} | {} {} {} {} | {} of {} | {} {} | {}",
        or(decision.detail),
        or(decision.subject),
        or(decision.client_id),
        or(decision.issuer),
        decision.audience.join("+"),
        decision.scopes_held.join("+"),
        decision.scopes_needed.join("+"),
        or(decision.method),
        or(decision.tool.or(decision.prompt).or(decision.resource)),
        decision.token_digest().map_or_else(|| "-".to_owned(), |token| token.to_string()),
    )
}

const ALICE: &str = r#"allowed "-" | - alice -  | notes:read of notes:read"#;
const ALICE_TOKEN: &str = "9c220f200955d76c0a38d308225e0ef1";

fn with_token(token: &str) -> Request<Body> {
    unchecked(post(&[("authorization", &format!("Bearer {token}"))], "{"))
}

#[tokio::test]
async fn whoever_is_refused_by_the_headers_is_told_about_once() {
    let (app, record) = Record::app();
    let nobody = "| - - -  |  of notes:read | - - |";
    for (request, expected) in [
        (modern("", "tools/call", r#""name":"whoami""#), format!(r#"refused no_token "-" {nobody} -"#)),
        (request(Method::GET, "/mcp", &[], ""), format!(r#"refused no_token "-" {nobody} -"#)),
        (post(&[("authorization", "Basic YTpi")], ""), format!(r#"refused other_scheme "-" {nobody} -"#)),
        (post(&[("authorization", "DPoP alice-token")], ""), format!(r#"refused other_scheme "-" {nobody} -"#)),
        (post(&[("authorization", "Bearer")], ""), format!(r#"refused malformed "-" {nobody} -"#)),
        (
            with_token("wrong-token"),
            format!(r#"refused invalid "no row in table tokens_v2" {nobody} 5645a758e6a8f12b6a2715cc22565a9f"#),
        ),
        (with_token("stale-token"), format!(r#"refused expired "-" {nobody} 7d19b716b1e5083012f0ec511be65a74"#)),
        (
            with_token("expired-token"),
            r#"refused expired "-" | - alice -  |  of notes:read | - - | b52b3ef2233858ce1156d85f235cf2c4"#.to_owned(),
        ),
        (
            with_token("astray-token"),
            format!(r#"refused wrong_audience "-" {nobody} 5fbb1574c4042d8a845da9478b5ac919"#),
        ),
        (
            with_token("foreign-token"),
            r#"refused wrong_audience "-" | - alice - http://127.0.0.1:8000/mcp/+https://other |  of notes:read | - - | 235f92570efc97561c766e038aa69ebd"#.to_owned(),
        ),
        (
            with_token("nearly-issued-token"),
            r#"refused wrong_issuer "-" | - alice https://auth.example.com/  | notes:read of notes:read | - - | 3a69bbf931cbc5d85126d9eaa3d10be4"#.to_owned(),
        ),
        // What it asks for was not looked at.
        (
            call("narrow-token", "add_note", "{}"),
            r#"refused insufficient_scope "-" | - narrow -  | notes:readonly+NOTES:READ of notes:read | - - | 24fd4bd1faba5000f7381c1a788fa9b4"#.to_owned(),
        ),
        (
            with_token("down-token"),
            format!(r#"refused unavailable "connection to introspection lost" {nobody} 967eba64ede12939ae02089149071259"#),
        ),
        (
            with_token("crash-token"),
            format!(r#"refused verifier_panicked "-" {nobody} 1ab3ade461804a052d4fe1f33b218b7d"#),
        ),
    ] {
        send(&app, unchecked(request)).await;
        assert_eq!(record.take(), [expected]);
    }
    // A request for another host gets no further than that.
    send(&app, post(&[("host", "notes.example.com")], "")).await;
    send(&app, post(&[("origin", "https://notes.example.com")], "")).await;
    assert_eq!(record.take(), Vec::<String>::new());
    // Nor is the metadata document anyone's business.
    send(&app, request(Method::GET, "/.well-known/oauth-protected-resource/mcp", &[], "")).await;
    assert_eq!(record.take(), Vec::<String>::new());
}

#[tokio::test]
async fn whoever_is_let_in_is_told_about_with_what_they_ask_for() {
    let (app, record) = Record::app();
    let token = ("authorization", "Bearer alice-token");
    let alice = |asked: &str| format!("{ALICE} | {asked} | {ALICE_TOKEN}");
    let mut cases = vec![
        (modern("alice-token", "server/discover", ""), alice("server/discover -")),
        (modern("alice-token", "tools/list", ""), alice("tools/list -")),
        (call("alice-token", "whoami", "{}"), alice("tools/call whoami")),
        // What comes of it is another matter.
        (call("alice-token", "whoami", r#"{"odd":1}"#), alice("tools/call whoami")),
        (call("alice-token", "nothing", "{}"), alice("tools/call nothing")),
        (modern("alice-token", "resources/list", ""), alice("resources/list -")),
        (post(&[token], message("tools/call", "")), alice("tools/call -")),
        (post(&[token], message("tools/call", r#""name":7"#)), alice("tools/call -")),
        (post(&[token], message("tools/list", r#""name":"whoami""#)), alice("tools/list -")),
        // The headers say something else than the body, which counts.
        (
            post(
                &[token, ("mcp-protocol-version", "2026-07-28"), ("mcp-method", "tools/list")],
                modern_message("tools/call", r#""name":"add_note""#),
            ),
            alice("tools/call add_note"),
        ),
        (post(&[token], r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#), alice("notifications/initialized -")),
        // Without an id, nothing is called.
        (post(&[token], r#"{"jsonrpc":"2.0","method":"tools/call","params":{"name":"add_note"}}"#), alice("tools/call -")),
        (post(&[token], r#"{"jsonrpc":"2.0","id":1,"result":{}}"#), alice("- -")),
        // What cannot be read asks for nothing.
        (post(&[token], "{"), alice("- -")),
        (post(&[token], ""), alice("- -")),
        (post(&[token], r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":[]}"#), alice("- -")),
        (post(&[token], "[{}]"), alice("- -")),
        (post(&[token], format!("[{}]", message("ping", ""))), alice("ping -")),
        (post(&[token, ("content-type", "text/plain")], message("ping", "")), alice("- -")),
        (post(&[token, ("accept", "text/html")], message("ping", "")), alice("- -")),
        (post(&[token], " ".repeat(5 << 20)), alice("- -")),
        (request(Method::GET, "/mcp", &[token], ""), alice("- -")),
        (request(Method::DELETE, "/mcp", &[token], ""), alice("- -")),
        // A tool that needs more than the server.
        (
            call("alice-token", "add_note", r#"{"text":"a"}"#),
            format!(r#"refused insufficient_scope "-" | - alice -  | notes:read of notes:read+notes:write | tools/call add_note | {ALICE_TOKEN}"#),
        ),
        (
            call("bob-token", "add_note", r#"{"text":"a"}"#),
            r#"allowed "-" | - bob -  | notes:write+notes:read of notes:read+notes:write | tools/call add_note | 97dd3707015dcf069cf73022ed7173b1"#.to_owned(),
        ),
        (
            call("admin-token", "add_note", r#"{"text":"a"}"#),
            r#"allowed "-" | - admin -  | notes:admin of notes:read+notes:write | tools/call add_note | 10a4c7c9fc5206d6f36dc6944a81bb6f"#.to_owned(),
        ),
        (
            modern("user-token", "tools/list", ""),
            r#"allowed "-" | user-17 app https://auth.example.com https://other+http://127.0.0.1:8000/mcp | notes:read+openid of notes:read | tools/list - | 92458bffc9b190feea4bfd93611060a8"#.to_owned(),
        ),
    ];
    for version in LEGACY {
        cases.push((legacy(version, "alice-token", "ping", ""), alice("ping -")));
        cases.push((legacy(version, "alice-token", "tools/call", r#""name":"whoami""#), alice("tools/call whoami")));
    }
    for (request, expected) in cases {
        send(&app, unchecked(request)).await;
        assert_eq!(record.take(), [expected]);
    }
}

#[tokio::test]
async fn a_client_that_hangs_up_was_let_in() {
    let (app, record) = Record::app();
    let request = post(&[("authorization", "Bearer alice-token")], Body::new(Never));
    tokio::select! {
        biased;
        response = app.oneshot(request) => panic!("{response:?} to half a request"),
        () = std::future::ready(()) => {}
    }
    assert_eq!(record.take(), [format!("{ALICE} | - - | {ALICE_TOKEN}")]);
}

#[tokio::test]
async fn a_flood_of_odd_names_is_bounded() {
    let (app, record) = Record::app();
    let log = Log::start();
    let long = "\u{e9}".repeat(100_000);
    let shown = "\u{e9}".repeat(128);
    for (message, expected) in [
        (message(&long, ""), format!("{shown} -")),
        (message("tools/call", &format!(r#""name":"{long}""#)), format!("tools/call {shown}")),
        (format!(r#"{{"jsonrpc":"2.0","method":"{long}"}}"#), format!("{shown} -")),
        (message(r"a\nb\u001b[0m", ""), "a\nb\u{1b}[0m -".to_owned()),
    ] {
        send(&app, post(&[("authorization", "Bearer alice-token")], message)).await;
        assert_eq!(record.take(), [format!("{ALICE} | {expected} | {ALICE_TOKEN}")]);
    }
    // One line for each, in which nothing pretends to be another one.
    let text = log.text();
    assert_eq!(text.lines().filter(|line| line.contains(" mcp::audit: ")).count(), 4, "{text}");
    assert!(text.len() < 6000 && text.contains(r#" method="a\nb\u{1b}[0m" "#), "{text}");
}

#[tokio::test]
async fn the_log_has_the_same() {
    let app = Http::protected(Notes::default(), Auditable).router();
    let nobody = r#"audience=[] scopes_held=[] scopes_needed=["notes:read"]"#;
    for (request, expected) in [
        (with_token(""), format!(r#"DEBUG mcp::audit: request refused outcome="refused" reason="malformed" {nobody}"#)),
        (
            with_token("wrong-token"),
            format!(
                r#"DEBUG mcp::audit: request refused outcome="refused" reason="invalid" detail="no row in table tokens_v2" {nobody} token=5645a758e6a8f12b6a2715cc22565a9f"#
            ),
        ),
        (
            with_token("down-token"),
            format!(
                r#"WARN mcp::audit: request refused outcome="refused" reason="unavailable" detail="connection to introspection lost" {nobody} token=967eba64ede12939ae02089149071259"#
            ),
        ),
        (
            with_token("crash-token"),
            format!(
                r#"ERROR mcp::audit: request refused outcome="refused" reason="verifier_panicked" {nobody} token=1ab3ade461804a052d4fe1f33b218b7d"#
            ),
        ),
        (
            call("user-token", "add_note", "{}"),
            r#"DEBUG mcp::audit: request refused outcome="refused" reason="insufficient_scope" subject="user-17" client_id="app" issuer="https://auth.example.com" audience=["https://other", "http://127.0.0.1:8000/mcp"] scopes_held=["notes:read", "openid"] scopes_needed=["notes:read", "notes:write"] method="tools/call" tool="add_note" token=92458bffc9b190feea4bfd93611060a8"#.to_owned(),
        ),
        (
            call("alice-token", "whoami", "{}"),
            format!(
                r#"DEBUG mcp::audit: request allowed outcome="allowed" client_id="alice" audience=[] scopes_held=["notes:read"] scopes_needed=["notes:read"] method="tools/call" tool="whoami" token={ALICE_TOKEN}"#
            ),
        ),
    ] {
        let log = Log::start();
        send(&app, unchecked(request)).await;
        let text = log.text();
        let line = text.lines().find(|line| line.contains(" mcp::audit: ")).expect("a line");
        let (_time, event) = line.split_once(' ').expect("a time and an event");
        assert_eq!(event.trim_start(), expected);
    }
}

#[tokio::test]
async fn tokens_that_nobody_can_decide_about_do_not_flood_the_log() {
    let app = Http::protected(Notes::default(), Auditable).router();
    let log = Log::start();
    for token in ["down-token", "crash-token"].repeat(10) {
        send(&app, unchecked(with_token(token))).await;
    }
    let text = log.text();
    for level in ["WARN mcp::audit", "ERROR mcp::audit"] {
        assert_eq!(text.matches(level).count(), 1, "{text}");
    }
}

#[tokio::test]
async fn a_hook_that_panics_changes_nothing() {
    let log = Log::start();
    let app =
        Http::protected(Notes::default(), Auditable).audit(|_: &Decision<'_>| panic!("the hook is broken")).router();
    let silent = Http::protected(Notes::default(), Auditable).router();
    let requests: [fn() -> Request<Body>; 6] = [
        || post(&[], ""),
        || with_token("crash-token"),
        || with_token("alice-token"),
        || request(Method::GET, "/mcp", &[("authorization", "Bearer alice-token")], ""),
        || call("alice-token", "add_note", "{}"),
        || call("bob-token", "add_note", r#"{"text":"a"}"#),
    ];
    for request in requests {
        assert_eq!(send(&app, request()).await, send(&silent, request()).await);
    }
    // One line in a while, because any request could cause another one.
    let expected = " ERROR mcp_runtime::auth::audit::auditor: the audit hook panicked suppressed=0\n";
    assert_eq!(log.text().matches(expected).count(), 1);
}

#[tokio::test]
async fn a_replaced_protection_keeps_the_hook_and_another_hook_takes_its_place() {
    let (first, second) = (Record::default(), Record::default());
    let http = Http::protected(Notes::default(), Auditable).audit(first.clone()).audit(second.clone());
    let app = http.protection(Protection::of::<Notes>()).router();
    send(&app, call("alice-token", "whoami", "{}")).await;
    assert_eq!(first.take(), Vec::<String>::new());
    assert_eq!(second.take(), [format!("{ALICE} | tools/call whoami | {ALICE_TOKEN}")]);
}
