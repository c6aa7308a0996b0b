//! Names of other frameworks in the attributes of methods.

use super::Advice;

pub(super) const TOOL: &[Advice] = &[
    (
        &["coerce", "coercion", "coerce_arguments", "strict", "strict_input_validation", "strict_validation", "loose"],
        "arguments are read strictly, unless it says `lenient`: then texts are taken for what they say; write `lenient`, or \
         remove the key",
    ),
    (
        &["read_only_hint", "is_read_only", "readonly_tool", "safe", "pure", "no_side_effects", "mutates"],
        "it is called `read_only` here; write `read_only`, or `read_only = false`",
    ),
    (
        &["destructive_hint", "is_destructive", "dangerous", "deletes", "unsafe"],
        "it is called `destructive` here; write `destructive`, or `destructive = false`",
    ),
    (
        &["idempotent_hint", "is_idempotent", "repeatable", "retryable"],
        "it is called `idempotent` here; write `idempotent`, or `idempotent = false`",
    ),
    (
        &["open_world_hint", "is_open_world", "external", "closed_world"],
        "it is called `open_world` here; write `open_world`, or `open_world = false`",
    ),
    (
        &["annotations", "annotation", "tool_annotations", "hints"],
        "each hint is a key; write `read_only`, `destructive`, `idempotent` or `open_world`",
    ),
    (
        &[
            "output_schema",
            "output",
            "output_type",
            "return_schema",
            "result_schema",
            "response_schema",
            "returns",
            "structured_output",
            "structured",
            "structured_content",
            "use_structured_content",
        ],
        "the output schema is made of what the method returns; return `mcp::Json<T>`, and remove the key",
    ),
    (
        &[
            "schema",
            "json_schema",
            "args_schema",
            "parameters_schema",
            "params_schema",
            "arg_schema",
            "parameters",
            "params",
            "param",
            "arguments",
            "args",
            "inputs",
            "input",
            "input_type",
        ],
        "the schema is made of the parameters of the method; remove the key, or write `input_schema = { … }`",
    ),
    (
        &["task_support", "long_running", "background", "execution", "async_task", "as_task", "tasks", "deferred"],
        "it is called `task` here; write `task`, or `task = \"required\"`",
    ),
    (
        &["mime_type", "content_type", "uri", "url", "uri_template", "path", "route"],
        "a tool has a name and no URI; remove the key, or make the method a `#[mcp::resource(\"notes://{id}\")]`",
    ),
    (
        &["default", "range", "length", "pattern", "header", "required", "min", "max", "arg"],
        "that is about one argument; write `#[arg(…)]` in front of the parameter",
    ),
];

pub(super) const RESOURCE: &[Advice] = &[
    (
        &[
            "uri",
            "uri_template",
            "url",
            "url_template",
            "template",
            "path",
            "pattern",
            "route",
            "href",
            "address",
            "location",
            "resource_uri",
            "resource",
        ],
        "the URI stands in front of the keys; write `#[mcp::resource(\"notes://{id}\")]`",
    ),
    (
        &["content_type", "media_type", "mime", "type", "format", "produces"],
        "it is called `mime_type` here; write `mime_type = \"text/plain\"`",
    ),
    (
        &["annotations", "annotation", "hints"],
        "each annotation is a key; write `audience`, `priority` or `last_modified`",
    ),
    (
        &[
            "ttl",
            "ttl_secs",
            "ttl_seconds",
            "time_to_live",
            "max_age",
            "max_age_ms",
            "cache",
            "cache_ttl",
            "cache_for",
            "cache_control",
            "expires",
            "expires_in",
            "stale_after",
        ],
        "it is called `ttl_ms` here, in milliseconds; write `ttl_ms = 60_000`",
    ),
    (
        &["bytes", "length", "file_size", "content_length", "size_bytes", "size_in_bytes"],
        "it is called `size` here, in bytes; write `size = 1024`",
    ),
    (
        &["modified", "updated", "updated_at", "modified_at", "last_modified_at", "timestamp", "date", "mtime"],
        "it is called `last_modified` here; write `last_modified = \"2026-01-31T12:00:00Z\"`",
    ),
    (&["importance", "weight", "order"], "it is called `priority` here; write `priority = 0.5`"),
    (&["audiences", "for", "intended_for"], "it is called `audience` here; write `audience = [\"user\"]`"),
    (
        &[
            "read_only",
            "read_only_hint",
            "destructive",
            "destructive_hint",
            "idempotent",
            "idempotent_hint",
            "open_world",
            "open_world_hint",
        ],
        "hints are for a `#[mcp::tool]`, and a resource is only read; remove the key",
    ),
    (
        &["complete", "completion", "completions", "completer", "autocomplete"],
        "values are completed by a method with `#[mcp::completion(resource = \"…\", argument = \"…\")]`; remove the key",
    ),
    (
        &["parameters", "params", "arguments", "args", "variables", "argument"],
        "each `{variable}` of the URI is a parameter of the method; remove the key",
    ),
    (
        &["text", "blob", "binary", "contents", "content", "encoding"],
        "the content is what the method returns, a text or bytes; remove the key",
    ),
];

pub(super) const PROMPT: &[Advice] = &[
    (
        &[
            "arguments",
            "args",
            "parameters",
            "params",
            "inputs",
            "variables",
            "argument",
            "args_schema",
            "input_schema",
        ],
        "the arguments of a prompt are the parameters of its method; remove the key",
    ),
    (
        &["messages", "message", "template", "content", "text", "role", "system", "user", "returns", "output"],
        "the messages of a prompt are what its method returns; remove the key",
    ),
    (
        &["complete", "completion", "completions", "completer", "autocomplete"],
        "arguments are completed by a method with `#[mcp::completion(prompt = \"…\", argument = \"…\")]`; remove the key",
    ),
    (
        &["mime_type", "uri", "url", "uri_template"],
        "that is of a `#[mcp::resource]`, and a prompt has a name; remove the key",
    ),
    (
        &[
            "read_only",
            "read_only_hint",
            "destructive",
            "destructive_hint",
            "idempotent",
            "idempotent_hint",
            "open_world",
            "open_world_hint",
            "annotations",
        ],
        "hints are for a `#[mcp::tool]`, and a prompt does nothing by itself; remove the key",
    ),
];

