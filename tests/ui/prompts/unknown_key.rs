struct Reviews;

#[mcp::server]
impl Reviews {
    /// Review code.
    #[mcp::prompt(arguments = ["code"])]
    fn review(&self) -> String {
        String::new()
    }
}

fn main() {}
