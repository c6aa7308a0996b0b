struct Reviews;

#[mcp::server]
impl Reviews {
    /// Review code.
    #[mcp::prompt]
    fn review(&self, code: String, #[arg(name = "code")] text: String) -> String {
        let _ = (code, text);
        String::new()
    }
}

fn main() {}
