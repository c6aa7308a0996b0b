struct Notes;

trait Book {
    /// Add a note.
    #[mcp::tool]
    fn add(&self, #[arg(default = 1)] copies: u8);
}

impl Book for Notes {
    fn add(&self, copies: u8) {
        drop(copies);
    }
}

fn main() {
    Notes.add(1);
}
