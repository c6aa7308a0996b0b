//! Long lists in pages, with a cursor that is an argument.

use mcp::{Json, MemoryClient};
use serde_json::json;

#[derive(serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
struct Page {
    titles: Vec<String>,
    /// The `after` of the next page, if there is one.
    next: Option<u64>,
}

struct Notes;

#[mcp::server]
impl Notes {
    /// List the titles of notes, in pages of 100.
    #[mcp::tool(read_only)]
    fn titles(
        &self,
        /// The `next` of the page before.
        #[arg(default = 0)]
        after: u64,
    ) -> Json<Page> {
        let end = (after + 100).min(250);
        let titles = (after..end).map(|number| format!("Note {number}")).collect();
        Json(Page { titles, next: (end < 250).then_some(end) })
    }
}

pub(crate) async fn run() -> crate::Outcome {
    let client = MemoryClient::new(Notes);
    let (mut after, mut count) = (0, 0);
    loop {
        let page: Page = client.call_tool("titles", json!({"after": after})).await?.structured()?;
        count += page.titles.len();
        let Some(next) = page.next else { break };
        after = next;
    }
    assert_eq!(count, 250);
    Ok(())
}
