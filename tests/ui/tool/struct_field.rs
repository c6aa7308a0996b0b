struct Notes {
    #[mcp::tool]
    texts: Vec<String>,
}

fn main() {
    drop(Notes { texts: Vec::new() }.texts);
}
