//! The answers of token endpoints: documented ones of identity providers, and hostile ones.

use serde_json::{Value, json};

use super::{Assistant, app, exchange, exchanging, issued, refusal, text};
use crate::support::authorization_server::Reply;
use crate::support::client::{call, send};
use crate::support::log::{Log, keep_secret};
use crate::support::refusals::METADATA;

/// Answers as Keycloak (standard token exchange), Auth0, Okta and Entra ID document them.
fn documented() -> [(&'static str, Value); 4] {
    [
        (
            "Keycloak",
            json!({
                "access_token": "exchanged-by-keycloak", "expires_in": 300, "token_type": "Bearer",
                "issued_token_type": "urn:ietf:params:oauth:token-type:access_token",
                "session_state": "287f3c57-32b8-4c0f-8b00-8c7db231d701", "scope": "default-scope1",
                "refresh_expires_in": 0, "not-before-policy": 0,
            }),
        ),
        (
            "Auth0",
            json!({
                "access_token": "exchanged-by-auth0", "scope": "read:private", "expires_in": 86400, "token_type": "Bearer",
                "issued_token_type": "urn:ietf:params:oauth:token-type:access_token",
            }),
        ),
        (
            "Okta",
            json!({
                "token_type": "Bearer", "expires_in": 3600, "access_token": "exchanged-by-okta", "scope": "api:access:read",
                "issued_token_type": "urn:ietf:params:oauth:token-type:access_token",
            }),
        ),
        (
            "Entra ID",
            json!({
                "token_type": "Bearer", "scope": "https://graph.microsoft.com/user.read", "expires_in": 3269,
                "ext_expires_in": 0, "access_token": "exchanged-by-entra", "refresh_token": "refresh-token-of-entra",
            }),
        ),
    ]
}

#[tokio::test]
async fn the_answers_that_identity_providers_document_are_tokens() {
    for (provider, answer) in documented() {
        let token = answer["access_token"].as_str().unwrap();
        keep_secret(token);
        keep_secret("refresh-token-of-entra");
        let server = exchanging(Reply::new(200, answer.to_string())).await;
        let assistant = Assistant::default();
        let app = app(&assistant, exchange(&server));
        assert_eq!(
            text(&app, "inbound-token-1", "events").await,
            "sent to https://calendar.example.com/v1",
            "{provider}"
        );
        assert_eq!(assistant.take_sent(), [format!("Bearer {token}")], "{provider}");
    }
}

/// The response to a tool for which there is no token, with the code of a refusal.
fn refused(code: &str) -> String {
    format!("The authorization server grants no token for https://calendar.example.com/v1 ({code})")
}

#[tokio::test]
async fn a_refusal_is_an_error_for_the_model() {
    for (status, answer, code) in [
        (400, json!({"error": "invalid_grant", "error_description": "secret-in-a-description"}), "invalid_grant"),
        // Keycloak, and RFC 8693 §2.2.2 about a subject token.
        (400, json!({"error": "invalid_request", "error_description": "Invalid token"}), "invalid_request"),
        (403, json!({"error": "access_denied"}), "access_denied"),
        (400, json!({"error": "invalid_target"}), "invalid_target"),
        (400, json!({"error": "invalid_scope", "error_codes": [70011, "x", -1]}), "invalid_scope"),
        (401, json!({"error": "a \"quoted\"\\\n\u{e9}rror"}), "a quotedrror"),
    ] {
        keep_secret("secret-in-a-description");
        let log = Log::start();
        let server = exchanging(refusal(status, &answer)).await;
        let app = app(&Assistant::default(), exchange(&server));
        let response = send(&app, call("inbound-token-1", "events", "{}")).await;
        assert!(response.starts_with("200 OK") && response.contains(r#""isError":true"#), "{response}");
        assert!(response.contains(&refused(code)), "{response}");
        let log = log.text();
        let line = log.lines().find(|line| line.contains("refuses an exchange")).unwrap_or_else(|| panic!("{log}"));
        assert!(line.contains("WARN") && line.contains(code), "{line}");
    }
    let server = exchanging(refusal(400, &json!({"error": "x".repeat(1000)}))).await;
    let app = app(&Assistant::default(), exchange(&server));
    assert_eq!(text(&app, "inbound-token-1", "events").await, refused(&"x".repeat(64)));
}

/// The response to a request with the id 1 whose user has to sign in again.
fn sign_in(claims: &str) -> String {
    let description = "The user has to sign in again, and to consent to what this needs";
    format!(
        "403 Forbidden\ncache-control: no-store\ncontent-type: application/json\nwww-authenticate: Bearer \
         {claims}error=\"insufficient_scope\", error_description=\"{description}\", resource_metadata=\"{METADATA}\", \
         scope=\"notes:read\"\n\n\
         {{\"jsonrpc\":\"2.0\",\"id\":1,\"error\":{{\"code\":403,\"message\":\"{description}\",\"data\":{{\"error\":\
         \"insufficient_scope\",\"scope\":\"notes:read\"}}}}}}"
    )
}

#[tokio::test]
async fn a_user_who_has_to_consent_is_a_step_up() {
    let claims = r#"{"access_token":{"polids":{"essential":true,"values":["9ab03e19-ed42-4168-b6b7-7001fb3e933a"]}}}"#;
    let base64 = "eyJhY2Nlc3NfdG9rZW4iOnsicG9saWRzIjp7ImVzc2VudGlhbCI6dHJ1ZSwidmFsdWVzIjpbIjlhYjAzZTE5LWVkNDItNDE2OC1iNmI3\
                  LTcwMDFmYjNlOTMzYSJdfX19";
    let with_claims = format!("claims=\"{base64}\", ");
    for (status, answer, challenge) in [
        // Entra ID: a policy of conditional access, and a user who did not consent.
        (400, json!({"error": "interaction_required", "error_codes": [50079], "claims": claims}), &*with_claims),
        (400, json!({"error": "invalid_grant", "suberror": "consent_required", "error_codes": [65001]}), ""),
        (400, json!({"error": "interaction_required", "suberror": "basic_action"}), ""),
        (400, json!({"error": "invalid_grant", "claims": "x".repeat(5000)}), "-"),
        (403, json!({"error": "consent_required"}), ""),
        (401, json!({"error": "login_required"}), ""),
    ] {
        let server = exchanging(refusal(status, &answer)).await;
        let app = app(&Assistant::default(), exchange(&server));
        let response = send(&app, call("inbound-token-1", "events", "{}")).await;
        if challenge == "-" {
            assert!(response.contains(&refused("invalid_grant")), "{response}");
        } else {
            assert_eq!(response, sign_in(challenge), "{answer}");
        }
    }
}

#[tokio::test]
async fn anything_else_is_an_outage_that_the_log_explains() {
    let long = "x".repeat(70_000);
    let html = || Reply::new(200, "<html>secret-in-a-page</html>").header("content-type", "text/html");
    keep_secret("secret-in-a-page");
    for (reply, reason) in [
        (issued("hostile-token", json!({"token_type": "DPoP"})), "`token_type` is not `Bearer`"),
        (issued("hostile-token", json!({"token_type": "N_A"})), "`token_type` is not `Bearer`"),
        (issued("hostile-token", json!({"token_type": null})), "`token_type` is not `Bearer`"),
        (issued("hostile-token", json!({"token_type": ["Bearer"]})), "`token_type` is not `Bearer`"),
        (
            issued("hostile-token", json!({"issued_token_type": "urn:ietf:params:oauth:token-type:refresh_token"})),
            "`issued_token_type` is not that",
        ),
        (
            issued("hostile-token", json!({"issued_token_type": "urn:ietf:params:oauth:token-type:id_token"})),
            "`issued_token_type` is not that",
        ),
        (issued("hostile-token", json!({"issued_token_type": 7})), "`issued_token_type` is not that"),
        (issued("hostile-token", json!({"expires_in": -1})), "`expires_in` is not"),
        (issued("hostile-token", json!({"expires_in": 0})), "`expires_in` is not"),
        (issued("hostile-token", json!({"expires_in": 1.5})), "`expires_in` is not"),
        (issued("hostile-token", json!({"expires_in": 1e30})), "`expires_in` is not"),
        (issued("hostile-token", json!({"expires_in": "3600"})), "`expires_in` is not"),
        (issued("hostile-token", json!({"access_token": null})), "no `access_token`"),
        (issued("hostile-token", json!({"access_token": 7})), "no `access_token`"),
        (issued("hostile-token", json!({"access_token": ""})), "`access_token` has a character"),
        (issued("hostile-token", json!({"access_token": "a b"})), "`access_token` has a character"),
        (issued("hostile-token", json!({"access_token": "a\r\nx: y"})), "`access_token` has a character"),
        (issued("hostile-token", json!({"access_token": "tök"})), "`access_token` has a character"),
        (Reply::new(200, r#"{"access_token":"a","access_token":"b","token_type":"Bearer"}"#), "each member once"),
        (Reply::new(200, "[]"), "each member once"),
        (Reply::new(200, ""), "each member once"),
        (html(), "each member once"),
        (issued(&long, json!({})), "answers with more than 65536 bytes"),
        (Reply::new(302, "").header("location", "https://evil.example.com/token"), "no token endpoint"),
        (Reply::new(307, "").header("location", "/elsewhere"), "no token endpoint"),
        (Reply::new(404, "<html>"), "no token endpoint"),
        (Reply::new(201, "{}"), "no token endpoint"),
        (Reply::new(400, "<html>"), "an error without a JSON object"),
        (Reply::new(403, "{}"), "an error without an `error`"),
        (refusal(401, &json!({"error": "invalid_client"})), "invalid_client"),
        (refusal(400, &json!({"error": "unauthorized_client"})), "unauthorized_client"),
        (refusal(400, &json!({"error": "unsupported_grant_type"})), "unsupported_grant_type"),
        (refusal(400, &json!({"error": "temporarily_unavailable"})), "down or overloaded"),
        (Reply::new(429, "{}"), "down or overloaded"),
        (Reply::new(500, ""), "down or overloaded"),
        (Reply::new(503, ""), "down or overloaded"),
    ] {
        let log = Log::start();
        let mut server = exchanging(reply).await;
        let app = app(&Assistant::default(), exchange(&server));
        let response = send(&app, call("inbound-token-1", "events", "{}")).await;
        let (head, body) = response.split_once("\n\n").unwrap();
        assert_eq!(
            head, "503 Service Unavailable\ncontent-type: application/json\nretry-after: 5",
            "{reason}: {response}"
        );
        let message = r#"{"jsonrpc":"2.0","id":1,"error":{"code":503,"message":"An API that this needs is not available at the moment (id "#;
        assert!(body.starts_with(message), "{response}");
        let log = log.text();
        let line = log.lines().find(|line| line.contains("the tool failed")).unwrap_or_else(|| panic!("{log}"));
        assert!(line.contains(reason) && line.contains("https://calendar.example.com/v1"), "{reason}: {line}");
        assert_eq!(server.asked().len(), 1, "{reason}: it is neither repeated nor redirected");
    }
}
