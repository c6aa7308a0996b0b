#[derive(Debug, mcp::ToolError)]
enum NoteError {
    Locked(u64),
    Database(std::io::Error),
}

impl std::fmt::Display for NoteError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{self:?}")
    }
}

impl std::error::Error for NoteError {}

fn main() {}
