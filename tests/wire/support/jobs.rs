//! A server whose tools become tasks.

use std::sync::Arc;

use mcp::{AccessToken, Answer, Context, Http, Progress, StaticTokens};
use tokio::sync::{Notify, Semaphore};

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
