//! Mistakes in `#[mcp::server]` and `#[mcp::part]`.

use super::{check_part, check_server};

#[test]
fn a_key_that_server_does_not_have() {
    check_server(&[
        (
            "notes",
            "notes",
            "the keys are: name, version, title, instructions, issuer, resource, scopes, optional_scopes, extra_scopes, scope_prefix, hierarchy, dpop, guard, rate, resource_name, resource_documentation, icons, website, lenient, inline_schemas, timeout, crate",
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
        ("timeout = 30", "30", r#"`timeout` is a time above zero in `ms`, `s` or `m`; write `timeout = "30s"`"#),
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
        ("Notes, crate = m", "Notes", "the keys are: of, guard, crate"),
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
