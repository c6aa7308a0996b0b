//! The requests to a token endpoint, whole.

use serde_json::json;

use super::{Assistant, app, exchange, exchanging, issued, text};
use mcp::{Protection, TokenExchange};

fn head(path: &str, authorization: &str) -> String {
    format!(
        "POST {path}\naccept: application/json\n{authorization}content-type: application/x-www-form-urlencoded\n\
         user-agent: mcp/0.1.0\n"
    )
}

const BASIC: &str = "authorization: Basic YXNzaXN0YW50OnRoZS1zZWNyZXQtb2YtdGhlLWFzc2lzdGFudA==\n";
const EXCHANGE: &str = "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Atoken-exchange&subject_token=inbound-token-1\
                        &subject_token_type=urn%3Aietf%3Aparams%3Aoauth%3Atoken-type%3Aaccess_token\
                        &requested_token_type=urn%3Aietf%3Aparams%3Aoauth%3Atoken-type%3Aaccess_token";
const ON_BEHALF_OF: &str = "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion=inbound-token-1\
                            &requested_token_use=on_behalf_of";

#[tokio::test]
async fn a_token_is_exchanged_for_one_of_the_api() {
    let mut server = exchanging(issued("exchanged-token-1", json!({}))).await;
    let assistant = Assistant::default();
    let app = app(&assistant, exchange(&server));
    for (tool, form) in [
        ("events", "&resource=https%3A%2F%2Fcalendar.example.com%2Fv1&scope=events%3Aread+events%3Awrite"),
        ("orders", "&audience=api%3A%2F%2Forders"),
    ] {
        let resource = if tool == "events" { "https://calendar.example.com/v1" } else { "https://orders.example.com" };
        assert_eq!(text(&app, "inbound-token-1", tool).await, format!("sent to {resource}"));
        assert_eq!(server.asked(), [format!("{}\n{EXCHANGE}{form}", head("/token", BASIC))]);
    }
    assert_eq!(assistant.take_sent(), ["Bearer exchanged-token-1", "Bearer exchanged-token-1"]);
}

#[tokio::test]
async fn entra_id_has_another_grant_and_scopes_with_their_api() {
    let mut server = exchanging(issued("exchanged-token-2", json!({"issued_token_type": null}))).await;
    let assistant = Assistant::default();
    let exchange = exchange(&server).on_behalf_of().client_secret_post("assistant", "the-secret-of-the-assistant");
    let app = app(&assistant, exchange);
    assert_eq!(text(&app, "inbound-token-1", "mail").await, "sent to https://storage.azure.com");
    let client = "&client_id=assistant&client_secret=the-secret-of-the-assistant";
    let graph = "&scope=https%3A%2F%2Fgraph.microsoft.com%2FUser.Read+https%3A%2F%2Fgraph.microsoft.com%2FMail.Send";
    let storage = "&scope=https%3A%2F%2Fstorage.azure.com%2F.default";
    let expected = [graph, storage].map(|scope| format!("{}\n{ON_BEHALF_OF}{scope}{client}", head("/token", "")));
    assert_eq!(server.asked(), expected);
}

#[tokio::test]
async fn the_token_endpoint_is_that_of_the_issuer_and_a_resource_that_of_the_environment() {
    let issuer = crate::support::scripted_issuer::ScriptedIssuer::empty("").await;
    let metadata = json!({"issuer": issuer.url, "token_endpoint": issuer.at("/tokens")});
    issuer.say(crate::support::scripted_issuer::OPENID_METADATA, &metadata);
    let answer = json!({"access_token": "exchanged-token-3", "token_type": "bearer"});
    issuer.say("/tokens", &answer);
    let protection = Protection::of::<Assistant>().issuer(&issuer.url).expect("an issuer");
    let exchange = TokenExchange::builder(&protection)
        .client_secret_basic("assistant", "the-secret-of-the-assistant")
        .resource::<super::Calendar>("http://127.0.0.1:9000/calendar");
    let assistant = Assistant::default();
    let app = super::http(&assistant).protection(protection).exchange(exchange.build().unwrap()).router();
    for _ in 0..2 {
        assert_eq!(text(&app, "inbound-token-1", "events").await, "sent to http://127.0.0.1:9000/calendar");
    }
    let [oauth, openid] = ["/.well-known/oauth-authorization-server", "/.well-known/openid-configuration"];
    assert_eq!(issuer.take_asked(), [oauth, openid, "/tokens", "/tokens"]);

    // It moved: the old URL is asked once more.
    issuer.say(
        crate::support::scripted_issuer::OPENID_METADATA,
        json!({"issuer": issuer.url, "token_endpoint": issuer.at("/moved")}),
    );
    issuer.redirect("/tokens", "/moved");
    issuer.say("/moved", &answer);
    assert!(text(&app, "inbound-token-1", "events").await.starts_with("503 "));
    assert_eq!(text(&app, "inbound-token-1", "events").await, "sent to http://127.0.0.1:9000/calendar");
    assert_eq!(issuer.take_asked(), ["/tokens", oauth, openid, "/moved"]);
}
