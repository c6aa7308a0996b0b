//! The MCP server: tools and resources for the issues of the caller's tenant.

use mcp::{Context, Denied, Json, Progress, ResourceEntry, ResourcePage};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::caller::{Caller, Role};
use crate::store::{Issue, Store};

/// The number of rows that a page or a step of a task has.
const PAGE: u32 = 100;

#[derive(Debug)]
pub(crate) struct Tracker {
    pub(crate) store: Store,
}

/// Some issues.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Issues {
    pub(crate) issues: Vec<Issue>,
    /// The `after` of the next page, if there is one.
    pub(crate) next: Option<i64>,
}

/// An error of a method. Clients read the texts that are `shown`; the log has the others.
#[derive(Debug, thiserror::Error, mcp::ToolError)]
pub(crate) enum TrackerError {
    #[error("issue {0} is closed already")]
    #[tool_error(shown)]
    Closed(i64),
    #[error("the database failed")]
    Database(#[from] sqlx::Error),
}

#[mcp::server(
    issuer = "https://auth.example.com",
    resource = "http://127.0.0.1:8000/mcp",
    scopes = ["issues:read"],
    optional_scopes = ["issues:write"],
    rate = "600/min",
    timeout = "10s",
)]
impl Tracker {
    /// Issues belong to tenants.
    #[mcp::guard]
    async fn same_tenant(&self, id: i64, caller: &Caller) -> Result<(), Denied> {
        // The query names the tenant, so that a foreign issue has the same verdict as one that does not exist. An error
        // for the latter would be a 503, and show the difference.
        match self.store.find(&caller.tenant, id).await? {
            Some(_) => Ok(()),
            None => Err(Denied::not_found()),
        }
    }

    #[mcp::guard]
    async fn lead(&self, caller: &Caller) -> Result<(), Denied> {
        if caller.role == Role::Lead { Ok(()) } else { Err(Denied::new("only a lead of the tenant may do this")) }
    }

    /// Open an issue.
    #[mcp::tool(scopes = ["issues:write"], rate = "30/min")]
    async fn create_issue(
        &self,
        /// One line that says what is wrong.
        #[arg(length = 1..=200)]
        title: String,
        caller: &Caller,
    ) -> Result<Json<Issue>, TrackerError> {
        Ok(Json(self.store.create(&caller.tenant, &title).await?))
    }

    /// Close an issue.
    #[mcp::tool(scopes = ["issues:write"], guard = same_tenant)]
    async fn close_issue(
        &self,
        /// The number of the issue.
        id: i64,
        /// The reason, such as `fixed` or `duplicate`.
        reason: Option<String>,
        caller: &Caller,
        cx: &Context,
    ) -> Result<Json<Issue>, TrackerError> {
        let issue = self.store.close(&caller.tenant, id, reason.as_deref()).await?;
        let issue = issue.ok_or(TrackerError::Closed(id))?;
        cx.changes().resource_updated(format!("issue://{id}"));
        Ok(Json(issue))
    }

    /// List the issues, in pages of 100.
    #[mcp::tool(read_only)]
    async fn list_issues(
        &self,
        /// The `next` of the page before.
        #[arg(default = 0)]
        after: i64,
        caller: &Caller,
    ) -> Result<Json<Issues>, TrackerError> {
        let issues = self.store.page(&caller.tenant, after, PAGE).await?;
        let next = (issues.len() == PAGE as usize).then(|| issues.last().map(|issue| issue.id)).flatten();
        Ok(Json(Issues { issues, next }))
    }

    /// Delete every closed issue. It takes a while, so it becomes a task.
    #[mcp::tool(scopes = ["issues:write"], guard = lead, destructive, task, timeout = "10m")]
    async fn delete_closed(&self, caller: &Caller, cx: &Context) -> Result<String, mcp::Error> {
        cx.start_task()?;
        let mut deleted = 0;
        loop {
            let some = self.store.delete_closed(&caller.tenant, PAGE).await?;
            if some == 0 {
                break;
            }
            deleted += some;
            cx.progress(Progress::new(deleted as f64).message(format!("deleted {deleted} issues")));
        }
        Ok(format!("Deleted {deleted} issues"))
    }

    /// An issue.
    #[mcp::resource("issue://{id}", guard = same_tenant, list = issues, mime_type = "text/plain")]
    async fn issue(&self, id: i64, caller: &Caller) -> Result<Option<String>, TrackerError> {
        let issue = self.store.find(&caller.tenant, id).await?;
        Ok(issue.map(|Issue { title, open, reason, .. }| match (open, reason) {
            (true, _) => format!("{title} (open)"),
            (false, None) => format!("{title} (closed)"),
            (false, Some(reason)) => format!("{title} (closed: {reason})"),
        }))
    }

    async fn issues(&self, after: Option<i64>, caller: &Caller) -> Result<ResourcePage, mcp::Error> {
        let issues = self.store.page(&caller.tenant, after.unwrap_or(0), PAGE).await?;
        let page = ResourcePage::new(issues.iter().map(|issue| ResourceEntry::new(&issue.title).value("id", issue.id)));
        Ok(match issues.last() {
            Some(last) if issues.len() == PAGE as usize => page.next_cursor(last.id),
            _ => page,
        })
    }
}
