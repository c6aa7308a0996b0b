struct Tracker;

#[mcp::server]
impl Tracker {
    #[mcp::resource("issue://all", list = issues)]
    fn issue(&self) -> String {
        String::new()
    }

    fn issues(&self) -> Vec<mcp::ResourceEntry> {
        vec![]
    }
}

fn main() {}
