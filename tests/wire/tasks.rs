//! Calls that outlive their requests (the extension `io.modelcontextprotocol/tasks`).

use std::sync::{Arc, Mutex};
use std::time::Duration;

use mcp::{Invocation, Layer, Next, Rate, Rates, Reply, TextContent, ToolResult};
use serde_json::{Value, json};

use crate::support::clock::pass;
use crate::support::ends::Hook;
use crate::support::jobs::JobClient as Client;
use crate::support::servers::limits;

#[tokio::test]
async fn a_call_goes_on_after_its_answer_and_says_how_far_it_is() {
    let client = Client::new();
    let answer = client.request("tools/call", json!({"name": "count"})).await;
    let task = &answer["result"];
    let id = task["taskId"].as_str().expect("an id");
    assert!(id.len() >= 22, "{id}");
    let time = task["createdAt"].as_str().expect("a time");
    assert!(time.starts_with("20") && time.ends_with('Z') && time.len() == 24, "{time}");
    let expected = json!({
        "resultType": "task", "taskId": id, "status": "working", "createdAt": time, "lastUpdatedAt": time,
        "ttlMs": 3_600_000, "pollIntervalMs": 500, "_meta": task["_meta"],
    });
    assert_eq!(*task, expected);
    let current = client.request("tasks/get", json!({"taskId": id})).await;
    assert_eq!(
        (&current["result"]["status"], &current["result"]["resultType"]),
        (&json!("working"), &json!("complete"))
    );

    client.go.add_permits(2);
    let task = client.wait(id, |task| task["statusMessage"] == "counted to 2").await;
    assert_eq!((&task["status"], task.get("result")), (&json!("working"), None));
    client.go.add_permits(2);
    let task = client.wait(id, |task| task["status"] != "working").await;
    assert_eq!(task["status"], "completed");
    let content = json!([{"type": "text", "text": "Counted to 3 as a task: true, cancelled: false"}]);
    assert_eq!((&task["result"]["content"], &task["result"]["resultType"]), (&content, &json!("complete")));
    assert_eq!(client.wait(id, |_| true).await, task, "it stays as it is");
}

#[tokio::test]
async fn the_end_of_a_task_has_a_record_of_its_own() {
    let (hook, mut ends) = Hook::new();
    let client = Client::of(|http| http.audit(hook));
    let line = |outcome: &str, tool: &str| format!("{outcome} tools/call tool={tool} item={tool} client=alice");
    let fail = |how: &str| json!({"how": how});
    for (tool, arguments, expected) in [
        ("count", json!({}), "ok"),
        ("fail", fail("tool"), "tool_error"),
        ("fail", fail("code"), "error 17"),
        ("fail", fail("panic"), "panicked"),
        ("count", json!({}), "cancelled"),
    ] {
        let id = client.begin(tool, arguments).await;
        assert_eq!(ends.next().await, line("task", tool));
        if expected == "cancelled" {
            client.request("tasks/cancel", json!({"taskId": id})).await;
            assert_eq!(ends.next().await, "ok tasks/cancel client=alice");
        } else {
            client.go.add_permits(4);
        }
        assert_eq!(ends.next().await, line(expected, tool) + " task end");
        // What was not taken is left.
        while client.go.try_acquire().is_ok_and(|permit| {
            permit.forget();
            true
        }) {}
    }
    // A call that becomes none is one request.
    client.go.add_permits(4);
    client.send("alice", json!({}), "tools/call", json!({"name": "count"})).await;
    assert_eq!(ends.all(), [line("ok", "count")]);
}

#[tokio::test]
async fn a_result_for_which_there_is_no_room_is_recorded_as_an_error() {
    let (hook, mut ends) = Hook::new();
    let limits = limits(|limits| limits.memory.task_result_bytes = 10);
    let client = Client::of(|http| http.audit(hook).limits(limits));
    client.begin("count", json!({})).await;
    client.go.add_permits(4);
    let call = "tools/call tool=count item=count client=alice";
    assert_eq!(
        [ends.next().await, ends.next().await],
        [format!("task {call}"), format!("error -32603 {call} task end")]
    );
}

/// Notes when a call begins and ends, and shouts its result.
#[derive(Clone, Default)]
struct Crier(Arc<Mutex<Vec<String>>>);

impl Crier {
    fn cry(&self, what: &str, invocation: &Invocation<'_>) {
        self.0.lock().expect("nobody panics").push(format!("{what} {}", invocation.item().name()));
    }
}

