struct Reviews;

#[mcp::server]
impl Reviews {
    #[mcp::resource("notes://{folder}/{id}")]
    fn note(&self, folder: String, id: u64) -> String {
        format!("{folder} {id}")
    }

    #[mcp::completion(resource = "notes://{folder}/{name}", argument = "folder")]
    fn languages(&self, folder: String) -> Vec<String> {
        let _ = folder;
        Vec::new()
    }
}

fn main() {}
