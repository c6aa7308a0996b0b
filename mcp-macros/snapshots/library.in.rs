#[mcp::server(
    website = "https://library.example.com",
    icons = ["https://library.example.com/icon.png"],
    issuer = "https://login.example.com",
    resource = "https://library.example.com/mcp",
    scopes = ["books:read"],
    optional_scopes = ["books:lend"],
    rate = "600/min",
)]
impl Library {
    /// Read a page of a "book".
    #[mcp::resource(
        "books://{isbn}{/page}{?language}",
        name = "page",
        title = "A page",
        mime_type = "text/plain",
        scopes = ["books:lend"],
        hidden,
        list = pages,
        rate = "10/s",
        ttl_ms = 60_000,
        audience = ["user"],
        priority = 0.5,
        last_modified = "2025-01-12T15:00:58Z",
        icons = [{ src = "https://library.example.com/page.svg", sizes = ["any"], theme = "dark" }],
        meta = { "com.example/shelf": [1, null] },
    )]
    async fn page(&self, page: u32, isbn: Isbn, language: Option<String>, token: &AccessToken) -> Option<String> {
        self.find(isbn, page, language, token).await
    }

    async fn pages(&self, after: Option<u32>, token: &AccessToken) -> Result<ResourcePage, Error> {
        self.pages_of(token, after).await
    }

    #[mcp::resource("books://all", size = 1_024)]
    fn all(&self) -> Vec<u8> {
        self.catalog()
    }

    /// Recommend a book.
    #[mcp::prompt(name = "recommend-book", rate = "1000/h")]
    fn recommend(
        &self,
        /// Of which kind.
        genre: String,
        #[arg(name = "maxPages", default = 500)] max_pages: u32,
        cx: &Context,
    ) -> Vec<PromptMessage> {
        self.recommendation(genre, max_pages, cx)
    }

    #[mcp::completion(prompt = "recommend-book", argument = "genre", blocking)]
    fn genres(&self, genre: String, #[arg(name = "maxPages")] max_pages: Option<u32>) -> Vec<String> {
        self.genres_like(genre, max_pages)
    }

    #[mcp::completion(resource = "books://{isbn}{/page}{?language}", argument = "isbn")]
    async fn isbns(&self, isbn: String) -> Vec<String> {
        self.isbns_like(isbn).await
    }

    /// Scan a book.
    #[mcp::tool(
        task = "required",
        input_schema = { "type": "object", "properties": { "isbn": { "type": "string", "pattern": "^[0-9]+$" } } },
    )]
    async fn scan(&self, isbn: String) -> String {
        self.scanned(isbn).await
    }
}
