struct Reviews;

#[mcp::server]
impl Reviews {
    /// Review code.
    #[mcp::prompt(mime_type = "text/plain")]
    fn review(&self) -> String {
        String::new()
    }
}

fn main() {}
