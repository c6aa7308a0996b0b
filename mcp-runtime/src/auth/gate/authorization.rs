//! The token of an `Authorization` header (RFC 6750 §2.1, RFC 9449 §7.1).

use http::header::AUTHORIZATION;
use http::{HeaderMap, HeaderValue};

use crate::auth::RawToken;
use crate::auth::audit::Reason;

/// Returns the one `Authorization` header.
pub(super) fn authorization(headers: &HeaderMap) -> Result<&HeaderValue, Reason> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let value = values.next().ok_or(Reason::NoToken)?;
    if values.next().is_some() { Err(Reason::Malformed) } else { Ok(value) }
}

/// The scheme by which a token is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scheme {
    Bearer,
    /// The token comes with a proof, in a header of its own.
    Dpop,
}

/// Returns the token of an `Authorization` header, with its scheme.
///
/// Any other scheme is no token. Tokens in a query or a form are never looked for.
pub(super) fn credentials(value: &HeaderValue) -> Result<(Scheme, &str), Reason> {
    // Many bytes at a time, as below, because a token can be long; `to_str` takes one after the other.
    let value = str::from_utf8(value.as_bytes()).map_err(|_| Reason::Malformed)?;
    // Nearly every client writes the scheme like this, so that the value need not be searched for a space.
    let (scheme, token) = match value.strip_prefix("Bearer ") {
        Some(token) => ("Bearer", token),
        None => value.split_once(' ').unwrap_or((value, "")),
    };
    let scheme = if scheme.eq_ignore_ascii_case("bearer") {
        Scheme::Bearer
    } else if scheme.eq_ignore_ascii_case("dpop") {
        Scheme::Dpop
    } else {
        return Err(if is_scheme(scheme) && value.is_ascii() { Reason::OtherScheme } else { Reason::Malformed });
    };
    let token = token.trim_start_matches(' ');
    let body = token.trim_end_matches('=');
    let allowed = body.bytes().fold(true, |all, byte| all & is_token68(byte));
    if body.is_empty() || !allowed { Err(Reason::Malformed) } else { Ok((scheme, token)) }
}

/// The header of an admitted request, kept until the audit hook has its decision, or the token was exchanged.
pub(in crate::auth) struct Authorization {
    header: HeaderValue,
    /// The length of the token, which is the end of the header.
    length: usize,
}

impl Authorization {
    /// Keeps the header of which [`credentials`] has returned this token. The text is shared, not copied.
    pub(super) fn of(header: &HeaderValue, token: &str) -> Self {
        Self { header: header.clone(), length: token.len() }
    }

    /// Keeps the header of an admitted request. The text is shared, not copied.
    #[cfg(feature = "exchange")]
    pub(in crate::auth) fn of_admitted(header: HeaderValue) -> Option<Self> {
        let (_, token) = credentials(&header).ok()?;
        let length = token.len();
        Some(Self { header, length })
    }

    /// Returns the token.
    pub(in crate::auth) fn token(&self) -> Option<RawToken<'_>> {
        let bytes = self.header.as_bytes();
        bytes.get(bytes.len().checked_sub(self.length)?..).map(RawToken)
    }
}

/// Returns `true` for a byte of a `token68` (RFC 9110 §11.2), without padding.
///
/// It has no branch, so that many characters are checked at once.
fn is_token68(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        | (byte == b'-')
        | (byte == b'.')
        | (byte == b'_')
        | (byte == b'~')
        | (byte == b'+')
        | (byte == b'/')
}

/// Returns `true` for a `token` of RFC 9110 §5.6.2, which every scheme is.
fn is_scheme(text: &str) -> bool {
    !text.is_empty() && text.chars().all(mcp_core::is_token_char)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(values: &[&'static str]) -> Result<(Scheme, String), Reason> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(AUTHORIZATION, HeaderValue::from_static(value));
        }
        authorization(&headers).and_then(credentials).map(|(scheme, token)| (scheme, token.to_owned()))
    }

    #[test]
    fn reads_the_one_bearer_token() {
        assert_eq!(parse(&["Bearer abc"]), Ok((Scheme::Bearer, "abc".to_owned())));
        assert_eq!(parse(&["bearer  a.b-c_d~e+f/g=="]), Ok((Scheme::Bearer, "a.b-c_d~e+f/g==".to_owned())));
        assert_eq!(parse(&["DPoP abc"]), Ok((Scheme::Dpop, "abc".to_owned())));
        assert_eq!(parse(&["dpop  abc"]), Ok((Scheme::Dpop, "abc".to_owned())));
        assert_eq!(parse(&[]), Err(Reason::NoToken));
        assert_eq!(parse(&["Basic YTpi"]), Err(Reason::OtherScheme));
    }

    #[test]
    fn refuses_what_is_not_one_token() {
        for values in [
            &["Bearer"][..],
            &["Bearer "],
            &["Bearer a b"],
            &["Bearer a,b"],
            &["Bearer ="],
            &["Bearer a=b"],
            &["Bearer \"a\""],
            &[""],
            &["Bearer\ta"],
            &["Basic,Bearer a"],
            &["Bearer a", "Bearer a"],
            &["Bearer a", "Basic b"],
            &["Bearer a", "DPoP a"],
            &["DPoP"],
            &["DPoP a b"],
        ] {
            assert_eq!(parse(values), Err(Reason::Malformed), "{values:?}");
        }
    }

    #[test]
    fn refuses_what_is_not_ascii() {
        for value in [&b"Bearer \xff"[..], "Bearer é".as_bytes(), "DPoP é".as_bytes(), "Basic é".as_bytes()] {
            let header = HeaderValue::from_bytes(value).expect("a value");
            assert_eq!(credentials(&header), Err(Reason::Malformed), "{value:?}");
        }
    }
}
