use std::cell::RefCell;

struct Notes {
    texts: RefCell<Vec<String>>,
}

#[mcp::server]
impl Notes {
    /// List every note.
    #[mcp::tool]
    fn list(&self) -> Vec<String> {
        self.texts.borrow().clone()
    }
}

fn main() {}
