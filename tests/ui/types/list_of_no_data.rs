struct Place;

struct Notes;

#[mcp::server]
impl Notes {
    /// Add a note.
    #[mcp::tool]
    fn add(&self, places: Vec<Place>) {
        drop(places);
    }
}

fn main() {}
