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

struct Everyone(Notes);

impl mcp::__private::OneBlockPerTypeOthersAreParts for Everyone {
    type Role = mcp::__private::role::Open;
    type Of = Self;
    const PROTECTION: () = ();
    const NAME: &'static str = "";
    const TOOLS: &'static [mcp::__private::Tool<Self>] =
        <Notes as mcp::__private::OneBlockPerTypeOthersAreParts>::TOOLS;
}

fn main() {
    let _ = mcp::Http::open(Everyone(Notes));
}
