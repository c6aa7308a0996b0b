#[mcp::prompt]
fn review(code: String) -> String {
    code
}

fn main() {}
