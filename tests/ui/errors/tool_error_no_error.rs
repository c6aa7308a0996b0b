#[derive(Debug, mcp::ToolError)]
#[tool_error(shown)]
struct Locked(u64);

fn main() {}
