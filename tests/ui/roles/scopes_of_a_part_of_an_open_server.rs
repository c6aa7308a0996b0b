struct Open;

#[mcp::server]
impl Open {
    /// Say hello.
    #[mcp::tool]
    fn hello(&self) {}
}

impl mcp::__private::HasScopedParts for Open {
    const PROTECTION: &'static mcp::__private::DeclaredProtection = mcp::__private::DeclaredProtection::UNDECLARED;
}

struct Search;

#[mcp::part(of = Open)]
impl Search {
    /// Find notes.
    #[mcp::tool(scopes = ["notes:write"])]
    fn find(&self) {}
}

fn main() {}
