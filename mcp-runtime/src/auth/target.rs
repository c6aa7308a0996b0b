//! The APIs that methods call in the names of their callers.

use std::fmt;

/// An API that methods call in the name of their caller.
///
/// Implement it for a type that stands for the API. Its constants are checked when a method takes a
/// [`Downstream`](crate::Downstream) of the type. They are part of the manifest, so that a review shows which method calls
/// which API.
///
/// ```
/// /// The calendar of the user.
/// struct Calendar;
///
/// impl mcp::Target for Calendar {
///     const RESOURCE: &str = "https://calendar.example.com";
///     const SCOPES: &[&str] = &["events:read"];
/// }
/// ```
///
/// Authorization servers name APIs in different ways:
///
/// | server | `RESOURCE` | `AUDIENCE` | `SCOPES` |
/// |---|---|---|---|
/// | RFC 8707 | the URI of the API | – | its scopes |
/// | Keycloak | the URI of the API | its client id | optional client scopes |
/// | Auth0 | the URI of the API | its identifier | its permissions |
/// | Okta | the URI of the API | the audience of its authorization server, such as `api://orders` | its scopes |
/// | Entra ID | `https://graph.microsoft.com` | – | `User.Read`; none mean `.default` |
/// | Entra ID, an API of your own | the URI of the API | `api://` and its application id | its scopes |
#[cfg(feature = "exchange")]
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no API that methods call in the name of their caller",
    label = "not a `mcp::Target`",
    note = "implement it: `impl mcp::Target for {Self} {{ const RESOURCE: &str = \"https://api.example.com\"; }}`"
)]
pub trait Target: Send + Sync + 'static {
    /// The URI of the API, for which its tokens are issued (RFC 8707 §2).
    ///
    /// It is `https`, or `http` on a loopback host, without query and fragment.
    const RESOURCE: &'static str;

    /// The name by which the authorization server knows the API. Defaults to `None`: it knows the `RESOURCE`.
    ///
    /// With a name, requests have it as their `audience` (RFC 8693 §2.1), and no `resource`.
    const AUDIENCE: Option<&'static str> = None;

    /// The scopes that tokens need at the API. Defaults to none: the authorization server chooses.
    const SCOPES: &'static [&'static str] = &[];
}

/// The constants of a [`Target`], which are valid.
#[derive(Debug)]
pub struct DeclaredTarget {
    pub(crate) resource: &'static str,
    pub(crate) audience: Option<&'static str>,
    pub(crate) scopes: &'static [&'static str],
}

#[cfg(feature = "exchange")]
impl DeclaredTarget {
    /// Checks the constants of a target.
    ///
    /// # Panics
    /// A constant is invalid, which is an error of the compiler.
    #[expect(clippy::panic, reason = "it runs in the compiler alone")]
    pub(crate) const fn of<T: Target>() -> Self {
        if let Some(mistake) = mcp_core::target_resource_mistake(T::RESOURCE) {
            panic!("{}", mistake);
        }
        if let Some(audience) = T::AUDIENCE
            && let Some(mistake) = mcp_core::target_audience_mistake(audience)
        {
            panic!("{}", mistake);
        }
        let mut index = 0;
        while index < T::SCOPES.len() {
            if let Some(mistake) = mcp_core::target_scope_mistake(T::SCOPES[index]) {
                panic!("{}", mistake);
            }
            index += 1;
        }
        Self { resource: T::RESOURCE, audience: T::AUDIENCE, scopes: T::SCOPES }
    }
}

/// The API as a review reads it: the resource, the audience if it has one, and the scopes in parentheses.
impl fmt::Display for DeclaredTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.resource)?;
        if let Some(audience) = self.audience {
            write!(f, " as {audience}")?;
        }
        if self.scopes.is_empty() { Ok(()) } else { write!(f, " ({})", self.scopes.join(" ")) }
    }
}
