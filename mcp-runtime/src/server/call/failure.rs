//! The error of a method on its way to the client: completed, and logged where the server is at fault.

use std::fmt;

use mcp_core::OperationScopes;

use super::request::Request;
use crate::auth::RequiredScopes;
use crate::protocol::error::Error;
use crate::seal::random_id;

/// The item whose method runs.
#[derive(Clone, Copy)]
pub(super) struct CalledItem<'a> {
    pub(super) kind: &'static str,
    pub(super) name: &'static str,
    /// The declared scopes of the operation.
    pub(super) needed: &'a RequiredScopes,
}

impl CalledItem<'_> {
    /// Completes the error of the method for its client, and logs it if that is needed.
    #[cold]
    pub(super) fn report(self, error: Error, request: Request<'_>) -> Error {
        let error = match error.missing_scopes() {
            Some(scopes) => self.insufficient_scope(scopes, request),
            None if error.is_sign_in() => self.sign_in(error, request),
            None => error,
        };
        let Self { kind, name, .. } = self;
        if error.is_masked() {
            let id = random_id().unwrap_or_default();
            let error = error.with_id(&id);
            let (cause, response) = (Causes(&error).shortened(), shortened(error.message()));
            tracing::error!(name, id, error = %cause, response, "the {kind} failed");
            return error;
        }
        if error.is_for_log() {
            let (cause, response) = (Causes(&error).shortened(), shortened(error.message()));
            tracing::error!(name, error = %cause, response, "the {kind} failed");
        }
        error
    }

    /// Logs that the method panicked, and returns the error for its client.
    #[cold]
    pub(super) fn panicked(self) -> Error {
        let Self { kind, name, .. } = self;
        tracing::error!(name, "the {kind} panicked");
        Error::panicked(kind)
    }

    /// Completes the error of a caller who has to sign in again, with the declared scopes of the operation.
    fn sign_in(self, error: Error, request: Request<'_>) -> Error {
        let scopes = self.needed.scopes();
        let names = match request.shared.resource() {
            Some(resource) => resource.ask(scopes),
            None => OperationScopes::verbatim(scopes),
        };
        error.with_scopes(scopes, &names)
    }

    /// Completes the error of a caller who needs scopes beyond the declared ones of the operation.
    fn insufficient_scope(self, scopes: &[String], request: Request<'_>) -> Error {
        let further = scopes.iter().map(String::as_str).filter(|scope| !self.needed.scopes().contains(scope));
        let all: Vec<&str> = self.needed.scopes().iter().copied().chain(further).collect();
        // An open server has no authorization server to get a broader token from.
        let Some(resource) = request.shared.resource() else {
            return Error::insufficient_scope(&all, &OperationScopes::verbatim(&all));
        };
        if let Some(scope) = all.iter().find(|scope| !resource.declares(scope)) {
            let cause = format!(
                "the scope `{scope}` is not one of the server's; declare it there: `optional_scopes = [\"{scope}\"]`"
            );
            return Error::internal("The server asks for a scope that it does not have").with_source(cause);
        }
        // Otherwise the client would get another token, try again, and be refused, without end.
        if let Some(token) = request.token
            && all.iter().all(|scope| resource.satisfies(&token.scopes, scope))
        {
            let cause = format!("the caller has the scopes `{}` already; return `Denied::new`", all.join(" "));
            return Error::internal("The server asks for scopes that the caller has").with_source(cause);
        }
        Error::insufficient_scope(&all, &resource.ask(&all))
    }
}

/// Limits the texts of a line about an error, which may quote the client, in bytes.
const MAX_LOGGED: usize = 1024;

/// Returns the begin of a text.
fn shortened(text: &str) -> &str {
    &text[..text.floor_char_boundary(MAX_LOGGED)]
}

/// The causes of an error in one text, because JSON logs drop the sources of an error.
struct Causes<'a>(&'a Error);

impl Causes<'_> {
    /// Returns the begin of the text on one line.
    ///
    /// It may quote the client, whose line break would begin a line of its own in a log of text.
    fn shortened(&self) -> String {
        let mut line = String::new();
        for character in shortened(&self.to_string()).chars() {
            if character.is_control() {
                line.extend(character.escape_default());
            } else {
                line.push(character);
            }
        }
        line
    }
}

impl fmt::Display for Causes<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(mut cause) = self.0.source() else { return f.write_str(self.0.message()) };
        write!(f, "{cause}")?;
        while let Some(next) = cause.source() {
            write!(f, ": {next}")?;
            cause = next;
        }
        Ok(())
    }
}
