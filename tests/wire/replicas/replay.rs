//! A client reads on in a stream at any instance, or learns that it cannot.

use std::time::Duration;

use mcp::testing::SimulatedBackplane;
use tokio::time::{Instant, sleep, timeout};

use super::{RESPONSE, assert_try_again, room_instances, seeds};
use crate::support::client::{deliver, unchecked};
use crate::support::session::Client;
use crate::support::stream::Stream;

const UNKNOWN: &str = "400 Bad Request\ncontent-type: application/json\n\n{\"jsonrpc\":\"2.0\",\"error\":{\"code\":-32600,\"message\":\"There is no event with this Last-Event-ID in the session\"}}";

fn progress(done: u32) -> String {
    format!(
        r#"{{"jsonrpc":"2.0","method":"notifications/progress","params":{{"progressToken":"p","progress":{done}.0}}}}"#
    )
}

fn result(text: &str) -> String {
    format!(r#"{{"jsonrpc":"2.0","id":7,"result":{{"content":[{{"type":"text","text":"{text}"}}]}}}}"#)
}

/// Returns the id of the event without a message that a stream begins with since 2025-11-25.
async fn primed(stream: &mut Stream) -> String {
    let event = stream.next().await.expect("an event");
    let id = event.strip_prefix("id: ").and_then(|event| event.strip_suffix("\nretry: 1000\ndata:\n\n"));
    id.unwrap_or_else(|| panic!("{event:?} primes nothing")).to_owned()
}

/// Reads on at an instance.
async fn resume(client: &Client, last: &str) -> Stream {
    client.open(unchecked(client.get(last))).await
}

#[tokio::test(start_paused = true)]
async fn a_client_reads_on_at_any_instance() {
    let engine = SimulatedBackplane::new();
    let [mut first, second, third] = room_instances(&engine);
    let client = Client::connect(&first.app, "2025-11-25", "alice-token").await;
    let [second, third] = [&second, &third].map(|instance| instance.serve(&client));
    let mut stream = client.open(client.call(7, "wait", r#"{"say":3}"#)).await;
    let begin = primed(&mut stream).await;
    let (one, message) = stream.identified().await;
    assert_eq!(message, progress(1));
    assert_eq!(first.observer.events.recv().await, Some("waiting"));
    // While it runs, the rest moves from one instance to the next.
    let mut moved = resume(&second, &one).await;
    assert_eq!(moved.identified().await.1, progress(2));
    let mut again = resume(&third, &begin).await;
    for done in 1..=3 {
        assert_eq!(again.identified().await.1, progress(done));
    }
    while moved.next().await.is_some() {}
    first.observer.release.notify_one();
    let (_, message) = again.identified().await;
    assert_eq!(message, progress(1_000_000));
    let (last, message) = again.identified().await;
    assert_eq!(message, result("released"));
    assert_eq!(again.next().await, None);
    // It is over, and what it said is still there.
    let mut rest = resume(&second, &one).await;
    for message in [progress(2), progress(3), progress(1_000_000), result("released")] {
        assert_eq!(rest.identified().await.1, message);
    }
    assert_eq!(rest.next().await, None);
    assert_eq!(resume(&third, &last).await.next().await, None);
    // An event that never was.
    let beyond = format!("{}-99", last.rsplit_once('-').expect("an id").0);
    assert_eq!(second.send(second.get(&beyond)).await, UNKNOWN);
}

#[tokio::test(start_paused = true)]
async fn a_pause_ends_the_connection_at_another_instance() {
    let [mut first, second, _] = room_instances(&SimulatedBackplane::new());
    let client = Client::connect(&first.app, "2025-11-25", "alice-token").await;
    let mut stream = client.open(client.call(7, "pause", "{}")).await;
    let begin = primed(&mut stream).await;
    assert_eq!(stream.next().await, None);
    assert_eq!(first.observer.events.recv().await, Some("paused"));
    let mut stream = resume(&second.serve(&client), &begin).await;
    first.observer.release.notify_one();
    assert_eq!(stream.identified().await.1, result("went on"));
    assert_eq!(stream.next().await, None);
}

#[tokio::test(start_paused = true)]
async fn a_stream_is_read_at_another_instance_by_those_who_may() {
    let [mut first, second, _] = room_instances(&SimulatedBackplane::new());
    let client = Client::connect(&first.app, "2025-11-25", "alice-2-token").await;
    let mut stream = client.open(client.call(7, "write", "{}")).await;
    let id = primed(&mut stream).await;
    stream.identified().await;
    assert_eq!(first.observer.events.recv().await, Some("writing"));
    let there = second.serve(&client);
    let bob = Client { token: "bob-token", ..there.clone() };
    assert!(bob.send(bob.get(&id)).await.starts_with("404 "));
    for token in ["bob-token", "alice-2-token"] {
        let other = Client::connect(&second.app, "2025-11-25", token).await;
        assert_eq!(other.send(other.get(&id)).await, UNKNOWN);
    }
    let narrow = Client { token: "alice-token", ..there.clone() };
    let refused = narrow.send(narrow.get(&id)).await;
    assert!(refused.starts_with("403 ") && refused.contains(r#"error="insufficient_scope""#), "{refused}");
    for made_up in ["x-1", &id.replace("A", "B")] {
        assert_eq!(there.send(there.get(made_up)).await, UNKNOWN, "{made_up}");
    }
    // None of these took the stream over.
    first.observer.release.notify_one();
    assert_eq!(stream.identified().await.1, result("written"));
}

#[tokio::test(start_paused = true)]
async fn without_its_instance_a_stream_ends_and_is_refused() {
    let engine = SimulatedBackplane::new();
    let [mut first, second, third] = room_instances(&engine);
    let client = Client::connect(&first.app, "2025-11-25", "alice-token").await;
    let [second, third] = [&second, &third].map(|instance| instance.serve(&client));
    let mut stream = client.open(client.call(7, "wait", r#"{"say":1}"#)).await;
    let begin = primed(&mut stream).await;
    assert_eq!(first.observer.events.recv().await, Some("waiting"));
    let mut stream = resume(&second, &begin).await;
    assert_eq!(stream.identified().await.1, progress(1));
    engine.stop();
    let asked = Instant::now();
    assert_try_again(&third.send(third.get(&begin)).await, asked);
    let mut local = resume(&client, &begin).await;
    assert_eq!(local.identified().await.1, progress(1));
    assert!(timeout(30 * RESPONSE, async { while stream.next().await.is_some() {} }).await.is_ok(), "it ends");
    engine.resume();
    sleep(RESPONSE).await;
    let mut stream = resume(&third, &begin).await;
    assert_eq!(stream.identified().await.1, progress(1));
    // Its instance is gone. That is unknown at first.
    first.connection.cut();
    let asked = Instant::now();
    assert_try_again(&second.send(second.get(&begin)).await, asked);
    assert!(timeout(30 * RESPONSE, async { while stream.next().await.is_some() {} }).await.is_ok(), "it ends");
    sleep(10 * RESPONSE).await;
    assert_eq!(second.send(second.get(&begin)).await, UNKNOWN);
    assert_eq!(third.send(third.get(&begin)).await, UNKNOWN);
}

#[tokio::test(start_paused = true)]
async fn the_end_of_a_session_ends_its_streams_at_other_instances() {
    let [mut first, second, third] = room_instances(&SimulatedBackplane::new());
    let client = Client::connect(&first.app, "2025-11-25", "alice-token").await;
    let mut stream = client.open(client.call(7, "wait", r#"{"say":1}"#)).await;
    let begin = primed(&mut stream).await;
    let mut stream = resume(&second.serve(&client), &begin).await;
    assert_eq!(stream.identified().await.1, progress(1));
    assert_eq!(third.serve(&client).send(client.delete()).await, "204 No Content\n\n");
    let ended = Instant::now();
    assert_eq!(stream.next().await, None);
    assert!(ended.elapsed() < Duration::from_secs(1));
    assert_eq!(first.observer.events.recv().await, Some("waiting"));
    assert_eq!(first.observer.events.recv().await, Some("dropped"));
}

#[tokio::test(start_paused = true)]
async fn the_events_are_exactly_those_that_follow_whatever_the_engine_loses() {
    for seed in seeds() {
        let instances = room_instances(&SimulatedBackplane::with_faults(seed, 20));
        let client = Client::connect(&instances[0].app, "2025-11-25", "alice-token").await;
        let mut stream = client.open(client.call(7, "count", "{}")).await;
        let (mut last, mut messages, mut moves) = (primed(&mut stream).await, Vec::new(), seed);
        let expected: Vec<_> = (1..=20).map(progress).chain([result("counted")]).collect();
        while messages.len() < expected.len() {
            // A few events at each instance, and then the next one.
            for _ in 0..=moves % 4 {
                match stream.next().await {
                    Some(event) if event.starts_with(':') => {}
                    Some(event) => {
                        let event = event.strip_prefix("event: message\nid: ").expect("an id");
                        let (id, message) = event.split_once("\ndata: ").expect("a message");
                        last = id.to_owned();
                        messages.push(message.trim_end().to_owned());
                    }
                    None => break,
                }
            }
            drop(stream);
            stream = loop {
                moves += 1;
                let instance = instances[(moves % 3) as usize].serve(&client);
                let asked = Instant::now();
                let response = deliver(&instance.app, unchecked(instance.get(&last))).await;
                if response.status() == 200 {
                    break Stream::of(response);
                }
                assert_eq!(response.status(), 503, "seed {seed}");
                assert!(asked.elapsed() <= RESPONSE);
            };
        }
        assert_eq!(messages, expected, "seed {seed}");
    }
}
