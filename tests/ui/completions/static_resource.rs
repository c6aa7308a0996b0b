struct Reviews;

#[mcp::server]
impl Reviews {
    #[mcp::resource("notes://all")]
    fn all(&self) -> String {
        String::new()
    }

    #[mcp::completion(resource = "notes://all", argument = "id")]
    fn languages(&self, id: String) -> Vec<String> {
        let _ = id;
        Vec::new()
    }
}

fn main() {}
