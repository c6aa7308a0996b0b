struct Place;

struct Notes;

#[mcp::server]
impl Notes {
    /// Add a note.
    #[mcp::tool]
    fn add(&self) -> Result<mcp::Json<Place>, mcp::Error> {
        todo!()
    }
}

fn main() {}
