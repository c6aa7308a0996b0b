use mcp::Http;

struct Notes;

fn main() {
    let _ = Http::open(Notes);
}