impl Layer for Crier {
    async fn call(&self, invocation: &Invocation<'_>, next: Next<'_>) -> Result<Reply, mcp::Error> {
        self.cry("begins", invocation);
        let Reply::Tool(result) = next.run().await? else { panic!("it is a tool") };
        self.cry("ends", invocation);
        Ok(Reply::Tool(ToolResult::new(vec![TextContent::new(result.text().to_uppercase()).into()])))
    }
}

#[tokio::test]
async fn a_layer_is_around_the_whole_task() {
    let crier = Crier::default();
    let client = Client::of(|http| http.layer(crier.clone()));
    let cries = || crier.0.lock().expect("nobody panics").join(", ");
    let id = client.begin("count", json!({})).await;
    assert_eq!(cries(), "begins count");
    client.go.add_permits(4);
    let task = client.wait(&id, |task| task["status"] != "working").await;
    assert_eq!(task["result"]["content"][0]["text"], "COUNTED TO 3 AS A TASK: TRUE, CANCELLED: FALSE");
    assert_eq!(cries(), "begins count, ends count");
}

#[tokio::test]
async fn a_task_counts_once_against_the_rate_of_its_tool() {
    let client = Client::of(|http| http.rates(Rates::new().item("count", Rate::per_hour(1))));
    let id = client.begin("count", json!({})).await;
    let refused = client.request("tools/call", json!({"name": "count"})).await;
    assert_eq!((&refused["result"]["resultType"], &refused["result"]["isError"]), (&json!("complete"), &json!(true)));
    let text = refused["result"]["content"][0]["text"].as_str().expect("a text");
    assert!(text.starts_with("Too many requests for `count` (at most 1/h); try again in "), "{text}");
    let extensions = json!({"io.modelcontextprotocol/tasks": {}});
    let (_, other) = client.send("bob", extensions, "tools/call", json!({"name": "count"})).await;
    assert_eq!(other["result"]["resultType"], "task", "another account");
    client.go.add_permits(8);
    let task = client.wait(&id, |task| task["status"] != "working").await;
    assert_eq!(task["status"], "completed");
}

#[tokio::test]
async fn a_client_without_the_extension_waits_or_is_told() {
    let client = Client::new();
    client.go.add_permits(4);
    let (status, answer) = client.send("alice", json!({}), "tools/call", json!({"name": "count"})).await;
    assert_eq!(status, 200);
    assert_eq!(answer["result"]["content"][0]["text"], "Counted to 3 as a task: false, cancelled: false");

    let required = json!({"requiredCapabilities": {"extensions": {"io.modelcontextprotocol/tasks": {}}}});
    let fail = json!({"name": "fail", "arguments": {"how": "tool"}});
    for (method, params) in [
        ("tools/call", fail),
        ("tasks/get", json!({"taskId": "x"})),
        ("tasks/update", json!({"taskId": "x", "inputResponses": {}})),
        ("tasks/cancel", json!({"taskId": "x"})),
    ] {
        let (status, answer) = client.send("alice", json!({}), method, params).await;
        assert_eq!((status, &answer["error"]["code"]), (400, &json!(-32021)), "{method}: {answer}");
        assert_eq!(answer["error"]["data"], required, "{method}");
    }
    let answer = client.request("tools/call", json!({"name": "usurp"})).await;
    assert_eq!(answer["error"]["message"], "Only a tool with `#[mcp::tool(task)]` can become a task");
}

#[tokio::test]
async fn a_task_fails_as_its_call_would() {
    let client = Client::new();
    client.go.add_permits(3);
    let failed =
        client.wait(&client.begin("fail", json!({"how": "tool"})).await, |task| task["status"] != "working").await;
    assert_eq!(failed["status"], "completed");
    assert_eq!(failed["result"]["isError"], true);
    assert_eq!(failed["result"]["content"], json!([{"type": "text", "text": "not today"}]));
    for (how, error) in [
        ("protocol", json!({"code": 17, "message": "broken", "data": [1]})),
        ("panic", json!({"code": -32603, "message": "The tool panicked"})),
    ] {
        let failed =
            client.wait(&client.begin("fail", json!({"how": how})).await, |task| task["status"] != "working").await;
        assert_eq!((&failed["status"], &failed["error"], failed.get("result")), (&json!("failed"), &error, None));
    }
    // What is wrong with the arguments is known before there is a task.
    let answer = client.request("tools/call", json!({"name": "fail", "arguments": {}})).await;
    assert_eq!(answer["result"]["content"][0]["text"], "Argument how is missing");
}

