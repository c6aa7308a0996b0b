struct Notes;

struct Caller(String);

#[mcp::server]
impl Notes {
    /// Add a note.
    #[mcp::tool]
    fn add(&self, caller: &Caller) -> String {
        caller.0.clone()
    }

    /// Delete a note.
    #[mcp::tool(blocking)]
    fn delete(&self, caller: Option<&Caller>) -> bool {
        caller.is_some()
    }
}

fn main() {}
