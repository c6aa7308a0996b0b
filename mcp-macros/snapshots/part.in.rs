#[mcp::part(of = Library)]
impl Search {
    /// Search through all books.
    #[mcp::tool(scopes = ["books:lend"], hidden, task)]
    async fn search(&self, text: String, token: &AccessToken) -> Vec<String> {
        self.index.search(text, token).await
    }

    #[mcp::resource("search://recent", rate = "30/min")]
    fn recent(&self) -> String {
        self.index.recent()
    }
}
