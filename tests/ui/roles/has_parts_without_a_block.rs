struct Notes;

impl mcp::__private::HasParts for Notes {}

fn main() {}
