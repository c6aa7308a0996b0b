//! Batches, which only 2025-03-26 has.

use mcp::Http;

use crate::support::client::{LEGACY, message, post, rejected, send, unchecked};
use crate::support::servers::{Workshop, limits, notes_app};
use crate::support::session::{Client, room};

fn numbered(id: u64, method: &str, params: &str) -> String {
    message(method, params).replacen(r#""id":1"#, &format!(r#""id":{id}"#), 1)
}

fn call(id: u64, tool: &str) -> String {
    numbered(id, "tools/call", &format!(r#""name":"{tool}","arguments":{{}}"#))
}

fn result(id: u64, text: &str) -> String {
    format!(r#"{{"jsonrpc":"2.0","id":{id},"result":{{"content":[{{"type":"text","text":"{text}"}}]}}}}"#)
}

fn batch(messages: &[String]) -> String {
    format!("[{}]", messages.join(","))
}

const INITIALIZED: &str = r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#;

#[tokio::test]
async fn a_batch_has_an_answer_for_each_request() {
    let app = Workshop::app();
    let body = batch(&[
        call(1, "count"),
        INITIALIZED.to_owned(),
        call(2, "count"),
        numbered(3, "no/such/method", ""),
        call(4, "panic_async"),
    ]);
    let answers = batch(&[
        result(1, "1"),
        result(2, "2"),
        r#"{"jsonrpc":"2.0","id":3,"error":{"code":-32601,"message":"Method not found: no/such/method"}}"#.to_owned(),
        r#"{"jsonrpc":"2.0","id":4,"error":{"code":-32603,"message":"The tool panicked"}}"#.to_owned(),
    ]);
    let expected = format!("200 OK\ncontent-type: application/json\n\n{answers}");
    assert_eq!(send(&app, unchecked(post(&[], body.clone()))).await, expected);
    // Without a request, there is none.
    let body_without = batch(&[INITIALIZED.to_owned()]);
    assert_eq!(send(&app, unchecked(post(&[], body_without))).await, "202 Accepted\n\n");
    // Later versions have no batches.
    for version in ["2025-06-18", "2025-11-25", "2026-07-28"] {
        let request = unchecked(post(&[("mcp-protocol-version", version)], body.clone()));
        let message = "Invalid request: batches are not supported; send one message";
        assert_eq!(send(&app, request).await, rejected("400 Bad Request", -32600, message));
    }
    assert!(send(&app, post(&[], call(1, "count"))).await.contains(&result(1, "3")), "nothing else was run");
}

#[tokio::test]
async fn a_batch_is_run_as_a_whole_or_not_at_all() {
    let app = notes_app();
    let add = |id: u64| numbered(id, "tools/call", r#""name":"add_note","arguments":{"text":"a"}"#);
    let send =
        async |token: &str, body: &str| send(&app, unchecked(post(&[("authorization", token)], body.to_owned()))).await;
    // Alice may read, and would write.
    let refused = send("Bearer alice-token", &batch(&[call(1, "list_notes"), add(2), call(3, "whoami")])).await;
    assert!(refused.starts_with("403 ") && refused.contains(r#"scope="notes:read notes:write""#), "{refused}");
    // What can't be read is no reason to do the rest.
    for bad in ["7", "{}", "[]", r#"{"jsonrpc":"2.0","id":null,"method":"ping"}"#] {
        let body = batch(&[add(1), bad.to_owned()]);
        assert!(send("Bearer bob-token", &body).await.starts_with("400 "), "{bad}");
    }
    let listed = send("Bearer bob-token", &batch(&[call(1, "list_notes")])).await;
    assert!(listed.contains(r#""content":[]"#), "nothing was added: {listed}");
    let added = send("Bearer bob-token", &batch(&[add(1), add(2)])).await;
    assert!(added.contains(r#""id":1,"result""#) && added.contains(r#""id":2,"result""#), "{added}");
    // A handshake comes alone.
    let handshake = numbered(1, "initialize", r#""protocolVersion":"2025-03-26""#);
    let both = send("Bearer bob-token", &batch(&[handshake, numbered(2, "ping", "")])).await;
    let error = r#"[{"jsonrpc":"2.0","id":1,"error":{"code":-32600,"message":"Invalid request: `initialize` can't be part of a batch"}},{"jsonrpc":"2.0","id":2,"result":{}}]"#;
    assert_eq!(both, format!("200 OK\ncontent-type: application/json\n\n{error}"));
}

#[tokio::test]
async fn an_answer_in_a_batch_is_one_to_a_question_or_the_batch_is_refused() {
    let (app, _, mut observer) = room();
    let client = Client::connect(&app, LEGACY[0], "alice-token").await;
    let mut stream = client.open(client.call(1, "folders", "{}")).await;
    let question: serde_json::Value = serde_json::from_str(&stream.any_message().await).expect("JSON");
    let answer = format!(r#"{{"jsonrpc":"2.0","id":{},"result":{{"roots":[]}}}}"#, question["id"]);
    let nobodys = r#"{"jsonrpc":"2.0","id":9,"result":{"roots":[]}}"#.to_owned();
    let refused =
        rejected("400 Bad Request", -32600, "Invalid request: no question with this `id` waits for an answer");
    for body in [batch(std::slice::from_ref(&nobodys)), batch(&[call(2, "wait"), nobodys.clone()])] {
        assert_eq!(client.send(unchecked(client.post(body))).await, refused);
    }
    assert!(observer.events.try_recv().is_err(), "nothing was run");
    assert_eq!(client.send(unchecked(client.post(batch(std::slice::from_ref(&answer))))).await, "202 Accepted\n\n");
    assert!(stream.any_message().await.contains(r#""id":1,"result""#));
    // Nor is there a question any more.
    assert_eq!(client.send(unchecked(client.post(batch(&[answer])))).await, refused);
    // Without a session, there never was one.
    let message = "Invalid request: without a session, the server has asked nothing";
    let alone = post(&[("authorization", "Bearer alice-token")], batch(&[nobodys]));
    assert_eq!(send(&app, unchecked(alone)).await, rejected("400 Bad Request", -32600, message));
}

#[tokio::test]
async fn a_batch_has_a_largest_size() {
    let open = || Http::open(Workshop::new().0);
    for (app, limit) in [
        (open().router(), 100),
        (open().limits(limits(|limits| limits.request.batch = 2)).router(), 2),
        (open().limits(limits(|limits| limits.request.batch = 0)).router(), 0),
    ] {
        let pings = |count: usize| batch(&vec![INITIALIZED.to_owned(); count]);
        if limit > 0 {
            assert_eq!(send(&app, unchecked(post(&[], pings(limit)))).await, "202 Accepted\n\n");
        }
        let message = format!("Invalid request: the batch has {} messages; {limit} are allowed", limit + 1);
        let expected = rejected("400 Bad Request", -32600, &message);
        assert_eq!(send(&app, unchecked(post(&[], pings(limit + 1)))).await, expected);
    }
}

#[tokio::test]
async fn the_requests_of_a_batch_are_served_side_by_side_in_its_session() {
    let (app, _, mut observer) = room();
    let client = Client::connect(&app, LEGACY[0], "alice-token").await;
    let sent = client.clone();
    let body = batch(&[call(1, "wait"), call(2, "wait"), call(3, "wait")]);
    let sent = tokio::spawn(async move { sent.send(sent.post(body)).await });
    for _ in 0..3 {
        assert_eq!(observer.events.recv().await, Some("waiting"));
    }
    // Each can be cancelled alone.
    let cancel = r#"[{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":2}}]"#;
    assert_eq!(client.send(client.post(cancel)).await, "202 Accepted\n\n");
    assert_eq!(observer.events.recv().await, Some("dropped"));
    observer.release.notify_waiters();
    let answers = batch(&[result(1, "released"), result(3, "released")]);
    assert_eq!(sent.await.expect("a response"), format!("200 OK\ncontent-type: application/json\n\n{answers}"));
    // One that says something first makes a stream, at whose end the answers are.
    observer.release.notify_one();
    let talk = numbered(1, "tools/call", r#""name":"wait","arguments":{"say":1},"_meta":{"progressToken":"p"}"#);
    let mut stream = client.open(client.post(batch(&[talk, call(2, "hello")]))).await;
    assert!(stream.identified().await.1.contains("notifications/progress"));
    assert!(stream.identified().await.1.contains("notifications/progress"));
    assert_eq!(stream.identified().await.1, batch(&[result(1, "released"), result(2, "hello")]));
    assert_eq!(stream.next().await, None);
}
