//! Mistakes in `#[arg]`.

use super::check_arg;

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
        ("timeout = 3", "timeout", "`#[mcp::prompt]` and `#[mcp::completion]`; write it there, or remove it"),
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
