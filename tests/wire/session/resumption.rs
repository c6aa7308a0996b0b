//! Streams of the older versions that outlive their connection.

use std::time::Duration;

use mcp::Http;
use tokio::time::Instant;

use crate::support::client::{LEGACY, message, unchecked};
use crate::support::servers::limits;
use crate::support::session::{Client, Room, room, tokens};
use crate::support::stream::Stream;

fn progress(done: &str) -> String {
    format!(
        r#"{{"jsonrpc":"2.0","method":"notifications/progress","params":{{"progressToken":"p","progress":{done}}}}}"#
    )
}

fn result(id: u64, text: &str) -> String {
    format!(r#"{{"jsonrpc":"2.0","id":{id},"result":{{"content":[{{"type":"text","text":"{text}"}}]}}}}"#)
}

/// The id of the event without a message that a stream begins with since 2025-11-25.
async fn primed(stream: &mut Stream) -> String {
    let event = stream.next().await.expect("an event");
    let id = event.strip_prefix("id: ").and_then(|event| event.strip_suffix("\nretry: 1000\ndata:\n\n"));
    id.unwrap_or_else(|| panic!("{event:?} primes nothing")).to_owned()
}

#[tokio::test]
async fn a_client_that_comes_back_reads_on_where_it_stopped() {
    let (app, _, mut observer) = room();
    for version in LEGACY {
        let client = Client::connect(&app, version, "alice-token").await;
        // Another stream is open all the while.
        let mut announcements = client.open(client.get("")).await;
        let mut stream = client.open(client.call(7, "wait", r#"{"say":3}"#)).await;
        if version == "2025-11-25" {
            primed(&mut stream).await;
        }
        let (first, message) = stream.identified().await;
        assert_eq!(message, progress("1.0"));
        assert_eq!(stream.identified().await.1, progress("2.0"));
        assert_eq!(observer.events.recv().await, Some("waiting"));
        drop(stream);
        let mut stream = client.open(unchecked(client.get(&first))).await;
        for done in ["2.0", "3.0"] {
            assert_eq!(stream.identified().await.1, progress(done), "what it may not have seen");
        }
        drop(stream);
        observer.release.notify_one();
        assert_eq!(observer.events.recv().await, Some("dropped"));
        // It is over, and what it said is still there.
        let mut stream = client.open(unchecked(client.get(&first))).await;
        for done in ["2.0", "3.0", "1000000.0"] {
            assert_eq!(stream.identified().await.1, progress(done));
        }
        let (last, message) = stream.identified().await;
        assert_eq!(message, result(7, "released"));
        assert_eq!(stream.next().await, None);
        let mut stream = client.open(client.get(&last)).await;
        assert_eq!(stream.next().await, None);
        // Not a word of it on the other one.
        drop(app_changes(&client, &mut announcements).await);
    }
}

/// Asserts that a stream is silent, and opens the next one.
async fn app_changes(client: &Client, announcements: &mut Stream) -> Stream {
    let next = client.open(client.get("")).await;
    let silent = tokio::select! {
        biased;
        event = announcements.next() => event,
        () = std::future::ready(()) => None,
    };
    assert_eq!(silent, None);
    next
}

#[tokio::test]
async fn a_stream_that_is_paused_goes_on_elsewhere() {
    let (app, _, mut observer) = room();
    let client = Client::connect(&app, "2025-11-25", "alice-token").await;
    let mut stream = client.open(client.call(1, "pause", "{}")).await;
    let id = primed(&mut stream).await;
    assert_eq!(stream.next().await, None);
    assert_eq!(observer.events.recv().await, Some("paused"));
    let mut stream = client.open(unchecked(client.get(&id))).await;
    observer.release.notify_one();
    assert_eq!(stream.identified().await.1, result(1, "went on"));
    assert_eq!(stream.next().await, None);
    // Nobody else knows what a pause is.
    observer.release.notify_one();
    for client in
        [Client::connect(&app, "2025-06-18", "alice-token").await, Client { session: String::new(), ..client.clone() }]
    {
        let answer = client.send(client.call(1, "pause", "{}")).await;
        assert!(answer.contains("application/json") && answer.contains("went on"), "{answer}");
        assert_eq!(observer.events.recv().await, Some("paused"));
        observer.release.notify_one();
    }
}

#[tokio::test]
async fn a_stream_is_read_by_one_connection_of_those_who_may() {
    let (app, _, mut observer) = room();
    let client = Client::connect(&app, "2025-11-25", "alice-2-token").await;
    let mut first = client.open(client.call(1, "write", "{}")).await;
    let id = primed(&mut first).await;
    first.identified().await;
    assert_eq!(observer.events.recv().await, Some("writing"));
    // Neither another one, nor another session, nor the same one with less scope.
    let bob = Client { token: "bob-token", ..client.clone() };
    assert!(bob.send(bob.get(&id)).await.starts_with("404 "));
    let bob = Client::connect(&app, "2025-11-25", "bob-token").await;
    let other = Client::connect(&app, "2025-11-25", "alice-2-token").await;
    let unknown = "400 Bad Request\ncontent-type: application/json\n\n{\"jsonrpc\":\"2.0\",\"error\":{\"code\":-32600,\"message\":\"There is no event with this Last-Event-ID in the session\"}}";
    assert_eq!(bob.send(bob.get(&id)).await, unknown);
    assert_eq!(other.send(other.get(&id)).await, unknown);
    let narrow = Client { token: "alice-token", ..client.clone() };
    assert!(narrow.send(narrow.get(&id)).await.starts_with("403 "));
    for id in ["1", "-", "0123456789abcdef-0", &id.replace("-0", "-2"), &id.replace("-0", "-00"), &"9".repeat(10_000)] {
        assert_eq!(client.send(client.get(id)).await, unknown, "{id}");
    }
    let mut twice = client.get(&id);
    twice.headers_mut().append("last-event-id", id.parse().unwrap());
    assert_eq!(client.send(twice).await, unknown);
    // The second connection takes over from the first.
    let mut second = client.open(unchecked(client.get(&id))).await;
    assert_eq!(first.next().await, None);
    assert_eq!(second.identified().await.1, progress("1.0"));
    drop(first);
    observer.release.notify_one();
    assert_eq!(second.identified().await.1, result(1, "written"));
}

#[tokio::test(start_paused = true)]
async fn a_request_goes_on_without_its_client_for_some_time() {
    let defaults: fn(Http<Room, _>) -> Http<Room, _> = |http| http;
    for (set, seconds) in [
        (defaults, 60),
        (|http| http.limits(limits(|limits| limits.session.resume_timeout = Duration::from_secs(2))), 2),
    ] {
        let (room, mut observer) = Room::new();
        let app = set(Http::protected(room, tokens())).router();
        let client = Client::connect(&app, "2025-06-18", "alice-token").await;
        // One that has said something, and one that has not; but whose client is there goes on for as long as it takes.
        let mut stream = client.open(client.call(1, "wait", r#"{"say":1}"#)).await;
        let (id, _) = stream.identified().await;
        assert_eq!(observer.events.recv().await, Some("waiting"));
        let waiting = client.clone();
        let waiting = tokio::spawn(async move { waiting.send(waiting.call(2, "wait", "{}")).await });
        assert_eq!(observer.events.recv().await, Some("waiting"));
        tokio::time::sleep(Duration::from_secs(1000)).await;
        assert!(observer.events.try_recv().is_err());
        waiting.abort();
        drop((stream, waiting.await));
        let start = Instant::now();
        for _ in 0..2 {
            assert_eq!(observer.events.recv().await, Some("dropped"));
            assert_eq!(start.elapsed().as_secs(), seconds);
        }
        assert!(client.send(client.get(&id)).await.starts_with("400 "));
        assert!(client.send(client.call(1, "hello", "{}")).await.contains("hello"), "its id is free again");
        // What is done is kept for as long.
        observer.release.notify_one();
        let mut stream = client.open(client.call(1, "wait", r#"{"say":1}"#)).await;
        let (id, _) = stream.identified().await;
        while stream.next().await.is_some() {}
        drop(stream);
        tokio::time::sleep(Duration::from_secs(seconds) - Duration::from_millis(10)).await;
        let mut stream = client.open(unchecked(client.get(&id))).await;
        assert_eq!(stream.identified().await.1, progress("1000000.0"));
        drop(stream);
        tokio::time::sleep(Duration::from_secs(seconds) + Duration::from_millis(10)).await;
        assert!(client.send(client.get(&id)).await.starts_with("400 "));
    }
}

#[tokio::test]
async fn so_many_messages_wait_for_a_client() {
    let defaults: fn(Http<Room, _>) -> Http<Room, _> = |http| http;
    for (set, limit) in [(defaults, 1024), (|http| http.limits(limits(|limits| limits.streams.queued_messages = 3)), 3)]
    {
        let (room, mut observer) = Room::new();
        let app = set(Http::protected(room, tokens())).router();
        let client = Client::connect(&app, "2025-06-18", "alice-token").await;
        // It says more than that at once.
        let mut stream = client.open(client.call(1, "wait", &format!(r#"{{"say":{}}}"#, limit + 2))).await;
        assert_eq!(observer.events.recv().await, Some("waiting"));
        let (first, _) = stream.identified().await;
        for done in 2..=limit {
            assert_eq!(stream.identified().await.1, progress(&format!("{done}.0")));
        }
        observer.release.notify_one();
        assert_eq!(stream.identified().await.1, progress("1000000.0"));
        assert_eq!(stream.identified().await.1, result(1, "released"));
        drop(stream);
        // The oldest were forgotten for the newest.
        let mut stream = client.open(unchecked(client.get(&first))).await;
        for done in 3..=limit {
            assert_eq!(stream.identified().await.1, progress(&format!("{done}.0")));
        }
        assert_eq!(stream.identified().await.1, progress("1000000.0"));
        assert_eq!(stream.identified().await.1, result(1, "released"));
    }
}

#[tokio::test]
async fn long_messages_wait_alone() {
    let (room, mut observer) = Room::new();
    let app = Http::protected(room, tokens()).limits(limits(|limits| limits.streams.queued_bytes = 1)).router();
    let client = Client::connect(&app, "2025-06-18", "alice-token").await;
    let mut stream = client.open(client.call(1, "wait", r#"{"say":3}"#)).await;
    assert_eq!(observer.events.recv().await, Some("waiting"));
    let (first, message) = stream.identified().await;
    assert_eq!(message, progress("1.0"));
    observer.release.notify_one();
    assert_eq!(stream.identified().await.1, progress("1000000.0"), "what there was no room for is left out");
    assert_eq!(stream.identified().await.1, result(1, "released"));
    drop(stream);
    let mut stream = client.open(unchecked(client.get(&first))).await;
    assert_eq!(stream.identified().await.1, result(1, "released"), "the newest is kept");
}

#[tokio::test]
async fn what_a_client_did_not_read_is_never_forgotten() {
    let (room, mut observer) = Room::new();
    let app = Http::protected(room, tokens()).limits(limits(|limits| limits.streams.queued_messages = 3)).router();
    let client = Client::connect(&app, "2025-06-18", "alice-token").await;
    let mut stream = client.open(client.call(1, "count", "{}")).await;
    let (first, _) = stream.identified().await;
    drop(stream);
    // The handler stands still while three messages wait that nobody reads.
    while observer.events.recv().await != Some("4") {}
    assert!(client.is_alive().await && observer.events.try_recv().is_err());
    let mut stream = client.open(unchecked(client.get(&first))).await;
    for done in 2..=20 {
        assert_eq!(stream.identified().await.1, progress(&format!("{done}.0")));
    }
    assert_eq!(stream.identified().await.1, result(1, "counted"));
}

#[tokio::test]
async fn a_panic_is_the_last_word() {
    let (app, _, _) = room();
    for version in LEGACY {
        let client = Client::connect(&app, version, "alice-token").await;
        let mut stream = client.open(client.call(1, "stumble", "{}")).await;
        if version == "2025-11-25" {
            primed(&mut stream).await;
        }
        assert_eq!(stream.identified().await.1, progress("1.0"));
        let expected = r#"{"jsonrpc":"2.0","id":1,"error":{"code":-32603,"message":"The tool panicked"}}"#;
        assert_eq!(stream.identified().await.1, expected);
        assert_eq!(stream.next().await, None);
        assert!(client.is_alive().await);
    }
}

#[tokio::test]
async fn a_request_of_a_session_counts_until_it_ends() {
    let (room, mut observer) = Room::new();
    let app = Http::protected(room, tokens()).limits(limits(|limits| limits.session.requests = 1)).router();
    let client = Client::connect(&app, "2025-06-18", "alice-token").await;
    let stream = client.open(client.call(1, "wait", r#"{"say":1}"#)).await;
    assert_eq!(observer.events.recv().await, Some("waiting"));
    drop(stream);
    // The client of the first one is gone, and it still runs.
    let response = client.send(client.call(2, "hello", "{}")).await;
    assert!(response.starts_with("503 ") && response.contains("There are too many requests in sessions"), "{response}");
    // Streams for changes count apart.
    let _announcements = client.open(client.get("")).await;
    observer.release.notify_one();
    assert_eq!(observer.events.recv().await, Some("dropped"));
    // Others don't need one.
    let stateless = Client { session: String::new(), ..client.clone() };
    assert!(stateless.send(stateless.post(message("ping", ""))).await.starts_with("200 "));
    while client.send(client.call(2, "hello", "{}")).await.starts_with("503 ") {
        tokio::task::yield_now().await;
    }
}
