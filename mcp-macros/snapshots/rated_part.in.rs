#[mcp::part(of = Library)]
impl Search {
    /// Search through all books.
    #[mcp::tool(rate = "30/min")]
    async fn search(&self, text: String) -> Vec<String> {
        self.index.search(text).await
    }
}