/// The names in the attributes of tools, resources and prompts.
pub(super) const METHOD: &[Advice] = &[
    (
        &[
            "required_scopes",
            "required_scope",
            "scopes_required",
            "requires",
            "requires_scope",
            "requires_scopes",
            "require_scopes",
            "needs",
            "optional_scopes",
            "permissions",
            "permission",
            "required_permissions",
            "required_permission",
            "roles",
            "role",
            "required_roles",
            "roles_allowed",
            "allowed_roles",
            "has_role",
            "has_scope",
            "has_authority",
            "has_any_authority",
            "authorities",
            "authorize",
            "authorization",
            "pre_authorize",
            "auth",
            "access",
            "secured",
            "security",
            "security_schemes",
            "claims",
            "required_claims",
            "protected",
            "require_auth",
        ],
        "what a caller needs is called `scopes` here; write `scopes = [\"notes:write\"]`",
    ),
    (
        &["guards", "guarded_by", "policy", "policies", "check", "checks", "condition", "precondition", "predicate"],
        "a method with `#[mcp::guard]` decides that; write `guard = name`, with its name",
    ),
    (
        &[
            "public",
            "open",
            "anonymous",
            "allow_anonymous",
            "unauthenticated",
            "unprotected",
            "no_auth",
            "without_auth",
            "permit_all",
            "skip_auth",
            "optional_auth",
        ],
        "every method of a protected server needs a token; put a public one into a server of its own, \
         without `issuer` and `resource`",
    ),
    (
        &[
            "desc",
            "doc",
            "docs",
            "documentation",
            "summary",
            "about",
            "help",
            "long_description",
            "comment",
            "instructions",
        ],
        "did you mean `description`? Or write a doc comment above the method",
    ),
    (
        &[
            "rename",
            "alias",
            "aliases",
            "id",
            "tool_name",
            "prompt_name",
            "resource_name",
            "method_name",
            "operation_id",
            "operation_name",
            "function_name",
            "slug",
        ],
        "it is called `name` here; write `name = \"…\"`",
    ),
    (&["display_name", "label", "human_name", "caption"], "it is called `title` here; write `title = \"…\"`"),
    (
        &["internal", "invisible", "unlisted", "visible", "visibility", "exclude"],
        "it is called `hidden` here, for who lacks the `scopes`; write `hidden` beside them",
    ),
    (
        &["sync", "synchronous", "spawn_blocking", "threaded", "thread", "block", "cpu_bound"],
        "it is called `blocking` here; write `blocking`",
    ),
    (&["async", "is_async", "asynchronous"], "an `async fn` is asynchronous by itself; remove the key"),
    (
        &["logo", "image", "icon_url", "emoji"],
        "it is called `icons` here; write `icons = [\"https://notes.example.com/icon.png\"]`",
    ),
    (
        &["metadata", "extra", "extensions", "custom", "tags", "tag", "category", "group"],
        "whatever else clients are to know is in `meta`; write `meta = { \"com.example/tags\": [\"…\"] }`",
    ),
    (
        &["enabled", "enable", "disabled", "disable", "active", "is_enabled", "when", "condition", "if"],
        "a method is offered from the start; remove the key, and call `Changes::disable_tool` while the server runs, or \
         put `#[cfg]` on the method",
    ),
    (
        &["deprecated", "version", "since", "stability", "experimental"],
        "a single method has none; say it in the doc comment",
    ),
    (&["examples", "example", "sample", "samples"], "there are no examples apart; write them into the doc comment"),
];

pub(super) const COMPLETION: &[Advice] = &[
    (
        &["ref", "ref_prompt", "prompt_ref", "prompt_name", "reference", "of", "for", "target", "name", "completes"],
        "a completion is for a `prompt` or a `resource`; write `prompt = \"…\"`, or `resource = \"notes://{id}\"`",
    ),
    (
        &[
            "uri",
            "url",
            "template",
            "uri_template",
            "resource_template",
            "resource_uri",
            "ref_resource",
            "resource_ref",
            "ref_template",
        ],
        "it is called `resource` here; write `resource = \"notes://{id}\"`",
    ),
    (
        &[
            "arg",
            "args",
            "arguments",
            "argument_name",
            "arg_name",
            "variable",
            "param",
            "params",
            "parameter",
            "field",
            "key",
        ],
        "it is called `argument` here; write `argument = \"…\"`",
    ),
    (
        &["scopes", "required_scopes", "requires", "permissions", "roles", "authorize", "auth"],
        "a completion needs the `scopes` of its prompt or resource; remove the key",
    ),
    (
        &["guard", "guards"],
        "a completion is asked while arguments are half typed; filter what it returns by a parameter, such as `caller: \
         &Caller`, and remove the key",
    ),
    (
        &["description", "title", "icons", "meta", "hidden", "desc", "summary", "display_name", "icon", "tags"],
        "clients are not shown a completion by itself; remove the key",
    ),
    (
        &["values", "options", "choices", "enum", "complete", "suggestions", "completions", "items"],
        "the values of a completion are what its method returns; remove the key",
    ),
    (
        &["max", "limit", "total", "has_more", "max_values", "page_size"],
        "the first 100 values are sent, and whether there are more; remove the key",
    ),
];
