struct Reviews;

#[mcp::server]
impl Reviews {
    /// Review code.
    #[mcp::prompt]
    fn review<T>(&self, code: T) -> String {
        let _ = code;
        String::new()
    }
}

fn main() {}
