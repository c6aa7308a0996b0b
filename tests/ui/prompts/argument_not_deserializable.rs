struct Code;

struct Reviews;

#[mcp::server]
impl Reviews {
    /// Review code.
    #[mcp::prompt]
    fn review(&self, code: Code) -> String {
        let _ = code;
        String::new()
    }
}

fn main() {}
