#[mcp::server]
trait Notes {
    /// Add a note.
    #[mcp::tool]
    fn add(&self, #[arg(default = 1)] copies: u8) -> u8;
}

fn main() {}
