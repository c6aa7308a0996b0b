struct Tracker;

#[mcp::server]
impl Tracker {
    #[mcp::resource("issue://{id}", list = issues)]
    fn issue(&self, id: u64) -> String {
        id.to_string()
    }

    async fn issues(&self) -> Result<Vec<String>, mcp::Error> {
        Ok(vec![])
    }
}

fn main() {}
