//! Records and messages of a newer version of the program are unavailable or ignored, and never wrong.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use mcp::backplane::{Backplane, BackplaneFuture, Expected, Put, Recipient, Record};
use mcp::testing::{SimulatedBackplane, SimulatedConnection};
use serde_json::json;
use tokio::time::{Instant, sleep, timeout};

use super::{RoomInstance, assert_try_again, room_instance, room_instance_of};
use crate::support::jobs::JobClient;
use crate::support::session::Client;

/// The time in which an instance learns of what another one did.
const SOON: Duration = Duration::from_secs(2);

/// An engine whose records and messages have the format of a newer version, as long as `is_newer` is set.
pub(super) struct Newer {
    engine: SimulatedConnection,
    is_newer: Arc<AtomicBool>,
}

impl Newer {
    fn format(&self, mut envelope: Vec<u8>) -> Vec<u8> {
        if let Some(format) = envelope.first_mut().filter(|_| self.is_newer.load(Ordering::SeqCst)) {
            *format += 1;
        }
        envelope
    }

    fn record(&self, record: Record) -> Record {
        Record { value: self.format(record.value), ..record }
    }
}

impl Backplane for Newer {
    fn send<'a>(&'a self, to: Recipient<'a>, message: &'a [u8]) -> BackplaneFuture<'a, ()> {
        self.engine.send(to, message)
    }

    fn receive<'a>(&'a self, instance: &'a str) -> BackplaneFuture<'a, Vec<u8>> {
        Box::pin(async move { self.engine.receive(instance).await.map(|message| self.format(message)) })
    }

    fn get<'a>(&'a self, key: &'a str) -> BackplaneFuture<'a, Option<Record>> {
        Box::pin(async move { Ok(self.engine.get(key).await?.map(|record| self.record(record))) })
    }

    fn put<'a>(
        &'a self,
        key: &'a str,
        value: &'a [u8],
        lifetime: Duration,
        expected: Expected,
    ) -> BackplaneFuture<'a, Put> {
        Box::pin(async move {
            Ok(match self.engine.put(key, value, lifetime, expected).await? {
                Put::Found(found) => Put::Found(found.map(|record| self.record(record))),
                stored @ Put::Stored(_) => stored,
            })
        })
    }

    fn add<'a>(&'a self, key: &'a str, amount: u64, lifetime: Duration) -> BackplaneFuture<'a, u64> {
        self.engine.add(key, amount, lifetime)
    }
}

/// Returns an engine for an older instance, and the switch for what it finds.
pub(super) fn newer(engine: &SimulatedBackplane) -> (Newer, Arc<AtomicBool>) {
    let is_newer = Arc::new(AtomicBool::new(true));
    (Newer { engine: engine.connect(), is_newer: Arc::clone(&is_newer) }, is_newer)
}

#[tokio::test(start_paused = true)]
async fn the_record_of_a_session_is_left_alone() {
    let engine = SimulatedBackplane::new();
    let (first, (newer, is_newer)) = (room_instance(&engine), newer(&engine));
    let older: RoomInstance = room_instance_of(newer, engine.connect(), &[7]);
    let client = Client::connect(&first.app, "2025-11-25", "alice-token").await;
    let chosen = client.send(client.request(3, "resources/subscribe", r#""uri":"notes://1""#)).await;
    assert!(chosen.starts_with("200 "), "{chosen}");
    let there = older.serve(&client);
    assert!(there.is_alive().await, "calls go on");
    for request in [
        there.request(3, "logging/setLevel", r#""level":"debug""#),
        there.request(3, "resources/subscribe", r#""uri":"notes://2""#),
        there.delete(),
    ] {
        let asked = Instant::now();
        assert_try_again(&there.send(request).await, asked);
    }
    assert!(client.is_alive().await && there.is_alive().await);
    let mut stream = there.open(there.get("")).await;
    is_newer.store(false, Ordering::SeqCst);
    sleep(2 * SOON).await;
    while timeout(Duration::ZERO, stream.any_message()).await.is_ok() {}
    first.changes.resource_updated("notes://1");
    assert!(timeout(SOON, stream.any_message()).await.expect("a change").contains("notes://1"));
    assert_eq!(there.send(there.delete()).await, "204 No Content\n\n");
}

#[tokio::test(start_paused = true)]
async fn a_task_of_a_newer_version_is_not_unknown() {
    let engine = SimulatedBackplane::new();
    let (newer, is_newer) = newer(&engine);
    let first = JobClient::of(|http| http.replicas(engine.connect(), [[7; 32]]));
    let older = JobClient::of(|http| http.replicas(newer, [[7; 32]]));
    let capabilities = || json!({"io.modelcontextprotocol/tasks": {}});
    let (_, task) = first.send("alice", capabilities(), "tools/call", json!({"name": "count", "arguments": {}})).await;
    let id = json!({"taskId": task["result"]["taskId"]});
    let (status, body) = older.send("alice", capabilities(), "tasks/get", id.clone()).await;
    assert_eq!(status, 503, "{body}");
    // Longer than an instance may be silent: nobody failed the task.
    sleep(Duration::from_secs(20)).await;
    is_newer.store(false, Ordering::SeqCst);
    sleep(SOON).await;
    for client in [&first, &older] {
        let (status, body) = client.send("alice", capabilities(), "tasks/get", id.clone()).await;
        assert_eq!((status, body["result"]["status"].as_str()), (200, Some("working")), "{body}");
    }
}
