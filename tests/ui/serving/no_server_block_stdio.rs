use mcp::Stdio;

struct Notes;

fn main() {
    let _ = Stdio::new(Notes);
}
