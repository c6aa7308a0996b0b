//! The keys of the attributes, for editors.
//!
//! In rust-analyzer, and only there, generated code imports each key of an attribute. Therefore editors complete keys
//! and show their documentation with an example. `crate` is missing, because no item can have that name.

#![allow(non_upper_case_globals)]

/// The keys of `#[mcp::server]`.
pub mod server {
    /// The name of the server. Defaults to the name of the type.
    pub const name: &str = r#"name = "notes""#;

    /// The version of the server. Defaults to that of the package.
    pub const version: &str = r#"version = "1.0.0""#;

    /// A name for people.
    pub const title: &str = r#"title = "Notes""#;

    /// Instructions for models: how to use the server.
    pub const instructions: &str = r#"instructions = "List the notes before adding one.""#;

    /// The authorization server, or a list of them (RFC 8414 §2), published exactly as written.
    ///
    /// Together with `resource`, it makes the server a protected one.
    pub const issuer: &str = r#"issuer = "https://auth.example.com""#;

    /// The public URL of the endpoint (RFC 9728 §1.2), with the path of the server.
    pub const resource: &str = r#"resource = "https://mcp.example.com/mcp""#;

    /// The scopes that every request needs, published as `scopes_supported`.
    pub const scopes: &str = r#"scopes = ["notes:read"]"#;

    /// The further scopes that single tools may need.
    pub const optional_scopes: &str = r#"optional_scopes = ["notes:write"]"#;

    /// The scopes that clients request and that tokens need not have.
    pub const extra_scopes: &str = r#"extra_scopes = ["openid"]"#;

    /// The text before each scope of the server when clients request it.
    ///
    /// `{resource}` is replaced by the resource.
    pub const scope_prefix: &str = r#"scope_prefix = "{resource}/""#;

    /// The scopes that include others, from broad to narrow.
    pub const hierarchy: &str = r#"hierarchy = ["notes:write" > "notes:read"]"#;

    /// Tokens that are bound to a key (DPoP, RFC 9449): `"accepted"` beside bearer tokens, or `"required"`.
    ///
    /// Each request with such a token needs a proof that its client has the key.
    pub const dpop: &str = r#"dpop = "accepted""#;

    /// The guards that are asked before each tool, resource and prompt of this block.
    ///
    /// Parts name their own.
    pub const guard: &str = "guard = active";

    /// The rate of all requests of an account, per `s`, `min` or `h`.
    pub const rate: &str = r#"rate = "600/min""#;

    /// A name for people, published in the metadata.
    pub const resource_name: &str = r#"resource_name = "Notes""#;

    /// The URL of a page for developers, published in the metadata.
    pub const resource_documentation: &str = r#"resource_documentation = "https://docs.example.com""#;

    /// Icons for people: `https` or `data:image/…` URLs, alone or with properties.
    pub const icons: &str = r#"icons = [{ src = "https://mcp.example.com/icon.png", sizes = ["48x48"] }]"#;

    /// The URL of a page for people.
    pub const website: &str = r#"website = "https://notes.example.com""#;

    /// A flag: arguments in texts are parsed, and unknown ones are ignored.
    ///
    /// A text is parsed as a number, a boolean, an array or an object if the type expects one of these. An empty text
    /// counts as absent if the argument is optional.
    pub const lenient: &str = "lenient";

    /// A flag: schemas are inlined in place of `$ref`, unless recursive.
    pub const inline_schemas: &str = "inline_schemas";

    /// The time limit of methods without one of their own, in `ms`, `s` or `m`.
    pub const timeout: &str = r#"timeout = "30s""#;
}

/// The keys of `#[mcp::part]`.
pub mod part {
    /// The type of the server that the block is a part of.
    pub const of: &str = "of = Notes";

    /// The guards that are asked before each tool, resource and prompt of this block, such as those of its server.
    pub const guard: &str = "guard = Notes::active";
}

/// The keys of `#[mcp::tool]`.
pub mod tool {
    /// The name that clients use. Defaults to the name of the method.
    pub const name: &str = r#"name = "add_note""#;

    /// A name for people.
    pub const title: &str = r#"title = "Add a note""#;

    /// A description for models. Defaults to the doc comment.
    pub const description: &str = r#"description = "Add a note.""#;

    /// The scopes that a caller needs beyond those of the server.
    pub const scopes: &str = r#"scopes = ["notes:write"]"#;

    /// A flag: the tool is only listed for callers with its `scopes`, whom its guards allow.
    ///
    /// Guards with arguments are not asked for a list.
    pub const hidden: &str = "hidden";

    /// The guards that are asked before the tool runs: one name, or a list.
    pub const guard: &str = "guard = [active, same_owner]";

    /// The rate of an account's requests, per `s`, `min` or `h`.
    pub const rate: &str = r#"rate = "30/min""#;

    /// A hint: the tool changes nothing.
    pub const read_only: &str = "read_only";

    /// A hint: the tool may delete or overwrite, not only add.
    pub const destructive: &str = "destructive";

    /// A hint: a repeated call has no further effect.
    pub const idempotent: &str = "idempotent";

    /// A hint: the tool interacts with external entities, such as the web.
    pub const open_world: &str = "open_world";

    /// A flag: a call may become a task. `"required"` refuses clients without tasks.
    pub const task: &str = r#"task = "required""#;

    /// A JSON schema of the arguments, in place of the generated one.
    pub const input_schema: &str =
        r#"input_schema = { "type": "object", "properties": { "text": { "type": "string" } } }"#;

    /// A flag: arguments in texts are parsed, as for a `lenient` server.
    pub const lenient: &str = "lenient";

    /// Icons for people, as for a server.
    pub const icons: &str = r#"icons = ["https://mcp.example.com/icon.png"]"#;

