#[mcp::server]
fn list() -> Vec<String> {
    Vec::new()
}

fn main() {}
