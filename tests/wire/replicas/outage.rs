//! Ordinary requests need no engine. One that hangs delays the others for two seconds at most.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use mcp::backplane::{Backplane, BackplaneFuture, Expected, Put, Recipient, Record, Unavailable};
use mcp::testing::{SimulatedBackplane, SimulatedConnection};
use tokio::sync::watch;
use tokio::time::{Instant, sleep};

use super::{RoomInstance, assert_try_again, room_instance_of};
use crate::support::client::call;
use crate::support::session::Client;

/// An engine whose operations are counted, and complete when it does not hang.
pub(super) struct Hanging {
    pub(super) engine: SimulatedConnection,
    pub(super) hangs: watch::Receiver<bool>,
    pub(super) operations: Arc<AtomicUsize>,
}

impl Hanging {
    async fn unless_it_hangs<T>(&self, operation: BackplaneFuture<'_, T>) -> Result<T, Unavailable> {
        self.operations.fetch_add(1, Ordering::SeqCst);
        let mut hangs = self.hangs.clone();
        tokio::select! {
            biased;
            () = async { drop(hangs.wait_for(|hangs| *hangs).await) } => {
                drop(hangs.wait_for(|hangs| !hangs).await);
                Err(Unavailable)
            }
            outcome = operation => outcome,
        }
    }
}

impl Backplane for Hanging {
    fn send<'a>(&'a self, to: Recipient<'a>, message: &'a [u8]) -> BackplaneFuture<'a, ()> {
        Box::pin(self.unless_it_hangs(self.engine.send(to, message)))
    }

    fn receive<'a>(&'a self, instance: &'a str) -> BackplaneFuture<'a, Vec<u8>> {
        Box::pin(self.unless_it_hangs(self.engine.receive(instance)))
    }

    fn get<'a>(&'a self, key: &'a str) -> BackplaneFuture<'a, Option<Record>> {
        Box::pin(self.unless_it_hangs(self.engine.get(key)))
    }

    fn put<'a>(
        &'a self,
        key: &'a str,
        value: &'a [u8],
        lifetime: Duration,
        expected: Expected,
    ) -> BackplaneFuture<'a, Put> {
        Box::pin(self.unless_it_hangs(self.engine.put(key, value, lifetime, expected)))
    }

    fn add<'a>(&'a self, key: &'a str, amount: u64, lifetime: Duration) -> BackplaneFuture<'a, u64> {
        Box::pin(self.unless_it_hangs(self.engine.add(key, amount, lifetime)))
    }
}

fn instances(hangs: &watch::Receiver<bool>, operations: &Arc<AtomicUsize>) -> [RoomInstance; 2] {
    let engine = SimulatedBackplane::new();
    [(); 2].map(|()| {
        let connection = engine.connect();
        let (hangs, operations) = (hangs.clone(), Arc::clone(operations));
        room_instance_of(Hanging { engine: connection.clone(), hangs, operations }, connection, &[7])
    })
}

#[tokio::test(start_paused = true)]
async fn ordinary_requests_send_the_engine_nothing() {
    let ((_hang, hangs), operations) = (watch::channel(false), Arc::default());
    let [first, second] = instances(&hangs, &operations);
    let client = Client::connect(&first.app, "2025-11-25", "alice-token").await;
    let there = second.serve(&client);
    assert!(there.is_alive().await);
    sleep(Duration::from_millis(100)).await;
    let before = operations.load(Ordering::SeqCst);
    for client in [&client, &there] {
        assert!(client.send(client.call(5, "hello", "{}")).await.starts_with("200 "));
        assert!(client.is_alive().await);
    }
    assert!(second.app_calls().await.starts_with("200 "));
    assert_eq!(operations.load(Ordering::SeqCst), before, "the record of the session was read before");
}

#[tokio::test(start_paused = true)]
async fn an_engine_that_hangs_delays_what_needs_it_for_two_seconds() {
    // Each request is the first one that meets the hanging engine.
    for request in 0..5 {
        let (hang, hangs) = watch::channel(false);
        let [mut first, second] = instances(&hangs, &Arc::default());
        let client = Client::connect(&first.app, "2025-11-25", "alice-token").await;
        let there = second.serve(&client);
        let mut waiting = client.open(client.call(1, "wait", r#"{"say":1}"#)).await;
        let (id, _) = loop {
            let event = waiting.next().await.expect("an event");
            if let Some(event) = event.strip_prefix("event: message\nid: ") {
                break event.split_once('\n').map(|(id, rest)| (id.to_owned(), rest.to_owned())).expect("an id");
            }
        };
        assert_eq!(first.observer.events.recv().await, Some("waiting"));
        let mut asking = client.open(client.call(2, "folders", "{}")).await;
        let question: serde_json::Value = serde_json::from_str(&asking.any_message().await).expect("JSON");
        let answer = format!(r#"{{"jsonrpc":"2.0","id":{},"result":{{"roots":[]}}}}"#, question["id"]);
        hang.send_replace(true);
        let asked = Instant::now();
        let needs_engine = match request {
            0 => there.send(there.post(answer.clone())).await,
            1 => there.send(there.delete()).await,
            2 => there.send(there.request(3, "resources/subscribe", r#""uri":"notes://1""#)).await,
            3 => there.send(there.request(3, "logging/setLevel", r#""level":"info""#)).await,
            _ => there.send(there.get(&id)).await,
        };
        assert_try_again(&needs_engine, asked);
        let asked = Instant::now();
        assert!(second.app_calls().await.starts_with("200 "));
        assert!(client.send(client.call(4, "hello", "{}")).await.starts_with("200 "));
        assert_eq!(asked.elapsed(), Duration::ZERO, "these need nothing");
        assert_eq!(
            there
                .send(there.post(r#"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":9}}"#))
                .await,
            "202 Accepted\n\n"
        );
        assert!(asked.elapsed() <= Duration::from_millis(400), "{:?}", asked.elapsed());
        hang.send_replace(false);
        sleep(Duration::from_secs(3)).await;
        // Nothing was failed or ended meanwhile.
        assert_eq!(there.send(there.post(answer)).await, "202 Accepted\n\n");
        assert!(asking.any_message().await.contains("\"result\""));
        first.observer.release.notify_one();
        assert!(waiting.any_message().await.contains("1000000"));
        assert!(waiting.any_message().await.contains("released"));
    }
}

impl RoomInstance {
    /// Calls a tool without a session.
    async fn app_calls(&self) -> String {
        crate::support::client::send(&self.app, call("alice-token", "hello", "{}")).await
    }
}
