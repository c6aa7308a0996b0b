#[mcp::server]
mod notes {
    pub(crate) struct Notes;

    impl Notes {
        /// Add a note.
        #[mcp::tool]
        pub(crate) fn add(&self, #[arg(default = 1)] copies: u8) -> u8 {
            copies
        }
    }
}

fn main() {
    drop(notes::Notes.add(1));
}
