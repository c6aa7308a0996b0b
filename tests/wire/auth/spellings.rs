//! Other ways to write a URI or a name, none of which needs less than the one that was declared.

use axum::Router;
use mcp::{AccessToken, Changes, Http, Part, StaticTokens};
use serde_json::{Value, json};

use crate::support::client::{LEGACY, answer, ask, legacy, modern, modern_message, post, send, unchecked};
use crate::support::refusals::challenge;
use crate::support::schema::MODERN;
use crate::support::session::Client;
use crate::support::stream::{Stream, listen};

struct Vault;

#[mcp::server(
    issuer = "https://auth.example.com",
    resource = "http://127.0.0.1:8000/mcp",
    scopes = ["read"],
    optional_scopes = ["admin", "log", "list"],
)]
impl Vault {
    /// The salaries of everyone.
    #[mcp::resource("notes://payroll", scopes = ["admin"], hidden)]
    fn payroll(&self) -> &'static str {
        "the payroll"
    }

    /// A note.
    #[mcp::resource("notes://{name}")]
    fn note(&self, name: String) -> String {
        format!("note {name}")
    }

    /// A note that everyone may read, beside one that only some may.
    #[mcp::resource("files://public")]
    fn public(&self) -> &'static str {
        "public"
    }

    /// A private file.
    #[mcp::resource("files://private/{name}", scopes = ["admin"])]
    fn private(&self, name: String) -> String {
        format!("private {name}")
    }

    /// A log.
    #[mcp::resource("files://{host}/log{?day}", scopes = ["log"])]
    fn log(&self, host: String, day: Option<String>) -> String {
        format!("log {host} {day:?}")
    }

    /// Any file.
    #[mcp::resource("files://{+path}")]
    fn file(&self, path: String) -> String {
        format!("file {path}")
    }

    #[mcp::completion(resource = "files://private/{name}", argument = "name")]
    fn names(&self, name: String) -> Vec<String> {
        vec![name]
    }

    /// Shred everything.
    #[mcp::tool(scopes = ["admin"], hidden)]
    fn shred(&self) -> &'static str {
        "shredded"
    }

    /// Look something up.
    #[mcp::tool]
    fn look(&self) {}
}

fn app() -> (Router, Changes) {
    let token = |scopes: &str| AccessToken::ours("app").with_subject("ann").with_scopes(scopes);
    let tokens = StaticTokens::new([("narrow", token("read")), ("wide", token("read admin log list"))]);
    let http = Http::protected(Vault, tokens);
    let changes = http.changes();
    (http.router(), changes)
}

const VERSIONS: [&str; 4] = [MODERN, "2025-11-25", "2025-06-18", "2025-03-26"];

async fn read(app: &Router, version: &str, token: &str, uri: &str) -> (u16, String, Value) {
    ask(app, version, token, "resources/read", json!({ "uri": uri })).await
}

#[tokio::test]
async fn every_spelling_of_a_uri_needs_what_any_of_them_needs() {
    let (app, _) = app();
    for (uri, scopes, text) in [
        ("notes://payroll", "read admin", "the payroll"),
        ("notes://%70ayroll", "read admin", "the payroll"),
        ("NOTES://payroll", "read admin", "the payroll"),
        // The value is this text, which a handler may decode once more.
        ("notes://%2570ayroll", "read admin", "note %70ayroll"),
        ("notes://%25%25370ayroll", "read admin", "note %%370ayroll"),
        ("notes://Payroll", "read admin", "note Payroll"),
        ("notes://payroll%2F", "read admin", "note payroll/"),
        ("notes://%5Cpayroll", "read admin", r"note \\payroll"),
        ("notes://payroll%3Fx", "read admin", "note payroll?x"),
        ("files://private/x", "read admin", "private x"),
        ("files://private%2Fx", "read admin", "file private/x"),
        ("files://private%252Fx", "read admin", "file private%2Fx"),
        ("files://private%2Fa%2Fb", "read admin", "file private/a/b"),
        ("files://private%5Cx", "read admin", r"file private\\x"),
        ("files://private//x", "read admin", "file private//x"),
        ("files:///private/x", "read admin", "file /private/x"),
        ("files://private/x/", "read admin", "file private/x/"),
        ("files://private/x?y", "read admin", "file private/x?y"),
        ("files://PRIVATE/x", "read admin", "file PRIVATE/x"),
        ("files://private/log", "read admin log", "private log"),
        ("files://private%2Flog", "read admin log", "file private/log"),
        ("files://a/log?day=1", "read log", "log a"),
        ("files://a/log?day=1&x", "read log", "file a/log?day=1&x"),
    ] {
        for version in VERSIONS {
            let refused = read(&app, version, "narrow", uri).await;
            let (status, header, body) = &refused;
            assert_eq!((*status, header), (403, &challenge(scopes)), "{version} {uri}: {body}");
            let (status, _, answer) = read(&app, version, "wide", uri).await;
            assert!(status == 200 && answer.to_string().contains(text), "{version} {uri}: {answer}");
        }
    }
}

