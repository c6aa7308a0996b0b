struct Notes;

#[mcp::server]
impl Notes {
    /// Add a note.
    #[mcp::tool]
    fn add(&self, #[arg(range = 0.0..=1e999)] weight: f64) {
        let _ = weight;
    }
}

fn main() {}
