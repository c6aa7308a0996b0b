struct Notes;

#[mcp::server]
impl Notes {
    #[mcp::guard]
    async fn owner(&self, cx: &mcp::Context) -> Result<(), mcp::Denied> {
        cx.progress(1.0);
        Ok(())
    }

    /// Delete a note.
    #[mcp::tool(guard = owner)]
    fn delete(&self) {}
}

fn main() {}
