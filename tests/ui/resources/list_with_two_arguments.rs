struct Tracker;

#[mcp::server]
impl Tracker {
    #[mcp::resource("issue://{id}", list = issues)]
    fn issue(&self, id: u64) -> String {
        id.to_string()
    }

    fn issues(&self, after: Option<u64>, limit: Option<u64>) -> mcp::ResourcePage {
        let _ = (after, limit);
        mcp::ResourcePage::default()
    }
}

fn main() {}
