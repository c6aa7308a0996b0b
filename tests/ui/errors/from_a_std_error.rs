use std::fmt;

#[derive(Debug)]
struct Failure;

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("failed")
    }
}

impl std::error::Error for Failure {}

impl From<Failure> for mcp::Error {
    fn from(failure: Failure) -> Self {
        Self::tool(failure.to_string())
    }
}

fn main() {}
