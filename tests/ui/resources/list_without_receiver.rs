struct Tracker;

#[mcp::server]
impl Tracker {
    #[mcp::resource("issue://{id}", list = issues)]
    fn issue(&self, id: u64) -> String {
        id.to_string()
    }

    fn issues() -> Vec<mcp::ResourceEntry> {
        vec![]
    }
}

fn main() {}
