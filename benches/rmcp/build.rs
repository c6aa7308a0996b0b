//! Writes servers with many tools, `add` and `add_1`, `add_2`, …, as a person would write them.

use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs};

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let mut source = String::new();
    for tools in [1, 20, 100] {
        write_server(&mut source, tools);
    }
    let folder = env::var_os("OUT_DIR").expect("cargo says where to write to");
    fs::write(Path::new(&folder).join("generated.rs"), source).expect("the folder for output can be written to");
}

fn write_server(source: &mut String, tools: usize) {
    let mut line = |text: &str| writeln!(source, "{text}").expect("a text takes all that is written");
    line("#[derive(Clone)]");
    line(&format!("struct Tools{tools};"));
    line("#[tool_router(server_handler)]");
    line(&format!("impl Tools{tools} {{"));
    for number in 0..tools {
        let name = if number == 0 { "add".to_owned() } else { format!("add_{number}") };
        line("    /// Add two numbers.");
        line("    #[tool(annotations(read_only_hint = true))]");
        line(&format!("    async fn {name}(&self, Parameters(Add {{ a, b }}): Parameters<Add>) -> String {{"));
        line("        a.wrapping_add(b).to_string()");
        line("    }");
    }
    line("}");
}
