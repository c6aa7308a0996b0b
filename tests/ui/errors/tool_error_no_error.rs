#[derive(Debug, mcp::ToolError)]
#[tool_error(shown)]
struct Locked(u64);

fn main() {}

// rustc reports the missing bound twice: of the trait, and of its method.
