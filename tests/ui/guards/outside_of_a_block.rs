struct Notes;

impl Notes {
    #[mcp::guard]
    fn owner(&self, id: u64) -> Result<(), mcp::Denied> {
        if id == 0 { Err(mcp::Denied::not_found()) } else { Ok(()) }
    }
}

fn main() {}
