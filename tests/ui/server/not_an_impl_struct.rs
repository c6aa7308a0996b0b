#[mcp::server]
struct Notes {
    texts: Vec<String>,
}

fn main() {}
