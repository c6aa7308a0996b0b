struct Celsius;

impl mcp::__private::Ranged for Celsius {}

fn main() {}
