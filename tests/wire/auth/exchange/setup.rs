//! Servers whose tools call other APIs, as they are set up, described and tested.

use std::time::Duration;

use mcp::testing::assert_manifest;
use mcp::{AccessToken, Downstream, Http, MemoryClient, Protection, StaticTokens, TokenExchange};
use serde_json::json;
use tokio::net::TcpListener;

use super::{Assistant, Calendar, exchange, exchanging, http, issued};
use crate::support::log::keep_secret;

/// Returns the error with which a server does not start.
async fn start<G>(serve: impl FnOnce(TcpListener) -> G) -> String
where
    G: Future<Output = std::io::Result<()>>,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    serve(listener).await.expect_err("it does not start").to_string()
}

#[tokio::test]
async fn a_server_without_an_exchange_or_with_that_of_another_issuer_does_not_start() {
    let server = exchanging(issued("exchanged-token-12", json!({}))).await;
    let never = std::future::pending::<()>;
    let error = start(|listener| http(&Assistant::default()).serve_until(listener, never())).await;
    assert_eq!(
        error,
        "`events` of the server `Assistant` takes a token for https://calendar.example.com/v1, and the server exchanges none; \
         write `Http::protected(…).exchange(TokenExchange::builder(&protection)….build()?)`"
    );
    let other = Protection::of::<Assistant>().issuer("https://login.example.com").unwrap();
    let exchange = exchange(&server).build().unwrap();
    let moved = http(&Assistant::default()).exchange(exchange).protection(other);
    let error = start(|listener| moved.serve_until(listener, never())).await;
    assert_eq!(
        error,
        "the tokens of `https://auth.example.com` are exchanged, which is no issuer of the server `Assistant`; build the \
         exchange from the `protection` of the server"
    );
}

struct Open;

#[mcp::server]
impl Open {
    /// List the events of today.
    #[mcp::tool]
    fn events(&self, calendar: Option<&Downstream<Calendar>>) -> &'static str {
        if calendar.is_some() { "some" } else { "none" }
    }
}

#[tokio::test]
async fn other_transports_have_no_tokens_to_exchange() {
    let never = std::future::pending::<()>;
    let error = start(|listener| Http::open(Open).serve_until(listener, never())).await;
    assert!(error.starts_with("`events` of the server `Open` takes a token for"), "{error}");
    let result = MemoryClient::new(Open).call_tool("events", json!({})).await.unwrap();
    assert_eq!(result.text(), "none");
    let assistant = MemoryClient::new(Assistant::default());
    let result = assistant.call_tool("events", json!({})).await.unwrap();
    assert!(result.is_error);
    assert_eq!(
        result.text(),
        "This needs an access token to exchange, which only requests over HTTP to a protected server have"
    );
}

#[tokio::test]
async fn a_setting_that_can_never_work_is_an_error_with_its_remedy() {
    let server = exchanging(issued("exchanged-token-13", json!({}))).await;
    let protection = Protection::of::<Assistant>();
    let with = || exchange(&server);
    let bare = || TokenExchange::builder(&protection).token_endpoint(&server.url);
    let several =
        Protection::of::<Assistant>().issuers(["https://one.example.com", "https://two.example.com"]).unwrap();
    let of_several =
        || TokenExchange::builder(&several).client_secret_basic("assistant", "the-secret-of-the-assistant");
    for (builder, error) in [
        (
            bare(),
            "no authorization server exchanges tokens for strangers; set `client_secret_basic`, `client_secret_post` or \
             `private_key_jwt`",
        ),
        (
            bare().client_secret_post("assistant", ""),
            "the client secret is empty; look at where it comes from, such as an environment variable",
        ),
        (
            with().token_endpoint("http://auth.example.com/token"),
            "invalid URL of the token endpoint: `http` is for loopback hosts only; write `https`",
        ),
        (
            with().resource::<Calendar>("http://calendar.example.com"),
            "the resource of a target has `http`, which is for loopback hosts only; write `https`",
        ),
        (
            with().assertion_audience(""),
            "the audience of assertions is empty; look at where it comes from, such as an environment variable",
        ),
        (
            of_several(),
            "the tokens of one issuer can be exchanged, and this server has `https://one.example.com`, \
             `https://two.example.com`; choose one with `issuer`",
        ),
        (
            of_several().issuer("https://three.example.com"),
            "`https://three.example.com` is not an issuer of this server, which has `https://one.example.com`, \
             `https://two.example.com`",
        ),
        (with().timeout(Duration::ZERO), "`timeout` is zero, and no token could ever be accepted"),
        (with().max_concurrent(0), "`max_concurrent` is zero, and no token could ever be accepted"),
        (with().max_response_bytes(0), "`max_response_bytes` is zero, and no token could ever be accepted"),
    ] {
        assert_eq!(builder.build().expect_err("an error").to_string(), error);
    }
    let debug = format!("{:?} {:?}", with(), with().build().unwrap());
    assert!(debug.contains("client_secret_basic") && !debug.contains("the-secret-of"), "{debug}");
    of_several().issuer("https://two.example.com").build().unwrap();
}

#[tokio::test]
async fn the_tokens_of_another_issuer_are_sent_to_nobody() {
    let mut server = exchanging(issued("exchanged-token-14", json!({}))).await;
    let issuers = ["https://auth.example.com", "https://two.example.com"];
    let protection = Protection::of::<Assistant>().issuers(issuers).unwrap();
    let token = || AccessToken::ours("alice").with_scopes("notes:read");
    let tokens = StaticTokens::new([
        ("inbound-of-one", token().with_issuer(issuers[0])),
        ("inbound-of-two", token().with_issuer(issuers[1])),
        ("inbound-of-none", token()),
    ]);
    keep_secret("the-secret-of-the-assistant");
    let exchange = TokenExchange::builder(&protection)
        .issuer(issuers[0])
        .token_endpoint(&server.url)
        .client_secret_basic("assistant", "the-secret-of-the-assistant");
    let http = Http::protected(Assistant::default(), tokens).protection(protection);
    let app = http.exchange(exchange.build().unwrap()).router();
    let refused = "The authorization server grants no token for https://calendar.example.com/v1 (it is not the issuer of the \
                   caller's token)";
    for (token, expected) in [
        ("inbound-of-one", "sent to https://calendar.example.com/v1"),
        ("inbound-of-two", refused),
        ("inbound-of-none", refused),
    ] {
        assert_eq!(super::text(&app, token, "events").await, expected);
    }
    assert_eq!(server.asked().len(), 1);
}

#[test]
fn a_review_shows_which_tool_calls_which_api() {
    assert_manifest(&http(&Assistant::default()), "wire/auth/exchange/assistant.manifest");
    assert_eq!(
        http(&Assistant::default()).summary(),
        "Endpoint  http://127.0.0.1:8000/mcp\n\
         Metadata  http://127.0.0.1:8000/.well-known/oauth-protected-resource/mcp\n\
         Issuer    https://auth.example.com\n\
         \n\
         Tool    notes:read  Calls\n\
         events  ✓           https://calendar.example.com/v1 (events:read events:write)\n\
         orders  ✓           https://orders.example.com as api://orders\n\
         mail    ✓           https://graph.microsoft.com (User.Read https://graph.microsoft.com/Mail.Send), \
         https://storage.azure.com\n\
         copy    ✓           https://calendar.example.com/v1 (events:read events:write)\n\
         \n\
         Resource           notes:read  Calls\n\
         calendar://agenda  ✓           https://calendar.example.com/v1 (events:read events:write)\n"
    );
}
