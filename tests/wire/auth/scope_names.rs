//! Scopes by the names that clients ask for them, and more scopes than a token must have.

use std::sync::{Arc, Mutex};

use http::Method;
use mcp::testing::TestIssuer;
use mcp::{
    AcceptedTokens, AccessToken, Decision, Http, IntrospectionVerifier, JwtVerifier, Protection, StaticTokens,
    TokenError, TokenVerifier,
};

use crate::support::client::{call, request, send};

struct Notes;

#[mcp::server(
    issuer = "https://auth.example.com",
    resource = "http://127.0.0.1:8000/mcp",
    scopes = ["notes.read"],
    optional_scopes = ["notes.write", "notes.share", "notes.admin"],
    extra_scopes = ["openid", "notes.write"],
    scope_prefix = "{resource}/",
    hierarchy = ["notes.admin" > "notes.share"],
)]
impl Notes {
    /// List every note.
    #[mcp::tool]
    fn list(&self, token: &AccessToken) -> String {
        token.scopes.join(" ")
    }

    /// Share the notes.
    #[mcp::tool(scopes = ["notes.share"])]
    fn share(&self) {}
}

struct Trash;

#[mcp::part(of = Notes)]
impl Trash {
    /// Empty the trash.
    #[mcp::tool(scopes = ["notes.admin"])]
    fn empty(&self) {}
}

fn http(protection: Protection<Notes>) -> Http<Notes, mcp::Bearer<StaticTokens>> {
    let tokens = StaticTokens::new([
        ("reader", AccessToken::ours("reader").with_scopes("notes.read")),
        ("admin", AccessToken::ours("admin").with_scopes("notes.read notes.admin")),
        // By the names that clients ask for.
        ("long", AccessToken::ours("long").with_scopes("http://127.0.0.1:8000/mcp/notes.read openid")),
    ]);
    Http::protected(Notes, tokens).protection(protection).with(Trash)
}

/// A server and where it is.
struct Place {
    app: axum::Router,
    host: &'static str,
    metadata: &'static str,
}

impl Place {
    async fn document(&self) -> String {
        let path = "/.well-known/oauth-protected-resource/mcp";
        let response = send(&self.app, request(Method::GET, path, &[("host", self.host)], "")).await;
        response.split_once("\n\n").expect("a head").1.to_owned()
    }

    /// Asks for nothing in particular.
    async fn ask(&self, authorization: &str) -> String {
        let headers = [("host", self.host), ("authorization", authorization)];
        send(&self.app, request(Method::POST, "/mcp", &headers, "")).await
    }

    async fn call(&self, token: &str, tool: &str) -> String {
        let mut call = call(token, tool, "{}");
        call.headers_mut().insert("host", self.host.parse().expect("a host"));
        send(&self.app, call).await
    }

    fn challenge(&self, error: &str, description: &str, scope: &str) -> String {
        let metadata = self.metadata;
        format!(
            "www-authenticate: Bearer error=\"{error}\", error_description=\"{description}\", \
             resource_metadata=\"{metadata}\", scope=\"{scope}\"\n"
        )
    }

