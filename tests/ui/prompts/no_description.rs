struct Reviews;

#[mcp::server]
impl Reviews {
    #[mcp::prompt]
    fn review(&self) -> String {
        String::new()
    }
}

fn main() {}
