//! A tool that one instance disables is disabled at all of them.

use std::sync::atomic::Ordering;
use std::time::Duration;

use axum::Router;
use mcp::testing::{SimulatedBackplane, SimulatedConnection};
use mcp::{Changes, DynamicTool, Http};
use serde_json::json;
use tokio::time::{sleep, timeout};

use super::newer::newer;
use super::seeds;
use crate::support::client::{call, modern, send};
use crate::support::socket::{Served, exchange, raw};
use crate::support::stream::{Stream, listen};

/// The time in which all instances know of a change, if the engine is well.
const SOON: Duration = Duration::from_secs(2);

struct Desk;

#[mcp::server(name = "desk", version = "1")]
impl Desk {
    /// Look at the desk.
    #[mcp::tool]
    fn look(&self) -> &'static str {
        "empty"
    }

    /// Write something down.
    #[mcp::tool]
    fn write(&self) -> &'static str {
        "written"
    }

    /// Read what is written.
    #[mcp::tool]
    fn read(&self) -> &'static str {
        "nothing"
    }
}

struct DeskInstance {
    app: Router,
    changes: Changes,
    connection: SimulatedConnection,
}

fn desk(engine: &SimulatedBackplane) -> DeskInstance {
    let connection = engine.connect();
    let http = Http::open(Desk).replicas(connection.clone(), [[7; 32]]);
    DeskInstance { changes: http.changes(), app: http.router(), connection }
}

fn desks(engine: &SimulatedBackplane) -> [DeskInstance; 3] {
    [(); 3].map(|()| desk(engine))
}

impl DeskInstance {
    /// Returns the names of the tools in the list.
    async fn tools(&self) -> Vec<String> {
        let list = send(&self.app, modern("", "tools/list", "")).await;
        let (_, list) = list.split_once("\n\n").expect("a body");
        let list: serde_json::Value = serde_json::from_str(list).expect("JSON");
        let tools = list["result"]["tools"].as_array().expect("a list");
        tools.iter().map(|tool| tool["name"].as_str().expect("a name").to_owned()).collect()
    }

    /// Waits until the list has these tools.
    async fn comes_to(&self, expected: &[&str], within: Duration) -> bool {
        let same = async {
            while self.tools().await != expected {
                sleep(Duration::from_millis(100)).await;
            }
        };
        timeout(within, same).await.is_ok()
    }
}

fn beta() -> DynamicTool {
    DynamicTool::new("beta", "Try it.", json!({"type": "object"}), |_| async { "tried" }).expect("a tool")
}

