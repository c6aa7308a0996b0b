//! Mistakes in attributes: each gives one error, under the narrowest part, that says what to write.

use proc_macro2::TokenStream;

use super::{Arg, Kind, MethodAttribute, PartAttribute, ServerAttribute};
use crate::errors::Errors;

/// A mistake: the attribute as written, the tokens that the error is under, and how it ends.
type Case = (&'static str, &'static str, &'static str);

fn check(cases: &[Case], parse: impl Fn(TokenStream, &mut Errors)) {
    let mut wrong = Vec::new();
    for (written, under, expected) in cases {
        let tokens: TokenStream = written.parse().unwrap_or_else(|error| panic!("{written}: {error}"));
        let mut errors = Errors::default();
        parse(tokens, &mut errors);
        let found: Vec<(String, String)> = (errors.into_error().into_iter().flatten())
            .map(|error| (error.span().source_text().unwrap_or_default(), error.to_string()))
            .collect();
        if !matches!(&*found, [(place, message)] if place == under && message.ends_with(expected)) {
            wrong.push(format!("{written}\n  expected under {under}: …{expected}\n  but {found:#?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn check_method(kind: Kind, cases: &[Case]) {
    check(cases, |tokens, errors| drop(MethodAttribute::parse(kind, tokens, errors)));
}

fn check_server(cases: &[Case]) {
    check(cases, |tokens, errors| drop(ServerAttribute::parse(tokens, errors)));
}

fn check_arg(cases: &[Case]) {
    check(cases, |tokens, errors| drop(Arg::parse(tokens, errors)));
}

fn check_part(cases: &[Case]) {
    check(cases, |tokens, errors| drop(PartAttribute::parse(tokens, errors)));
}

#[test]
fn a_key_that_server_does_not_have() {
    check_server(&[
        (
            "notes",
            "notes",
            "the keys are: name, version, title, instructions, issuer, resource, scopes, optional_scopes, extra_scopes, scope_prefix, hierarchy, resource_name, resource_documentation, icons, website, lenient, inline_schemas, crate",
        ),
        ("krate = mcp", "krate", "it is called `crate` here; write `crate = renamed`, with the path of this crate"),
        (r#"Issuer = "https://a""#, "Issuer", "did you mean `issuer`?"),
        (r#"ISSUER = "https://a""#, "ISSUER", "did you mean `issuer`?"),
        (r#"optionalScopes = ["a"]"#, "optionalScopes", "did you mean `optional_scopes`?"),
        (r#"scope = ["a"]"#, "scope", "did you mean `scopes`?"),
        ("read_only", "read_only", "it is a key of `#[mcp::tool]`; write it there, or remove it"),
        ("of = Notes", "of", "it is a key of `#[mcp::part]`; write it there, or remove it"),
        (r#"icons = [{ url = "https://x" }]"#, "url", r#"it is called `src` here; write `src = "https://…"`"#),
        (
            "public",
            "public",
            "a server without `issuer` and `resource` is open; remove the key, and serve it with `Http::open`",
        ),
        (
            "!public",
            "public",
            "a server without `issuer` and `resource` is open; remove the key, and serve it with `Http::open`",
        ),
        (
            r#"required_scopes = ["a"]"#,
            "required_scopes",
            r#"what every request needs is called `scopes` here; write `scopes = ["notes:read"]`"#,
        ),
        (
            r#"requiredScopes = ["a"]"#,
            "requiredScopes",
            r#"what every request needs is called `scopes` here; write `scopes = ["notes:read"]`"#,
        ),
        (
            r#"authorization_server = "https://a""#,
            "authorization_server",
            r#"the authorization server is called `issuer` here; write `issuer = "https://auth.example.com"`"#,
        ),
        (
            r#"authority = "https://a""#,
            "authority",
            r#"the authorization server is called `issuer` here; write `issuer = "https://auth.example.com"`"#,
        ),
        (
            r#"resource_server_url = "https://a""#,
            "resource_server_url",
            r#"the public URL of this endpoint is called `resource` here; write `resource = "https://mcp.example.com/mcp"`"#,
        ),
        (
            r#"base_url = "https://a""#,
            "base_url",
            r#"the public URL of this endpoint is called `resource` here; write `resource = "https://mcp.example.com/mcp"`"#,
        ),
        (
            r#"audience = "https://a""#,
            "audience",
            r#"the tokens of a server are issued for its `resource`; write `resource = "https://mcp.example.com/mcp"`"#,
        ),
        (
            r#"path = "/mcp""#,
            "path",
            "the server is mounted at the path of its `resource`, such as `https://mcp.example.com/mcp`; an open one is mounted with `Http::path`",
        ),
        ("port = 8000", "port", r#"a server listens where it is served; write `.serve("127.0.0.1:8000")`"#),
        (
            r#"jwks_uri = "https://a""#,
            "jwks_uri",
            "keys belong to the verifier; `mcp::JwtVerifier` finds those of the `issuer`, or is given `JwtProfile::jwks_url`",
        ),
        (r#"algorithm = "RS256""#, "algorithm", "algorithms belong to the verifier; write `JwtProfile::algorithms`"),
        (
            r#"client_id = "x""#,
            "client_id",
            "a client id is between a client and its authorization server; remove the key, or, for introspection, give it to `mcp::IntrospectionVerifier`",
        ),
        (
            r#"redirect_uri = "x""#,
            "redirect_uri",
            "that is between a client and its authorization server, and clients find it through the `issuer`; remove the key",
        ),
        (
            r#"scopes_supported = ["a"]"#,
            "scopes_supported",
            r#"the metadata publish `scopes`, which every request needs; write `scopes = ["notes:read"]`, and `optional_scopes = ["notes:write"]` for those of single tools"#,
        ),
        (
            "verifier = JwtVerifier",
            "verifier",
            "tokens are verified by a value; write `Http::protected(server, verifier)`, and remove the key",
        ),
        ("cors = true", "cors", "origins are admitted where the server is served; write `Http::allow_origins`"),
        (
            r#"transport = "stdio""#,
            "transport",
            "a transport is chosen where the server is served, such as `Http` or `Stdio`; remove the key",
        ),
        (
            r#"description = "x""#,
            "description",
            r#"the text for models is called `instructions` here; write `instructions = "…"`"#,
        ),
        (
            "timeout = 30",
            "timeout",
            "there is no time limit by an attribute; write `tokio::time::timeout` in the method",
        ),
        (
            "tools = [a]",
            "tools",
            "a server offers its methods with `#[mcp::tool]`, `#[mcp::resource]` and `#[mcp::prompt]`; remove the key",
        ),
        ("range = 1..=5", "range", "it is a key of `#[arg]`; write it there, or remove it"),
        (
            "protected",
            "protected",
            "a server with `issuer` and `resource` is protected; write both in place of the key",
        ),
    ]);
}

#[test]
fn a_form_that_server_does_not_have() {
    check_server(&[
        (
            r#""issuer" = "https://auth.example.com""#,
            r#""issuer""#,
            r#"a key has no quotes; write `issuer = "https://auth.example.com"`"#,
        ),
        (r#"issuer = , resource = "https://x""#, "issuer", r#"`issuer` needs a value: `issuer = "…"`"#),
        ("issuer =", "issuer", r#"`issuer` needs a value: `issuer = "…"`"#),
        (
            r#"issuer("https://a.example.com")"#,
            "issuer",
            r#"the value of `issuer` stands behind `=`; write `issuer = "https://a.example.com"`"#,
        ),
        (
            r#"issuer => "https://a.example.com""#,
            "issuer",
            r#"the value of `issuer` stands behind `=`; write `issuer = "https://a.example.com"`"#,
        ),
        (
            r#"issuer := "https://a.example.com""#,
            "issuer",
            r#"the value of `issuer` stands behind `=`; write `issuer = "https://a.example.com"`"#,
        ),
        (
            r#"issuer == "https://a.example.com""#,
            "issuer",
            r#"the value of `issuer` stands behind `=`; write `issuer = "https://a.example.com"`"#,
        ),
        ("issuer = CONST", "CONST", "goes into `mcp::Protection`"),
        ("issuer = [ISSUER]", "ISSUER", "goes into `mcp::Protection`"),
        (
            r#"issuer = &["https://a.example.com"]"#,
            r#"&["https://a.example.com"]"#,
            r#"`issuer` is a string literal; write `issuer = "https://a.example.com"`"#,
        ),
        (r#"issuer = concat!("https://", "a")"#, r#"concat!("https://", "a")"#, "goes into `mcp::Protection`"),
        (r#"issuer = format!("https://{HOST}")"#, r#"format!("https://{HOST}")"#, "goes into `mcp::Protection`"),
        (r#"issuer = env!("ISSUER")"#, r#"env!("ISSUER")"#, "goes into `mcp::Protection`"),
        (r#"issuer = "https://" + HOST"#, r#""https://" + HOST"#, "goes into `mcp::Protection`"),
        (
            r#"issuer = "https://a".to_string()"#,
            r#""https://a".to_string()"#,
            r#"`issuer` is a string literal; write `issuer = "https://a"`"#,
        ),
        (
            r#"issuer = String::from("https://a")"#,
            r#"String::from("https://a")"#,
            r#"`issuer` is a string literal; write `issuer = "https://a"`"#,
        ),
        (r#"issuer = vec!["https://a"]"#, r#"vec!["https://a"]"#, "goes into `mcp::Protection`"),
        (r#"issuer = "https://a"; resource = "https://b""#, ";", "expected `,`"),
        (
            r#"resource = ["https://mcp.example.com/mcp"]"#,
            r#"["https://mcp.example.com/mcp"]"#,
            r#"`resource` is one text, not a list; write `resource = "https://mcp.example.com/mcp"`"#,
        ),
        (
            r#"resource = ["https://mcp.example.com/mcp", "https://b"]"#,
            r#"["https://mcp.example.com/mcp", "https://b"]"#,
            r#"`resource` is one text, not a list; write `resource = "…"`"#,
        ),
        (
            r#"resource = Some("https://mcp.example.com/mcp")"#,
            r#"Some("https://mcp.example.com/mcp")"#,
            r#"`resource` is a string literal; write `resource = "https://mcp.example.com/mcp"`"#,
        ),
        (
            r#""https://auth.example.com""#,
            r#""https://auth.example.com""#,
            r#"a value stands behind its key; write `issuer = "https://auth.example.com"` or `resource = "https://auth.example.com"`"#,
        ),
        (
            r#""notes""#,
            r#""notes""#,
            r#"a value stands behind its key; write `name = "notes"` or `instructions = "notes"`"#,
        ),
        (r#"scopes = "a b""#, r#""a b""#, r#"`scopes` is a list; write `scopes = ["a", "b"]`"#),
        (r#"scopes = "a,b""#, r#""a,b""#, r#"`scopes` is a list; write `scopes = ["a", "b"]`"#),
        (r#"scopes = "a""#, r#""a""#, r#"`scopes` is a list; write `scopes = ["a"]`"#),
        (r#"scopes = &["a"]"#, r#"&["a"]"#, r#"`scopes` is a list of string literals; write `scopes = ["…"]`"#),
        (r#"scopes = { "a" }"#, r#"{ "a" }"#, r#"`scopes` is a list of string literals; write `scopes = ["…"]`"#),
        (r#"scopes = ("a", "b")"#, r#"("a", "b")"#, r#"`scopes` is a list of string literals; write `scopes = ["…"]`"#),
        (r#"scopes = ["a" "b"]"#, r#""b""#, "expected `,`"),
        ("scopes = [1]", "1", r#"`scopes` lists string literals; write `scopes = ["…"]`"#),
        ("scopes = [a]", "a", r#"`scopes` lists string literals; write `scopes = ["…"]`"#),
        ("scopes = [SCOPES]", "SCOPES", r#"`scopes` lists string literals; write `scopes = ["…"]`"#),
        ("scopes = ['a']", "'a'", r#"`scopes` lists string literals; write `scopes = ["…"]`"#),
        (r#"scopes("a")"#, "scopes", r#"the value of `scopes` stands behind `=`; write `scopes = ["a"]`"#),
        (r#"scopes("a", "b")"#, "scopes", r#"the value of `scopes` stands behind `=`; write `scopes = ["a", "b"]`"#),
        (r#"scopes["a"]"#, "scopes", r#"the value of `scopes` stands behind `=`; write `scopes = ["a"]`"#),
        (r#"scopes: ["a"]"#, "scopes", r#"the value of `scopes` stands behind `=`; write `scopes = ["a"]`"#),
        ("scopes", "scopes", r#"`scopes` needs a value: `scopes = ["…"]`"#),
        (r#"scopes = !["a"]"#, r#"!["a"]"#, r#"`scopes` is a list of string literals; write `scopes = ["…"]`"#),
        (r#"scopes = vec!["a"]"#, r#"vec!["a"]"#, r#"`scopes` is a list of string literals; write `scopes = ["…"]`"#),
        (r#"scopes = ["a"; 2]"#, ";", "expected `,`"),
        (r#"scopes += ["a"]"#, "scopes", r#"the value of `scopes` stands behind `=`; write `scopes = ["a"]`"#),
        (
            r#"hierarchy = [("a", "b")]"#,
            r#"("a", "b")"#,
            r#"a chain goes from broad to narrow, with `>` in between; write `"a" > "b"`"#,
        ),
        (
            r#"hierarchy = ["a" => "b"]"#,
            "=",
            r#"a chain goes from broad to narrow, with `>` in between; write `"a" > "b"`"#,
        ),
        (
            r#"hierarchy = ["a" -> "b"]"#,
            "-",
            r#"a chain goes from broad to narrow, with `>` in between; write `"a" > "b"`"#,
        ),
        (
            r#"hierarchy = ["a" < "b"]"#,
            "<",
            r#"a chain goes from broad to narrow, with `>` in between; write `"b" > "a"`"#,
        ),
        (
            r#"hierarchy = ["a" >= "b"]"#,
            ">",
            r#"a chain goes from broad to narrow, with `>` in between; write `"a" > "b"`"#,
        ),
        (
            r#"hierarchy = ["a" >> "b"]"#,
            ">",
            r#"a chain goes from broad to narrow, with `>` in between; write `"a" > "b"`"#,
        ),
        (
            r#"hierarchy = ["a > b"]"#,
            r#""a > b""#,
            r#"a chain goes from broad to narrow, with `>` in between; write `"a" > "b"`"#,
        ),
        (
            r#"hierarchy = ["a>b>c"]"#,
            r#""a>b>c""#,
            r#"a chain goes from broad to narrow, with `>` in between; write `"a" > "b" > "c"`"#,
        ),
        (
            r#"hierarchy = [["a", "b"]]"#,
            r#"["a", "b"]"#,
            r#"a chain goes from broad to narrow, with `>` in between; write `"a" > "b"`"#,
        ),
        (
            r#"hierarchy = ["a": ["b"]]"#,
            ":",
            r#"a chain goes from broad to narrow, with `>` in between; write `"a" > "b"`"#,
        ),
        (
            r#"hierarchy = { "a": ["b"] }"#,
            r#"{ "a": ["b"] }"#,
            r#"`hierarchy` is a list of chains, each from broad to narrow; write `hierarchy = ["a" > "b"]`"#,
        ),
        (
            r#"hierarchy = { "a" => "b" }"#,
            r#"{ "a" => "b" }"#,
            r#"`hierarchy` is a list of chains, each from broad to narrow; write `hierarchy = ["a" > "b"]`"#,
        ),
        (
            r#"hierarchy = "a" > "b""#,
            r#""a" > "b""#,
            r#"`hierarchy` is a list of chains, each from broad to narrow; write `hierarchy = ["a" > "b"]`"#,
        ),
        (
            r#"hierarchy = "a > b""#,
            r#""a > b""#,
            r#"`hierarchy` is a list of chains, each from broad to narrow; write `hierarchy = ["a" > "b"]`"#,
        ),
        (
            r#"hierarchy = ["a"]"#,
            r#""a""#,
            r#"a chain has at least two scopes, from broad to narrow; write `"a" > "…"`"#,
        ),
        (
            r#"hierarchy = ["a" "b"]"#,
            r#""b""#,
            r#"a chain goes from broad to narrow, with `>` in between; write `"a" > "b"`"#,
        ),
        (
            "hierarchy = [a > b]",
            "a",
            r#"a chain goes from broad to narrow, with `>` in between; write `"notes:write" > "notes:read"`"#,
        ),
        (
            r#"hierarchy("a" > "b")"#,
            "hierarchy",
            r#"the value of `hierarchy` stands behind `=`; write `hierarchy = ["a" > "b"]`"#,
        ),
        (
            r#"hierarchy = ["a" > ["b", "c"]]"#,
            r#"["b", "c"]"#,
            r#"a chain goes from broad to narrow, with `>` in between; write `"a" > "b" > "c"`"#,
        ),
        (
            r#"hierarchy = ["a" > ]"#,
            "]",
            r#"a chain goes from broad to narrow, with `>` in between; write `"a" > "…"`"#,
        ),
        (r#"crate = "mcp""#, r#""mcp""#, "`crate` is a path; write `crate = mcp`"),
        (r#"name: "x""#, "name", r#"the value of `name` stands behind `=`; write `name = "x"`"#),
        ("name = 'x'", "'x'", r#"`name` is a string literal; write `name = "x"`"#),
        ("name = notes", "notes", r#"`name` is a string literal; write `name = "notes"`"#),
        ("name = 1", "1", r#"`name` is a string literal; write `name = "1"`"#),
        (r#"name = ["x"]"#, r#"["x"]"#, r#"`name` is one text, not a list; write `name = "x"`"#),
        ("name", "name", r#"`name` needs a value: `name = "…"`"#),
        ("version = 1.0", "1.0", r#"`version` is a string literal; write `version = "1.0"`"#),
        (r#"icons = "https://x""#, r#""https://x""#, r#"`icons` is a list; write `icons = ["https://…"]`"#),
        (r#"icons = ["https://x" "https://y"]"#, r#""https://y""#, "expected `,`"),
        (
            r#"icons = [{ src: "https://x" }]"#,
            "src",
            r#"the value of `src` stands behind `=`; write `src = "https://x"`"#,
        ),
        (r#"icons = [{ "src": "https://x" }]"#, r#""src""#, r#"a key has no quotes; write `src = "https://x"`"#),
        (
            "icons = [1]",
            "1",
            r#"`icons` lists addresses; write `"https://…"`, or `{ src = "https://…", sizes = ["48x48"] }`"#,
        ),
        (
            r#"icons = [Icon::new("x")]"#,
            "Icon",
            r#"`icons` lists addresses; write `"https://…"`, or `{ src = "https://…", sizes = ["48x48"] }`"#,
        ),
    ]);
}

#[test]
fn a_key_that_part_does_not_have() {
    check_part(&[
        ("Notes, crate = m", "Notes", "the keys are: of, crate"),
        ("server = Notes", "server", "it is called `of` here; write `of = Server`, with the type of the server"),
        (r#"issuer = "https://a""#, "issuer", "a part is protected by its server; write it into `#[mcp::server]`"),
        (
            r#"scopes = ["a"]"#,
            "scopes",
            "a part needs what its server needs; write `scopes` into `#[mcp::server]`, or into the `#[mcp::tool]` of a method",
        ),
        (r#"name = "a""#, "name", "a part is shown as its server; write it into `#[mcp::server]`"),
        (
            r#"jwks_uri = "x""#,
            "jwks_uri",
            "keys belong to the verifier; `mcp::JwtVerifier` finds those of the `issuer`, or is given `JwtProfile::jwks_url`",
        ),
        (
            r#"authorization_servers = ["x"]"#,
            "authorization_servers",
            r#"it belongs in `#[mcp::server]`: the authorization server is called `issuer` here; write `issuer = "https://auth.example.com"`"#,
        ),
        ("range = 1", "range", "it is a key of `#[arg]`; write it there, or remove it"),
    ]);
}

#[test]
fn a_form_that_part_does_not_have() {
    check_part(&[
        ("of: Notes", "of", "the value of `of` stands behind `=`; write `of = Notes`"),
        (r#"of = "Notes""#, r#""Notes""#, "`of` is the type of a server; write `of = Server`"),
        (r#""Notes""#, r#""Notes""#, "the server of a part is a type behind its key; write `of = Notes`"),
        ("of", "of", "`of` needs a value: `of = Server`"),
        ("of = ", "of", "`of` needs a value: `of = Server`"),
        ("of(Notes)", "of", "the value of `of` stands behind `=`; write `of = Notes`"),
    ]);
}

#[test]
fn a_key_that_tool_does_not_have() {
    check_method(
        Kind::Tool,
        &[
            ("sc", "sc", "did you mean `scopes`?"),
            ("de", "de", "did you mean `description` or `destructive`?"),
            ("read", "read", "did you mean `read_only`?"),
            (
                "readOnlyHint = true",
                "readOnlyHint",
                "it is called `read_only` here; write `read_only`, or `read_only = false`",
            ),
            ("readOnly", "readOnly", "did you mean `read_only`?"),
            (
                "annotations(read_only_hint = true)",
                "annotations",
                "each hint is a key; write `read_only`, `destructive`, `idempotent` or `open_world`",
            ),
            (
                "annotations = { readOnlyHint: true }",
                "annotations",
                "each hint is a key; write `read_only`, `destructive`, `idempotent` or `open_world`",
            ),
            (r#"issuer = "https://a""#, "issuer", "it is a key of `#[mcp::server]`; write it there, or remove it"),
            (
                r#"resource = "x""#,
                "resource",
                "it is a key of `#[mcp::server]` and `#[mcp::completion]`; write it there, or remove it",
            ),
            ("range = 1..=5", "range", "that is about one argument; write `#[arg(…)]` in front of the parameter"),
            ("of = Notes", "of", "it is a key of `#[mcp::part]`; write it there, or remove it"),
            (r#"argument = "x""#, "argument", "it is a key of `#[mcp::completion]`; write it there, or remove it"),
            (r#"scope = "a""#, "scope", "did you mean `scopes`?"),
            (
                "timeout = 30",
                "timeout",
                "there is no time limit by an attribute; write `tokio::time::timeout` in the method",
            ),
            (
                r#"rate_limit = "10/min""#,
                "rate_limit",
                "there is no limit of calls by an attribute; put one in front of the server, such as a layer around `Http::router`",
            ),
            (
                r#"tags = ["x"]"#,
                "tags",
                r#"whatever else clients are to know is in `meta`; write `meta = { "com.example/tags": ["…"] }`"#,
            ),
            (
                r#"outputSchema = "x""#,
                "outputSchema",
                "the output schema is made of what the method returns; return `mcp::Json<T>`, and remove the key",
            ),
            ("inputSchema = {}", "inputSchema", "did you mean `input_schema`?"),
            (
                "enabled = false",
                "enabled",
                "a method is offered from the start; remove the key, and call `Changes::disable_tool` while the server runs, or put `#[cfg]` on the method",
            ),
            (r#"Name = "x""#, "Name", "did you mean `name`?"),
            (r#"descripton = "x""#, "descripton", "did you mean `description`?"),
            (r#"summary = "x""#, "summary", "did you mean `description`? Or write a doc comment above the method"),
            (
                "is_read_only",
                "is_read_only",
                "it is called `read_only` here; write `read_only`, or `read_only = false`",
            ),
            (
                "idempotentHint",
                "idempotentHint",
                "it is called `idempotent` here; write `idempotent`, or `idempotent = false`",
            ),
            (
                "openWorldHint = false",
                "openWorldHint",
                "it is called `open_world` here; write `open_world`, or `open_world = false`",
            ),
            (
                r#"returns = "x""#,
                "returns",
                "the output schema is made of what the method returns; return `mcp::Json<T>`, and remove the key",
            ),
            (r#"examples = ["x"]"#, "examples", "there are no examples apart; write them into the doc comment"),
            ("default = 1", "default", "that is about one argument; write `#[arg(…)]` in front of the parameter"),
            ("required", "required", "that is about one argument; write `#[arg(…)]` in front of the parameter"),
            (
                r#"mimeType = "x""#,
                "mimeType",
                r#"a tool has a name and no URI; remove the key, or make the method a `#[mcp::resource("notes://{id}")]`"#,
            ),
            (r#"version = "1""#, "version", "a single method has none; say it in the doc comment"),
            (
                "public",
                "public",
                "every method of a protected server needs a token; put a public one into a server of its own, without `issuer` and `resource`",
            ),
            (
                r#"client_id = "x""#,
                "client_id",
                "a client id is between a client and its authorization server; remove the key, or, for introspection, give it to `mcp::IntrospectionVerifier`",
            ),
            (
                r#"required_scopes = ["a"]"#,
                "required_scopes",
                r#"what a caller needs is called `scopes` here; write `scopes = ["notes:write"]`"#,
            ),
            (
                r#"requires = "a""#,
                "requires",
                r#"what a caller needs is called `scopes` here; write `scopes = ["notes:write"]`"#,
            ),
            (
                r#"requiresScope = "a""#,
                "requiresScope",
                r#"what a caller needs is called `scopes` here; write `scopes = ["notes:write"]`"#,
            ),
            (
                r#"roles = ["admin"]"#,
                "roles",
                r#"what a caller needs is called `scopes` here; write `scopes = ["notes:write"]`"#,
            ),
            (r#"desc = "x""#, "desc", "did you mean `description`? Or write a doc comment above the method"),
            (r#"rename = "x""#, "rename", r#"it is called `name` here; write `name = "…"`"#),
            (r#"prompt = "x""#, "prompt", "it is a key of `#[mcp::completion]`; write it there, or remove it"),
            (r#"pattern = "x""#, "pattern", "that is about one argument; write `#[arg(…)]` in front of the parameter"),
            ("async", "async", "an `async fn` is asynchronous by itself; remove the key"),
        ],
    );
}

#[test]
fn a_form_that_tool_does_not_have() {
    check_method(
        Kind::Tool,
        &[
            (r#"name: "x""#, "name", r#"the value of `name` stands behind `=`; write `name = "x"`"#),
            (
                r#""x""#,
                r#""x""#,
                r#"a value stands behind its key; write `name = "x"` or `description = "x"`, or a doc comment above the method"#,
            ),
            (
                r#""List the notes.""#,
                r#""List the notes.""#,
                r#"a value stands behind its key; write `description = "List the notes."`, or a doc comment above the method"#,
            ),
            (r#""name" = "x""#, r#""name""#, r#"a key has no quotes; write `name = "x"`"#),
            (
                r#"read_only = "true""#,
                r#""true""#,
                "`read_only` is `true` or `false`; write `read_only`, or `read_only = false`",
            ),
            ("read_only = 1", "1", "`read_only` is `true` or `false`; write `read_only`, or `read_only = false`"),
            (
                "read_only(true)",
                "read_only",
                "`read_only` is `true` or `false`; write `read_only`, or `read_only = false`",
            ),
            (
                "read_only: true",
                "read_only",
                "`read_only` is `true` or `false`; write `read_only`, or `read_only = false`",
            ),
            ("!read_only", "!", "a key is not negated; write `read_only = false`"),
            ("read_only = yes", "yes", "`read_only` is `true` or `false`; write `read_only`, or `read_only = false`"),
            ("read_only true", "true", "expected `,`"),
            ("read_only =", "read_only", "`read_only` is `true` or `false`; write `read_only`, or `read_only = false`"),
            (
                "task = required",
                "required",
                r#"`task` is a flag, or `"required"`; write `task`, or `task = "required"`"#,
            ),
            (
                r#"task = "optional""#,
                r#""optional""#,
                r#"`task` is a flag, or `"required"`; write `task`, or `task = "required"`"#,
            ),
            (
                r#"task("required")"#,
                "task",
                r#"`task` is a flag, or `"required"`; write `task`, or `task = "required"`"#,
            ),
            ("task = ", "task", r#"`task` is a flag, or `"required"`; write `task`, or `task = "required"`"#),
            (r#"meta = { color: "red" }"#, "color", r#"the keys of JSON are texts; write `"…": …`"#),
            (r#"meta = { color = "red" }"#, "color", r#"the keys of JSON are texts; write `"…": …`"#),
            (
                r#"meta = json!({"a": 1})"#,
                r#"json!({"a": 1})"#,
                r#"`meta` is a JSON object; write `meta = { "…": … }`"#,
            ),
            ("meta = [1]", "[1]", r#"`meta` is a JSON object; write `meta = { "…": … }`"#),
            (r#"meta = "{}""#, r#""{}""#, r#"`meta` is a JSON object; write `meta = { "…": … }`"#),
            ("meta", "meta", r#"`meta` needs a value: `meta = { "com.example/color": "red" }`"#),
            (
                r#"input_schema = "{}""#,
                r#""{}""#,
                r#"`input_schema` is a JSON object; write `input_schema = { "…": … }`"#,
            ),
            ("input_schema = Args", "Args", r#"`input_schema` is a JSON object; write `input_schema = { "…": … }`"#),
            (
                "input_schema = schema_for!(Args)",
                "schema_for!(Args)",
                r#"`input_schema` is a JSON object; write `input_schema = { "…": … }`"#,
            ),
            (
                r#"description = include_str!("x.md")"#,
                r#"include_str!("x.md")"#,
                r#"`description` is a string literal; write it as a doc comment, or `#[doc = include_str!("…")]`"#,
            ),
            (
                r#"description = concat!("a", "b")"#,
                r#"concat!("a", "b")"#,
                r#"`description` is a string literal; write it as a doc comment, or `#[doc = include_str!("…")]`"#,
            ),
            (
                r#"description("x")"#,
                "description",
                r#"the value of `description` stands behind `=`; write `description = "x"`"#,
            ),
            (r#"description = "a" "b""#, r#""b""#, "expected `,`"),
            (r#"scopes = ["a"], scopes = ["b"]"#, "scopes", "`scopes` is given twice; remove one"),
            ("scopes = WRITE", "WRITE", r#"`scopes` is a list of string literals; write `scopes = ["…"]`"#),
            ("scopes = [Scope::Write]", "Scope::Write", r#"`scopes` lists string literals; write `scopes = ["…"]`"#),
            (r#"scopes = "a" | "b""#, r#""a""#, r#"`scopes` is a list; write `scopes = ["a", "b"]`"#),
            (r#"hidden("x")"#, "hidden", "`hidden` is `true` or `false`; write `hidden`, or `hidden = false`"),
            (
                "5",
                "5",
                "expected a key; the keys of `#[mcp::tool]` are: name, title, description, scopes, hidden, read_only, destructive, idempotent, open_world, task, input_schema, lenient, icons, meta, blocking",
            ),
            (r#"name = "a";"#, ";", "expected `,`"),
            ("title = title()", "title()", r#"`title` is a string literal; write `title = "…"`"#),
            (r#"hidden = "x""#, r#""x""#, "`hidden` is `true` or `false`; write `hidden`, or `hidden = false`"),
        ],
    );
}

#[test]
fn a_key_that_resource_does_not_have() {
    check_method(
        Kind::Resource,
        &[
            (
                r#"uri = "notes://a""#,
                "uri",
                r#"the URI stands in front of the keys; write `#[mcp::resource("notes://{id}")]`"#,
            ),
            (
                r#"required_scopes = ["a"]"#,
                "required_scopes",
                r#"what a caller needs is called `scopes` here; write `scopes = ["notes:write"]`"#,
            ),
            (r#""notes://a", mimeType = "text/plain""#, "mimeType", "did you mean `mime_type`?"),
            (
                r#""notes://a", content_type = "text/plain""#,
                "content_type",
                r#"it is called `mime_type` here; write `mime_type = "text/plain"`"#,
            ),
            (r#""notes://a", ttl = 60"#, "ttl", "it is called `ttl_ms` here, in milliseconds; write `ttl_ms = 60_000`"),
            (
                r#""notes://a", read_only"#,
                "read_only",
                "hints are for a `#[mcp::tool]`, and a resource is only read; remove the key",
            ),
            (
                r#""notes://a", annotations(priority = 1)"#,
                "annotations",
                "each annotation is a key; write `audience`, `priority` or `last_modified`",
            ),
            (
                r#""notes://a", template"#,
                "template",
                r#"the URI stands in front of the keys; write `#[mcp::resource("notes://{id}")]`"#,
            ),
            (
                r#"path = "notes://a""#,
                "path",
                r#"the URI stands in front of the keys; write `#[mcp::resource("notes://{id}")]`"#,
            ),
            (r#""notes://a", range = 1..=2"#, "range", "it is a key of `#[arg]`; write it there, or remove it"),
            (r#""notes://a", issuer = "x""#, "issuer", "it is a key of `#[mcp::server]`; write it there, or remove it"),
        ],
    );
}

#[test]
fn a_form_that_resource_does_not_have() {
    check_method(
        Kind::Resource,
        &[
            (
                "URI",
                "URI",
                r#"the URI of a resource is a string literal in front of the keys; write `#[mcp::resource("notes://all")]`"#,
            ),
            (
                r#"URI, name = "x""#,
                "URI",
                r#"the URI of a resource is a string literal in front of the keys; write `#[mcp::resource("notes://all")]`"#,
            ),
            (
                r#"concat!("a", "b")"#,
                "concat",
                r#"the URI of a resource is a string literal in front of the keys; write `#[mcp::resource("notes://all")]`"#,
            ),
            (
                r#""notes://a", "All notes""#,
                r#""All notes""#,
                r#"a value stands behind its key; write `description = "All notes"`, or a doc comment above the method"#,
            ),
            (r#""notes://a" name = "x""#, "name", "expected `,`"),
            (
                r#""notes://a", ttl_ms = "60""#,
                r#""60""#,
                "`ttl_ms` is a whole number from 0 on; write one like `ttl_ms = 60_000`",
            ),
            (
                r#""notes://a", ttl_ms = 60s"#,
                "60s",
                "`ttl_ms` is a whole number from 0 on; write one like `ttl_ms = 60_000`",
            ),
            (r#""notes://a", size = 1.5"#, "1.5", "`size` is a whole number from 0 on; write one like `size = 1024`"),
            (r#""notes://a", size = -1"#, "-1", "`size` is a whole number from 0 on; write one like `size = 1024`"),
            (r#""notes://a", audience = "user""#, r#""user""#, r#"`audience` is a list; write `audience = ["user"]`"#),
            (
                r#""notes://a", audience = user"#,
                "user",
                r#"`audience` is a list of string literals; write `audience = ["…"]`"#,
            ),
            (r#""notes://a", priority = >"#, ">", "`priority` is a number from 0.0 to 1.0; write one like `0.5`"),
            (
                r#"("notes://a")"#,
                r#"("notes://a")"#,
                r#"the URI of a resource is a string literal in front of the keys; write `#[mcp::resource("notes://all")]`"#,
            ),
            (
                r#"["notes://a"]"#,
                r#"["notes://a"]"#,
                r#"the URI of a resource is a string literal in front of the keys; write `#[mcp::resource("notes://all")]`"#,
            ),
        ],
    );
}

#[test]
fn a_key_that_prompt_does_not_have() {
    check_method(
        Kind::Prompt,
        &[
            (
                r#"arguments = ["x"]"#,
                "arguments",
                "the arguments of a prompt are the parameters of its method; remove the key",
            ),
            (
                r#"mime_type = "x""#,
                "mime_type",
                "that is of a `#[mcp::resource]`, and a prompt has a name; remove the key",
            ),
            (
                "read_only",
                "read_only",
                "hints are for a `#[mcp::tool]`, and a prompt does nothing by itself; remove the key",
            ),
            (
                r#"required_scopes = ["a"]"#,
                "required_scopes",
                r#"what a caller needs is called `scopes` here; write `scopes = ["notes:write"]`"#,
            ),
            (r#"role = "user""#, "role", "the messages of a prompt are what its method returns; remove the key"),
            ("task", "task", "it is a key of `#[mcp::tool]`; write it there, or remove it"),
            (r#"pattern = "x""#, "pattern", "it is a key of `#[arg]`; write it there, or remove it"),
        ],
    );
}

#[test]
fn a_form_that_prompt_does_not_have() {
    check_method(
        Kind::Prompt,
        &[(
            r#""x""#,
            r#""x""#,
            r#"a value stands behind its key; write `name = "x"` or `description = "x"`, or a doc comment above the method"#,
        )],
    );
}

#[test]
fn a_key_that_completion_does_not_have() {
    check_method(
        Kind::Completion,
        &[
            (
                r#"ref = "x""#,
                "ref",
                r#"a completion is for a `prompt` or a `resource`; write `prompt = "…"`, or `resource = "notes://{id}"`"#,
            ),
            (r#"arg = "x""#, "arg", r#"it is called `argument` here; write `argument = "…"`"#),
            (
                r#"scopes = ["a"]"#,
                "scopes",
                "a completion needs the `scopes` of its prompt or resource; remove the key",
            ),
            (
                r#"name = "x""#,
                "name",
                r#"a completion is for a `prompt` or a `resource`; write `prompt = "…"`, or `resource = "notes://{id}"`"#,
            ),
            (r#"description = "x""#, "description", "clients are not shown a completion by itself; remove the key"),
            ("read_only", "read_only", "it is a key of `#[mcp::tool]`; write it there, or remove it"),
        ],
    );
}

#[test]
fn a_form_that_completion_does_not_have() {
    check_method(
        Kind::Completion,
        &[
            (r#"prompt: "x""#, "prompt", r#"the value of `prompt` stands behind `=`; write `prompt = "x"`"#),
            ("prompt = greet", "greet", r#"`prompt` is a string literal; write `prompt = "greet"`"#),
            ("prompt(greet)", "prompt", r#"the value of `prompt` stands behind `=`; write `prompt = "greet"`"#),
            (
                r#""greet""#,
                r#""greet""#,
                r#"a value stands behind its key; write `prompt = "greet"` or `argument = "greet"`"#,
            ),
            (
                r#""notes://{id}""#,
                r#""notes://{id}""#,
                r#"a value stands behind its key; write `resource = "notes://{id}"`"#,
            ),
            (r#"prompt = ["x"]"#, r#"["x"]"#, r#"`prompt` is one text, not a list; write `prompt = "x"`"#),
        ],
    );
}

#[test]
fn a_key_that_arg_does_not_have() {
    check_arg(&[
        (
            "ge = 1",
            "ge",
            "the bounds of a number are one `range` here; write `range = 1..=5`, `range = 1..` or `range = ..=5`",
        ),
        (
            "le = 5",
            "le",
            "the bounds of a number are one `range` here; write `range = 1..=5`, `range = 1..` or `range = ..=5`",
        ),
        (
            "max_length = 80",
            "max_length",
            "the bounds of a text or a list are one `length` here; write `length = 1..=80`, `length = 1..` or `length = ..=80`",
        ),
        (
            "minLength = 1",
            "minLength",
            "the bounds of a text or a list are one `length` here; write `length = 1..=80`, `length = 1..` or `length = ..=80`",
        ),
        (
            "required",
            "required",
            "an argument is required unless its type is `Option<T>` or it has a `default`; remove the key",
        ),
        (
            "optional",
            "optional",
            "an argument is required unless its type is `Option<T>` or it has a `default`; remove the key",
        ),
        (r#"rename = "x""#, "rename", r#"it is called `name` here; write `name = "…"`"#),
        (r#"Name = "x""#, "Name", "did you mean `name`?"),
        (
            r#"desc = "x""#,
            "desc",
            r#"it is called `description` here; write `description = "…"`, or a doc comment in front of the parameter"#,
        ),
        (
            r#"enum = ["a", "b"]"#,
            "enum",
            "what can be chosen is the type of the parameter; write an `enum` that derives `Deserialize` and `JsonSchema`",
        ),
        (
            r#"enum("a", "b")"#,
            "enum",
            "what can be chosen is the type of the parameter; write an `enum` that derives `Deserialize` and `JsonSchema`",
        ),
        (
            r#"one_of = ["a"]"#,
            "one_of",
            "what can be chosen is the type of the parameter; write an `enum` that derives `Deserialize` and `JsonSchema`",
        ),
        (r#"regex = "x""#, "regex", r#"it is called `pattern` here; write `pattern = "^[a-z]+$"`"#),
        (
            r#"scopes = ["a"]"#,
            "scopes",
            r#"a token has scopes for the whole tool; write `#[mcp::tool(scopes = ["…"])]`"#,
        ),
        (r#"issuer = "x""#, "issuer", "it is a key of `#[mcp::server]`; write it there, or remove it"),
        ("token", "token", "the token is borrowed from the request; write `token: &AccessToken`, without an attribute"),
        (
            "multipleOf = 2",
            "multipleOf",
            "there is no such constraint; take a type that has no other values, or check it in the method",
        ),
        (
            "skip",
            "skip",
            "what does not come from the client is borrowed, such as `&Context` and `&AccessToken`, or a field of the server; remove the attribute",
        ),
        (r#"title = "x""#, "title", "an argument has no title; write a doc comment in front of the parameter"),
        (
            "example = 5",
            "example",
            "there are no examples apart; write them into the doc comment in front of the parameter",
        ),
        ("short", "short", "an argument comes from JSON and not from a command line; remove the key"),
        ("deprecated", "deprecated", "an argument has none; say it in the doc comment in front of the parameter"),
        (
            "unknown_thing = 5",
            "unknown_thing",
            "the keys are: name, description, default, range, length, pattern, header",
        ),
        (
            "default = None, required = false",
            "required",
            "an argument is required unless its type is `Option<T>` or it has a `default`; remove the key",
        ),
        ("read_only", "read_only", "an argument has none; say it in the doc comment in front of the parameter"),
        (
            r#"format = "email""#,
            "format",
            r#"a format comes with the type of the parameter; take another type, or write `pattern = "…"`"#,
        ),
        (
            r#"choices = ["a"]"#,
            "choices",
            "what can be chosen is the type of the parameter; write an `enum` that derives `Deserialize` and `JsonSchema`",
        ),
        (
            "context",
            "context",
            "what does not come from the client is borrowed, such as `&Context` and `&AccessToken`, or a field of the server; remove the attribute",
        ),
        (
            "min_items = 1",
            "min_items",
            "the bounds of a text or a list are one `length` here; write `length = 1..=80`, `length = 1..` or `length = ..=80`",
        ),
        (
            "nullable",
            "nullable",
            "an argument is required unless its type is `Option<T>` or it has a `default`; remove the key",
        ),
        (
            "uniqueItems",
            "uniqueItems",
            "there is no such constraint; take a type that has no other values, such as a `BTreeSet`, or check it in the method",
        ),
        ("flatten", "flatten", "each argument is a parameter of its own, of any type with a schema; remove the key"),
        ("path", "path", "an argument is a member of the JSON that the client sends; remove the key"),
        (
            "timeout = 3",
            "timeout",
            "there is no time limit by an attribute; write `tokio::time::timeout` in the method",
        ),
        (r#"hierarchy = ["a"]"#, "hierarchy", "it is a key of `#[mcp::server]`; write it there, or remove it"),
    ]);
}

#[test]
fn a_form_that_arg_does_not_have() {
    check_arg(&[
        (
            r#""The number.""#,
            r#""The number.""#,
            r#"a value stands behind its key; write `description = "The number."`, or a doc comment in front of the parameter"#,
        ),
        (
            r#""x""#,
            r#""x""#,
            r#"a value stands behind its key; write `name = "x"` or `description = "x"`, or a doc comment in front of the parameter"#,
        ),
        ("5", "5", "a value stands behind its key; write `default = 5`"),
        ("1..=5", "1", "a value stands behind its key; write `range = 1..=5` or `length = 1..=5`"),
        ("range(1..=5)", "range", "the value of `range` stands behind `=`; write `range = 1..=5`"),
        ("range: 1..=5", "range", "the value of `range` stands behind `=`; write `range = 1..=5`"),
        (r#"range = "1..=5""#, r#""1..=5""#, "`range` is a range; write `range = 1..=5`"),
        ("range = (1, 5)", "(1, 5)", "`range` is a range; write `range = 1..=5`"),
        ("range = [1, 5]", "[1, 5]", "`range` is a range; write `range = 1..=5`"),
        ("range = 5", "5", "`range` is a range; write `range = ..=5`"),
        ("range(min = 1, max = 5)", "range", "the value of `range` stands behind `=`; write `range = 1..=5`"),
        ("range = 1-5", "1-5", "`range` is a range; write `range = 1..=5`"),
        ("range = 1...5", "1", "`range` is a range; write `range = 1..=5`"),
        ("range = >= 1", ">", "`range` is a range; write `range = 1..`"),
        (
            "range = 1..=MAX",
            "MAX",
            "expected a number literal, because the bound is written into the schema; write one like `1..=5`",
        ),
        (
            "range = MIN..=MAX",
            "MIN",
            "expected a number literal, because the bound is written into the schema; write one like `1..=5`",
        ),
        ("range =", "range", "`range` needs a value: `range = 1..=5`"),
        ("range", "range", "`range` needs a value: `range = 1..=5`"),
        ("range = LIMITS", "LIMITS", "`range` is a range; write `range = 1..=5`"),
        ("range = 1..=5 default = 3", "default", "expected `,`"),
        ("length = 80", "80", "`length` is a range; write `length = ..=80`"),
        ("length(max = 80)", "length", "the value of `length` stands behind `=`; write `length = ..=80`"),
        ("length(min = 1)", "length", "the value of `length` stands behind `=`; write `length = 1..`"),
        (r#"length = "1..=80""#, r#""1..=80""#, "`length` is a range; write `length = 1..=80`"),
        ("name = x", "x", r#"`name` is a string literal; write `name = "x"`"#),
        ("default", "default", "`default` needs a value: `default = Default::default()`"),
        (r#"default("x")"#, "default", r#"the value of `default` stands behind `=`; write `default = "x"`"#),
        ("default: 5", "default", "the value of `default` stands behind `=`; write `default = 5`"),
        ("default =", "default", "`default` needs a value: `default = Default::default()`"),
        ("pattern = /x/", "/", r#"`pattern` is a string literal; write `pattern = "…"`"#),
        (r#"pattern("x")"#, "pattern", r#"the value of `pattern` stands behind `=`; write `pattern = "x"`"#),
        (
            r#"pattern = Regex::new("x")"#,
            r#"Regex::new("x")"#,
            r#"`pattern` is a string literal; write `pattern = "…"`"#,
        ),
        (
            r#"description("x")"#,
            "description",
            r#"the value of `description` stands behind `=`; write `description = "x"`"#,
        ),
        (
            r#"description: "x""#,
            "description",
            r#"the value of `description` stands behind `=`; write `description = "x"`"#,
        ),
        ("header", "header", r#"`header` needs a value: `header = "…"`"#),
        ("header = true", "true", r#"`header` is a string literal; write `header = "true"`"#),
        ("range = 1..=5, range = 2..=3", "range", "`range` is given twice; remove one"),
    ]);
}
