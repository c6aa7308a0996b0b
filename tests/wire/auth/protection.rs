//! Another environment than the one in the source.

use std::net::SocketAddr;
use std::sync::Arc;

use http::Method;
use mcp::{
    AcceptedTokens, AccessToken, Http, IntrospectionVerifier, JwtProfile, JwtVerifier, Protection, StaticTokens,
    TokenError, TokenVerifier,
};

use crate::support::client::{call, post, request, send};
use crate::support::servers::{Notes, Verifier, Workshop};

fn notes() -> Protection<Notes> {
    Protection::of::<Notes>()
}

#[tokio::test]
async fn everything_follows_a_replaced_resource() {
    let protection =
        notes().issuer("https://login.example.com/").unwrap().resource("https://notes.example.com/v2/mcp").unwrap();
    assert_eq!(protection.resource_url(), "https://notes.example.com/v2/mcp");
    assert_eq!(protection.issuer_urls().collect::<Vec<_>>(), ["https://login.example.com/"]);
    assert_eq!(protection.required_scopes(), ["notes:read"]);
    let app = Http::protected(Notes::default(), Verifier).protection(protection).router();
    let host = ("host", "notes.example.com");
    let well_known = "/.well-known/oauth-protected-resource/v2/mcp";
    let document = send(&app, request(Method::GET, well_known, &[], "")).await;
    assert!(
        document.ends_with("\n\n{\"resource\":\"https://notes.example.com/v2/mcp\",\"authorization_servers\":[\"https://login.example.com/\"],\"scopes_supported\":[\"notes:read\"],\"bearer_methods_supported\":[\"header\"]}"),
        "{document}"
    );
    for (token, start) in [
        ("", r#"401 Unauthorized|error="invalid_token", error_description="Authentication required""#),
        (
            "Bearer",
            r#"400 Bad Request|error="invalid_request", error_description="Expected one Authorization header with one bearer token""#,
        ),
        (
            "Bearer expired-token",
            r#"401 Unauthorized|error="invalid_token", error_description="The access token expired""#,
        ),
        // It was good for the resource in the source.
        (
            "Bearer fitting-token",
            r#"401 Unauthorized|error="invalid_token", error_description="The access token was issued for another resource""#,
        ),
        // And this one of the issuer in the source.
        (
            "Bearer issued-token",
            r#"401 Unauthorized|error="invalid_token", error_description="Authentication required""#,
        ),
        (
            "Bearer narrow-token",
            r#"403 Forbidden|error="insufficient_scope", error_description="Required scope: notes:read""#,
        ),
    ] {
        let response = send(&app, request(Method::POST, "/v2/mcp", &[host, ("authorization", token)], "")).await;
        let (status, challenge) = start.split_once('|').unwrap();
        assert!(response.starts_with(status), "{token}: {response}");
        let expected = format!(
            "\nwww-authenticate: Bearer {challenge}, \
             resource_metadata=\"https://notes.example.com/.well-known/oauth-protected-resource/v2/mcp\", \
             scope=\"notes:read\"\n"
        );
        assert!(response.contains(&expected), "{token}: {response}");
    }
    for (token, tool, expected) in [
        ("alice-token", "add_note", r#"/v2/mcp", scope="notes:read notes:write""#),
        ("alice-token", "whoami", r#""text":"alice alice alice""#),
        ("elsewhere-token", "whoami", r#""text":"alice alice alice""#),
    ] {
        let mut call = call(token, tool, "{}");
        *call.uri_mut() = "/v2/mcp".parse().unwrap();
        call.headers_mut().insert("host", "notes.example.com".parse().unwrap());
        let response = send(&app, call).await;
        assert!(response.contains(expected), "{token} {tool}: {response}");
    }
    // Nothing of the source is left.
    assert_eq!(send(&app, post(&[host], "")).await, "404 Not Found\n\n");
    let old = request(Method::GET, "/.well-known/oauth-protected-resource/mcp", &[host], "");
    assert_eq!(send(&app, old).await, "404 Not Found\n\n");
    let loopback = request(Method::POST, "/v2/mcp", &[], "");
    assert!(send(&app, loopback).await.starts_with("421 "), "it is no longer on loopback");
}

#[tokio::test]
async fn a_token_of_any_of_the_issuers_is_one() {
    let issuers = ["https://auth.example.com", "https://login.example.com/"];
    let app = Http::protected(Notes::default(), Verifier).protection(notes().issuers(issuers).unwrap()).router();
    for (token, status) in [
        ("alice-token", "200 OK\n"),
        ("issued-token", "200 OK\n"),
        ("elsewhere-token", "200 OK\n"),
        ("nearly-issued-token", "401 Unauthorized\n"),
    ] {
        let response = send(&app, call(token, "whoami", "{}")).await;
        assert!(response.starts_with(status), "{token}: {response}");
    }
}

#[tokio::test]
async fn a_resource_may_lose_its_path() {
    let protection = notes().resource("https://notes.example.com").unwrap();
    let app = Http::protected(Notes::default(), Verifier).protection(protection).router();
    let response = send(&app, request(Method::POST, "/", &[("host", "notes.example.com")], "")).await;
    assert!(
        response.contains(r#"resource_metadata="https://notes.example.com/.well-known/oauth-protected-resource", "#),
        "{response}"
    );
    let document = send(&app, request(Method::GET, "/.well-known/oauth-protected-resource", &[], "")).await;
    assert!(document.contains(r#"{"resource":"https://notes.example.com","#), "{document}");
    assert!(document.contains(r#""authorization_servers":["https://auth.example.com"]"#), "{document}");
}

#[test]
fn what_no_client_would_accept_is_an_error_before_the_start() {
    let issuer = |issuer: &str| notes().issuer(issuer).unwrap_err().to_string();
    let resource = |resource: &str| notes().resource(resource).unwrap_err().to_string();
    for (text, expected) in [
        ("", "the URL is empty; write one like `https://example.com`"),
        ("auth.example.com", "the scheme is missing; write `https://auth.example.com`"),
        (
            "ftp://example.com",
            "clients can't connect to the scheme `ftp`; write the address that they use, like `https://example.com`",
        ),
        (
            "http://0.0.0.0:8000/a",
            "`0.0.0.0` is for a server to listen on, and no client can connect to it; write `http://127.0.0.1:8000/a`, or \
             the public `https` address",
        ),
        (
            "https://${HOST}/a",
            "nothing fills in the placeholder `${HOST}`; write the value, or give one that is only known at start to \
             `mcp::Protection`",
        ),
        ("urn:example:notes", "this is a URN and not an address; write one like `https://example.com`"),
        (
            "https://a.example.com,https://b.example.com",
            "these are 2 URLs in one text; each is a text of its own: `\"https://a.example.com\", \
             \"https://b.example.com\"`",
        ),
        ("http://auth.example.com/a", "`http` is for loopback hosts only; write `https://auth.example.com/a`"),
        (
            "https://u:p@example.com",
            "a URL that is published carries no user name or password; remove the part up to `@`",
        ),
        ("https://", "the host is missing; write one like `https://example.com`"),
        (
            "https://Example.com/A",
            "the host has upper-case letters, and clients compare it exactly; write `https://example.com/A`",
        ),
        ("https://1.2.3", "`1.2.3` is not a host; write a name like `example.com`, or an IP address"),
        ("https://example.com:99999", "`99999` is not a port; write a number from 1 to 65535"),
        ("https://example.com/?a", "a query is not allowed; remove the part from `?` on"),
        ("https://example.com/#a", "a fragment is not allowed; remove the part from `#` on"),
        ("https://example.com/a/../b", "clients would rewrite the path segment `..`; remove it"),
        (
            "https://example.com/%zz",
            "a `%` starts an escape of two hexadecimal digits; write `%25` for the character itself",
        ),
        ("https://exa mple.com", "a URL has no spaces; percent-encode it as `%20` or remove it"),
        ("https://example.com/a\n", "there is white space or a quote around the URL; write `https://example.com/a`"),
        ("https://example.com/\u{7}", "a URL cannot contain '\\u{7}'; percent-encode it or remove it"),
        (
            "https://example.com/é",
            "`é` is not an ASCII character; write a host in punycode (`xn--…`) and percent-encode a path",
        ),
    ] {
        assert_eq!(issuer(text), format!("invalid issuer: {expected}"));
        assert_eq!(resource(text), format!("invalid resource: {expected}"));
    }
    let own = notes().resource_url().to_owned();
    let same =
        "the `issuer` is the `resource` itself; write the address of the authorization server, which issues the tokens";
    assert_eq!(issuer(&own), same);
    assert_eq!(
        notes().issuer("https://a.example.com").unwrap().resource("https://a.example.com").unwrap_err().to_string(),
        same
    );
    assert_eq!(
        issuer("https://example.com/.well-known/openid-configuration"),
        "invalid issuer: this is the address of an issuer's metadata; write `https://example.com`, the issuer itself"
    );
    assert_eq!(
        resource("https://example.com/.well-known/oauth-protected-resource/mcp"),
        "invalid resource: this is the address of a resource's metadata; write `https://example.com/mcp`, the resource itself"
    );
    assert_eq!(
        resource("https://example.com:443/mcp"),
        "invalid resource: `:443` is the scheme's own port, and clients leave it out; remove it"
    );
    assert_eq!(
        resource("https://example.com/mcp/"),
        "invalid resource: the trailing slash would make it a different resource for some clients; write `https://example.com/mcp`"
    );
    assert_eq!(
        notes().issuers(Vec::<String>::new()).unwrap_err().to_string(),
        "a protected server needs at least one issuer"
    );
    assert_eq!(
        notes().issuers(["https://a.example", "https://a.example"]).unwrap_err().to_string(),
        "the issuer `https://a.example` is given twice"
    );
    // The way out of a `main` that returns `std::io::Result`.
    let error = std::io::Error::from(notes().resource("").unwrap_err());
    assert_eq!(error.kind(), std::io::ErrorKind::InvalidInput);
    assert_eq!(error.to_string(), "invalid resource: the URL is empty; write one like `https://example.com`");
}

fn jwt<S>(protection: &Protection<S>) -> JwtVerifier {
    JwtVerifier::builder(protection).build().unwrap()
}

fn introspection<S>(protection: &Protection<S>) -> IntrospectionVerifier {
    IntrospectionVerifier::builder(protection, "https://auth.example.com/introspect").build().unwrap()
}

/// Returns why `http` does not start, in the same words however it is served; empty if it does.
fn refusal<V: TokenVerifier>(http: impl Fn() -> Http<Notes, mcp::Bearer<V>>) -> String {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let served = runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        http().serve_until(listener, async {}).await
    });
    let router = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| http().router()));
    let Err(error) = served else {
        assert!(router.is_ok());
        return String::new();
    };
    assert_eq!(error.kind(), std::io::ErrorKind::InvalidInput);
    // As it is printed when `main` returns it.
    assert!(format!("{error:?}").contains(&error.to_string()), "{error:?}");
    let panic = router.unwrap_err();
    assert_eq!(panic.downcast_ref::<String>(), Some(&error.to_string()));
    error.to_string()
}

const ADVICE: &str = "; begin with one `let protection = Protection::of::<Notes>();`, replace in it what differs, and give \
                      it to both: `builder(&protection…)` of the verifier and `Http::protected(…).protection(protection)`";

fn other_resource(served: &str, accepted: &str) -> String {
    format!(
        "the verifier of `Notes` is for another resource, so every token would be refused: the server is `{served}`, and \
         the verifier accepts tokens for `{accepted}`{ADVICE}"
    )
}

fn other_issuers(served: &str, accepted: &str) -> String {
    format!(
        "the verifier of `Notes` is for other issuers, so good tokens would be refused: clients are sent to {served}, and \
         the verifier accepts tokens of {accepted}{ADVICE}"
    )
}

struct Other;

#[mcp::server(issuer = "https://auth.example.com", resource = "https://other.example.com/mcp")]
impl Other {
    /// Do nothing.
    #[mcp::tool]
    fn nothing(&self) {}
}

#[test]
fn a_verifier_that_was_made_for_another_server_is_found_before_the_start() {
    let expected = other_resource("http://127.0.0.1:8000/mcp", "https://other.example.com/mcp");
    let other = Protection::of::<Other>();
    let server = Notes::default;
    assert_eq!(refusal(|| Http::protected(server(), jwt(&other))), expected);
    assert_eq!(refusal(|| Http::protected(server(), introspection(&other))), expected);
    // A profile accepts a further name for the resource of the verifier, not for another one.
    let alias = || {
        let profile = JwtProfile::rfc9068().accept_audience(notes().resource_url());
        JwtVerifier::builder(&other).profile(profile).build().unwrap()
    };
    assert_eq!(refusal(|| Http::protected(server(), alias())), expected);
    // Whoever needs no audience by its profile would get in by the verifier of any server.
    let trusted = || {
        let profile = JwtProfile::rfc9068().accept_clients_without_audience(["alice"]);
        JwtVerifier::builder(&other).profile(profile).build().unwrap()
    };
    assert_eq!(refusal(|| Http::protected(server(), trusted())), expected);
    let careless = || {
        let builder = IntrospectionVerifier::builder(&other, "https://auth.example.com/introspect");
        builder.allow_missing_audience().build().unwrap()
    };
    assert_eq!(refusal(|| Http::protected(server(), careless())), expected);
    // One for both.
    let shared = Arc::new(jwt(&other));
    assert_eq!(refusal(|| Http::protected(server(), Arc::clone(&shared))), expected);
    drop(Http::protected(Other, shared).router());
}

#[test]
fn verifier_and_server_have_the_same_protection() {
    let replaced = || notes().issuer("https://login.example.com").unwrap();
    let moved = || notes().resource("https://notes.example.com/mcp").unwrap();
    let server = |protection: Protection<Notes>| Http::protected(Notes::default(), jwt(&protection));
    let (auth, login) = ("`https://auth.example.com`", "`https://login.example.com`");
    let (here, there) = ("http://127.0.0.1:8000/mcp", "https://notes.example.com/mcp");

    assert_eq!(refusal(|| server(notes())), "");
    assert_eq!(refusal(|| server(replaced()).protection(replaced())), "");
    assert_eq!(refusal(|| server(moved()).protection(moved())), "");
    // The one that was written last counts.
    assert_eq!(refusal(|| server(moved()).protection(replaced()).protection(moved())), "");

    assert_eq!(refusal(|| server(replaced())), other_issuers(auth, login));
    assert_eq!(refusal(|| server(notes()).protection(replaced())), other_issuers(login, auth));
    assert_eq!(refusal(|| server(moved())), other_resource(here, there));
    assert_eq!(refusal(|| server(notes()).protection(moved())), other_resource(there, here));
    assert_eq!(refusal(|| server(moved()).protection(replaced())), other_resource(here, there));
    let introspected = || Http::protected(Notes::default(), introspection(&notes())).audit(|_: &mcp::Decision<'_>| {});
    assert_eq!(refusal(|| introspected().protection(replaced())), other_issuers(login, auth));
}

/// Clients choose among the issuers that are published; the guard refuses the tokens of others, whatever the verifier
/// does.
#[test]
fn a_verifier_knows_all_issuers_that_are_published() {
    let issuers = |issuers: &[&str]| notes().issuers(issuers.iter().copied()).unwrap();
    let (a, b, c) = ("https://a.example", "https://b.example", "https://c.example");
    for (served, accepted, expected) in [
        (&[a, b][..], &[b, a][..], String::new()),
        (&[a], &[a, b], String::new()),
        (&[a, b, c], &[b], other_issuers("`https://a.example`, `https://c.example`", "`https://b.example`")),
        (&[a, b], &[c], other_issuers("`https://a.example`, `https://b.example`", "`https://c.example`")),
    ] {
        let http = || Http::protected(Notes::default(), jwt(&issuers(accepted))).protection(issuers(served));
        assert_eq!(refusal(http), expected, "{served:?} {accepted:?}");
    }
}

/// Forwards everything, or says itself which tokens are its own.
struct Own(Option<AcceptedTokens>);

impl TokenVerifier for Own {
    async fn verify_token(&self, _: &str) -> Result<AccessToken, TokenError> {
        Err(TokenError::invalid("unknown"))
    }

    fn accepts(&self) -> Option<AcceptedTokens> {
        self.0.clone()
    }
}

#[test]
fn a_verifier_of_ones_own_says_what_it_accepts_or_nothing() {
    let own = |accepted: Option<AcceptedTokens>| refusal(|| Http::protected(Notes::default(), Own(accepted.clone())));
    let here = "http://127.0.0.1:8000/mcp";
    assert_eq!(own(None), "");
    assert_eq!(own(jwt(&notes()).accepts()), "");
    assert_eq!(own(Some(AcceptedTokens::new(["https://auth.example.com"], here))), "");
    assert_eq!(own(Some(AcceptedTokens::new([""; 0], here))), other_issuers("`https://auth.example.com`", "nobody"));
    let close = "http://127.0.0.1:8000/mcp/";
    assert_eq!(own(Some(AcceptedTokens::new(["https://auth.example.com"], close))), other_resource(here, close));

    assert_eq!(refusal(|| Http::protected(Notes::default(), Verifier).protection(notes())), "");
    let tokens = || StaticTokens::new([("alice-token", AccessToken::ours("alice"))]);
    let replaced = || notes().issuer("https://login.example.com").unwrap();
    assert_eq!(refusal(|| Http::protected(Notes::default(), tokens()).protection(replaced())), "");
}

#[tokio::test]
async fn no_port_is_taken_for_a_server_that_does_not_start() {
    // Somebody else has it, which is the error of a server that would start.
    let taken = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address: SocketAddr = taken.local_addr().unwrap();
    let good = Http::protected(Notes::default(), jwt(&notes())).serve(address).await.unwrap_err();
    assert_eq!(good.kind(), std::io::ErrorKind::AddrInUse);
    let bad = Http::protected(Notes::default(), jwt(&Protection::of::<Other>())).serve(address).await.unwrap_err();
    assert_eq!(bad.kind(), std::io::ErrorKind::InvalidInput);
}

#[test]
fn a_person_sees_what_is_served() {
    let tools = "\
Tool             notes:read  notes:write
list_notes       ✓
add_note         ✓           ✓
whoami           ✓
whoami_sync      ✓
whoami_blocking  ✓
whoami_surely    ✓
inspect          ✓
";
    let http = Http::protected(Notes::default(), Verifier);
    assert_eq!(
        http.summary().to_string(),
        format!(
            "Endpoint  http://127.0.0.1:8000/mcp\n\
             Metadata  http://127.0.0.1:8000/.well-known/oauth-protected-resource/mcp\n\
             Issuer    https://auth.example.com\n\n{tools}"
        )
    );
    let protection = notes().issuers(["https://a.example", "https://b.example/"]).unwrap();
    let http = http.protection(protection.resource("https://notes.example.com").unwrap());
    assert_eq!(
        http.summary().to_string(),
        format!(
            "Endpoint  https://notes.example.com\n\
             Metadata  https://notes.example.com/.well-known/oauth-protected-resource\n\
             Issuer    https://a.example\nIssuer    https://b.example/\n\n{tools}"
        )
    );
    let open = Http::open(Workshop::new().0).path("/workshop").summary().to_string();
    assert!(open.starts_with("Endpoint  /workshop (open to anyone)\n\nTool\necho\n"), "{open}");
}
