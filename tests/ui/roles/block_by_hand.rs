struct Notes;

impl mcp::Block for Notes {}

fn main() {}
