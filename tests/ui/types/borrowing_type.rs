#[derive(serde::Deserialize, schemars::JsonSchema)]
struct Place<'a> {
    name: &'a str,
}

struct Notes;

#[mcp::server]
impl Notes {
    /// Add a note.
    #[mcp::tool]
    fn add(&self, place: Place<'_>) {
        drop(place);
    }
}

fn main() {}
