struct Files;

#[mcp::server(
    issuer = "https://auth.example.com",
    resource = "https://files.example.com/mcp",
    scopes = ["read"],
    optional_scopes = ["admin"],
)]
impl Files {
    /// List files.
    #[mcp::tool]
    fn list(&self) {}
}

struct Disk;

#[mcp::part(of = Files)]
impl Disk {
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
