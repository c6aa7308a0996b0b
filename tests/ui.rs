//! Misuse does not compile, and says what to write instead; what is right compiles without a warning. How the cases
//! are made is in `ui/README.md`.

use std::fs;

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
        "rates",
        "asking",
        "guards",
        "types",
        "errors",
        "roles",
        "serving",
        "verifying",
        "exchange",
        "several",
        "syntax",
    ] {
        cases.compile_fail(format!("ui/{theme}/*.rs"));
    }
}

/// Programs that are right compile without a warning, however their crate, their names and their lints are.
#[test]
fn valid_programs_compile_without_a_warning() {
    trybuild::TestCases::new().pass("ui/valid/*.rs");
}

/// Users would see our source as paths of a registry. rustc always shows the signature of a function whose bound does not
/// hold, that gets other arguments, or that makes a type whose `new` is missing; nothing else of ours is quoted.
#[test]
fn messages_do_not_quote_our_source() {
    let shown = [
        "note: required by a bound in ",
        "note: method defined here",
        "note: associated function defined here",
        "note: if you're trying to build a new ",
    ];
    let mut quoting = Vec::new();
    for theme in fs::read_dir("ui").unwrap().map(|theme| theme.unwrap().path()).filter(|theme| theme.is_dir()) {
        for path in fs::read_dir(theme).unwrap().map(|file| file.unwrap().path()) {
            if path.extension().is_none_or(|extension| extension != "stderr") {
                continue;
            }
            let text = fs::read_to_string(&path).unwrap();
            let mut message = "";
            for line in text.lines() {
                let is_place = line.trim_start().starts_with("--> ") || line.trim_start().starts_with("::: ");
                if is_place && line.contains('$') && !shown.iter().any(|shown| message.starts_with(shown)) {
                    quoting.push(format!("{}: {message}", path.display()));
                }
                if !line.starts_with(' ') && line.contains(": ") || shown.iter().any(|shown| line.starts_with(shown)) {
                    message = line;
                }
            }
        }
    }
    assert!(quoting.is_empty(), "{}", quoting.join("\n"));
}
