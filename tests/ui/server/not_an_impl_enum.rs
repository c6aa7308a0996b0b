#[mcp::server]
enum Notes {
    All,
}

fn main() {
    drop(Notes::All);
}
