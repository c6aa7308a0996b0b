struct Files;

#[mcp::server]
impl Files {
    #[mcp::resource("files://../secret")]
    fn secret(&self) -> &'static str {
        ""
    }

    #[mcp::resource("files://{folder}/%2E/{name}")]
    fn file(&self, folder: String, name: String) -> String {
        folder + &name
    }
}

fn main() {}
