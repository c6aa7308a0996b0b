use mcp::MemoryClient;

struct Notes;

fn main() {
    let _ = MemoryClient::new(Notes);
}
