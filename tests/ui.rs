//! Misuse does not compile, and says what to write instead. How the cases are made is in `ui/README.md`.

#[test]
fn misuse_does_not_compile() {
    let cases = trybuild::TestCases::new();
    for theme in [
        "server",
        "url",
        "scope",
        "tool",
        "resources",
        "prompts",
        "completions",
        "parts",
        "asking",
        "types",
        "roles",
        "serving",
        "several",
    ] {
        cases.compile_fail(format!("ui/{theme}/*.rs"));
    }
}
