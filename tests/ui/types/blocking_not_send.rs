#[derive(serde::Deserialize, schemars::JsonSchema)]
struct Text {
    #[serde(skip)]
    cell: std::marker::PhantomData<*const ()>,
}

struct Notes;

#[mcp::server]
impl Notes {
    /// Add a note.
    #[mcp::tool(blocking)]
    fn add(&self, text: Text) {
        drop(text);
    }
}

fn main() {}
