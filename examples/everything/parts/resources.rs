//! Resources and a template of resources.

use mcp::Json;
use schemars::JsonSchema;
use serde::Serialize;

use super::content::PIXEL;

pub(crate) struct Resources;

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Entry {
    data: String,
    id: String,
    template_test: bool,
}

#[mcp::part(of = crate::Everything)]
impl Resources {
    /// A text that stays the same.
    #[mcp::resource("test://static-text", title = "A text", mime_type = "text/plain", size = 48, ttl_ms = 3_600_000)]
    fn static_text(&self) -> &'static str {
        "This is the content of the static text resource."
    }

    /// A picture that stays the same.
    #[mcp::resource("test://static-binary", mime_type = "image/png", audience = ["user"], priority = 0.5)]
    fn static_binary(&self) -> &'static [u8] {
        PIXEL
    }

    /// An entry by its id.
    #[mcp::resource("test://template/{id}/data", mime_type = "application/json")]
    fn template(&self, id: String) -> Json<Entry> {
        Json(Entry { data: format!("Data for ID: {id}"), id, template_test: true })
    }
}