#[tokio::test]
async fn cancelling_ends_the_work() {
    let client = Client::new();
    let id = client.begin("count", json!({})).await;
    for _ in 0..2 {
        let answer = client.request("tasks/cancel", json!({"taskId": id})).await;
        assert_eq!(answer["result"], json!({"resultType": "complete", "_meta": answer["result"]["_meta"]}));
    }
    client.ended.notified().await;
    let task = client.wait(&id, |_| true).await;
    assert_eq!((&task["status"], task.get("result"), task.get("error")), (&json!("cancelled"), None, None));
    client.go.add_permits(4);
    assert_eq!(client.wait(&id, |_| true).await, task);
}

#[tokio::test]
async fn a_task_is_its_owners_and_needs_what_its_tool_needs() {
    let client = Client::new();
    let id = client.begin("fail", json!({"how": "tool"})).await;
    let tasks = json!({"io.modelcontextprotocol/tasks": {}});
    for method in ["tasks/get", "tasks/update", "tasks/cancel"] {
        let params = json!({"taskId": id, "inputResponses": {}});
        // Whatever they may do, others learn nothing of it.
        for token in ["bob", "carol"] {
            let (status, answer) = client.send(token, tasks.clone(), method, params.clone()).await;
            assert_eq!((status, &answer["error"]["code"]), (400, &json!(-32602)), "{answer}");
            assert_eq!(answer["error"]["message"], format!("Unknown task: {id}"));
        }
        let (status, answer) = client.send("narrow", tasks.clone(), method, params).await;
        assert_eq!((status, &answer["error"]["data"]["error"]), (403, &json!("insufficient_scope")), "{answer}");
    }
    assert_eq!(client.wait(&id, |_| true).await["status"], "working");
    for (params, message) in [
        (json!({"taskId": "nothing"}), "Unknown task: nothing"),
        (json!({}), "Invalid params: `taskId` is missing"),
        (json!({"taskId": 7}), "Invalid params: `taskId`: invalid type: integer `7`, expected a string"),
    ] {
        let (_, answer) = client.send("alice", tasks.clone(), "tasks/get", params).await;
        assert_eq!(answer["error"]["message"], message);
    }
    let answer = client.request("tasks/list", json!({})).await;
    assert_eq!(answer["error"]["code"], -32601);
}

#[tokio::test]
async fn questions_come_before_the_task_and_during_it() {
    let client = Client::new();
    let answer = client.request("tools/call", json!({"name": "delete"})).await;
    assert_eq!(answer["result"]["resultType"], "input_required", "{answer}");
    let yes = json!({"action": "accept", "content": {"confirm": true}});
    let params = json!({
        "name": "delete",
        "inputResponses": {"before": yes},
        "requestState": answer["result"]["requestState"],
    });
    let answer = client.request("tools/call", params).await;
    assert_eq!(answer["result"]["resultType"], "task", "{answer}");
    let id = answer["result"]["taskId"].as_str().expect("an id").to_owned();
    let task = client.wait(&id, |task| task["status"] == "input_required").await;
    let keys: Vec<&String> = task["inputRequests"].as_object().expect("questions").keys().collect();
    assert_eq!(keys, ["one", "two"]);
    assert_eq!(task["inputRequests"]["one"]["method"], "elicitation/create");

    let update =
        async |answers: Value| client.request("tasks/update", json!({"taskId": id, "inputResponses": answers})).await;
    for (answers, message) in [
        (json!(null), "Invalid params: `inputResponses` must be an object"),
        (json!({"one": yes, "two": 7}), "Invalid params: the answer to `two`: it must be an object"),
    ] {
        assert_eq!(update(answers).await["error"]["message"], message);
    }
    assert_eq!(client.wait(&id, |_| true).await, task, "nothing was taken");
    assert_eq!(update(json!({"other": 7})).await["result"]["resultType"], "complete");
    assert_eq!(update(json!({"one": yes})).await["result"]["resultType"], "complete");
    let task = client.wait(&id, |_| true).await;
    assert_eq!(task["inputRequests"].as_object().expect("questions").keys().collect::<Vec<_>>(), ["two"]);
    update(json!({"one": {"action": "cancel"}, "two": {"action": "decline"}})).await;
    let task = client.wait(&id, |task| task["status"] == "completed").await;
    assert_eq!(task["result"]["content"][0]["text"], "One: true, two: false");
}

