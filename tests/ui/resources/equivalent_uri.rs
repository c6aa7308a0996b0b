struct Notes;

#[mcp::server]
impl Notes {
    #[mcp::resource("notes://payroll")]
    fn payroll(&self) -> &'static str {
        ""
    }

    #[mcp::resource("notes://%70ayroll")]
    fn same(&self) -> &'static str {
        ""
    }
}

fn main() {}
