struct Reviews;

#[mcp::server]
impl Reviews {
    /// Review code.
    #[mcp::prompt(name = "code review")]
    fn review(&self) -> String {
        String::new()
    }
}

fn main() {}
