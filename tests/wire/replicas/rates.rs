//! A rate counts the requests of an account at all instances together.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::Router;
use mcp::testing::{SimulatedBackplane, SimulatedConnection};
use mcp::{AccessToken, Http, Rate, Rates, StaticTokens};
use tokio::sync::watch;
use tokio::time::{Instant, sleep};

use super::newer::newer;
use super::outage::Hanging;
use super::{RESPONSE, seeds};
use crate::support::client::{call, send};

struct Library;

#[mcp::server(
    name = "library",
    version = "1",
    issuer = "https://auth.example.com",
    resource = "http://127.0.0.1:8000/mcp",
    scopes = ["read"],
)]
impl Library {
    /// Borrow a book.
    #[mcp::tool(rate = "6/min")]
    fn borrow(&self) -> &'static str {
        "borrowed"
    }

    /// Look for a book, with slices of ten requests.
    #[mcp::tool(rate = "200/h")]
    fn search(&self) -> &'static str {
        "found"
    }

    /// Look out of the window.
    #[mcp::tool]
    fn look(&self) -> &'static str {
        "trees"
    }
}

/// Two accounts, one of them with two clients.
fn tokens() -> StaticTokens {
    let token = |client: &str, subject: &str| AccessToken::ours(client).with_subject(subject).with_scopes(["read"]);
    StaticTokens::new([
        ("alice-token", token("app", "alice")),
        ("alices-other-token", token("other", "alice")),
        ("bob-token", token("app", "bob")),
    ])
}

struct LibraryInstance {
    app: Router,
    connection: SimulatedConnection,
}

fn libraries(engine: &SimulatedBackplane) -> [LibraryInstance; 3] {
    [(); 3].map(|()| {
        let connection = engine.connect();
        let rates = Rates::new().server(Rate::per_minute(1000)).only_429();
        let http = Http::protected(Library, tokens()).rates(rates).replicas(connection.clone(), [[7; 32]]);
        LibraryInstance { app: http.router(), connection }
    })
}

impl LibraryInstance {
    /// Calls a tool. Returns `true` unless the call is beyond a rate.
    async fn calls(&self, token: &str, tool: &str) -> bool {
        let asked = Instant::now();
        let response = send(&self.app, call(token, tool, "{}")).await;
        assert!(asked.elapsed() <= RESPONSE, "{:?}", asked.elapsed());
        let is_limited = response.starts_with("429 Too Many Requests\ncontent-type: application/json\nretry-after: ");
        assert!(is_limited || response.starts_with("200 "), "{response}");
        !is_limited
    }
}

/// Calls a tool at one instance after the other. Returns the number of calls within the rate.
async fn admitted(instances: &[LibraryInstance], tool: &str, calls: usize) -> usize {
    let mut admitted = 0;
    for instance in instances.iter().cycle().take(calls) {
        admitted += usize::from(instance.calls("alice-token", tool).await);
    }
    admitted
}

#[tokio::test(start_paused = true)]
async fn a_rate_counts_the_requests_at_all_instances() {
    let engine = SimulatedBackplane::new();
    let instances @ [first, second, third] = &libraries(&engine);
    assert_eq!(admitted(instances, "borrow", 20).await, 6);
    let refused = send(&second.app, call("alices-other-token", "borrow", "{}")).await;
    assert!(refused.contains("Too many requests for `borrow` (at most 6/min); try again in "), "{refused}");
    // Another account, another item, and an instance that starts now.
    assert!(third.calls("bob-token", "borrow").await && third.calls("alice-token", "search").await);
    let [later, ..] = libraries(&engine);
    assert!(!later.calls("alice-token", "borrow").await);
    // What is left of a slice at one instance is missing at the others.
    let found = admitted(instances, "search", 300).await;
    assert!((200 - 1 - 3 * 9..200).contains(&found), "{found}");
    // Each bucket is full again.
    sleep(Duration::from_secs(130)).await;
    let borrowed = tokio::join!(
        admitted(std::slice::from_ref(first), "borrow", 9),
        admitted(std::slice::from_ref(second), "borrow", 9),
        admitted(std::slice::from_ref(third), "borrow", 9),
    );
    assert_eq!(borrowed.0 + borrowed.1 + borrowed.2, 6, "all at once: {borrowed:?}");
}

