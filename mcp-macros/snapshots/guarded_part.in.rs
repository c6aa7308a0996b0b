#[mcp::part(of = Tracker, guard = Tracker::active)]
impl Comments {
    /// Comment on an issue.
    #[mcp::tool(hidden, guard = Tracker::same_tenant)]
    async fn comment(&self, id: u64, text: String) -> String {
        self.add(id, text).await
    }
}
