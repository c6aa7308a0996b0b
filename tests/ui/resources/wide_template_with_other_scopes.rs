struct Files;

#[mcp::server(
    issuer = "https://auth.example.com",
    resource = "https://files.example.com/mcp",
    scopes = ["read"],
    optional_scopes = ["admin", "audit"],
)]
impl Files {
    #[mcp::resource("files://{+path}", scopes = ["audit"])]
    fn file(&self, path: String) -> String {
        path
    }

    #[mcp::resource("files://private/{name}", scopes = ["admin"])]
    fn name_of(&self, name: String) -> String {
        name
    }

    #[mcp::resource("files://logs/{day}", scopes = ["admin"])]
    fn day_of(&self, day: String) -> String {
        day
    }
}

fn main() {}
