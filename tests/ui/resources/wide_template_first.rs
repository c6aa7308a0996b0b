struct Files;

#[mcp::server(
    issuer = "https://auth.example.com",
    resource = "https://files.example.com/mcp",
    scopes = ["read"],
    optional_scopes = ["admin", "audit"],
)]
impl Files {
    #[mcp::resource("files://{+path}")]
    fn file(&self, path: String) -> String {
        path
    }

    #[mcp::resource("files://private/{name}", scopes = ["admin"])]
    fn name_of(&self, name: String) -> String {
        name
    }
}

fn main() {}
