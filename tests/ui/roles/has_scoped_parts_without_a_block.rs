struct Notes;

impl mcp::__private::HasScopedParts for Notes {
    const PROTECTION: &'static mcp::__private::DeclaredProtection = mcp::__private::DeclaredProtection::UNDECLARED;
}

fn main() {}
