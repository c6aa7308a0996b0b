//! How this server identifies itself to an introspection endpoint (RFC 7662 §2.1, RFC 6749 §2.3.1).

use std::fmt::{self, Write as _};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::HeaderValue;

use crate::auth::VerifierError;
use crate::auth::verifier_error::Problem;

#[derive(Clone)]
pub(super) enum ClientAuthentication {
    None,
    /// The whole `Authorization`.
    Basic(HeaderValue),
    /// Further members of the form.
    Post(String),
}

impl ClientAuthentication {
    #[expect(clippy::expect_used, reason = "base64 is visible ASCII")]
    pub(super) fn basic(id: &str, secret: &str) -> Result<Self, VerifierError> {
        let (id, secret) = encoded(id, secret)?;
        let value = format!("Basic {}", STANDARD.encode(format!("{id}:{secret}")));
        let mut authorization = HeaderValue::try_from(value).expect("a header value");
        authorization.set_sensitive(true);
        Ok(Self::Basic(authorization))
    }

    pub(super) fn post(id: &str, secret: &str) -> Result<Self, VerifierError> {
        let (id, secret) = encoded(id, secret)?;
        Ok(Self::Post(format!("&client_id={id}&client_secret={secret}")))
    }

    pub(super) fn authorization(&self) -> Option<HeaderValue> {
        if let Self::Basic(authorization) = self { Some(authorization.clone()) } else { None }
    }

    pub(super) fn form(&self) -> &str {
        if let Self::Post(form) = self { form } else { "" }
    }

    /// What to do when an endpoint does not accept it.
    pub(super) fn advice(&self) -> &'static str {
        match self {
            Self::None => "it wants to know who asks: set `client_secret_basic` or `client_secret_post`",
            Self::Basic(_) => {
                "check the id and the secret of `client_secret_basic`, whether the client may introspect tokens, and \
                 whether the server expects `client_secret_post`"
            }
            Self::Post(_) => {
                "check the id and the secret of `client_secret_post`, whether the client may introspect tokens, and \
                 whether the server expects `client_secret_basic`"
            }
        }
    }
}

impl fmt::Debug for ClientAuthentication {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::None => "none",
            Self::Basic(_) => "client_secret_basic",
            Self::Post(_) => "client_secret_post",
        })
    }
}

/// Nothing in them is an environment variable that is not set.
fn encoded(id: &str, secret: &str) -> Result<(String, String), VerifierError> {
    for (name, value) in [("client id", id), ("client secret", secret)] {
        if value.is_empty() {
            return Err(Problem::Empty { name }.into());
        }
    }
    Ok((form_encoded(id), form_encoded(secret)))
}

/// As in `application/x-www-form-urlencoded`, which RFC 6749 wants even inside of `Basic`.
pub(super) fn form_encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' | b'*' | b'-' | b'.' | b'_' => encoded.push(byte.into()),
            b' ' => encoded.push('+'),
            // Writing to a string cannot fail.
            _ => _ = write!(encoded, "%{byte:02X}"),
        }
    }
    encoded
}
