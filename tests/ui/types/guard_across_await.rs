use std::sync::Mutex;

static TEXTS: Mutex<Vec<String>> = Mutex::new(Vec::new());

struct Notes;

#[mcp::server]
impl Notes {
    /// Add a note.
    #[mcp::tool]
    async fn add(&self) -> usize {
        let texts = TEXTS.lock().unwrap();
        std::future::ready(()).await;
        texts.len()
    }
}

fn main() {}
