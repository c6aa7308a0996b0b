//! Errors of other libraries: their text is in the log, under an id, and in no response.

use std::fmt;

use mcp::{Context, Error};
use serde_json::{Value, json};

use crate::support::conversation::{Client, Way, silent};
use crate::support::log::Log;

/// An error like that of a database.
#[derive(Debug)]
struct DatabaseError;

impl fmt::Display for DatabaseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("no such table: issues")
    }
}

impl std::error::Error for DatabaseError {}

/// An error like one that thiserror derives, whose text has that of its source.
#[derive(Debug)]
enum AppError {
    Database(DatabaseError),
}

impl fmt::Display for AppError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self::Database(error) = self;
        write!(f, "error returned from database: {error}")
    }
}

impl std::error::Error for AppError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        let Self::Database(error) = self;
        Some(error)
    }
}

fn query() -> Result<String, DatabaseError> {
    Err(DatabaseError)
}

fn anyhow() -> anyhow::Result<String> {
    use anyhow::Context as _;
    query().context("close an issue")
}

struct Tracker;

#[mcp::server]
impl Tracker {
    /// Fail with the error of a library.
    #[mcp::tool]
    async fn database(&self) -> Result<String, DatabaseError> {
        query()
    }

    /// Fail with an error of the server's own.
    #[mcp::tool]
    fn app(&self) -> Result<String, AppError> {
        query().map_err(AppError::Database)
    }

    /// Fail with any error.
    #[mcp::tool]
    async fn any(&self) -> Result<String, Error> {
        Ok(query()?)
    }

    /// Fail with an error that was given more context.
    #[mcp::tool]
    async fn context(&self) -> anyhow::Result<String> {
        anyhow()
    }

    /// Fail with an error in a box.
    #[mcp::tool]
    async fn boxed(&self) -> Result<String, Box<dyn std::error::Error + Send + Sync>> {
        Ok(query()?)
    }

    /// Fail on a thread.
    #[mcp::tool(blocking)]
    fn block(&self) -> Result<String, Error> {
        Ok(query()?)
    }

    /// Fail as a task.
    #[mcp::tool(task)]
    async fn task(&self, cx: &Context) -> Result<String, Error> {
        cx.start_task()?;
        Ok(query()?)
    }

    /// An issue.
    #[mcp::resource("issue://{id}")]
    async fn issue(&self, id: u64) -> Result<String, Error> {
        Ok(format!("{id}: {}", query()?))
    }

    /// Explain an issue.
    #[mcp::prompt]
    fn explain(&self, title: String) -> Result<String, AppError> {
        query().map(|text| format!("{title}: {text}")).map_err(AppError::Database)
    }

    #[mcp::completion(prompt = "explain", argument = "title")]
    fn titles(&self, title: String) -> anyhow::Result<Vec<String>> {
        Ok(vec![title, anyhow()?])
    }
}

fn requests() -> Vec<(&'static str, Value)> {
    let tools = ["database", "app", "any", "context", "boxed", "block", "task"];
    let reference =
        json!({"ref": {"type": "ref/prompt", "name": "explain"}, "argument": {"name": "title", "value": "a"}});
    (tools.map(|name| ("tools/call", json!({"name": name}))).into_iter())
        .chain([
            ("resources/read", json!({"uri": "issue://3"})),
            ("prompts/get", json!({"name": "explain", "arguments": {"title": "a"}})),
            ("completion/complete", reference),
        ])
        .collect()
}

/// Checks that an answer has nothing but the id of a line of the log, which has the whole error.
fn check(text: &str, answer: &Value, log: &Log) {
    let id = text.strip_prefix("Internal error (id ").and_then(|rest| rest.strip_suffix(')'));
    let id = id.unwrap_or_else(|| panic!("{answer}"));
    assert!(!answer.to_string().contains("table"), "{answer}");
    let log = log.text();
    let lines: Vec<&str> = log.lines().filter(|line| line.contains(id)).collect();
    let [line] = &*lines else { panic!("{log}") };
    assert!(line.contains("ERROR") && line.contains("no such table: issues"), "{line}");
}

#[tokio::test]
async fn the_error_of_a_library_reaches_the_log_alone() {
    for way in Way::ALL {
        let mut client = way.connect(Tracker, Client::default()).await;
        for (method, params) in requests() {
            let log = Log::start();
            let conversation = client.request(method, params, silent).await;
            let text = match method {
                "tools/call" => {
                    assert!(conversation.is_error(), "{conversation:?}");
                    conversation.text()
                }
                _ => {
                    assert_eq!(conversation.code(), -32603, "{conversation:?}");
                    conversation.message()
                }
            };
            check(text, &conversation.answer, &log);
        }
    }
}

#[tokio::test]
async fn a_task_hides_what_its_call_hides() {
    let extensions = json!({"extensions": {"io.modelcontextprotocol/tasks": {}}});
    let mut client = Way::Http("2026-07-28").connect(Tracker, Client::with(extensions)).await;
    let log = Log::start();
    let begun = client.request("tools/call", json!({"name": "task"}), silent).await.answer;
    let id = begun["result"]["taskId"].as_str().unwrap_or_else(|| panic!("{begun}")).to_owned();
    let task = loop {
        let task = client.request("tasks/get", json!({"taskId": id}), silent).await.answer;
        if task["result"]["status"] != "working" {
            break task;
        }
        tokio::task::yield_now().await;
    };
    check(task["result"]["result"]["content"][0]["text"].as_str().expect("a text"), &task, &log);
}
