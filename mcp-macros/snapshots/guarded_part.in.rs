#[mcp::part(of = Tracker)]
impl Comments {
    /// Comment on an issue.
    #[mcp::tool(guard = Tracker::same_tenant)]
    async fn comment(&self, id: u64, text: String) -> String {
        self.add(id, text).await
    }
}
