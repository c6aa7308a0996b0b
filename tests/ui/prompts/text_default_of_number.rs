struct Reviews;

#[mcp::server]
impl Reviews {
    /// Review code.
    #[mcp::prompt]
    fn review(&self, #[arg(default = "1")] times: u8) -> String {
        let _ = times;
        String::new()
    }
}

fn main() {}
