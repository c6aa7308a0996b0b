struct Notes;

impl mcp::Open for Notes {}

fn main() {
    let _ = mcp::Http::open(Notes);
}
