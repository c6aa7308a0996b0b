struct Notes;

#[mcp::server(
    issuer = "https://auth.example.com",
    resource = "https://mcp.example.com/mcp",
    scopes = ["notes:read"],
    optional_scopes = ["notes:write"],
)]
impl Notes {
    /// Delete every note.
    #[mcp::tool(scopes = ["notes:write"])]
    fn clear(&self) {}
}

struct Everyone;

impl mcp::__private::OneBlockPerTypeOthersAreParts for Everyone {
    type Role = mcp::__private::role::Open;
    type Of = Self;
    const PROTECTION: &'static mcp::__private::DeclaredProtection =
        <Notes as mcp::__private::HasScopedParts>::PROTECTION;
    const NAME: &'static str = "";
}

fn main() {
    let _ = mcp::Http::open(Everyone);
}
