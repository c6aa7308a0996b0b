struct Notes;

#[mcp::server]
impl Notes;

fn main() {
    let _ = mcp::Http::open(Notes);
}
