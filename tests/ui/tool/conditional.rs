struct Notes;

#[mcp::server]
impl Notes {
    /// Add a note.
    #[cfg_attr(feature = "http", mcp::tool)]
    fn add(&self) {}
}

fn main() {}
