//! The refusals of the gate: each response that the wire contract has, whole.

pub(crate) const METADATA: &str = "http://127.0.0.1:8000/.well-known/oauth-protected-resource/mcp";

/// The response of DESIGN's table: everything that it is made of follows from these.
pub(crate) fn refusal(status: &str, error: &str, description: &str, scope: &str) -> String {
    let body = format!(r#"{{"error":"{error}","error_description":"{description}"}}"#);
    format!(
        "{status}\ncache-control: no-store\ncontent-type: application/json\nwww-authenticate: Bearer \
         error=\"{error}\", error_description=\"{description}\", resource_metadata=\"{METADATA}\", \
         scope=\"{scope}\"\n\n{body}"
    )
}

pub(crate) fn unauthorized(description: &str) -> String {
    refusal("401 Unauthorized", "invalid_token", description, "notes:read")
}

pub(crate) fn forbidden(scopes: &str) -> String {
    refusal("403 Forbidden", "insufficient_scope", &format!("Required scope: {scopes}"), scopes)
}

/// The answer to a request with the id 1 that needs these scopes.
pub(crate) fn lacking(scopes: &str) -> String {
    format!(
        r#"{{"jsonrpc":"2.0","id":1,"error":{{"code":403,"message":"Required scope: {scopes}","data":{{"error":"insufficient_scope","scope":"{scopes}"}}}}}}"#
    )
}

pub(crate) fn forbidden_for(scopes: &str) -> String {
    let refused = forbidden(scopes);
    let (head, _) = refused.split_once("\n\n").expect("a head");
    format!("{head}\n\n{}", lacking(scopes))
}

pub(crate) fn malformed() -> String {
    let description = "Expected one Authorization header with one bearer token";
    refusal("400 Bad Request", "invalid_request", description, "notes:read")
}

pub(crate) fn unavailable(seconds: u16) -> String {
    let body = r#"{"jsonrpc":"2.0","id":null,"error":{"code":503,"message":"The access token cannot be verified at the moment"}}"#;
    format!(
        "503 Service Unavailable\ncache-control: no-store\ncontent-type: application/json\n\
         retry-after: {seconds}\n\n{body}"
    )
}

/// The challenge of [`crate::auth::scopes`].
pub(crate) fn challenge(scopes: &str) -> String {
    format!(
        r#"Bearer error="insufficient_scope", error_description="Required scope: {scopes}", resource_metadata="http://127.0.0.1:8000/.well-known/oauth-protected-resource/mcp", scope="{scopes}""#
    )
}
