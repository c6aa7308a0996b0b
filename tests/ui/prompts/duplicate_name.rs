struct Reviews;

#[mcp::server]
impl Reviews {
    /// Review code.
    #[mcp::prompt]
    fn review(&self) -> String {
        String::new()
    }

    /// Review text.
    #[mcp::prompt(name = "review")]
    fn review_text(&self) -> String {
        String::new()
    }
}

fn main() {}
