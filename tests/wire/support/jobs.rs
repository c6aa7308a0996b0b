//! A server whose tools become tasks.

use std::sync::Arc;

use mcp::{AccessToken, Answer, Context, Http, Progress, StaticTokens};
use serde_json::{Value, json};
use tokio::sync::{Notify, Semaphore};

use super::client::{deliver, post};
use super::schema::MODERN;

/// Tools that become tasks. `go` lets one of them take its next step.
pub(crate) struct Jobs {
    go: Arc<Semaphore>,
    ended: Arc<Notify>,
}

#[derive(serde::Deserialize, schemars::JsonSchema)]
struct Confirmation {
    confirm: bool,
}

struct Ends(Arc<Notify>);

impl Drop for Ends {
    fn drop(&mut self) {
        self.0.notify_one();
    }
}

#[mcp::server(issuer = "https://auth.example.com", resource = "http://127.0.0.1:8000/mcp", optional_scopes = ["jobs"])]
impl Jobs {
    /// Count to three.
    #[mcp::tool(task)]
    async fn count(&self, cx: &Context) -> Result<String, mcp::Error> {
        let is_task = cx.start_task()?;
        assert_eq!(cx.start_task()?, is_task);
        let _ends = Ends(Arc::clone(&self.ended));
        for number in 1..=3 {
            self.step().await;
            cx.progress(Progress::new(number.into()).total(3.0).message(format!("counted to {number}")));
        }
        self.step().await;
        Ok(format!("Counted to 3 as a task: {is_task}, cancelled: {}", cx.is_cancelled()))
    }

    /// Fail in one way or another.
    #[mcp::tool(task = "required", scopes = ["jobs"])]
    async fn fail(&self, how: String, cx: &Context) -> Result<String, mcp::Error> {
        cx.start_task()?;
        self.step().await;
        match &*how {
            "tool" => Err(mcp::Error::tool("not today")),
            "panic" => panic!("secret"),
            _ => Err(mcp::Error::new(17, "broken").data(&[1])),
        }
    }

    /// Ask before and after it becomes a task.
    #[mcp::tool(task)]
    async fn delete(&self, cx: &Context) -> Result<String, mcp::Error> {
        let before = cx.elicit::<Confirmation>("before", "Begin?").await?.accepted();
        if before.is_none_or(|before| !before.confirm) {
            return Ok("Kept".to_owned());
        }
        cx.start_task()?;
        let (one, two) =
            cx.ask((cx.elicit::<Confirmation>("one", "One?"), cx.elicit::<Confirmation>("two", "Two?"))).await?;
        let said = |answer: Answer<Confirmation>| answer.accepted().is_some_and(|answer| answer.confirm);
        Ok(format!("One: {}, two: {}", said(one), said(two)))
    }

    /// Become what it must not.
    #[mcp::tool]
    fn usurp(&self, cx: &Context) -> Result<String, mcp::Error> {
        Ok(cx.start_task()?.to_string())
    }
}

impl Jobs {
    /// With what lets them go on, and what says that one has ended.
    pub(crate) fn new() -> (Self, Arc<Semaphore>, Arc<Notify>) {
        let (go, ended) = (Arc::new(Semaphore::new(0)), Arc::new(Notify::new()));
        (Self { go: Arc::clone(&go), ended: Arc::clone(&ended) }, go, ended)
    }

    async fn step(&self) {
        self.go.acquire().await.expect("open").forget();
    }
}

pub(crate) type HttpJobs = Http<Jobs, mcp::Bearer<StaticTokens>>;

pub(crate) fn http(jobs: Jobs) -> HttpJobs {
    let token = |name: &str| AccessToken::ours(name).with_scopes(["jobs"]);
    let tokens = [
        ("alice", token("alice")),
        ("bob", token("bob")),
        ("narrow", AccessToken::ours("alice")),
        ("carol", AccessToken::ours("carol")),
    ];
    Http::protected(jobs, StaticTokens::new(tokens))
}

/// A client of an instance, with what lets its tools go on, and what says that one has ended.
pub(crate) struct JobClient {
    pub(crate) app: axum::Router,
    pub(crate) go: Arc<Semaphore>,
    pub(crate) ended: Arc<Notify>,
}

impl JobClient {
    pub(crate) fn new() -> Self {
        Self::of(|http| http)
    }

    pub(crate) fn of(settings: impl FnOnce(HttpJobs) -> HttpJobs) -> Self {
        let (jobs, go, ended) = Jobs::new();
        Self { app: settings(http(jobs)).router(), go, ended }
    }

    pub(crate) async fn send(&self, token: &str, extensions: Value, method: &str, mut params: Value) -> (u16, Value) {
        params["_meta"] = json!({
            "io.modelcontextprotocol/protocolVersion": MODERN,
            "io.modelcontextprotocol/clientCapabilities": {"elicitation": {}, "extensions": extensions},
        });
        let name = params["name"].as_str().or(params["taskId"].as_str()).unwrap_or_default();
        let bearer = format!("Bearer {token}");
        let headers =
            [("authorization", &*bearer), ("mcp-protocol-version", MODERN), ("mcp-method", method), ("mcp-name", name)];
        let body = json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}).to_string();
        let response = deliver(&self.app, post(&headers, body)).await;
        let status = response.status().as_u16();
        let body = http_body_util::BodyExt::collect(response.into_body()).await.expect("a body").to_bytes();
        (status, serde_json::from_slice(&body).expect("JSON"))
    }

    pub(crate) async fn request(&self, method: &str, params: Value) -> Value {
        self.send("alice", json!({"io.modelcontextprotocol/tasks": {}}), method, params).await.1
    }

    /// Calls a tool that becomes a task, and gives its id.
    pub(crate) async fn begin(&self, tool: &str, arguments: Value) -> String {
        let answer = self.request("tools/call", json!({"name": tool, "arguments": arguments})).await;
        assert_eq!(answer["result"]["resultType"], "task", "{answer}");
        answer["result"]["taskId"].as_str().expect("an id").to_owned()
    }

    /// The task once it is no longer what `is_over` is waited for.
    pub(crate) async fn wait(&self, id: &str, is_over: impl Fn(&Value) -> bool) -> Value {
        loop {
            let answer = self.request("tasks/get", json!({"taskId": id})).await;
            if is_over(&answer["result"]) {
                return answer["result"].clone();
            }
            tokio::task::yield_now().await;
        }
    }
}
