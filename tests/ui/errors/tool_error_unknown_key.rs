#[derive(Debug, mcp::ToolError)]
enum NoteError {
    #[tool_error(shown)]
    Locked(u64),
    #[tool_error(hidden)]
    Database(std::io::Error),
}

impl std::fmt::Display for NoteError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{self:?}")
    }
}

impl std::error::Error for NoteError {}

fn main() {}