#[tokio::test]
async fn what_means_nothing_protected_needs_nothing_more() {
    let (app, _) = app();
    for (uri, text) in [
        ("notes://pay", "note pay"),
        ("notes://payrolls", "note payrolls"),
        ("notes://payroll%20", "note payroll "),
        ("notes://100%25", "note 100%"),
        ("notes://a%2Fb", "note a/b"),
        ("notes://caf%c3%a9", "note café"),
        ("files://private", "file private"),
        ("files://private/a/b", "file private/a/b"),
        ("files://a%2520b/c", "file a%20b/c"),
        ("files://public", "public"),
        ("files://%70ublic", "public"),
    ] {
        for version in VERSIONS {
            let (status, _, answer) = read(&app, version, "narrow", uri).await;
            assert!(status == 200 && answer.to_string().contains(text), "{version} {uri}: {answer}");
        }
    }
}

#[tokio::test]
async fn a_uri_that_can_be_read_in_two_ways_is_refused() {
    let (app, _) = app();
    for (uri, message) in [
        ("notes://%%370ayroll", "a `%` starts an escape"),
        ("notes://payroll%", "a `%` starts an escape"),
        ("notes://payroll%2", "a `%` starts an escape"),
        ("files://private%zzx", "a `%` starts an escape"),
        ("notes://a/../payroll", "clients would rewrite the segment `..`"),
        ("files://a/%2E%2e/private/x", "clients would rewrite the segment `..`"),
        ("files://a%252F%252e%252e%252Fprivate%2Fx", "clients would rewrite the segment `..`"),
        ("files://./private/x", "clients would rewrite the segment `.`"),
        ("files://a%5C..%5Cprivate/x", "clients would rewrite the segment `..`"),
    ] {
        for version in VERSIONS {
            for token in ["narrow", "wide"] {
                let params = format!(r#""uri":"{uri}""#);
                let mut request = match version {
                    MODERN => modern(token, "resources/read", &params),
                    version => legacy(version, token, "resources/read", &params),
                };
                request.headers_mut().insert("mcp-name", uri.parse().expect("a header"));
                let said = send(&app, unchecked(request)).await;
                let error = r#""code":-32602,"message":"Invalid params: `uri`: "#;
                assert!(said.contains(&format!("{error}{message}")), "{version} {uri}: {said}");
            }
        }
    }
    // Neither of these is UTF-8, so that no value is.
    for uri in ["notes://payroll%C0%AF", "notes://%FF", "notes://%ED%A0%80"] {
        let (_, _, answer) = read(&app, MODERN, "wide", uri).await;
        assert_eq!(answer["error"]["message"], "Resource not found", "{uri}: {answer}");
    }
}

#[tokio::test]
async fn a_client_hears_of_the_spellings_that_it_may_read() {
    let (app, changes) = app();
    let asked = [
        "notes://%61",
        "notes://%%370ayroll",
        "notes://%70ayroll",
        "files://private%2Fx",
        "files://a",
        "notes://a/../payroll",
    ];
    let open = async |token: &str| {
        let mut request = listen("7", &format!(r#""resourceSubscriptions":{}"#, json!(asked)));
        request.headers_mut().insert("authorization", format!("Bearer {token}").parse().expect("a header"));
        let mut stream = Stream::open(&app, request).await;
        let acknowledged: Value = serde_json::from_str(&stream.message().await).expect("JSON");
        (stream, acknowledged["params"]["notifications"]["resourceSubscriptions"].clone())
    };
    let (mut narrow, honoured) = open("narrow").await;
    assert_eq!(honoured, json!(["files://a", "notes://%61"]));
    let (mut wide, honoured) = open("wide").await;
    assert_eq!(honoured, json!(["files://a", "files://private%2Fx", "notes://%61", "notes://%70ayroll"]));
    let uri = async |stream: &mut Stream| {
        let message: Value = serde_json::from_str(&stream.message().await).expect("JSON");
        message["params"]["uri"].as_str().expect("a URI").to_owned()
    };
    // Nobody can have asked for the first one.
    for changed in ["notes://%%370ayroll", "notes://p%61yroll", "files://private%2fx", "notes://a"] {
        changes.resource_updated(changed);
    }
    assert_eq!(uri(&mut narrow).await, "notes://a");
    for expected in ["notes://payroll", "files://private%2Fx", "notes://a"] {
        assert_eq!(uri(&mut wide).await, expected);
    }
    // What is protected from now on, an open stream does not tell any more.
    changes.add(Archive).expect("a part");
    for changed in ["notes://a", "files://a"] {
        changes.resource_updated(changed);
    }
    assert_eq!(uri(&mut narrow).await, "files://a");
    assert_eq!(uri(&mut wide).await, "notes://a");
}

struct Archive;

#[mcp::part(of = Vault)]
impl Archive {
    /// The first note, which turned out to be a secret.
    #[mcp::resource("notes://a", scopes = ["admin"])]
    fn first(&self) -> &'static str {
        ""
    }
}

#[tokio::test]
async fn a_session_subscribes_to_what_it_may_read_however_that_is_written() {
    let (app, changes) = app();
    for version in LEGACY {
        let narrow = Client::connect(&app, version, "narrow").await;
        let wide = Client::connect(&app, version, "wide").await;
        for method in ["resources/subscribe", "resources/unsubscribe"] {
            for uri in ["notes://payroll", "notes://%2570ayroll", "files://private%2Fx", "notes://payroll%3Fx"] {
                let params = format!(r#""uri":"{uri}""#);
                let refused = narrow.send(narrow.request(2, method, &params)).await;
                assert!(refused.starts_with("403 ") && refused.contains("read admin"), "{uri}: {refused}");
                let done = wide.send(wide.request(2, method, &params)).await;
                assert!(done.starts_with("200 ") && done.contains(r#""result":{}"#), "{uri}: {done}");
            }
            for uri in ["notes://%%370ayroll", "notes://a/../payroll"] {
                let request = wide.request(2, method, &format!(r#""uri":"{uri}""#));
                let refused = wide.send(unchecked(request)).await;
                assert!(refused.contains(r#""code":-32602,"message":"Invalid params: `uri`: "#), "{uri}: {refused}");
            }
        }
        let subscribe = async |method: &str, uri: &str| {
            let done = wide.send(wide.request(3, method, &format!(r#""uri":"{uri}""#))).await;
            assert!(done.starts_with("200 "), "{done}");
        };
        subscribe("resources/subscribe", "notes://p%61yroll").await;
        subscribe("resources/subscribe", "notes://%31").await;
        subscribe("resources/unsubscribe", "notes://1").await;
        subscribe("resources/subscribe", "files://%61").await;
        let mut stream = wide.open(wide.get("")).await;
        for uri in ["notes://1", "notes://%70ayroll", "files://a"] {
            changes.resource_updated(uri);
        }
        for uri in ["notes://payroll", "files://a"] {
            let message: Value = serde_json::from_str(&stream.any_message().await).expect("JSON");
            assert_eq!(message["params"]["uri"], uri);
        }
    }
}

#[tokio::test]
async fn a_name_has_one_spelling() {
    let (app, _) = app();
    for name in ["Shred", "SHRED", " shred", "shred ", "%73hred", "s%68red", "shred\u{0}", "ｓhred", "tools/shred"] {
        let params = format!(r#""name":{},"arguments":{{}}"#, json!(name));
        let request = legacy("2025-11-25", "narrow", "tools/call", &params);
        let said = answer(&app, "2025-11-25", request).await;
        assert!(said.contains("Unknown tool: "), "{name}: {said}");
    }
    // JSON and headers have escapes of their own, which are gone before the name is looked up.
    for (header, name, expected) in [
        ("shred", r#""\u0073hred""#, "403 "),
        ("=?base64?c2hyZWQ=?=", r#""shred""#, "403 "),
        ("look", r#""shred""#, "400 "),
        ("=?base64?bG9vaw==?=", r#""shred""#, "400 "),
        ("look", r#""look","name":"shred""#, "400 "),
        ("shred", r#""look","name":"shred""#, "400 "),
    ] {
        let headers = [
            ("authorization", "Bearer narrow"),
            ("mcp-protocol-version", MODERN),
            ("mcp-method", "tools/call"),
            ("mcp-name", header),
        ];
        let body = modern_message("tools/call", &format!(r#""name":{name},"arguments":{{}}"#));
        let said = send(&app, unchecked(post(&headers, body))).await;
        assert!(said.starts_with(expected), "{header} {name}: {said}");
    }
}

#[tokio::test]
async fn a_completion_is_for_a_template_as_it_is_declared() {
    let (app, _) = app();
    let of =
        |uri: &str| json!({"ref": {"type": "ref/resource", "uri": uri}, "argument": {"name": "name", "value": "a"}});
    for version in VERSIONS {
        let declared = of("files://private/{name}");
        let refused = ask(&app, version, "narrow", "completion/complete", declared.clone()).await;
        assert_eq!((refused.0, refused.1), (403, challenge("read admin")), "{version}");
        let (_, _, answer) = ask(&app, version, "wide", "completion/complete", declared).await;
        assert_eq!(answer["result"]["completion"]["values"], json!(["a"]), "{version}");
        for uri in
            ["files://%70rivate/{name}", "Files://private/{name}", "files://private/%7Bname%7D", "files://private/x"]
        {
            let (_, _, answer) = ask(&app, version, "narrow", "completion/complete", of(uri)).await;
            assert_eq!(answer["error"]["code"], -32602, "{version} {uri}: {answer}");
        }
    }
}

/// A server is not built where a part takes URIs away from one that is added later.
#[test]
fn parts_whose_scopes_would_never_apply_are_found_when_the_server_is_built() {
    struct Disk;

    #[mcp::part(of = Vault)]
    impl Disk {
        /// A salary.
        #[mcp::resource("files://salaries/{name}", scopes = ["admin"])]
        fn salary(&self, name: String) -> String {
            name
        }
    }

    struct Lists;

    #[mcp::part(of = Vault)]
    impl Lists {
        /// A list that is a log and a file.
        #[mcp::resource("files://lists/{name}", scopes = ["list"])]
        fn list(&self, name: String) -> String {
            name
        }
    }

    fn problem(part: impl Part<Of = Vault>) -> String {
        let http = Http::protected(Vault, StaticTokens::new([("x", AccessToken::ours("x"))]));
        http.changes().add(part).expect_err("a problem").to_string()
    }
    assert_eq!(
        problem(Disk),
        "`files://{+path}` takes every URI of `files://salaries/{name}`, which also needs `admin`; declare \
         `files://salaries/{name}` first, or add `\"admin\"` to the `scopes` of `files://{+path}` (the first is in `Vault`, \
         the second in `Disk`, which is added later)"
    );
    assert!(
        problem(Lists).contains("`files://{+path}` takes every URI of `files://lists/{name}`, which also needs `list`")
    );
}