    /// Checks every kind of challenge. `read`, `share` and `admin` are the names to ask for; `extra` comes behind them.
    async fn check(&self, [read, share, admin]: [&str; 3], extra: &str) {
        for (authorization, status, error, description) in [
            ("", "401 Unauthorized", "invalid_token", "Authentication required".to_owned()),
            (
                "Bearer",
                "400 Bad Request",
                "invalid_request",
                "Expected one Authorization header with one bearer token".to_owned(),
            ),
            ("Bearer long", "403 Forbidden", "insufficient_scope", format!("Required scope: {read}")),
        ] {
            let challenge = self.challenge(error, &description, &format!("{read}{extra}"));
            let body = format!(r#"{{"error":"{error}","error_description":"{description}"}}"#);
            assert_eq!(
                self.ask(authorization).await,
                format!("{status}\ncache-control: no-store\ncontent-type: application/json\n{challenge}\n{body}")
            );
        }
        for (tool, name) in [("share", share), ("empty", admin)] {
            let description = format!("Required scope: {read} {name}");
            let challenge = self.challenge("insufficient_scope", &description, &format!("{read} {name}{extra}"));
            let body = format!(
                r#"{{"jsonrpc":"2.0","id":1,"error":{{"code":403,"message":"{description}","data":{{"error":"insufficient_scope","scope":"{read} {name}{extra}"}}}}}}"#
            );
            assert_eq!(
                self.call("reader", tool).await,
                format!("403 Forbidden\ncache-control: no-store\ncontent-type: application/json\n{challenge}\n{body}")
            );
        }
    }
}

fn declared() -> Place {
    let metadata = "http://127.0.0.1:8000/.well-known/oauth-protected-resource/mcp";
    Place { app: http(Protection::of()).router(), host: "127.0.0.1:8000", metadata }
}

fn staging(protection: Protection<Notes>) -> Place {
    let protection = protection.resource("https://staging.example.com/mcp").unwrap();
    let metadata = "https://staging.example.com/.well-known/oauth-protected-resource/mcp";
    Place { app: http(protection).router(), host: "staging.example.com", metadata }
}

#[tokio::test]
async fn what_is_published_and_challenged_has_the_prefix() {
    let declared = declared();
    assert_eq!(
        declared.document().await,
        r#"{"resource":"http://127.0.0.1:8000/mcp","authorization_servers":["https://auth.example.com"],"scopes_supported":["http://127.0.0.1:8000/mcp/notes.read","openid","http://127.0.0.1:8000/mcp/notes.write"],"bearer_methods_supported":["header"]}"#
    );
    let names = ["notes.read", "notes.share", "notes.admin"].map(|own| format!("http://127.0.0.1:8000/mcp/{own}"));
    declared.check(names.each_ref().map(|name| &**name), " openid http://127.0.0.1:8000/mcp/notes.write").await;
}

#[tokio::test]
async fn what_is_checked_and_told_has_the_own_names() {
    let told = Arc::new(Mutex::new(Vec::new()));
    let hook = Arc::clone(&told);
    let audit = move |decision: &Decision<'_>| {
        hook.lock().unwrap().push(format!(
            "{} of {}",
            decision.scopes_held.join(" "),
            decision.scopes_needed.join(" ")
        ));
    };
    let http = http(Protection::of()).audit(audit);
    let summary = "\
Endpoint  http://127.0.0.1:8000/mcp
Metadata  http://127.0.0.1:8000/.well-known/oauth-protected-resource/mcp
Issuer    https://auth.example.com
Asked     http://127.0.0.1:8000/mcp/notes.read openid http://127.0.0.1:8000/mcp/notes.write

Tool   notes.read  notes.share  notes.admin
list   ✓
share  ✓           ✓
empty  ✓                        ✓
";
    assert_eq!(http.summary(), summary);
    mcp::testing::assert_manifest(&http, concat!(env!("CARGO_MANIFEST_DIR"), "/wire/auth/scope_names.manifest"));
    let place = Place { app: http.router(), ..declared() };
    assert!(place.call("admin", "list").await.contains(r#""text":"notes.read notes.admin""#));
    // The hierarchy, too.
    assert!(place.call("admin", "share").await.starts_with("200 OK\n"));
    assert!(place.call("reader", "empty").await.starts_with("403 Forbidden\n"));
    assert_eq!(
        *told.lock().unwrap(),
        [
            "notes.read notes.admin of notes.read",
            "notes.read notes.admin of notes.read notes.share",
            "notes.read of notes.read notes.admin"
        ]
    );
}

#[tokio::test]
async fn a_prefix_follows_a_replaced_resource_or_is_fixed() {
    let own = ["notes.read", "notes.share", "notes.admin"];
    let there = own.map(|own| format!("https://staging.example.com/mcp/{own}"));
    let there = there.each_ref().map(|name| &**name);
    let extra = " openid https://staging.example.com/mcp/notes.write";
    let same = Protection::of::<Notes>().scope_prefix("http://127.0.0.1:8000/mcp/").unwrap();
    for protection in [Protection::of(), same] {
        let staging = staging(protection);
        assert_eq!(
            staging.document().await,
            r#"{"resource":"https://staging.example.com/mcp","authorization_servers":["https://auth.example.com"],"scopes_supported":["https://staging.example.com/mcp/notes.read","openid","https://staging.example.com/mcp/notes.write"],"bearer_methods_supported":["header"]}"#
        );
        staging.check(there, extra).await;
    }
    let fixed = || Protection::of::<Notes>().scope_prefix("api://0000/").unwrap();
    let names = own.map(|own| format!("api://0000/{own}"));
    staging(fixed()).check(names.each_ref().map(|name| &**name), " openid api://0000/notes.write").await;
    assert_eq!(fixed().asked_scopes(), ["api://0000/notes.read", "openid", "api://0000/notes.write"]);
    assert_eq!(fixed().required_scopes(), ["notes.read"]);
    let plain = fixed().without_scope_prefix().extra_scopes([""; 0]).unwrap();
    let place = Place { app: http(plain).router(), ..declared() };
    assert!(place.document().await.contains(r#""scopes_supported":["notes.read"]"#));
    place.check(own, "").await;
}

#[test]
fn the_rules_at_start_are_those_at_compile_time() {
    let protection = Protection::of::<Notes>;
    let prefix = |text: &str| protection().scope_prefix(text).unwrap_err().to_string();
    assert_eq!(
        prefix("api://0000"),
        "invalid scope prefix: the scope is put right behind the prefix, so it ends in `/`, `:` or another separator; \
         write `api://0000/`"
    );
    assert_eq!(
        prefix("notes."),
        "invalid scope prefix: the scope `notes.read` begins with the `scope_prefix`, which is put before it; write `read`"
    );
    let extra = |scopes: &[&str]| protection().extra_scopes(scopes.iter().copied()).unwrap_err().to_string();
    assert_eq!(extra(&["a b"]), "invalid extra scope: a scope has no spaces; write each on its own: `[\"a\", \"b\"]`");
    for scopes in [&["openid", "openid"][..], &["notes.read"]] {
        assert!(extra(scopes).ends_with("is given twice, or every request needs it; remove it"), "{scopes:?}");
    }
    assert_eq!(
        extra(&["http://127.0.0.1:8000/mcp/notes.write"]),
        "invalid scope prefix: the scope `http://127.0.0.1:8000/mcp/notes.write` begins with the `scope_prefix`, which is \
         put before it; write `notes.write`"
    );
    // A scope that is a URL can begin with the resource that comes later.
    let named = protection().extra_scopes(["https://other.example.com/mcp/x"]).unwrap();
    assert!(named.resource("https://other.example.com/mcp").is_err());
}

/// An authorization server that speaks of an origin in either spelling means the same place.
#[tokio::test]
async fn a_resource_that_is_an_origin_has_two_names() {
    for (resource, audience, expected) in [
        ("https://staging.example.com", "https://staging.example.com", 200),
        ("https://staging.example.com", "https://staging.example.com/", 200),
        ("https://staging.example.com", "https://staging.example.com/mcp", 401),
        ("https://staging.example.com/mcp", "https://staging.example.com/mcp/", 401),
    ] {
        let protection = Protection::of::<Notes>().resource(resource).unwrap();
        let token = AccessToken::issued_for(audience, "alice").with_scopes("notes.read");
        let tokens = StaticTokens::new([("alice", token)]);
        let app = Http::protected(Notes, tokens).protection(protection).router();
        let mut call = call("alice", "list", "{}");
        *call.uri_mut() = resource.strip_prefix("https://staging.example.com").unwrap().parse().unwrap_or_default();
        call.headers_mut().insert("host", "staging.example.com".parse().expect("a host"));
        let answered = send(&app, call).await;
        assert!(answered.starts_with(&expected.to_string()), "{resource} {audience}: {answered}");
    }
}

#[tokio::test]
async fn verifiers_know_both_names_of_an_origin() {
    let issuer = TestIssuer::start().await.unwrap();
    for (resource, audience, expected) in [
        ("https://notes.example.com", "https://notes.example.com/", true),
        ("https://notes.example.com", "https://notes.example.com", true),
        ("https://notes.example.com", "https://notes.example.com/mcp", false),
        ("https://notes.example.com/mcp", "https://notes.example.com/mcp/", false),
    ] {
        let protection = Protection::of::<Notes>().issuer(issuer.url()).unwrap().resource(resource).unwrap();
        let (token, opaque) = (issuer.token(audience).mint(), issuer.opaque_token(issuer.token(audience)));
        let jwt = JwtVerifier::builder(&protection).build().unwrap();
        let endpoint = issuer.introspection_url();
        let introspection = IntrospectionVerifier::builder(&protection, endpoint).build().unwrap();
        for verified in [jwt.verify_token(&token).await, introspection.verify_token(&opaque).await] {
            match verified {
                Ok(token) => assert!(expected && token.audience == [resource], "{resource} {audience}: {token:?}"),
                Err(error) => {
                    assert!(!expected && error == TokenError::WrongAudience, "{resource} {audience}: {error:?}")
                }
            }
        }
    }
    // One that says itself what it accepts may use either name.
    for (accepted, expected) in [("https://notes.example.com/", true), ("https://notes.example.com/mcp", false)] {
        let protection = Protection::of::<Notes>().resource("https://notes.example.com").unwrap();
        let accepted = AcceptedTokens::new(["https://auth.example.com"], accepted);
        let http = Http::protected(Notes, Own(accepted)).protection(protection);
        let router = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| http.router()));
        assert_eq!(router.is_ok(), expected);
    }
}

struct Own(AcceptedTokens);

impl TokenVerifier for Own {
    async fn verify_token(&self, _: &str) -> Result<AccessToken, TokenError> {
        Err(TokenError::invalid("unknown"))
    }

    fn accepts(&self) -> Option<AcceptedTokens> {
        Some(self.0.clone())
    }
}

#[tokio::test]
async fn the_document_of_an_origin_is_found_from_either_name() {
    let protection = Protection::of::<Notes>().resource("https://staging.example.com").unwrap();
    let app = http(protection).router();
    let get = async |path: &str| send(&app, request(Method::GET, path, &[("host", "staging.example.com")], "")).await;
    let document = get("/.well-known/oauth-protected-resource").await;
    assert!(document.contains(r#"{"resource":"https://staging.example.com","#), "{document}");
    assert_eq!(get("/.well-known/oauth-protected-resource/").await, document);
}
