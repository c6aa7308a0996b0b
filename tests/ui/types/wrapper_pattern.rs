#[derive(serde::Deserialize, schemars::JsonSchema)]
struct Place {
    name: String,
}

#[derive(serde::Deserialize, schemars::JsonSchema)]
struct Parameters<T>(T);

struct Notes;

#[mcp::server]
impl Notes {
    /// Add a note.
    #[mcp::tool]
    fn add(&self, Parameters(place): Parameters<Place>) {
        drop(place);
    }
}

fn main() {}
