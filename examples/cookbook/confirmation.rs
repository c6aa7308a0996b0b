//! A question to the user before something is deleted.
//!
//! Ask before you act: with newer clients, the method runs again from its start when the answer is there.

use mcp::{Answer, Context, MemoryClient};

#[derive(serde::Deserialize, schemars::JsonSchema)]
struct Confirmation {
    /// Delete them for good?
    confirm: bool,
}

struct Notes;

#[mcp::server]
impl Notes {
    /// Delete every note.
    #[mcp::tool(destructive)]
    async fn clear(&self, cx: &Context) -> Result<&'static str, mcp::Error> {
        // `once`: an answer deletes one time, however often it is sent.
        match cx.elicit::<Confirmation>("confirm", "Delete every note?").once().await? {
            Answer::Accepted(Confirmation { confirm: true }) => Ok("Deleted"),
            _ => Ok("Kept them"),
        }
    }
}

pub(crate) async fn run() -> crate::Outcome {
    // This client cannot ask anybody, so its model reads why nothing was deleted.
    let result = MemoryClient::new(Notes).call_tool("clear", ()).await?;
    assert!(result.is_error);
    Ok(())
}
