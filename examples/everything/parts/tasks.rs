//! Tools that go on while the client does something else: the extension `io.modelcontextprotocol/tasks`.

use std::time::Duration;

use mcp::{Answer, Context, Error};
use schemars::JsonSchema;
use serde::Deserialize;
use tokio::time::sleep;

pub(crate) struct Tasks;

#[derive(Deserialize, JsonSchema)]
struct Confirmation {
    confirm: bool,
}

#[derive(Deserialize, JsonSchema)]
struct Name {
    name: String,
}

#[mcp::part(of = crate::Everything)]
impl Tasks {
    /// Greet somebody at once.
    #[mcp::tool(read_only)]
    fn greet(&self, name: String) -> String {
        format!("Hello, {name}!")
    }

    /// Compute for a while; as a task, if the client knows tasks.
    #[mcp::tool(task)]
    async fn slow_compute(
        &self,
        /// The time it takes.
        #[arg(range = 0.0..=3600.0)]
        seconds: f64,
        label: Option<String>,
        cx: &Context,
    ) -> Result<String, Error> {
        cx.start_task()?;
        sleep(Duration::from_secs_f64(seconds)).await;
        Ok(format!("Computed {} in {seconds} s", label.unwrap_or_default()))
    }

    /// Fail after a second, in a way that the model is told.
    #[mcp::tool(task = "required")]
    async fn failing_job(&self, cx: &Context) -> Result<String, Error> {
        cx.start_task()?;
        sleep(Duration::from_secs(1)).await;
        Err(Error::tool("The job failed"))
    }

    /// Fail in a way that the client is told.
    #[mcp::tool(task = "required")]
    async fn protocol_error_job(&self, cx: &Context) -> Result<String, Error> {
        cx.start_task()?;
        Err(Error::internal("The job could not be done"))
    }

    /// Delete a file when the user has confirmed it, once for each confirmation.
    #[mcp::tool(task, destructive)]
    async fn confirm_delete(&self, filename: String, cx: &Context) -> Result<String, Error> {
        cx.start_task()?;
        Ok(match cx.elicit("confirm", format!("Delete {filename}?")).once().await? {
            Answer::Accepted(Confirmation { confirm: true }) => format!("Deleted {filename}"),
            _ => format!("Kept {filename}"),
        })
    }

    /// Ask two things at once in the middle of the work.
    #[mcp::tool(task)]
    async fn multi_input(&self, cx: &Context) -> Result<String, Error> {
        cx.start_task()?;
        let (name, confirmed) =
            cx.ask((cx.elicit::<Name>("name", "Who?"), cx.elicit::<Confirmation>("confirm", "Really?"))).await?;
        Ok(match (name, confirmed) {
            (Answer::Accepted(Name { name }), Answer::Accepted(Confirmation { confirm: true })) => name,
            _ => "Nobody".to_owned(),
        })
    }

    /// Ask first, and become a task then.
    #[mcp::tool(task = "required")]
    async fn test_tool_with_task(&self, cx: &Context) -> Result<String, Error> {
        let Answer::Accepted(Name { name }) = cx.elicit("user_name", "What is your name?").await? else {
            return Ok("Nobody answered".to_owned());
        };
        cx.start_task()?;
        Ok(format!("Hello, {name}!"))
    }
}
