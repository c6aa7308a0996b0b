//! A task is found, updated and cancelled at any instance, and fails once when the instance that runs it is gone.

use std::time::Duration;

use mcp::testing::{SimulatedBackplane, SimulatedConnection};
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use super::{RESPONSE, seeds};
use crate::support::jobs::{HttpJobs, JobClient};
use crate::support::servers::limits;

/// The time after which an instance that is gone is noticed.
const NOTICED: Duration = Duration::from_secs(8);

/// An instance, and its connection to the engine.
struct Instance {
    client: JobClient,
    connection: SimulatedConnection,
}

fn instance(engine: &SimulatedBackplane, settings: impl FnOnce(HttpJobs) -> HttpJobs) -> Instance {
    let connection = engine.connect();
    let client = JobClient::of(|http| settings(http.replicas(connection.clone(), [[7; 32]])));
    Instance { client, connection }
}

fn instances(engine: &SimulatedBackplane) -> [Instance; 3] {
    [(); 3].map(|()| instance(engine, |http| http))
}

impl Instance {
    /// Sends a request as alice. Returns the status and the body.
    async fn send(&self, method: &str, params: Value) -> (u16, Value) {
        self.send_as("alice", method, params).await
    }

    async fn send_as(&self, token: &str, method: &str, params: Value) -> (u16, Value) {
        let asked = Instant::now();
        let response = self.client.send(token, json!({"io.modelcontextprotocol/tasks": {}}), method, params).await;
        assert!(asked.elapsed() <= RESPONSE, "{:?}", asked.elapsed());
        response
    }

    /// Sends a request until it is known what it did, as a client does after a 503. Returns its result.
    async fn insist(&self, method: &str, params: Value) -> Value {
        loop {
            match self.send(method, params.clone()).await {
                (503, _) => sleep(Duration::from_millis(100)).await,
                (200, body) => return body["result"].clone(),
                other => panic!("{other:?}"),
            }
        }
    }

    async fn current(&self, id: &str) -> Value {
        self.insist("tasks/get", json!({"taskId": id})).await
    }

    /// Polls a task until it has a status.
    async fn until(&self, id: &str, status: &str) -> Value {
        for _ in 0..200 {
            let task = self.current(id).await;
            if task["status"] == status {
                return task;
            }
            sleep(Duration::from_millis(100)).await;
        }
        panic!("the task is not {status}: {}", self.current(id).await);
    }

    async fn begin(&self, tool: &str) -> String {
        let task = self.insist("tools/call", json!({"name": tool, "arguments": {}})).await;
        assert_eq!(task["resultType"], "task", "{task}");
        task["taskId"].as_str().expect("an id").to_owned()
    }

    /// Begins the task that asks two questions, by an answer to the one before.
    async fn begin_asking(&self) -> String {
        let call = json!({"name": "delete", "arguments": {}});
        let asked = self.insist("tools/call", call.clone()).await;
        let mut call = call;
        call["requestState"] = asked["requestState"].clone();
        call["inputResponses"] = json!({"before": yes()});
        let task = self.insist("tools/call", call).await;
        task["taskId"].as_str().unwrap_or_else(|| panic!("{task}")).to_owned()
    }
}

fn yes() -> Value {
    json!({"action": "accept", "content": {"confirm": true}})
}

fn unknown(id: &str) -> Value {
    json!({"jsonrpc": "2.0", "id": 1, "error": {"code": -32602, "message": format!("Unknown task: {id}")}})
}

#[tokio::test(start_paused = true)]
async fn a_task_is_known_to_its_principal_at_every_instance() {
    let all @ [first, second, third] = &instances(&SimulatedBackplane::new());
    let id = first.begin("count").await;
    first.client.go.add_permits(2);
    let task = second.until(&id, "working").await;
    let expected = json!({
        "taskId": id, "status": "working", "createdAt": task["createdAt"], "lastUpdatedAt": task["lastUpdatedAt"],
        "ttlMs": 3_600_000, "pollIntervalMs": 500, "resultType": "complete", "_meta": task["_meta"],
    });
    sleep(Duration::from_secs(1)).await;
    let mut counted = expected.clone();
    counted["statusMessage"] = "counted to 2".into();
    for instance in all {
        let mut task = instance.current(&id).await;
        task["lastUpdatedAt"] = counted["lastUpdatedAt"].clone();
        assert_eq!(task, counted);
        let shown: String = id.chars().take(100).collect();
        for method in ["tasks/get", "tasks/update", "tasks/cancel"] {
            let params = json!({"taskId": id, "inputResponses": {}});
            let (_, body) = instance.send_as("bob", method, params).await;
            let message = body["error"]["message"].as_str().expect("an error");
            assert!(message.starts_with("Unknown task: ") && message.contains(&shown[..20]), "{message}");
            let (status, body) = instance.send("tasks/get", json!({"taskId": "made-up"})).await;
            assert_eq!((status, body), (400, unknown("made-up")));
        }
    }
    let (status, _) = second.send("tasks/cancel", json!({"taskId": id})).await;
    assert_eq!(status, 200);
    first.client.ended.notified().await;
    for instance in [first, second, third] {
        assert_eq!(instance.current(&id).await["status"], "cancelled");
    }
}

#[tokio::test(start_paused = true)]
async fn every_instance_needs_the_scopes_of_the_tool() {
    let [first, second, _] = instances(&SimulatedBackplane::new());
    let params = json!({"name": "fail", "arguments": {"how": "code"}});
    let task = first.insist("tools/call", params).await;
    let id = task["taskId"].as_str().expect("an id");
    // The same principal, with a narrower token.
    for method in ["tasks/get", "tasks/update", "tasks/cancel"] {
        let (status, body) = second.send_as("narrow", method, json!({"taskId": id, "inputResponses": {}})).await;
        assert_eq!((status, &body["error"]["message"]), (403, &json!("Required scope: jobs")));
    }
    first.client.go.add_permits(1);
    let failed = second.until(id, "failed").await;
    assert_eq!(failed["error"], json!({"code": 17, "message": "broken", "data": [1]}));
}

