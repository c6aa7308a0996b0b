use std::borrow::Cow;
use std::fmt::Display;

#[mcp::server(
    crate = vendored::mcp,
    name = "shelf",
    version = "1.2.3",
    instructions = "Put \"things\" on the shelf.",
    issuer = ["https://login.example.com/", "https://login.example.org"],
    resource = "https://shelf.example.com",
    scopes = ["shelf:read"],
    optional_scopes = ["shelf:write", "shelf:admin"],
    hierarchy = ["shelf:admin" > "shelf:write" > "shelf:read"],
    resource_name = "The \"shelf\"",
    resource_documentation = "https://example.com/shelf#api",
    timeout = "30s",
)]
#[cfg(feature = "shelf")]
impl<T, const N: usize> Shelf<T, N>
where
    T: Display + Argument,
{
    /// Name the shelf.
    #[mcp::tool]
    fn name<'a>(&'a self) -> &'a str {
        &self.name
    }

    /// Put an item on the shelf.
    #[mcp::tool(blocking, scopes = ["shelf:write"], idempotent, destructive = false)]
    #[cfg(unix)]
    fn put<'a>(
        &self,
        item: T,
        #[arg(length = 1..100, pattern = r"^\w+$", default = "top")] row: Cow<'static, str>,
        #[arg(range = 0.0..1.0, default = HALF)] place: f64,
        token: &'a AccessToken,
    ) -> Result<(), Full> {
        self.items.push(item, row, place, token)
    }

    /// Burn the shelf.
    #[mcp::tool(scopes = ["shelf:write", "shelf:admin"], destructive, timeout = "2m")]
    async fn burn(&self) {}

    fn not_a_tool(&self) {}
}
