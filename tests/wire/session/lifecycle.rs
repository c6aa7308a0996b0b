//! Sessions of the older versions: who they belong to, what they remember, and how they end.

use std::time::Duration;

use axum::Router;
use mcp::Http;
use tokio::time::Instant;

use crate::support::client::{LEGACY, deliver, message, rejected, send, unchecked};
use crate::support::log::Log;
use crate::support::servers::limits;
use crate::support::session::{Client, Room, room, tokens};

fn told(method: &str, params: &str) -> String {
    format!(r#"{{"jsonrpc":"2.0","method":"notifications/{method}"{params}}}"#)
}

#[tokio::test]
async fn a_session_belongs_to_whoever_began_it() {
    let (app, _, _) = room();
    for version in LEGACY {
        let alice = Client::connect(&app, version, "alice-token").await;
        assert!(alice.is_alive().await);
        // Another token of the same one is fine.
        assert!(Client { token: "alice-2-token", ..alice.clone() }.is_alive().await);
        let bob = Client { token: "bob-token", ..alice.clone() };
        assert!(!bob.is_alive().await);
        for request in [bob.get(""), bob.delete(), bob.get("g0-1")] {
            assert!(bob.send(request).await.starts_with("404 "));
        }
        assert!(alice.is_alive().await, "nobody else can end it");
        for session in [
            "1".to_owned(),
            format!("{}x", alice.session),
            alice.session[1..].to_owned(),
            "x".repeat(10_000),
            format!("{}, {}", alice.session, alice.session),
        ] {
            assert!(!Client { session: session.clone(), ..alice.clone() }.is_alive().await, "{session}");
        }
        // Two of them are none.
        let mut twice = alice.request(1, "ping", "");
        twice.headers_mut().append("mcp-session-id", alice.session.parse().unwrap());
        assert!(alice.send(twice).await.starts_with("404 "));
        // Nobody is told what is in it.
        assert!(!alice.session.contains("alice"));
    }
}

#[tokio::test]
async fn a_session_ends_when_its_client_says_so() {
    let (app, _, mut observer) = room();
    for version in LEGACY {
        let client = Client::connect(&app, version, "alice-token").await;
        let other = Client::connect(&app, version, "alice-token").await;
        assert_ne!(client.session, other.session);
        let mut announcements = client.open(client.get("")).await;
        let mut waiting = client.open(client.call(5, "wait", r#"{"say":1}"#)).await;
        assert_eq!(observer.events.recv().await, Some("waiting"));
        assert_eq!(client.send(client.delete()).await, "204 No Content\n\n");
        assert!(!client.is_alive().await);
        assert!(client.send(client.delete()).await.starts_with("404 "));
        assert_eq!(announcements.next().await, None);
        assert_eq!(observer.events.recv().await, Some("dropped"), "what ran in it is cancelled");
        while let Some(event) = waiting.next().await {
            assert!(!event.contains("result"), "{event}");
        }
        assert!(other.is_alive().await);
    }
}

#[tokio::test]
async fn a_session_that_is_gone_is_no_obstacle_to_the_next() {
    let (app, _, _) = room();
    for version in LEGACY {
        let gone = Client::connect(&app, version, "alice-token").await;
        assert!(gone.send(gone.delete()).await.starts_with("204 "));
        let bobs = Client::connect(&app, version, "bob-token").await.session;
        for session in [gone.session.clone(), bobs, "unknown".to_owned()] {
            let stale = Client { session: session.clone(), ..gone.clone() };
            let params = format!(
                r#""protocolVersion":"{version}","capabilities":{{}},"clientInfo":{{"name":"a","version":"1"}}"#
            );
            let response = deliver(&app, stale.post(message("initialize", &params))).await;
            assert_eq!(response.status(), 200, "{session}");
            let begun = response.headers()["mcp-session-id"].to_str().expect("ASCII").to_owned();
            assert!(Client { session: begun, ..stale.clone() }.is_alive().await);
            // Everything else is a matter of the session that is gone.
            let initialized = r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#;
            for body in [
                message("ping", ""),
                message("tools/list", ""),
                initialized.to_owned(),
                format!("[{}]", message("ping", "")),
                "{".to_owned(),
            ] {
                let response = stale.send(unchecked(stale.post(body))).await;
                assert!(response.starts_with("404 ") && response.contains("There is no such session"), "{response}");
            }
        }
        // One that lives has begun already.
        let live = Client::connect(&app, version, "alice-token").await;
        let params =
            format!(r#""protocolVersion":"{version}","capabilities":{{}},"clientInfo":{{"name":"a","version":"1"}}"#);
        let response = live.send(live.post(message("initialize", &params))).await;
        assert!(response.contains("the session has begun already"), "{response}");
    }
}

#[tokio::test]
async fn a_session_has_an_age() {
    let (room, _) = Room::new();
    let app =
        Http::protected(room, tokens()).limits(limits(|limits| limits.session.lifetime = Duration::ZERO)).router();
    assert!(!Client { session: begin(&app).await, ..nobody(&app) }.is_alive().await);
    let (room, _) = Room::new();
    let app = Http::protected(room, tokens()).limits(limits(|limits| limits.session.lifetime = Duration::MAX)).router();
    assert!(Client { session: begin(&app).await, ..nobody(&app) }.is_alive().await);
}

fn nobody(app: &Router) -> Client {
    Client { app: app.clone(), version: "2025-11-25", token: "alice-token", session: String::new() }
}

async fn begin(app: &Router) -> String {
    let client = nobody(app);
    let params = r#""protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"a","version":"1"}"#;
    let response = deliver(app, client.post(message("initialize", params))).await;
    response.headers()["mcp-session-id"].to_str().expect("ASCII").to_owned()
}

#[tokio::test]
async fn the_id_of_a_session_fits_into_a_header_whatever_the_client_says_about_itself() {
    let (app, _, _) = room();
    let long = "é".repeat(100_000);
    let params = format!(
        r#""protocolVersion":"2025-11-25","capabilities":{{"sampling":{{}},"experimental":{{"{long}":{{}}}}}},"clientInfo":{{"name":"{long}","version":"{long}","title":"{long}","description":"{long}","websiteUrl":"https://example.com/{long}"}}"#
    );
    let response = deliver(&app, unchecked(nobody(&app).post(message("initialize", &params)))).await;
    let session = response.headers()["mcp-session-id"].to_str().expect("ASCII").to_owned();
    assert!(session.len() < 2000, "{}", session.len());
    let client = Client { session, ..nobody(&app) };
    let name = "é".repeat(128);
    let answer = client.send(client.call(1, "client", "{}")).await;
    assert!(answer.contains(&format!(r#"Some(\"{name} {name}\") sampling=true"#)), "{answer}");
}

#[tokio::test]
async fn a_session_speaks_one_version() {
    let (app, _, _) = room();
    let client = Client::connect(&app, "2025-06-18", "alice-token").await;
    let other = Client { version: "2025-11-25", ..client.clone() };
    for request in [other.request(1, "ping", ""), other.get(""), other.delete()] {
        let response = client.send(request).await;
        let expected = "400 Bad Request\ncontent-type: application/json\n\n{\"jsonrpc\":\"2.0\",\"error\":{\"code\":-32600,\"message\":\"The session speaks another version than MCP-Protocol-Version says\"}}";
        assert_eq!(response, expected);
    }
    // Without the header, it is the session's.
    let silent = Client { version: "2025-03-26", ..client.clone() };
    let response = silent.send(unchecked(silent.call(1, "client", "{}"))).await;
    assert!(response.contains(r#"2025-06-18 Some(\"tester 7\") sampling=true roots=true"#), "{response}");
    // Nor has one that there is not, whatever is asked for.
    let mut unknown = client.get("");
    unknown.headers_mut().insert("mcp-protocol-version", "2024-11-05".parse().unwrap());
    assert!(client.send(unknown).await.contains("-32022"));
    // A second handshake has no place in it, and 2026-07-28 has no sessions.
    let params = r#""protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"a","version":"1"}"#;
    let again = client.send(client.request(1, "initialize", params)).await;
    assert!(again.starts_with("200 ") && again.contains("Invalid request: the session has begun already"), "{again}");
    let mut modern = crate::support::client::call("alice-token", "hello", "{}");
    modern.headers_mut().insert("mcp-session-id", "whatever".parse().unwrap());
    assert!(send(&app, modern).await.starts_with("200 "));
    // Without a session, everything is served that needs none.
    let stateless = nobody(&app);
    assert!(stateless.send(stateless.call(1, "hello", "{}")).await.contains("hello"));
    for (method, params) in [("logging/setLevel", r#""level":"info""#), ("resources/subscribe", r#""uri":"notes://1""#)]
    {
        let response = stateless.send(stateless.request(1, method, params)).await;
        let expected = format!("Invalid request: `{method}` needs a session; begin one with `initialize`");
        assert!(response.starts_with("200 ") && response.contains(&expected), "{response}");
    }
}

#[tokio::test]
async fn instances_with_the_same_keys_share_sessions() {
    let instance = |keys: &[[u8; 32]]| Http::protected(Room::new().0, tokens()).state_keys(keys.to_vec()).router();
    let first = instance(&[[1; 32]]);
    let client = Client::connect(&first, "2025-11-25", "alice-token").await;
    let log = Log::start();
    for (app, expected) in
        [(instance(&[[2; 32], [1; 32]]), true), (instance(&[[2; 32]]), false), (instance(&[]), false)]
    {
        assert_eq!(Client { app, ..client.clone() }.is_alive().await, expected);
        assert_eq!(log.text().contains("`state_keys`"), !expected, "{}", log.text());
    }
    // Another server with the same keys has sessions of its own.
    let protection = mcp::Protection::of::<Room>().resource("http://127.0.0.1:8000/other").unwrap();
    let other = Http::protected(Room::new().0, tokens()).protection(protection).state_keys([[1; 32]]).router();
    let mut request = client.request(1, "ping", "");
    *request.uri_mut() = "/other".parse().unwrap();
    assert!(send(&other, request).await.starts_with("404 "));
}

#[tokio::test]
async fn a_session_remembers_what_is_to_be_logged() {
    let (app, _, _) = room();
    for version in LEGACY {
        let client = Client::connect(&app, version, "alice-token").await;
        let other = Client::connect(&app, version, "alice-token").await;
        assert!(client.send(client.call(1, "client", "{}")).await.contains("application/json"));
        let set = client.send(client.request(2, "logging/setLevel", r#""level":"warning""#)).await;
        assert_eq!(set, "200 OK\ncontent-type: application/json\n\n{\"jsonrpc\":\"2.0\",\"id\":2,\"result\":{}}");
        let mut stream = client.open(client.call(3, "client", "{}")).await;
        let logged = loop {
            let event = stream.next().await.expect("an event");
            if event.contains("data: ") {
                break event;
            }
        };
        assert!(logged.contains(r#""params":{"level":"error","data":"found"}"#), "{logged}");
        assert!(stream.next().await.expect("an event").contains(r#""id":3,"result""#));
        assert_eq!(stream.next().await, None);
        // Nothing changes for others, nor by what makes no sense.
        assert!(other.send(other.call(1, "client", "{}")).await.contains("application/json"));
        for params in [r#""level":"loud""#, r#""level":7"#, ""] {
            let response = client.send(unchecked(client.request(4, "logging/setLevel", params))).await;
            assert!(response.starts_with("200 ") && response.contains("-32602"), "{response}");
        }
    }
}

#[tokio::test]
async fn the_newest_stream_hears_of_changes() {
    let (app, changes, _) = room();
    for version in LEGACY {
        let client = Client::connect(&app, version, "alice-token").await;
        let stranger = Client::connect(&app, version, "alice-token").await;
        let mut other = stranger.open(stranger.get("")).await;
        let mut first = client.open(client.get("")).await;
        let subscribe = async |client: &Client, method: &str, uri: &str| {
            client.send(client.request(1, &format!("resources/{method}"), &format!(r#""uri":"{uri}""#))).await
        };
        let done = "200 OK\ncontent-type: application/json\n\n{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}";
        assert_eq!(subscribe(&client, "subscribe", "notes://1").await, done);
        assert_eq!(subscribe(&client, "subscribe", "notes://2").await, done);
        assert_eq!(subscribe(&client, "unsubscribe", "notes://2").await, done);
        assert!(subscribe(&client, "subscribe", "notes://x/y").await.contains("-32002"));
        assert!(subscribe(&client, "subscribe", "secrets://1").await.starts_with("403 "));
        let entitled = Client { token: "alice-2-token", ..client.clone() };
        assert_eq!(subscribe(&entitled, "subscribe", "secrets://1").await, done);
        let note = r#","params":{"uri":"notes://1"}"#;
        let secret = r#","params":{"uri":"secrets://1"}"#;
        let change = || {
            for uri in ["notes://1", "notes://1", "notes://2", "secrets://1"] {
                changes.resource_updated(uri);
            }
            changes.tools_changed();
        };
        // Only those hear of a resource who may read it, whoever has subscribed.
        change();
        assert_eq!(first.identified().await.1, told("resources/updated", note));
        assert_eq!(first.identified().await.1, told("tools/list_changed", ""));
        let mut entitled = entitled.open(entitled.get("")).await;
        change();
        assert_eq!(entitled.identified().await.1, told("resources/updated", note));
        let (last, message) = entitled.identified().await;
        assert_eq!(message, told("resources/updated", secret));
        assert_eq!(entitled.identified().await.1, told("tools/list_changed", ""));
        drop(entitled);
        // Nor when they come back for what somebody else was told.
        let seen = last.rsplit_once('-').map(|(name, _)| format!("{name}-0")).unwrap();
        let mut back = client.open(client.get(&seen)).await;
        let mut again = vec![back.identified().await.1, back.identified().await.1];
        again.sort();
        assert_eq!(again, [told("resources/updated", note), told("tools/list_changed", "")]);
        drop(back);
        assert_eq!(other.identified().await.1, told("tools/list_changed", ""));
        // The second takes over, until it goes.
        let mut second = client.open(client.get("")).await;
        changes.prompts_changed();
        assert_eq!(second.identified().await.1, told("prompts/list_changed", ""));
        drop(second);
        changes.resources_changed();
        assert_eq!(first.identified().await.1, told("resources/list_changed", ""));
        drop((first, other));
    }
    let client = Client::connect(&app, "2025-11-25", "alice-token").await;
    let mut streams = [client.open(client.get("")).await, client.open(client.get("")).await];
    changes.close();
    for stream in &mut streams {
        assert_eq!(stream.next().await, None);
    }
}

#[tokio::test]
async fn what_was_missed_is_told_again_to_who_comes_back() {
    let (app, changes, _) = room();
    let client = Client::connect(&app, "2025-11-25", "alice-token").await;
    let mut stream = client.open(client.get("")).await;
    changes.tools_changed();
    let (first, _) = stream.identified().await;
    changes.prompts_changed();
    let (second, _) = stream.identified().await;
    assert_ne!(first, second);
    drop(stream);
    changes.resources_changed();
    let mut stream = client.open(client.get(&first)).await;
    assert_eq!(stream.identified().await.1, told("resources/list_changed", ""));
    assert_eq!(stream.identified().await.1, told("prompts/list_changed", ""));
    // What another session, or nobody, has said is nothing that was missed.
    let other = Client::connect(&app, "2025-11-25", "alice-token").await;
    for last in [&*first, "g0123456789abcdef-0"] {
        let mut stream = other.open(other.get(last)).await;
        changes.tools_changed();
        assert_eq!(stream.identified().await.1, told("tools/list_changed", ""));
    }
}

#[tokio::test]
async fn a_stream_must_be_wanted() {
    let (app, _, _) = room();
    let client = Client::connect(&app, "2025-11-25", "alice-token").await;
    let mut wrong = client.get("");
    wrong.headers_mut().insert("accept", "application/json".parse().unwrap());
    let expected = rejected("406 Not Acceptable", -32600, "Accept must list text/event-stream");
    assert_eq!(client.send(wrong).await, expected);
    let mut anonymous = client.get("");
    anonymous.headers_mut().remove("authorization");
    assert!(client.send(anonymous).await.starts_with("401 "));
}

#[tokio::test(start_paused = true)]
async fn a_stream_of_a_session_ends_with_the_token_of_its_request() {
    let (app, changes, _) = room();
    let client = Client::connect(&app, "2025-11-25", "alice-short-token").await;
    let mut stream = client.open(client.get("")).await;
    let start = Instant::now();
    while let Some(event) = stream.next().await {
        assert_eq!(event, ":\n\n");
    }
    assert_eq!(start.elapsed().as_secs(), 40 - 1);
    let mut late = client.open(client.get("")).await;
    tokio::time::advance(Duration::from_secs(41)).await;
    changes.tools_changed();
    assert_eq!(late.next().await, None, "no message after the end of the token");
}

#[tokio::test]
async fn the_client_of_a_session_is_asked_and_nobody_else_can_answer() {
    let (app, _, _) = room();
    for version in LEGACY {
        let client = Client::connect(&app, version, "alice-token").await;
        let mut stream = client.open(client.call(1, "folders", "{}")).await;
        let question = loop {
            let event = stream.next().await.expect("an event");
            if let Some((_, message)) = event.split_once("data: {") {
                break format!("{{{message}");
            }
        };
        let question: serde_json::Value = serde_json::from_str(&question).expect("JSON");
        assert_eq!(question["method"], "roots/list");
        let id = question["id"].clone();
        let answer =
            |uri: &str| format!(r#"{{"jsonrpc":"2.0","id":{id},"result":{{"roots":[{{"uri":"file:///{uri}"}}]}}}}"#);
        let refused =
            rejected("400 Bad Request", -32600, "Invalid request: no question with this `id` waits for an answer");
        // Another session of the same one, one of somebody else, and none.
        let other = Client::connect(&app, version, "alice-token").await;
        assert_eq!(other.send(unchecked(other.post(answer("other")))).await, refused);
        let bob = Client { token: "bob-token", ..client.clone() };
        assert!(bob.send(unchecked(bob.post(answer("bob")))).await.starts_with("404 "));
        let bobs = Client::connect(&app, version, "bob-token").await;
        assert_eq!(bobs.send(unchecked(bobs.post(answer("bob")))).await, refused);
        let without = Client { session: String::new(), ..client.clone() };
        let message = "Invalid request: without a session, the server has asked nothing";
        let expected = rejected("400 Bad Request", -32600, message);
        assert_eq!(without.send(unchecked(without.post(answer("alice")))).await, expected);
        for unknown in [
            r#"{"jsonrpc":"2.0","id":"x","result":{"roots":[]}}"#,
            r#"{"jsonrpc":"2.0","id":-1,"result":{"roots":[]}}"#,
            r#"{"jsonrpc":"2.0","id":99999999999999999999,"result":{"roots":[]}}"#,
            r#"{"jsonrpc":"2.0","error":{"code":1,"message":"x"}}"#,
        ] {
            assert_eq!(client.send(unchecked(client.post(unknown))).await, refused, "{unknown}");
        }
        assert_eq!(client.send(unchecked(client.post(answer("alice")))).await, "202 Accepted\n\n");
        assert_eq!(client.send(unchecked(client.post(answer("alice")))).await, refused, "the second time");
        let last = stream.next().await.expect("an event");
        assert!(last.contains(r#""text":"file:///alice""#), "{last}");
        assert_eq!(stream.next().await, None);
    }
}

#[tokio::test]
async fn an_answer_of_another_kind_or_to_a_cancelled_call_is_an_http_error() {
    let (app, _, _) = room();
    for version in LEGACY {
        let client = Client::connect(&app, version, "alice-token").await;
        let ask = async |id: u64| {
            let mut stream = client.open(client.call(id, "folders", "{}")).await;
            let question: serde_json::Value = serde_json::from_str(&stream.any_message().await).expect("JSON");
            (stream, question["id"].clone())
        };
        let answer = async |id: &serde_json::Value, outcome: &str| {
            client.send(unchecked(client.post(format!(r#"{{"jsonrpc":"2.0","id":{id},{outcome}}}"#)))).await
        };
        for (result, why) in
            [("7", "it must be an object"), (r#"{"action":"accept","content":{}}"#, "missing field `roots`")]
        {
            let (mut stream, id) = ask(1).await;
            let message = format!("Invalid params: the answer to question {id}: {why}");
            let refused = rejected("400 Bad Request", -32602, &message);
            assert_eq!(answer(&id, &format!(r#""result":{result}"#)).await, refused);
            // The method has waited for it.
            let failed = format!(r#""message":"Invalid params: the answer to `roots`: {why}""#);
            assert!(stream.any_message().await.contains(&failed));
        }
        // What is neither a result nor an error is no answer, and a good one may follow.
        let (mut stream, id) = ask(2).await;
        for outcome in [r#""result":null"#, r#""result":{"roots":[]},"error":{"code":1,"message":"x"}"#] {
            assert!(answer(&id, outcome).await.starts_with("400 "), "{outcome}");
        }
        assert_eq!(answer(&id, r#""result":{"roots":[]}"#).await, "202 Accepted\n\n");
        assert!(stream.any_message().await.contains("result"));
        // That the client does not want to answer is an answer.
        let (mut stream, id) = ask(3).await;
        assert_eq!(answer(&id, r#""error":{"code":-1,"message":"no"}"#).await, "202 Accepted\n\n");
        assert!(stream.any_message().await.contains("The client did not answer `roots`: no"));
        let (mut stream, id) = ask(4).await;
        let cancel = r#"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":4}}"#;
        assert_eq!(client.send(client.post(cancel)).await, "202 Accepted\n\n");
        while stream.next().await.is_some() {}
        let unknown = "Invalid request: no question with this `id` waits for an answer";
        let refused = rejected("400 Bad Request", -32600, unknown);
        assert_eq!(answer(&id, r#""result":{"roots":[]}"#).await, refused);
    }
}

#[tokio::test(start_paused = true)]
async fn a_question_is_not_open_for_ever() {
    for (limit, http) in [
        (Duration::from_secs(600), Http::protected(Room::new().0, tokens())),
        (
            Duration::from_secs(7),
            Http::protected(Room::new().0, tokens())
                .limits(limits(|limits| limits.state.question_timeout = Duration::from_secs(7))),
        ),
    ] {
        let app = http.router();
        for version in LEGACY {
            let client = Client::connect(&app, version, "alice-token").await;
            let mut stream = client.open(client.call(1, "folders", "{}")).await;
            let question: serde_json::Value = serde_json::from_str(&stream.any_message().await).expect("JSON");
            let (id, start) = (&question["id"], Instant::now());
            assert_eq!(stream.any_message().await, told("cancelled", &format!(r#","params":{{"requestId":{id}}}"#)));
            assert_eq!(start.elapsed().as_secs(), limit.as_secs());
            let text = format!("The client did not answer `roots`: it took longer than {limit:?}");
            let failed = format!(r#""result":{{"content":[{{"type":"text","text":"{text}"}}],"isError":true}}"#);
            assert!(stream.any_message().await.contains(&failed));
            let late = format!(r#"{{"jsonrpc":"2.0","id":{id},"result":{{"roots":[]}}}}"#);
            let unknown = "Invalid request: no question with this `id` waits for an answer";
            let refused = rejected("400 Bad Request", -32600, unknown);
            assert_eq!(client.send(unchecked(client.post(late))).await, refused);
        }
    }
}

#[tokio::test]
async fn a_request_of_a_session_can_be_cancelled() {
    let (app, _, mut observer) = room();
    for version in LEGACY {
        let client = Client::connect(&app, version, "alice-token").await;
        let cancel = |id: u64| {
            client.post(format!(
                r#"{{"jsonrpc":"2.0","method":"notifications/cancelled","params":{{"requestId":{id}}}}}"#
            ))
        };
        // One that has said something, and one that has not.
        let mut stream = client.open(client.call(1, "wait", r#"{"say":1}"#)).await;
        assert_eq!(observer.events.recv().await, Some("waiting"));
        let running = client.send(client.call(1, "hello", "{}")).await;
        assert!(running.contains("a request with this `id` is still running"), "{running}");
        let silent = client.clone();
        let silent = tokio::spawn(async move { silent.send(silent.call(2, "wait", "{}")).await });
        assert_eq!(observer.events.recv().await, Some("waiting"));
        // Those of others are none of a session's business.
        let other = Client::connect(&app, version, "alice-token").await;
        for id in [1, 2, 3] {
            let body =
                format!(r#"{{"jsonrpc":"2.0","method":"notifications/cancelled","params":{{"requestId":{id}}}}}"#);
            assert_eq!(other.send(other.post(body)).await, "202 Accepted\n\n");
        }
        assert!(observer.events.try_recv().is_err());
        for id in [1, 2] {
            assert_eq!(client.send(cancel(id)).await, "202 Accepted\n\n");
            assert_eq!(observer.events.recv().await, Some("dropped"));
        }
        while let Some(event) = stream.next().await {
            assert!(!event.contains("result"), "{event}");
        }
        let silence = silent.await.expect("a response");
        assert!(silence.starts_with("200 OK\n") && silence.ends_with("\n\n"), "{silence}");
        assert!(silence.contains("content-type: text/event-stream"), "{silence}");
        assert!(client.send(client.call(1, "hello", "{}")).await.contains("hello"), "its id is free again");
    }
}

/// Requests that wait for their client take up every place, and the answers of the client get through.
#[tokio::test]
async fn an_answer_and_a_cancellation_need_no_place() {
    let (room, mut observer) = Room::new();
    let app = Http::protected(room, tokens()).limits(limits(|limits| limits.session.requests = 1)).router();
    for version in LEGACY {
        let client = Client::connect(&app, version, "alice-token").await;
        let full = || async {
            let refused = client.send(client.call(9, "hello", "{}")).await;
            assert!(refused.starts_with("503 ") && refused.contains(r#""id":9,"error""#), "{refused}");
        };
        let mut stream = client.open(client.call(1, "folders", "{}")).await;
        let question: serde_json::Value = serde_json::from_str(&stream.any_message().await).expect("JSON");
        full().await;
        let answer = format!(r#"{{"jsonrpc":"2.0","id":{},"result":{{"roots":[]}}}}"#, question["id"]);
        assert_eq!(client.send(unchecked(client.post(answer))).await, "202 Accepted\n\n");
        assert!(stream.any_message().await.contains("result"));
        assert_eq!(stream.next().await, None);
        let mut stream = client.open(client.call(2, "wait", r#"{"say":1}"#)).await;
        assert_eq!(observer.events.recv().await, Some("waiting"));
        full().await;
        let cancel = r#"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":2}}"#;
        assert_eq!(client.send(client.post(cancel)).await, "202 Accepted\n\n");
        assert_eq!(observer.events.recv().await, Some("dropped"));
        while stream.next().await.is_some() {}
    }
    // The requests of a batch count each.
    let client = Client::connect(&app, LEGACY[0], "alice-token").await;
    let list = |id: u64| message("tools/list", "").replacen(r#""id":1"#, &format!(r#""id":{id}"#), 1);
    assert!(client.send(client.post(format!("[{}]", list(1)))).await.starts_with("200 "));
    assert!(client.send(client.post(format!("[{},{}]", list(1), list(2)))).await.starts_with("503 "));
}

#[tokio::test]
async fn a_uri_to_subscribe_to_has_a_largest_length() {
    let (app, _, _) = room();
    let client = Client::connect(&app, "2025-11-25", "alice-token").await;
    for (bytes, fits) in [(2048, true), (2049, false), (1 << 20, false)] {
        let params = format!(r#""uri":"notes://{}""#, "1".repeat(bytes - "notes://".len()));
        let answer = client.send(client.request(1, "resources/subscribe", &params)).await;
        let refused = "Invalid params: `uri` is longer than 2048 bytes, which is all that can be subscribed to";
        assert_eq!((answer.contains(r#""result":{}"#), answer.contains(refused)), (fits, !fits), "{bytes}");
    }
}

#[tokio::test]
async fn there_is_a_largest_number_of_live_sessions() {
    let (room, _) = Room::new();
    let app = Http::protected(room, tokens()).limits(limits(|limits| limits.session.live = 4)).router();
    let set = async |client: &Client| {
        client.send(client.request(1, "logging/setLevel", r#""level":"debug""#)).await.starts_with("200 ")
    };
    let logs = async |client: &Client| client.send(client.call(2, "client", "{}")).await.contains("event-stream");
    let mut clients = Vec::new();
    for _ in 0..4 {
        // One that leaves nothing behind takes no place.
        clients.push(Client::connect(&app, "2025-11-25", "alice-token").await);
    }
    assert!(set(&clients[0]).await && set(&clients[1]).await && logs(&clients[0]).await);
    // The one that was idle for longest forgets.
    assert!(set(&clients[2]).await);
    assert!(logs(&clients[0]).await && logs(&clients[2]).await);
    assert!(clients[1].is_alive().await && !logs(&clients[1]).await, "it is a session still");
    // One that is listened to is not idle.
    let streams = [clients[2].open(clients[2].get("")).await, clients[3].open(clients[3].get("")).await];
    let refused = clients[0].send(clients[0].request(1, "ping", "")).await;
    let expected = "503 Service Unavailable\ncontent-type: application/json\nretry-after: 5\n\n{\"jsonrpc\":\"2.0\",\"error\":{\"code\":-32603,\"message\":\"There are too many sessions in use; try again later\"}}";
    assert_eq!(refused, expected);
    drop(streams);
    assert!(clients[0].is_alive().await);
    let (room, _) = Room::new();
    let none = Http::protected(room, tokens()).limits(limits(|limits| limits.session.live = 0)).router();
    let client = Client { session: begin(&none).await, ..nobody(&none) };
    assert_eq!(client.send(client.request(1, "ping", "")).await, expected);
}
