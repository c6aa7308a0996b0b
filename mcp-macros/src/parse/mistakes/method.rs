//! Mistakes in `#[mcp::tool]` and the other attributes of methods.

use super::check_method;
use crate::parse::Kind;

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
            (
                "policy = Owner",
                "policy",
                "a method with `#[mcp::guard]` decides that; write `guard = name`, with its name",
            ),
            (r#"guard = "same""#, r#""same""#, "a guard has no quotes; write `guard = same`"),
            ("guard = same()", "same()", "`guard` is the name of a method; write `guard = same`"),
            ("guard = |id| id > 3", "|id| id > 3", "`guard` is the name of a method; write `guard = name`"),
            ("guard = []", "guard", "`guard` is empty; name a guard, or remove the key"),
            ("guard", "guard", "`guard` needs a value: `guard = name`"),
            ("guard(same)", "guard", "the value of `guard` stands behind `=`; write `guard = same`"),
            ("range = 1..=5", "range", "that is about one argument; write `#[arg(…)]` in front of the parameter"),
            ("of = Notes", "of", "it is a key of `#[mcp::part]`; write it there, or remove it"),
            (r#"argument = "x""#, "argument", "it is a key of `#[mcp::completion]`; write it there, or remove it"),
            (r#"scope = "a""#, "scope", "did you mean `scopes`?"),
            ("timeout = 30", "30", "`timeout` is a time above zero in `ms`, `s` or `m`; write `timeout = \"30s\"`"),
            ("timeout = 10s", "10s", "`timeout` is a time above zero in `ms`, `s` or `m`; write `timeout = \"10s\"`"),
            (
                r#"timeout = "10""#,
                "\"10\"",
                "`timeout` is a time above zero in `ms`, `s` or `m`; write `timeout = \"10s\"`",
            ),
            (
                r#"timeout = "5 minutes""#,
                "\"5 minutes\"",
                "`timeout` is a time above zero in `ms`, `s` or `m`; write `timeout = \"5m\"`",
            ),
            (
                r#"timeout = "100 millis""#,
                "\"100 millis\"",
                "`timeout` is a time above zero in `ms`, `s` or `m`; write `timeout = \"100ms\"`",
            ),
            (
                r#"timeout = "0s""#,
                "\"0s\"",
                "`timeout` is a time above zero in `ms`, `s` or `m`; write `timeout = \"10s\"`",
            ),
            (
                r#"timeout = "1h""#,
                "\"1h\"",
                "`timeout` is a time above zero in `ms`, `s` or `m`; write `timeout = \"60m\"`",
            ),
            (
                r#"timeout = "1.5s""#,
                "\"1.5s\"",
                "`timeout` is a time above zero in `ms`, `s` or `m`; write `timeout = \"10s\"`",
            ),
            (
                r#"timeout = "99999999999999999999s""#,
                "\"99999999999999999999s\"",
                "`timeout` is a time above zero in `ms`, `s` or `m`; write `timeout = \"10s\"`",
            ),
            ("timeout", "timeout", "`timeout` needs a value: `timeout = \"10s\"`"),
            ("timeout_ms = 10", "timeout_ms", "write `timeout = \"10s\"` there"),
            (
                r#"rate_limit = "10/min""#,
                "rate_limit",
                "write `rate = \"30/min\"` in `#[mcp::server]`, or for one tool, resource or prompt",
            ),
            ("rate = 30", "30", "`rate` is a number per unit of time, as a text; write one like `rate = \"30/min\"`"),
            ("rate = 30/min", "30/min", "write one like `rate = \"30/min\"`"),
            ("rate", "rate", "`rate` needs a value: `rate = \"30/min\"`"),
            (r#"rate("30/min")"#, "rate", r#"the value of `rate` stands behind `=`; write `rate = "30/min"`"#),
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
                "expected a key; the keys of `#[mcp::tool]` are: name, title, description, scopes, hidden, guard, rate, read_only, destructive, idempotent, open_world, task, input_schema, lenient, icons, meta, timeout, blocking",
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