#[tokio::test(start_paused = true)]
async fn a_tool_is_disabled_and_enabled_at_every_instance() {
    let engine = SimulatedBackplane::new();
    let [first, second, third] = desks(&engine);
    let mut stream = Stream::open(&second.app, listen("7", r#""toolsListChanged":true"#)).await;
    stream.any_message().await;
    assert!(first.changes.disable_tool("look") && !first.changes.disable_tool("look"));
    assert_eq!(first.tools().await, ["write", "read"], "at once");
    sleep(SOON).await;
    // Told at the latest when the list has changed here.
    assert!(stream.any_message().await.contains("tools/list_changed"));
    for instance in [&second, &third, &desk(&engine)] {
        assert!(instance.comes_to(&["write", "read"], SOON).await);
        let called = send(&instance.app, call("", "look", "{}")).await;
        assert!(called.contains("Unknown tool: look"), "{called}");
    }
    assert!(third.changes.enable_tool("look"));
    for instance in [&first, &second, &third, &desk(&engine)] {
        assert!(instance.comes_to(&["look", "write", "read"], SOON).await);
    }
}

#[tokio::test]
async fn an_instance_applies_the_record_before_its_first_request() {
    let engine = SimulatedBackplane::new();
    let [first, second, _] = desks(&engine);
    first.changes.disable_tool("look");
    assert!(second.comes_to(&["write", "read"], SOON).await, "it is stored");
    let http = Http::open(Desk).replicas(engine.connect(), [[7; 32]]);
    let served = Served::start(|listener, stop| http.serve_until(listener, stop)).await;
    let response = exchange(served.address, raw("", "look", "connection: close\r\n").as_bytes()).await;
    assert!(response.contains("Unknown tool: look"), "{response}");
    served.stop().await;
}

#[tokio::test(start_paused = true)]
async fn instances_that_disable_different_tools_at_once_disable_both() {
    let engine = SimulatedBackplane::new();
    let [first, second, third] = desks(&engine);
    sleep(SOON).await;
    first.changes.disable_tool("look");
    second.changes.disable_tool("write");
    for instance in [&first, &second, &third] {
        assert!(instance.comes_to(&["read"], SOON).await);
    }
    // One enables its tool while it is cut off, the engine loses its records, and another instance starts then.
    second.connection.cut();
    assert!(second.changes.enable_tool("write"));
    assert_eq!(second.tools().await, ["write", "read"]);
    engine.stop();
    engine.lose_records();
    sleep(SOON).await;
    engine.resume();
    second.connection.heal();
    for instance in [&first, &second, &third, &desk(&engine)] {
        assert!(instance.comes_to(&["write", "read"], 2 * SOON).await, "{:?}", instance.tools().await);
    }
}

#[tokio::test(start_paused = true)]
async fn a_tool_that_another_instance_lacks_is_disabled_where_it_exists() {
    let engine = SimulatedBackplane::new();
    let [first, second, third] = desks(&engine);
    first.changes.add_tool(beta()).expect("added");
    third.changes.add_tool(beta()).expect("added");
    assert!(first.changes.disable_tool("beta"));
    assert!(!second.changes.disable_tool("beta") && !second.changes.enable_tool("beta"), "it has none");
    assert!(third.comes_to(&["look", "write", "read"], SOON).await);
    second.changes.add_tool(beta()).expect("added");
    assert_eq!(second.tools().await, ["look", "write", "read"], "it is known as disabled");
    // Its removal here decides nothing for the others.
    assert!(first.changes.remove_tool("beta"));
    sleep(SOON).await;
    first.changes.add_tool(beta()).expect("added");
    for instance in [&first, &second, &third] {
        assert_eq!(instance.tools().await, ["look", "write", "read"]);
    }
    assert!(second.changes.enable_tool("beta"));
    for instance in [&first, &second, &third] {
        assert!(instance.comes_to(&["look", "write", "read", "beta"], SOON).await, "{:?}", instance.tools().await);
    }
}

#[tokio::test(start_paused = true)]
async fn an_older_instance_leaves_the_record_of_a_newer_version_alone() {
    let engine = SimulatedBackplane::new();
    let (first, (newer, is_newer)) = (desk(&engine), newer(&engine));
    let http = Http::open(Desk).replicas(newer, [[7; 32]]);
    let older = DeskInstance { changes: http.changes(), app: http.router(), connection: engine.connect() };
    first.changes.disable_tool("look");
    sleep(SOON).await;
    assert_eq!(older.tools().await, ["look", "write", "read"]);
    assert!(older.changes.disable_tool("write"));
    sleep(SOON).await;
    assert_eq!(first.tools().await, ["write", "read"]);
    is_newer.store(false, Ordering::SeqCst);
    for instance in [&first, &older] {
        assert!(instance.comes_to(&["read"], SOON).await, "{:?}", instance.tools().await);
    }
}

#[tokio::test(start_paused = true)]
async fn all_instances_agree_whatever_the_engine_loses() {
    for seed in seeds() {
        let engine = SimulatedBackplane::with_faults(seed, 20);
        let instances = desks(&engine);
        instances[0].changes.disable_tool("look");
        instances[1].changes.disable_tool("write");
        for instance in &instances {
            // A few beats and operations in a row can fail.
            assert!(instance.comes_to(&["read"], 20 * SOON).await, "seed {seed}");
        }
        // Each of them is enabled elsewhere.
        instances[2].changes.enable_tool("look");
        instances[0].changes.enable_tool("write");
        for instance in &instances {
            assert!(instance.comes_to(&["look", "write", "read"], 20 * SOON).await, "seed {seed}");
        }
    }
}
