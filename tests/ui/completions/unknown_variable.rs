struct Reviews;

#[mcp::server]
impl Reviews {
    #[mcp::resource("notes://{folder}/{id}")]
    fn note(&self, folder: String, id: u64) -> String {
        format!("{folder} {id}")
    }

    #[mcp::completion(resource = "notes://{folder}/{id}", argument = "name")]
    fn languages(&self, name: String) -> Vec<String> {
        let _ = name;
        Vec::new()
    }
}

fn main() {}