    /// A JSON object, sent to clients as `_meta`.
    pub const meta: &str = r#"meta = { "com.example/color": "red" }"#;

    /// The time limit of the method, in `ms`, `s` or `m`. Defaults to that of the server.
    pub const timeout: &str = r#"timeout = "10s""#;

    /// A flag: the method runs on a thread for blocking code.
    pub const blocking: &str = "blocking";
}

/// The keys of `#[mcp::resource]`, after its URI.
pub mod resource {
    /// The name of the resource. Defaults to the name of the method.
    pub const name: &str = r#"name = "notes""#;

    /// A name for people.
    pub const title: &str = r#"title = "All notes""#;

    /// A description for clients. Defaults to the doc comment.
    pub const description: &str = r#"description = "All notes.""#;

    /// The media type of results without one of their own.
    pub const mime_type: &str = r#"mime_type = "text/plain""#;

    /// The scopes that a caller needs beyond those of the server.
    pub const scopes: &str = r#"scopes = ["notes:read"]"#;

    /// A flag: the resource is only listed for callers with its `scopes`, whom its guards allow.
    ///
    /// Guards with arguments are not asked for a list.
    pub const hidden: &str = "hidden";

    /// The guards that are asked before the resource is read, subscribed to, or told to have changed: one name, or a list.
    pub const guard: &str = "guard = [active, same_owner]";

    /// The rate of an account's requests, per `s`, `min` or `h`.
    pub const rate: &str = r#"rate = "30/min""#;

    /// The method that lists the resources of a template for a caller.
    pub const list: &str = "list = notes";

    /// The size in bytes, for a URI without variables.
    pub const size: &str = "size = 1024";

    /// The time that clients may cache the content, in milliseconds. Defaults to 0.
    pub const ttl_ms: &str = "ttl_ms = 60_000";

    /// The intended readers: `"user"`, `"assistant"` or both.
    pub const audience: &str = r#"audience = ["user"]"#;

    /// The importance, from 0.0 to 1.0.
    pub const priority: &str = "priority = 0.5";

    /// The time of the last change, as a timestamp of ISO 8601.
    pub const last_modified: &str = r#"last_modified = "2026-01-31T12:00:00Z""#;

    /// Icons for people, as for a server.
    pub const icons: &str = r#"icons = ["https://mcp.example.com/icon.png"]"#;

    /// A JSON object, sent to clients as `_meta`.
    pub const meta: &str = r#"meta = { "com.example/color": "red" }"#;

    /// The time limit of the method, in `ms`, `s` or `m`. Defaults to that of the server.
    pub const timeout: &str = r#"timeout = "10s""#;

    /// A flag: the method runs on a thread for blocking code.
    pub const blocking: &str = "blocking";
}

/// The keys of `#[mcp::prompt]`.
pub mod prompt {
    /// The name that clients use. Defaults to the name of the method.
    pub const name: &str = r#"name = "review""#;

    /// A name for people.
    pub const title: &str = r#"title = "Code review""#;

    /// A description for people. Defaults to the doc comment.
    pub const description: &str = r#"description = "Review code.""#;

    /// The scopes that a caller needs beyond those of the server.
    pub const scopes: &str = r#"scopes = ["notes:read"]"#;

    /// A flag: the prompt is only listed for callers with its `scopes`, whom its guards allow.
    ///
    /// Guards with arguments are not asked for a list.
    pub const hidden: &str = "hidden";

    /// The guards that are asked before the prompt is made: one name, or a list.
    pub const guard: &str = "guard = [active, same_owner]";

    /// The rate of an account's requests, per `s`, `min` or `h`.
    pub const rate: &str = r#"rate = "30/min""#;

    /// Icons for people, as for a server.
    pub const icons: &str = r#"icons = ["https://mcp.example.com/icon.png"]"#;

    /// A JSON object, sent to clients as `_meta`.
    pub const meta: &str = r#"meta = { "com.example/color": "red" }"#;

    /// The time limit of the method, in `ms`, `s` or `m`. Defaults to that of the server.
    pub const timeout: &str = r#"timeout = "10s""#;

    /// A flag: the method runs on a thread for blocking code.
    pub const blocking: &str = "blocking";
}

/// The keys of `#[mcp::completion]`.
pub mod completion {
    /// The name of the prompt with the argument.
    pub const prompt: &str = r#"prompt = "review""#;

    /// The template of the resource with the variable, as declared.
    pub const resource: &str = r#"resource = "notes://{id}""#;

    /// The argument of the prompt, or the variable of the resource.
    pub const argument: &str = r#"argument = "language""#;

    /// The time limit of the method, in `ms`, `s` or `m`. Defaults to that of the server.
    pub const timeout: &str = r#"timeout = "10s""#;

    /// A flag: the method runs on a thread for blocking code.
    pub const blocking: &str = "blocking";
}

/// The keys of `#[arg]`, in front of a parameter.
pub mod arg {
    /// The name that clients use. Defaults to the name of the parameter.
    pub const name: &str = r#"name = "contactMethod""#;

    /// A description for models. Defaults to the doc comment.
    pub const description: &str = r#"description = "The text of the note.""#;

    /// An expression for an absent argument. The schema shows a literal.
    pub const default: &str = "default = 1";

    /// The minimum and the maximum of a number.
    pub const range: &str = "range = 1..=5";

    /// The length of a text in characters, or of a list in items.
    pub const length: &str = "length = 1..=80";

    /// A regular expression that a text must match.
    pub const pattern: &str = r#"pattern = "^[a-z]+$""#;

    /// The rest of the header `Mcp-Param-…` that repeats the argument for proxies.
    pub const header: &str = r#"header = "Region""#;
}
