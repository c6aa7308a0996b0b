//! A library that blocks, on a thread of its own.

use mcp::MemoryClient;

struct Files;

#[mcp::server]
impl Files {
    /// Count the lines of the manifest.
    #[mcp::tool(blocking)]
    fn count_lines(&self) -> Result<usize, mcp::Error> {
        Ok(std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"))?.lines().count())
    }
}

pub(crate) async fn run() -> crate::Outcome {
    let result = MemoryClient::new(Files).call_tool("count_lines", ()).await?;
    assert!(result.text().parse::<usize>()? > 10);
    Ok(())
}
