//! The log level and the subscriptions of a session hold at every instance.

use std::time::Duration;

use mcp::testing::SimulatedBackplane;
use tokio::time::{Instant, timeout};

use super::{assert_try_again, room_instance, room_instances, seeds};
use crate::support::session::Client;
use crate::support::stream::Stream;

/// The time within which a connected instance has heard of a choice.
const SOON: Duration = Duration::from_secs(1);

/// Waits until a stream has heard that the note changed. Returns `false` if it has not within the time.
async fn hears(stream: &mut Stream, within: Duration) -> bool {
    let heard = async { while !stream.any_message().await.contains(r#""uri":"notes://1""#) {} };
    timeout(within, heard).await.is_ok()
}

/// Returns `true` if a call logs a message to the client.
async fn logs(client: &Client) -> bool {
    client.send(client.call(5, "client", "{}")).await.contains("notifications/message")
}

#[tokio::test(start_paused = true)]
async fn the_choices_of_a_client_hold_at_every_instance() {
    let engine = SimulatedBackplane::new();
    let [first, second, third] = room_instances(&engine);
    let client = Client::connect(&first.app, "2025-11-25", "alice-token").await;
    let [second_client, third_client] = [&second, &third].map(|instance| instance.serve(&client));
    assert!(!logs(&client).await && !logs(&third_client).await);
    let mut stream = client.open(client.get("")).await;
    let set = |client: &Client, method, params| client.request(3, method, params);
    let done = "200 OK\ncontent-type: application/json\n\n{\"jsonrpc\":\"2.0\",\"id\":3,\"result\":{}}";
    let response = second_client.send(set(&client, "logging/setLevel", r#""level":"debug""#)).await;
    assert_eq!(response, done);
    let response = second_client.send(set(&client, "resources/subscribe", r#""uri":"notes://1""#)).await;
    assert_eq!(response, done);
    tokio::time::sleep(SOON).await;
    third.changes.resource_updated("notes://1");
    assert!(hears(&mut stream, SOON).await);
    assert!(logs(&client).await && logs(&third_client).await);
    // An instance that is new, and one to which the stream moves.
    let fourth = room_instance(&engine).serve(&client);
    assert!(logs(&fourth).await);
    drop(stream);
    let mut stream = fourth.open(fourth.get("")).await;
    first.changes.resource_updated("notes://1");
    assert!(hears(&mut stream, SOON).await);
    let response = third_client.send(set(&client, "resources/unsubscribe", r#""uri":"notes://1""#)).await;
    assert_eq!(response, done);
    tokio::time::sleep(SOON).await;
    first.changes.resource_updated("notes://1");
    assert!(!hears(&mut stream, 10 * SOON).await);
    // Another session of the same client has chosen nothing.
    let other = Client::connect(&second.app, "2025-11-25", "alice-token").await;
    assert!(!logs(&other).await && !logs(&third.serve(&other)).await);
}

#[tokio::test(start_paused = true)]
async fn without_the_engine_a_client_chooses_nothing_and_calls_go_on() {
    let engine = SimulatedBackplane::new();
    let [first, second, third] = room_instances(&engine);
    let client = Client::connect(&first.app, "2025-11-25", "alice-token").await;
    let response = client.send(client.request(3, "resources/subscribe", r#""uri":"notes://2""#)).await;
    assert!(response.starts_with("200 "), "{response}");
    assert!(!logs(&client).await);
    engine.stop();
    for (method, params) in
        [("resources/subscribe", r#""uri":"notes://1""#), ("logging/setLevel", r#""level":"debug""#)]
    {
        let asked = Instant::now();
        assert_try_again(&client.send(client.request(3, method, params)).await, asked);
    }
    tokio::time::sleep(SOON).await;
    let asked = Instant::now();
    assert!(!logs(&client).await && !logs(&second.serve(&client)).await);
    let mut stream = third.serve(&client).open(third.serve(&client).get("")).await;
    assert_eq!(asked.elapsed(), Duration::ZERO, "these need no engine");
    engine.resume();
    // What the client had chosen is read once the engine is back.
    tokio::time::sleep(2 * SOON).await;
    while timeout(Duration::ZERO, stream.any_message()).await.is_ok() {}
    first.changes.resource_updated("notes://2");
    assert!(timeout(SOON, stream.any_message()).await.expect("a change").contains("notes://2"));
    tokio::time::sleep(SOON).await;
    let response = client.send(client.request(3, "logging/setLevel", r#""level":"debug""#)).await;
    assert!(response.starts_with("200 "), "{response}");
    tokio::time::sleep(SOON).await;
    assert!(logs(&second.serve(&client)).await);
}

#[tokio::test(start_paused = true)]
async fn a_subscription_is_heard_everywhere_whatever_the_engine_loses() {
    for seed in seeds() {
        let [first, second, third] = room_instances(&SimulatedBackplane::with_faults(seed, 20));
        let client = Client::connect(&first.app, "2025-11-25", "alice-token").await;
        let mut stream = client.open(client.get("")).await;
        let chooser = second.serve(&client);
        loop {
            let asked = Instant::now();
            let subscribe = client.request(3, "resources/subscribe", r#""uri":"notes://1""#);
            match chooser.send(subscribe).await {
                response if response.starts_with("200 ") => break,
                response => assert_try_again(&response, asked),
            }
        }
        tokio::time::sleep(20 * SOON).await;
        while timeout(Duration::ZERO, stream.any_message()).await.is_ok() {}
        third.changes.resource_updated("notes://1");
        assert!(hears(&mut stream, 20 * SOON).await, "seed {seed}");
    }
}
