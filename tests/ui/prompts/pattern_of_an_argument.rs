struct Reviews;

#[mcp::server]
impl Reviews {
    /// Review code.
    #[mcp::prompt]
    fn review(&self, #[arg(pattern = "^[a-z]+$")] code: String) -> String {
        let _ = code;
        String::new()
    }
}

fn main() {}
