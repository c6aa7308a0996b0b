//! A tool that is stopped when it takes too long, by `timeout`.

use mcp::MemoryClient;

struct Maps;

#[mcp::server]
impl Maps {
    /// Find a way, for ever.
    #[mcp::tool(timeout = "20ms")]
    async fn find_way(&self) -> String {
        std::future::pending().await
    }
}

pub(crate) async fn run() -> crate::Outcome {
    let result = MemoryClient::new(Maps).call_tool("find_way", ()).await?;
    assert!(result.is_error);
    Ok(())
}
