struct Files;

#[mcp::server(
    issuer = "https://auth.example.com",
    resource = "https://files.example.com/mcp",
    scopes = ["read"],
    optional_scopes = ["admin", "audit"],
)]
impl Files {
    #[mcp::resource("files://public/{name}")]
    fn name_of(&self, name: String) -> String {
        name
    }

    #[mcp::resource("files://{+path}", scopes = ["admin"])]
    fn file(&self, path: String) -> String {
        path
    }
}

fn main() {}
