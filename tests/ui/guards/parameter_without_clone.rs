struct Notes;

#[derive(serde::Deserialize, schemars::JsonSchema)]
struct Id(u64);

#[mcp::server]
impl Notes {
    #[mcp::guard]
    fn owner(&self, id: Id) -> Result<(), mcp::Denied> {
        if id.0 == 0 { Err(mcp::Denied::not_found()) } else { Ok(()) }
    }

    /// Delete a note.
    #[mcp::tool(guard = owner)]
    fn delete(&self, id: Id) {
        let _ = id;
    }
}

fn main() {}
