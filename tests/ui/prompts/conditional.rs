struct Reviews;

#[mcp::server]
impl Reviews {
    /// Review code.
    #[cfg_attr(unix, mcp::prompt)]
    fn review(&self) -> String {
        String::new()
    }
}

fn main() {}
