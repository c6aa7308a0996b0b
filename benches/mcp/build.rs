//! Writes servers with many tools, `add` and `add_1`, `add_2`, …, as a person would write them.

use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs};

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let mut source = String::new();
    for tools in [1, 100, 1000] {
        write_server(&mut source, tools);
    }
    let folder = env::var_os("OUT_DIR").expect("cargo says where to write to");
    fs::write(Path::new(&folder).join("many.rs"), source).expect("the folder for output can be written to");
}

fn write_server(source: &mut String, tools: usize) {
    let mut line = |text: String| writeln!(source, "{text}").expect("a text takes all that is written");
    line(format!("struct Tools{tools};"));
    line(
        r#"#[mcp::server(issuer = "https://auth.example.com", resource = "http://127.0.0.1:8000/mcp", scopes = ["notes:read"])]"#
            .to_owned(),
    );
    line(format!("impl Tools{tools} {{"));
    for number in 0..tools {
        let name = if number == 0 { "add".to_owned() } else { format!("add_{number}") };
        line("    /// Add two numbers.".to_owned());
        line("    #[mcp::tool(read_only)]".to_owned());
        line(format!("    async fn {name}(&self, a: i64, b: i64) -> String {{ a.wrapping_add(b).to_string() }}"));
    }
    line("}".to_owned());
}
