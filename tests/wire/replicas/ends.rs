//! A session that its client ends is refused by every instance.

use std::time::Duration;

use mcp::testing::SimulatedBackplane;
use tokio::time::{Instant, sleep, timeout};

use super::{assert_try_again, room_instance, room_instances, seeds};
use crate::support::session::Client;
use crate::support::stream::Stream;

const ENDED: &str = "204 No Content\n\n";

/// The time after which an instance that is connected refuses a session.
const SOON: Duration = Duration::from_secs(1);

/// Waits until a stream is over. Returns `false` if it is not within the time.
async fn ends(stream: &mut Stream, within: Duration) -> bool {
    timeout(within, async { while stream.next().await.is_some() {} }).await.is_ok()
}

#[tokio::test(start_paused = true)]
async fn a_session_ends_at_every_instance_and_stays_so() {
    let engine = SimulatedBackplane::new();
    let [mut first, second, third] = room_instances(&engine);
    let client = Client::connect(&first.app, "2025-11-25", "alice-token").await;
    let mut call = client.open(client.call(7, "wait", r#"{"say":1}"#)).await;
    call.any_message().await;
    assert_eq!(first.observer.events.recv().await, Some("waiting"));
    let at_third = third.serve(&client);
    let mut announcements = at_third.open(at_third.get("")).await;
    // Nobody else ends it.
    let bob = Client { token: "bob-token", ..second.serve(&client) };
    assert!(bob.send(bob.delete()).await.starts_with("404 "));
    assert!(client.is_alive().await && at_third.is_alive().await);
    assert_eq!(second.serve(&client).send(client.delete()).await, ENDED);
    assert!(ends(&mut call, SOON).await && ends(&mut announcements, SOON).await);
    assert_eq!(first.observer.events.recv().await, Some("dropped"));
    let fourth = room_instance(&engine);
    for instance in [&first, &second, &third, &fourth] {
        assert!(!instance.serve(&client).is_alive().await);
    }
}

#[tokio::test(start_paused = true)]
async fn an_instance_that_was_cut_off_refuses_the_session_when_it_is_back() {
    let engine = SimulatedBackplane::new();
    let [first, second, third] = room_instances(&engine);
    let client = Client::connect(&first.app, "2025-11-25", "alice-token").await;
    let [cut, idle] = [&second, &third].map(|instance| instance.serve(&client));
    let mut announcements = cut.open(cut.get("")).await;
    assert!(cut.is_alive().await && idle.is_alive().await);
    second.connection.cut();
    third.connection.cut();
    assert_eq!(client.send(client.delete()).await, ENDED);
    assert!(!client.is_alive().await);
    assert!(!ends(&mut announcements, 30 * SOON).await, "it cannot know");
    assert!(cut.is_alive().await && idle.is_alive().await);
    second.connection.heal();
    third.connection.heal();
    assert!(ends(&mut announcements, 2 * SOON).await);
    assert!(!cut.is_alive().await && !idle.is_alive().await);
}

#[tokio::test(start_paused = true)]
async fn without_the_engine_no_session_ends() {
    let engine = SimulatedBackplane::new();
    let [first, second, _] = room_instances(&engine);
    let client = Client::connect(&first.app, "2025-11-25", "alice-token").await;
    assert!(second.serve(&client).is_alive().await);
    engine.stop();
    let asked = Instant::now();
    assert_try_again(&client.send(client.delete()).await, asked);
    let asked = Instant::now();
    assert!(client.is_alive().await && second.serve(&client).is_alive().await);
    assert_eq!(asked.elapsed(), Duration::ZERO, "these need no engine");
    engine.resume();
    assert_eq!(client.send(client.delete()).await, ENDED);
    sleep(SOON).await;
    assert!(!client.is_alive().await && !second.serve(&client).is_alive().await);
}

#[tokio::test(start_paused = true)]
async fn a_session_ends_everywhere_whatever_the_engine_loses() {
    for seed in seeds() {
        let instances = room_instances(&SimulatedBackplane::with_faults(seed, 20));
        let client = Client::connect(&instances[0].app, "2025-11-25", "alice-token").await;
        let at_third = instances[2].serve(&client);
        let mut announcements = at_third.open(at_third.get("")).await;
        loop {
            let asked = Instant::now();
            match instances[1].serve(&client).send(client.delete()).await {
                response if response == ENDED => break,
                // The first attempt was reported as failed, and had ended it.
                response if response.starts_with("404 ") => break,
                response => assert_try_again(&response, asked),
            }
        }
        assert!(!instances[1].serve(&client).is_alive().await, "seed {seed}");
        // A few beats in a row can be lost, too.
        assert!(ends(&mut announcements, 20 * SOON).await, "seed {seed}");
        for instance in &instances {
            let at_instance = instance.serve(&client);
            let refused = async {
                while at_instance.is_alive().await {
                    sleep(SOON).await;
                }
            };
            assert!(timeout(20 * SOON, refused).await.is_ok(), "seed {seed}");
            assert!(!at_instance.is_alive().await, "seed {seed}: it is known from now on");
        }
    }
}
