struct Place;

struct Notes;

#[mcp::server]
impl Notes {
    /// Add a note.
    #[mcp::tool]
    fn add(&self, places: std::collections::HashMap<String, Place>) {
        drop(places);
    }
}

fn main() {}