#[tokio::test]
async fn a_question_of_a_task_is_not_open_for_ever() {
    let client =
        Client::of(|http| http.limits(limits(|limits| limits.state.question_timeout = Duration::from_secs(7))));
    let yes = json!({"action": "accept", "content": {"confirm": true}});
    let first = client.request("tools/call", json!({"name": "delete"})).await["result"].take();
    let again = json!({
        "name": "delete", "inputResponses": {"before": yes}, "requestState": first["requestState"],
    });
    let answer = client.request("tools/call", again).await;
    let id = answer["result"]["taskId"].as_str().expect("an id");
    client.wait(id, |task| task["status"] == "input_required").await;
    pass(Duration::from_secs(8)).await;
    let task = client.wait(id, |task| task["status"] != "input_required").await;
    let expected = "The client did not answer `one`: it took longer than 7s";
    assert_eq!((&task["status"], &task["result"]["isError"]), (&json!("completed"), &json!(true)));
    assert_eq!(task["result"]["content"][0]["text"], expected);
}

#[tokio::test]
async fn there_are_no_more_tasks_than_allowed_and_none_is_kept_for_longer() {
    let client = Client::of(|http| http.limits(limits(|limits| limits.state.tasks = 1)));
    client.begin("count", json!({})).await;
    let answer = client.request("tools/call", json!({"name": "count"})).await;
    assert_eq!(answer["error"]["message"], "There are too many tasks; try again later");

    let client = Client::of(|http| http.limits(limits(|limits| limits.state.task_lifetime = Duration::ZERO)));
    let id = client.begin("count", json!({})).await;
    let answer = client.request("tasks/get", json!({"taskId": id})).await;
    assert_eq!(answer["error"]["message"], format!("Unknown task: {id}"));
    client.ended.notified().await;
}

/// The clock on the wall plays no part in it: it can be set.
#[tokio::test]
async fn the_age_of_a_task_is_time_that_has_passed() {
    let client = Client::of(|http| http.limits(limits(|limits| limits.state.task_lifetime = Duration::from_secs(10))));
    let id = client.begin("count", json!({})).await;
    pass(Duration::from_secs(9)).await;
    let task = client.wait(&id, |_| true).await;
    assert_eq!((&task["status"], &task["lastUpdatedAt"]), (&json!("working"), &task["createdAt"]));
    client.go.add_permits(1);
    let told = client.wait(&id, |task| task["statusMessage"] == "counted to 1").await;
    let (created, updated) = (&told["createdAt"], &told["lastUpdatedAt"]);
    assert!(created.as_str() < updated.as_str(), "{told}");
    pass(Duration::from_secs(2)).await;
    let answer = client.request("tasks/get", json!({"taskId": id})).await;
    assert_eq!(answer["error"]["message"], format!("Unknown task: {id}"));
    client.ended.notified().await;
}

#[tokio::test]
async fn a_task_that_is_over_makes_room_for_another() {
    let client = Client::of(|http| http.limits(limits(|limits| limits.state.tasks = 5)));
    let (extension, count) = (json!({"io.modelcontextprotocol/tasks": {}}), json!({"name": "count"}));
    let end = async |token: &str, id: &Value| {
        client.send(token, extension.clone(), "tasks/cancel", json!({"taskId": id})).await;
    };
    let status = async |token: &str, id: &Value| {
        let answer = client.send(token, extension.clone(), "tasks/get", json!({"taskId": id})).await.1;
        answer["result"]["status"].as_str().map(str::to_owned)
    };
    let begin = async |token: &str| {
        client.send(token, extension.clone(), "tools/call", count.clone()).await.1["result"]["taskId"].clone()
    };
    let bob = begin("bob").await;
    let (first, second) = (begin("alice").await, begin("alice").await);
    assert_eq!(begin("alice").await, Value::Null, "all of them run");
    for (token, id) in [("bob", &bob), ("alice", &second), ("alice", &first)] {
        end(token, id).await;
    }
    // The oldest one of whoever has most of them.
    let third = begin("alice").await;
    assert_eq!(status("alice", &third).await.as_deref(), Some("working"));
    assert_eq!(status("alice", &first).await, None);
    assert_eq!(status("alice", &second).await.as_deref(), Some("cancelled"));
    assert_eq!(status("bob", &bob).await.as_deref(), Some("cancelled"));
}

#[tokio::test]
async fn the_extension_is_declared_where_a_tool_has_tasks() {
    let answer = Client::new().request("server/discover", json!({})).await;
    assert_eq!(answer["result"]["capabilities"]["extensions"], json!({"io.modelcontextprotocol/tasks": {}}));
}