#[tokio::test(start_paused = true)]
async fn the_rate_of_the_server_is_shared_too() {
    let engine = SimulatedBackplane::new();
    let instances = [(); 3].map(|()| {
        let rates = Rates::new().server(Rate::per_minute(7));
        let connection = engine.connect();
        let http = Http::protected(Library, tokens()).rates(rates).replicas(connection.clone(), [[7; 32]]);
        LibraryInstance { app: http.router(), connection }
    });
    assert_eq!(admitted(&instances, "look", 20).await, 7);
    for instance in &instances {
        assert!(!instance.calls("alice-token", "unknown").await, "also what does not exist");
        assert!(instance.calls("bob-token", "look").await);
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_with_a_slice_left_sends_the_engine_nothing() {
    let ((_hang, hangs), operations) = (watch::channel(false), Arc::new(AtomicUsize::new(0)));
    let connection = SimulatedBackplane::new().connect();
    let engine = Hanging { engine: connection.clone(), hangs, operations: Arc::clone(&operations) };
    let http = Http::protected(Library, tokens()).rates(Rates::new().only_429()).replicas(engine, [[7; 32]]);
    let app = http.router();
    let instance = LibraryInstance { app, connection };
    sleep(Duration::from_millis(100)).await;
    for _ in 0..3 {
        let before = operations.load(Ordering::SeqCst);
        assert!(instance.calls("alice-token", "search").await);
        assert_eq!(operations.load(Ordering::SeqCst), before + 2, "a slice is read and taken");
        for _ in 1..10 {
            assert!(instance.calls("alice-token", "search").await);
        }
        assert_eq!(operations.load(Ordering::SeqCst), before + 2);
    }
    // A refused caller does not reach the engine until a request may be there.
    while instance.calls("bob-token", "borrow").await {}
    let before = operations.load(Ordering::SeqCst);
    assert!(!instance.calls("bob-token", "borrow").await && !instance.calls("bob-token", "borrow").await);
    assert_eq!(operations.load(Ordering::SeqCst), before);
}

#[tokio::test(start_paused = true)]
async fn without_the_engine_each_instance_admits_its_part_of_the_rate() {
    let engine = SimulatedBackplane::new();
    let instances @ [_, second, third] = &libraries(&engine);
    // Until they have heard of each other.
    sleep(Duration::from_secs(1)).await;
    engine.stop();
    for instance in instances {
        assert_eq!(admitted(std::slice::from_ref(instance), "borrow", 5).await, 2);
    }
    sleep(Duration::from_secs(1)).await;
    let asked = Instant::now();
    assert!(second.calls("alice-token", "look").await && !second.calls("alice-token", "borrow").await);
    assert_eq!(asked.elapsed(), Duration::ZERO, "an engine that is down is not waited for");
    engine.resume();
    sleep(Duration::from_secs(1)).await;
    assert_eq!(admitted(instances, "borrow", 20).await, 6, "shared again");
    // One that is cut off goes on with its part.
    third.connection.cut();
    assert_eq!(admitted(std::slice::from_ref(third), "borrow", 5).await, 0, "used a moment ago");
}

#[tokio::test(start_paused = true)]
async fn an_older_instance_counts_alone_beside_a_newer_version() {
    let engine = SimulatedBackplane::new();
    let [first, ..] = libraries(&engine);
    let http = Http::protected(Library, tokens()).rates(Rates::new().only_429()).replicas(newer(&engine).0, [[7; 32]]);
    let older = LibraryInstance { app: http.router(), connection: engine.connect() };
    assert_eq!(admitted(std::slice::from_ref(&first), "borrow", 9).await, 6);
    // It cannot read the messages of the others either, and so counts as one.
    assert_eq!(admitted(std::slice::from_ref(&older), "borrow", 9).await, 6);
    assert_eq!(admitted(std::slice::from_ref(&first), "borrow", 1).await, 0);
}

#[tokio::test(start_paused = true)]
async fn a_rate_holds_up_to_the_parts_of_all_instances_whatever_the_engine_loses() {
    for seed in seeds() {
        // A request that was taken for a call that failed is lost to the account.
        let instances = libraries(&SimulatedBackplane::with_faults(seed, 20));
        // The first beats, of which some are lost.
        sleep(Duration::from_secs(5)).await;
        let admitted = admitted(&instances, "borrow", 40).await;
        assert!((3..=12).contains(&admitted), "seed {seed}: {admitted}");
    }
}
