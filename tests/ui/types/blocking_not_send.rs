use std::rc::Rc;

#[derive(serde::Deserialize, schemars::JsonSchema)]
struct Note {
    #[serde(skip)]
    shared: Rc<str>,
}

struct Notes;

#[mcp::server]
impl Notes {
    /// Add a note.
    #[mcp::tool(blocking)]
    fn add(&self, note: Note) {
        drop(note);
    }
}

fn main() {}
