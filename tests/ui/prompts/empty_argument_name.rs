struct Reviews;

#[mcp::server]
impl Reviews {
    /// Review code.
    #[mcp::prompt]
    fn review(&self, #[arg(name = "")] code: String) -> String {
        let _ = code;
        String::new()
    }
}

fn main() {}
