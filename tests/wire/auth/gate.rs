//! The gate: each refusal, and the requests that get it.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use http::Method;
use mcp::Protection;

use crate::support::client::{LEGACY, Never, call, legacy, message, modern_message, post, request, send, unchecked};
use crate::support::log::Log;
use crate::support::refusals::{forbidden, forbidden_for, malformed, unauthorized, unavailable};
use crate::support::servers::{Notes, Verifier, notes_app};

/// Returns the headers that are not one good token, each with its refusal.
pub(crate) fn refused_headers() -> Vec<(Vec<(&'static str, &'static str)>, String)> {
    let authorization = |values: &[&'static str]| values.iter().map(|value| ("authorization", *value)).collect();
    let unauthenticated = unauthorized("Authentication required");
    vec![
        (vec![], unauthenticated.clone()),
        (authorization(&["Bearer wrong-token"]), unauthenticated.clone()),
        (authorization(&["Bearer ALICE-TOKEN"]), unauthenticated.clone()),
        (authorization(&["Bearer elsewhere-token"]), unauthenticated.clone()),
        (authorization(&["Bearer nearly-issued-token"]), unauthenticated.clone()),
        (authorization(&["Basic YWxpY2UtdG9rZW46"]), unauthenticated.clone()),
        (authorization(&["DPoP alice-token"]), unauthenticated),
        (authorization(&["Bearer expired-token"]), unauthorized("The access token expired")),
        (authorization(&["Bearer foreign-token"]), unauthorized("The access token was issued for another resource")),
        (authorization(&["Bearer aimless-token"]), unauthorized("The access token was issued for another resource")),
        (authorization(&["Bearer narrow-token"]), forbidden("notes:read")),
        (authorization(&["Bearer alice-token", "Bearer alice-token"]), malformed()),
        (authorization(&["Bearer alice-token", "Basic YTpi"]), malformed()),
        (authorization(&["Bearer"]), malformed()),
        (authorization(&["Bearer alice-token, Bearer bob-token"]), malformed()),
        (authorization(&["Bearer\talice-token"]), malformed()),
        (authorization(&["Bearer \"alice-token\""]), malformed()),
        (authorization(&["Bearer alice-t\u{f6}ken"]), malformed()),
        (authorization(&["Bearer down-token"]), unavailable(2)),
        (authorization(&["Bearer crash-token"]), unavailable(5)),
        (authorization(&["Bearer crash-early-token"]), unavailable(5)),
    ]
}

#[tokio::test]
async fn every_refusal_is_the_same_for_every_method_and_every_body() {
    let app = notes_app();
    let whoami = modern_message("tools/call", r#""name":"whoami","arguments":{}"#);
    let bodies = ["", &whoami, "{", "\u{0}\u{0}", "access_token=alice-token"];
    for (headers, expected) in refused_headers() {
        for method in ["POST", "GET", "HEAD", "DELETE", "PUT", "PATCH", "OPTIONS", "TRACE", "QUERY"] {
            let method = Method::from_bytes(method.as_bytes()).unwrap();
            for body in bodies {
                for path in ["/mcp", "/mcp?access_token=alice-token"] {
                    let request = request(method.clone(), path, &headers, body.to_owned());
                    assert_eq!(send(&app, unchecked(request)).await, expected, "{method} {path} {headers:?} {body}");
                }
            }
        }
        // Content type, length and everything else about the body come after the verdict, and so does its arrival.
        let mut odd = vec![("content-type", "text/plain"), ("accept", "text/html"), ("content-length", "99999999999")];
        odd.extend(&headers);
        // The connection is of no use any more.
        let expected =
            expected.replacen("cache-control: no-store\n", "cache-control: no-store\nconnection: close\n", 1);
        assert_eq!(
            send(&app, post(&odd, Body::new(Never))).await,
            expected,
            "{headers:?} with a body that never comes"
        );
    }
}

#[tokio::test]
async fn no_message_is_answered_without_a_good_token() {
    let app = notes_app();
    let methods = [
        "initialize",
        "ping",
        "server/discover",
        "tools/list",
        "tools/call",
        "subscriptions/listen",
        "notifications/initialized",
        "notifications/cancelled",
        "nothing",
    ];
    let mut messages = vec![r#"{"jsonrpc":"2.0","id":1,"result":{}}"#.to_owned()];
    for method in methods {
        messages.push(message(method, r#""name":"whoami","protocolVersion":"2025-11-25""#));
        messages.push(modern_message(method, r#""name":"whoami""#));
        messages.push(format!(r#"{{"jsonrpc":"2.0","method":"{method}"}}"#));
    }
    for message in &messages {
        let method = methods.iter().find(|method| message.contains(&format!(r#""{method}""#))).unwrap_or(&"");
        for version in LEGACY.into_iter().chain(["", "2026-07-28", "1900-01-01"]) {
            let ask = async |token: &str| {
                let headers = [
                    ("authorization", token),
                    ("mcp-protocol-version", version),
                    ("mcp-method", method),
                    ("mcp-name", "whoami"),
                ];
                send(&app, unchecked(post(&headers, message.clone()))).await
            };
            for (token, expected) in [
                ("", unauthorized("Authentication required")),
                ("Bearer wrong-token", unauthorized("Authentication required")),
                ("Bearer expired-token", unauthorized("The access token expired")),
                ("Bearer narrow-token", forbidden("notes:read")),
            ] {
                assert_eq!(ask(token).await, expected, "{version} {token} {message}");
            }
            let answered = ask("Bearer alice-token").await;
            assert!(!answered.contains("www-authenticate"), "{version} {message}: {answered}");
        }
    }
}

#[tokio::test]
async fn a_token_of_a_form_or_a_query_is_no_token() {
    let form = [("content-type", "application/x-www-form-urlencoded")];
    let expected = unauthorized("Authentication required");
    assert_eq!(send(&notes_app(), unchecked(post(&form, "access_token=alice-token"))).await, expected);
    let query = request(Method::GET, "/mcp?access_token=alice-token&token=alice-token", &[], "");
    assert_eq!(send(&notes_app(), query).await, expected);
}

#[tokio::test]
async fn a_tool_names_every_scope_that_it_needs_before_it_is_looked_at_closer() {
    let app = notes_app();
    let expected = forbidden_for("notes:read notes:write");
    assert_eq!(send(&app, call("alice-token", "add_note", r#"{"text":"a"}"#)).await, expected);
    // What is wrong with the arguments is not for everyone.
    assert_eq!(send(&app, call("alice-token", "add_note", r#"{"txt":1}"#)).await, expected);
    let broken = modern_message("tools/call", r#""name":"add_note","arguments":[1]"#);
    let headers = [
        ("authorization", "Bearer alice-token"),
        ("mcp-protocol-version", "2026-07-28"),
        ("mcp-method", "tools/call"),
        ("mcp-name", "add_note"),
    ];
    assert_eq!(send(&app, unchecked(post(&headers, broken))).await, expected);
    for version in LEGACY {
        let request = legacy(version, "alice-token", "tools/call", r#""name":"add_note","arguments":{"text":"a"}"#);
        assert_eq!(send(&app, request).await, expected, "{version}");
    }
}

#[tokio::test]
async fn who_has_the_scopes_is_let_in_whatever_else_the_token_says() {
    let app = notes_app();
    for (token, tool, arguments, text) in [
        ("alice-token", "whoami", "{}", "alice alice alice"),
        ("lasting-token", "whoami", "{}", "alice alice alice"),
        ("fitting-token", "whoami", "{}", "alice alice alice"),
        ("issued-token", "whoami", "{}", "alice alice alice"),
        ("bob-token", "add_note", r#"{"text":"a"}"#, r#"bob added 1 of \"a\""#),
        // The hierarchy: one broad scope stands for the narrower ones.
        ("admin-token", "add_note", r#"{"text":"b"}"#, r#"admin added 1 of \"b\""#),
    ] {
        let response = send(&app, call(token, tool, arguments)).await;
        let expected = format!(r#"{{"content":[{{"type":"text","text":"{text}"}}],"#);
        assert!(response.starts_with("200 OK\n") && response.contains(&expected), "{token} {tool}: {response}");
    }
    for scheme in ["bearer", "BEARER", "bEaReR "] {
        let authorization = format!("{scheme} alice-token");
        let response = send(&app, request(Method::GET, "/mcp", &[("authorization", &authorization)], "")).await;
        assert!(response.starts_with("405 "), "{scheme}: {response}");
    }
}

#[tokio::test]
async fn an_outage_may_last() {
    struct Down(Duration);

    impl mcp::TokenVerifier for Down {
        async fn verify_token(&self, _: &str) -> Result<mcp::AccessToken, mcp::TokenError> {
            Err(mcp::TokenError::unavailable("down").retry_after(self.0))
        }
    }

    for (retry_after, seconds) in [
        (Duration::ZERO, "1"),
        (Duration::from_millis(1), "1"),
        (Duration::from_secs(7), "7"),
        (Duration::MAX, "18446744073709551615"),
    ] {
        let app = mcp::Http::protected(Notes::default(), Down(retry_after)).router();
        let response = send(&app, post(&[("authorization", "Bearer a")], "")).await;
        assert!(response.contains(&format!("\nretry-after: {seconds}\n")), "{response}");
    }
}

#[tokio::test]
async fn nothing_that_is_printed_or_logged_or_answered_has_a_token_in_it() {
    let log = Log::start();
    let app = notes_app();
    let mut seen = String::new();
    let bodies: [fn() -> Body; 2] = [|| "{".into(), || modern_message("tools/list", "").into()];
    for (headers, _) in refused_headers() {
        for body in bodies {
            seen += &send(&app, unchecked(post(&headers, body()))).await;
        }
    }
    for tool in ["whoami", "whoami_surely", "inspect", "add_note", "nothing"] {
        seen += &send(&app, call("alice-token", tool, "{}")).await;
        seen += &send(&app, call("bob-token", tool, r#"{"text":"a"}"#)).await;
    }
    seen += &format!("{:?} {:?}", Protection::of::<Notes>(), mcp::StaticTokens::new([("alice-token", token())]));
    seen += &format!("{:?} {}", token(), mcp::TokenError::unavailable("down"));
    seen += &log.text();
    // Also what a verifier said: it goes to the log and nowhere else.
    assert!(log.text().contains("no row in table tokens_v2") && log.text().contains("introspection"));
    for secret in ["alice-token", "bob-token", "expired-token", "narrow-token", "wrong-token", "YWxpY2UtdG9rZW46"] {
        assert!(!seen.contains(secret), "{secret} is in {seen}");
    }
    assert!(!seen.contains("claim-value"), "{seen}");
    assert!(seen.contains(r#"claims: ["email"]"#), "{seen}");
}

fn token() -> mcp::AccessToken {
    mcp::AccessToken::ours("alice").with_claim("email", "claim-value")
}

#[tokio::test]
async fn a_verifier_may_be_shared() {
    let verifier = Arc::new(Verifier);
    let app = mcp::Http::protected(Notes::default(), Arc::clone(&verifier)).router();
    let response = send(&app, call("alice-token", "whoami", "{}")).await;
    assert!(response.starts_with("200 OK\n"), "{response}");
}
