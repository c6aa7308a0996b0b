/// Add a note.
#[mcp::tool]
fn add(text: String) {
    drop(text);
}

fn main() {}
