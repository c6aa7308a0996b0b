//! Time limits of methods, on a clock that only tests move.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use mcp::{Context, Error, Http, MemoryClient, Stdio};
use serde_json::{Value, json};
use tokio::time::advance;

use crate::support::conversation::{Way, silent};
use crate::support::ends::Hook;
use crate::support::servers::limits;

/// A server whose methods never end.
struct Patience {
    dropped: Arc<AtomicUsize>,
    release: Mutex<mpsc::Receiver<()>>,
}

#[derive(serde::Deserialize, schemars::JsonSchema)]
struct Confirmation {
    sure: bool,
}

struct Guard<'a>(&'a AtomicUsize);

impl Drop for Guard<'_> {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

impl Patience {
    fn new() -> (Self, Arc<AtomicUsize>, mpsc::Sender<()>) {
        let (dropped, (sender, receiver)) = (Arc::default(), mpsc::channel());
        (Self { dropped: Arc::clone(&dropped), release: Mutex::new(receiver) }, dropped, sender)
    }

    async fn forever<T>(&self) -> T {
        let _guard = Guard(&self.dropped);
        std::future::pending().await
    }
}

#[mcp::server(name = "patience", version = "1", timeout = "5s")]
impl Patience {
    /// Wait for the time of the server.
    #[mcp::tool]
    async fn wait(&self) -> String {
        self.forever().await
    }

    /// Wait for a time of its own.
    #[mcp::tool(timeout = "2m")]
    async fn wait_long(&self) -> String {
        self.forever().await
    }

    /// End in time.
    #[mcp::tool(timeout = "500ms")]
    async fn hurry(&self) -> &'static str {
        tokio::time::sleep(Duration::from_millis(499)).await;
        "in time"
    }

    /// Wait on a thread, which nothing can stop.
    #[mcp::tool(blocking)]
    fn block(&self) -> &'static str {
        let _ = self.release.lock().unwrap_or_else(PoisonError::into_inner).recv();
        "released"
    }

    /// Ask in a task, and work afterwards.
    #[mcp::tool(task, timeout = "10s")]
    async fn ask(&self, work: u64, cx: &Context) -> Result<String, Error> {
        cx.start_task()?;
        let answer = cx.elicit::<Confirmation>("sure", "Sure?").await?;
        tokio::time::sleep(Duration::from_secs(work)).await;
        Ok(format!("sure: {}", answer.accepted().is_some_and(|answer| answer.sure)))
    }

    /// A page.
    #[mcp::resource("page://slow", timeout = "1500ms")]
    async fn page(&self) -> String {
        self.forever().await
    }

    /// A question.
    #[mcp::prompt]
    async fn question(&self, topic: String) -> String {
        let _ = topic;
        self.forever().await
    }

    #[mcp::completion(prompt = "question", argument = "topic", timeout = "1s")]
    async fn topics(&self, topic: String) -> Vec<String> {
        let _ = topic;
        self.forever().await
    }
}

#[tokio::test(start_paused = true)]
async fn a_method_is_dropped_at_the_end_of_its_time() {
    for way in Way::ALL {
        let (hook, mut ends) = Hook::new();
        let (patience, dropped, _release) = Patience::new();
        let (http, stdio) = (hook.clone(), hook);
        let patience = Mutex::new(Some(patience));
        let take = || patience.lock().unwrap_or_else(PoisonError::into_inner).take().expect("one server");
        let mut connection =
            way.connect_built(|| Http::open(take()).audit(http), || Stdio::new(take()).audit(stdio)).await;
        ends.all();
        let hurried = connection.call("hurry", json!({}), silent).await;
        assert_eq!((hurried.text(), hurried.is_error()), ("in time", false));
        assert!(ends.next().await.starts_with("ok "));
        for (tool, message) in [("wait", "Timed out after 5 s"), ("wait_long", "Timed out after 120 s")] {
            let answer = connection.call(tool, json!({}), silent).await;
            assert_eq!((answer.text(), answer.is_error()), (message, true), "{way:?}");
            assert!(ends.next().await.starts_with("timed_out tools/call"), "{way:?}");
        }
        let completion =
            json!({"ref": {"type": "ref/prompt", "name": "question"}, "argument": {"name": "topic", "value": "t"}});
        for (method, params, message) in [
            ("resources/read", json!({"uri": "page://slow"}), "Timed out after 1500 ms"),
            ("prompts/get", json!({"name": "question", "arguments": {"topic": "tea"}}), "Timed out after 5 s"),
            ("completion/complete", completion, "Timed out after 1 s"),
        ] {
            let answer = connection.request(method, params, silent).await;
            assert_eq!((answer.code(), answer.message()), (504, message), "{way:?}");
            assert!(ends.next().await.starts_with(&format!("timed_out {method}")), "{way:?}");
        }
        assert_eq!(dropped.load(Ordering::Relaxed), 5);
    }
}

#[tokio::test(start_paused = true)]
async fn a_limit_that_is_set_at_start_replaces_that_of_the_server_only() {
    let (patience, _dropped, release) = Patience::new();
    let client = MemoryClient::new(patience)
        .limits(limits(|limits| limits.request.method_timeout = Some(Duration::from_secs(3))));
    for (tool, message) in [("wait", "Timed out after 3 s"), ("wait_long", "Timed out after 120 s")] {
        assert_eq!(client.call_tool(tool, json!({})).await.expect("a result").text(), message);
    }
    // A thread can't be stopped, and so has no limit.
    let blocked = client.call_tool("block", json!({}));
    let release = async {
        tokio::task::yield_now().await;
        advance(Duration::from_secs(3600)).await;
        release.send(()).expect("it waits");
    };
    let (blocked, ()) = tokio::join!(blocked, release);
    assert_eq!(blocked.expect("a result").text(), "released");
}

/// Calls a method with the extension for tasks.
async fn request(client: &MemoryClient<Patience>, method: &str, mut params: Value) -> Value {
    params["_meta"] = json!({"io.modelcontextprotocol/clientCapabilities": {
        "elicitation": {}, "extensions": {"io.modelcontextprotocol/tasks": {}}
    }});
    client.request(method, params).await.expect("a result")
}

#[tokio::test(start_paused = true)]
async fn the_clock_stands_still_while_the_client_is_asked_and_goes_on_in_a_task() {
    let (patience, ..) = Patience::new();
    let (hook, mut ends) = Hook::new();
    let client = MemoryClient::new(patience).audit(hook);
    for (work, text, outcome) in [(9, "sure: true", "ok"), (11, "Timed out after 10 s", "timed_out")] {
        let call = json!({"name": "ask", "arguments": {"work": work}});
        let task = request(&client, "tools/call", call).await["taskId"].clone();
        let get = || request(&client, "tasks/get", json!({"taskId": task}));
        while get().await["status"] != "input_required" {
            tokio::task::yield_now().await;
        }
        advance(Duration::from_secs(60)).await;
        assert_eq!(get().await["status"], "input_required");
        let answers = json!({"sure": {"action": "accept", "content": {"sure": true}}});
        request(&client, "tasks/update", json!({"taskId": task, "inputResponses": answers})).await;
        let end = loop {
            let task = get().await;
            if task["status"] == "completed" {
                break task["result"].clone();
            }
            tokio::time::sleep(Duration::from_secs(1)).await;
        };
        assert_eq!(end["content"][0]["text"], text);
        assert!(ends.all().contains(&format!("{outcome} tools/call tool=ask item=ask task end")));
    }
}