#[tokio::test(start_paused = true)]
async fn questions_of_a_task_are_answered_at_any_instance_whatever_the_engine_loses() {
    for seed in seeds() {
        let [first, second, third] = instances(&SimulatedBackplane::with_faults(seed, 20));
        let id = first.begin_asking().await;
        let asking = second.until(&id, "input_required").await;
        assert_eq!(asking["inputRequests"].as_object().map(serde_json::Map::len), Some(2), "seed {seed}: {asking}");
        let answer = async |instance: &Instance, key: &str| {
            instance.insist("tasks/update", json!({"taskId": id, "inputResponses": {key: yes()}})).await;
        };
        tokio::join!(answer(&second, "one"), answer(&third, "two"));
        let done = third.until(&id, "completed").await;
        assert_eq!(done["result"]["content"][0]["text"], "One: true, two: true", "seed {seed}");
        for instance in [&first, &second, &third] {
            assert_eq!(instance.current(&id).await, done, "seed {seed}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn the_end_of_a_task_never_changes_whoever_ends_it() {
    for seed in seeds() {
        let engine = SimulatedBackplane::with_faults(seed, 10);
        let [first, second, third] = instances(&engine);
        let id = first.begin("count").await;
        // The owner is cut off for about as long as it takes to be noticed, and the task ends meanwhile.
        first.connection.cut();
        sleep(Duration::from_millis(5000 + seed * 20)).await;
        first.client.go.add_permits(4);
        let healing = async {
            sleep(Duration::from_millis(seed * 13 % 3000)).await;
            first.connection.heal();
        };
        let watching = async |instance: &Instance| {
            let mut last = Value::Null;
            for _ in 0..60 {
                let task = instance.current(&id).await;
                let is_over = task["status"] != "working";
                assert!(last.is_null() || last == task, "seed {seed}: {last} {task}");
                last = if is_over { task } else { Value::Null };
                sleep(Duration::from_millis(250)).await;
            }
            last
        };
        let ((), second, third) = tokio::join!(healing, watching(&second), watching(&third));
        assert!(!second.is_null(), "seed {seed}");
        assert_eq!((&first.current(&id).await, &third), (&second, &second), "seed {seed}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_task_fails_at_every_instance_when_the_one_that_runs_it_is_gone() {
    let engine = SimulatedBackplane::new();
    let [first, second, third] = instances(&engine);
    sleep(NOTICED).await;
    let id = first.begin("count").await;
    first.connection.cut();
    assert_eq!(second.current(&id).await["status"], "working", "it may be back");
    let (status, _) = first.send("tasks/get", json!({"taskId": id})).await;
    assert_eq!(status, 503);
    sleep(NOTICED).await;
    let failed = second.current(&id).await;
    assert_eq!(failed["status"], "failed");
    assert_eq!(failed["error"], json!({"code": -32603, "message": "The instance that ran the task is gone"}));
    for method in ["tasks/update", "tasks/cancel"] {
        let (status, body) = third.send(method, json!({"taskId": id, "inputResponses": {}})).await;
        assert_eq!(status, 200, "{body}");
    }
    // The instance is back, and ends what the others gave up.
    first.connection.heal();
    first.client.ended.notified().await;
    for instance in [&first, &second, &third] {
        assert_eq!(instance.current(&id).await, failed);
    }
    let next = first.begin("count").await;
    sleep(NOTICED).await;
    assert_eq!(second.current(&next).await["status"], "working", "a new tenure");
}

#[tokio::test(start_paused = true)]
async fn no_task_fails_because_the_engine_was_away() {
    let engine = SimulatedBackplane::new();
    let [first, second, third] = instances(&engine);
    let id = first.begin("count").await;
    engine.stop();
    sleep(3 * NOTICED).await;
    for (instance, method) in [(&first, "tasks/get"), (&second, "tasks/get"), (&third, "tasks/cancel")] {
        let (status, body) = instance.send(method, json!({"taskId": id})).await;
        assert_eq!((status, &body["error"]["code"]), (503, &json!(-32603)), "{body}");
    }
    let (status, _) = first.send("tools/call", json!({"name": "count", "arguments": {}})).await;
    assert_eq!(status, 503, "a task that nobody would find");
    first.client.ended.notified().await;
    engine.resume();
    engine.lose_records();
    for _ in 0..40 {
        for instance in [&second, &third, &first] {
            assert_eq!(instance.current(&id).await["status"], "working");
        }
        sleep(Duration::from_millis(250)).await;
    }
    first.client.go.add_permits(4);
    let done = second.until(&id, "completed").await;
    engine.lose_records();
    assert_eq!(third.current(&id).await, done, "the instance that ran it has it");
}

#[tokio::test(start_paused = true)]
async fn a_result_that_is_too_long_for_the_engine_fails_the_task() {
    let engine = SimulatedBackplane::new();
    let limits = limits(|limits| limits.memory.shared_task_result_bytes = 10);
    let owner = instance(&engine, |http| http.limits(limits));
    let other = instance(&engine, |http| http);
    let id = owner.begin("count").await;
    owner.client.go.add_permits(4);
    let failed = other.until(&id, "failed").await;
    let message = "The result of the task is longer than 10 bytes, which is all that is kept";
    assert_eq!(failed["error"], json!({"code": -32603, "message": message}));
}
