//! The answer of a token endpoint (RFC 6749 §5, RFC 8693 §2.2).

use std::time::Duration;

use http::{HeaderValue, StatusCode};
use serde_json::{Map, Value};

use super::grant::ACCESS_TOKEN;
use crate::auth::fetch::Reply;
use crate::json::strict::parse_object;

/// The type of JWTs, which an access token can also have (RFC 8693 §3).
const JWT: &str = "urn:ietf:params:oauth:token-type:jwt";

/// The longest claims of a challenge that are passed on to clients, in bytes.
const MAX_CLAIMS: usize = 4096;

/// The longest error code that is reported, in bytes.
const MAX_CODE: usize = 64;

/// The answer of a token endpoint.
pub(super) enum Answer {
    Granted(IssuedToken),
    Refused(Refusal),
    /// The user has to sign in, perhaps with claims that the authorization request then needs.
    SignIn {
        claims: Option<String>,
    },
    /// The server is down, or has too many requests.
    Down,
    /// The server does not accept this client, for the code of an error.
    BadClient {
        code: String,
    },
    /// There is no token endpoint at the URL.
    NoEndpoint,
    /// The answer violates the standards. The reason quotes nothing of it.
    Unusable(&'static str),
}

/// A token that was issued.
pub(super) struct IssuedToken {
    /// The value of an `Authorization` header.
    pub(super) header: HeaderValue,
    /// Absent if the server does not tell.
    pub(super) lifetime: Option<Duration>,
}

/// The refusal of a token endpoint.
#[derive(Debug, Clone)]
pub(super) struct Refusal {
    pub(super) code: String,
    /// The numbers that Entra ID adds.
    pub(super) numbers: Vec<u64>,
}

impl Answer {
    pub(super) fn read(reply: &Reply) -> Self {
        match reply.status {
            StatusCode::OK => match parse_object(&reply.body) {
                Ok(members) => issued(&members).map_or_else(Self::Unusable, Self::Granted),
                Err(_) => Self::Unusable("it is no JSON object with each member once"),
            },
            StatusCode::TOO_MANY_REQUESTS => Self::Down,
            status if status.is_server_error() => Self::Down,
            StatusCode::BAD_REQUEST | StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => refused(reply),
            _ => Self::NoEndpoint,
        }
    }
}

/// Reads a token that was issued (RFC 8693 §2.2.1).
fn issued(members: &Map<String, Value>) -> Result<IssuedToken, &'static str> {
    let text = |name| members.get(name).and_then(Value::as_str);
    let token = text("access_token").ok_or("it has no `access_token` that is a text")?;
    if !text("token_type").is_some_and(|kind| kind.eq_ignore_ascii_case("Bearer")) {
        return Err("its `token_type` is not `Bearer`");
    }
    match members.get("issued_token_type") {
        None | Some(Value::Null) => {}
        Some(Value::String(issued)) if [ACCESS_TOKEN, JWT].contains(&&**issued) => {}
        Some(_) => return Err("its `issued_token_type` is not that of an access token"),
    }
    let lifetime = match members.get("expires_in") {
        None | Some(Value::Null) => None,
        Some(Value::Number(seconds)) => match seconds.as_u64() {
            Some(0) | None => return Err("its `expires_in` is not a number of seconds from 1"),
            Some(seconds) => Some(Duration::from_secs(seconds)),
        },
        Some(_) => return Err("its `expires_in` is not a number of seconds from 1"),
    };
    let is_token = !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_graphic());
    let header = HeaderValue::try_from(format!("Bearer {token}"));
    match header {
        Ok(mut header) if is_token => {
            header.set_sensitive(true);
            Ok(IssuedToken { header, lifetime })
        }
        _ => Err("its `access_token` has a character that no token can have"),
    }
}

/// Reads an error (RFC 6749 §5.2, RFC 8693 §2.2.2).
fn refused(reply: &Reply) -> Answer {
    let Ok(members) = parse_object(&reply.body) else {
        return Answer::Unusable("it is an error without a JSON object");
    };
    let text = |name| members.get(name).and_then(Value::as_str);
    let Some(code) = text("error").map(shown) else {
        return Answer::Unusable("it is an error without an `error`");
    };
    let claims = text("claims").filter(|claims| claims.len() <= MAX_CLAIMS);
    let is_for_user = matches!(&*code, "interaction_required" | "consent_required" | "login_required")
        || matches!(text("suberror"), Some("consent_required" | "basic_action" | "additional_action" | "message_only"));
    if is_for_user || claims.is_some() {
        return Answer::SignIn { claims: claims.map(str::to_owned) };
    }
    match &*code {
        "invalid_client" | "unauthorized_client" | "unsupported_grant_type" => Answer::BadClient { code },
        "temporarily_unavailable" | "server_error" | "slow_down" => Answer::Down,
        _ => {
            let numbers = members.get("error_codes").and_then(Value::as_array).into_iter().flatten();
            Answer::Refused(Refusal { code, numbers: numbers.filter_map(Value::as_u64).take(4).collect() })
        }
    }
}

/// Returns an error code in the alphabet of RFC 6749 §5.2, shortened.
fn shown(code: &str) -> String {
    code.chars().filter(|c| matches!(c, ' '..='~') && !matches!(c, '"' | '\\')).take(MAX_CODE).collect()
}
