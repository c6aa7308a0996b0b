//! A change that one instance announces reaches the listeners of all.

use std::sync::atomic::Ordering;
use std::time::Duration;

use mcp::testing::SimulatedBackplane;
use tokio::time::{Instant, timeout};

use super::newer::newer;
use super::{Instance, instances};
use crate::support::stream::{Stream, listen};

/// The time after which a listener has to know, if the engine is well: for the beat, the delay, and the spread.
const SOON: Duration = Duration::from_secs(2);

/// Opens a stream for the changes of a note and of the tools.
async fn listener(instance: &Instance) -> Stream {
    let wanted = r#""toolsListChanged":true,"resourceSubscriptions":["note://1"]"#;
    let mut stream = Stream::open(&instance.app, listen("7", wanted)).await;
    stream.any_message().await;
    stream
}

/// Waits until a stream has heard that the note changed. Returns `false` if it has not within the time.
async fn hears(stream: &mut Stream, within: Duration) -> bool {
    let heard = async { while !stream.any_message().await.contains(r#""uri":"note://1""#) {} };
    timeout(within, heard).await.is_ok()
}

/// Reads what was told before, until nothing comes for a while.
async fn settle(stream: &mut Stream) {
    while timeout(SOON, stream.any_message()).await.is_ok() {}
}

#[tokio::test(start_paused = true)]
async fn each_instance_tells_its_listeners() {
    let engine = SimulatedBackplane::new();
    let instances = instances(&engine);
    for announcer in &instances {
        for listening in &instances {
            let mut stream = listener(listening).await;
            settle(&mut stream).await;
            announcer.changes.resource_updated("note://2");
            announcer.changes.tools_changed();
            announcer.changes.resource_updated("note://1");
            assert!(stream.any_message().await.contains("tools/list_changed"));
            assert!(stream.any_message().await.contains("note://1"));
            assert!(timeout(SOON, stream.any_message()).await.is_err(), "each change is told once");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_listener_learns_of_a_change_that_was_lost() {
    let engine = SimulatedBackplane::new();
    let [first, second, third] = instances(&engine);
    let (mut near, mut far) = (listener(&first).await, listener(&second).await);
    settle(&mut near).await;
    settle(&mut far).await;
    // Cut off while the change is announced, and while nothing is.
    second.connection.cut();
    first.changes.resource_updated("note://1");
    assert!(hears(&mut near, Duration::ZERO).await, "its own listeners hear at once");
    assert!(!hears(&mut far, SOON).await);
    second.connection.heal();
    let healed = Instant::now();
    assert!(hears(&mut far, SOON).await, "{:?}", healed.elapsed());
    settle(&mut far).await;
    // The engine is gone for longer than an instance may be silent.
    engine.stop();
    third.changes.resource_updated("note://1");
    assert!(!hears(&mut far, Duration::from_secs(30)).await);
    engine.resume();
    assert!(hears(&mut far, SOON).await);
    assert!(hears(&mut near, SOON).await);
}

#[tokio::test(start_paused = true)]
async fn messages_of_a_newer_version_are_a_gap() {
    let engine = SimulatedBackplane::new();
    let ([first, ..], (newer, is_newer)) = (instances(&engine), newer(&engine));
    let http = mcp::Http::open(super::Board).replicas(newer, [[7; 32]]);
    let older = Instance { changes: http.changes(), app: http.router(), connection: engine.connect() };
    let mut stream = listener(&older).await;
    settle(&mut stream).await;
    first.changes.resource_updated("note://1");
    assert!(!hears(&mut stream, SOON).await);
    is_newer.store(false, Ordering::SeqCst);
    assert!(hears(&mut stream, SOON).await);
}

#[tokio::test(start_paused = true)]
async fn every_listener_hears_whatever_the_engine_loses() {
    for seed in 0..1000 {
        let engine = SimulatedBackplane::with_faults(seed, 20);
        let [first, second, _third] = instances(&engine);
        let mut stream = listener(&second).await;
        for _ in 0..3 {
            while timeout(Duration::ZERO, stream.any_message()).await.is_ok() {}
            first.changes.resource_updated("note://1");
            // A beat in five is lost, too, so that some need a few of them.
            assert!(hears(&mut stream, 10 * SOON).await, "seed {seed}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn instances_with_other_keys_or_of_other_servers_are_not_heard() {
    let engine = SimulatedBackplane::new();
    let [first, ..] = instances(&engine);
    let mut stream = listener(&first).await;
    settle(&mut stream).await;
    let strangers = [
        mcp::Http::open(super::Board).replicas(engine.connect(), [[8; 32]]),
        mcp::Http::open(super::Board).path("/other").replicas(engine.connect(), [[7; 32]]),
    ];
    for stranger in strangers {
        let changes = stranger.changes();
        let _app = stranger.router();
        changes.resource_updated("note://1");
        assert!(!hears(&mut stream, 10 * SOON).await);
    }
}

#[tokio::test(start_paused = true)]
async fn a_storm_of_equal_changes_is_one_message() {
    let engine = SimulatedBackplane::new();
    let [first, second, _third] = instances(&engine);
    let mut stream = listener(&second).await;
    settle(&mut stream).await;
    for _ in 0..5000 {
        first.changes.resource_updated("note://1");
    }
    assert!(stream.any_message().await.contains("note://1"));
    assert!(timeout(SOON, stream.any_message()).await.is_err(), "no gap, and so no other change");
}

#[tokio::test(start_paused = true)]
async fn a_storm_of_gaps_is_spread() {
    let engine = SimulatedBackplane::new();
    let [first, second, third] = instances(&engine);
    let mut stream = listener(&third).await;
    settle(&mut stream).await;
    let (mut heard, began) = (0, Instant::now());
    while began.elapsed() < 10 * SOON {
        // Each of these is two gaps for the third instance.
        third.connection.cut();
        first.changes.resource_updated("note://2");
        second.changes.resource_updated("note://2");
        tokio::time::sleep(SOON / 20).await;
        third.connection.heal();
        // Long enough for a beat of both.
        tokio::time::sleep(SOON / 2).await;
        while timeout(Duration::ZERO, stream.any_message()).await.is_ok() {
            heard += 1;
        }
    }
    // Two changes at most for each of the 20 seconds, where 18 times two gaps would be 72 changes.
    assert!((20..=42).contains(&heard), "{heard}");
}
