struct Reviews;

#[mcp::server]
impl Reviews {
    /// Review code.
    #[mcp::prompt(blocking)]
    async fn review(&self) -> String {
        String::new()
    }
}

fn main() {}
