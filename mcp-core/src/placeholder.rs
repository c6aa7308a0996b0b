//! Placeholders of templates, shells and instructions.

/// The stand-ins of documentation, with `-` between their parts.
const STAND_INS: &[&str] = &[
    "your-domain",
    "your-host",
    "your-issuer",
    "your-realm",
    "your-server",
    "your-tenant",
    "yourdomain",
    "yourtenant",
    "tenant-id",
    "directory-id",
];

/// Returns the first placeholder, such as `{host}`, `$HOST`, `%HOST%`, `<host>`, `YOUR_HOST` or `…`.
pub(crate) fn placeholder(text: &str) -> Option<&str> {
    enclosed(text)
        .or_else(|| shell(text))
        .or_else(|| windows(text))
        .or_else(|| stand_in(text))
        .or_else(|| ellipsis(text))
}

/// Returns the first `{…}`, `${…}`, `{{…}}` or `<…>`.
pub(crate) fn enclosed(text: &str) -> Option<&str> {
    let open = text.find(['{', '<'])?;
    let close = if text[open..].starts_with('{') { '}' } else { '>' };
    let mut end = open + text[open..].find(close)? + 1;
    if text[open..].starts_with("{{") && text[end..].starts_with('}') {
        end += 1;
    }
    let start = if text[..open].ends_with('$') { open - 1 } else { open };
    Some(&text[start..end])
}

/// Returns the first `$NAME` in capitals. A path may have `$` and lower-case letters.
fn shell(text: &str) -> Option<&str> {
    text.match_indices('$').find_map(|(start, _)| {
        let name = text[start + 1..].find(|c| !is_capital(c)).unwrap_or(text.len() - start - 1);
        (name > 0 && !text.as_bytes()[start + 1].is_ascii_digit()).then(|| &text[start..=start + name])
    })
}

/// Returns the first `%NAME%`, unless every `%` starts an escape.
fn windows(text: &str) -> Option<&str> {
    let starts: Vec<usize> = text.match_indices('%').map(|(index, _)| index).collect();
    let is_escape = |index: usize| {
        text.as_bytes().get(index + 1..index + 3).is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
    };
    if starts.iter().all(|&index| is_escape(index)) {
        return None;
    }
    starts.windows(2).find_map(|pair| {
        let name = &text[pair[0] + 1..pair[1]];
        (!name.is_empty() && name.chars().all(is_capital)).then(|| &text[pair[0]..=pair[1]])
    })
}

fn is_capital(c: char) -> bool {
    c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_'
}

/// Returns the first stand-in in a host or a path.
fn stand_in(text: &str) -> Option<&str> {
    text.split(['/', '.', ':']).find(|part| {
        let word = part.to_ascii_lowercase().replace('_', "-");
        part.starts_with("YOUR_") || part.starts_with("YOUR-") || STAND_INS.contains(&&*word)
    })
}

fn ellipsis(text: &str) -> Option<&str> {
    ["…", "..."].into_iter().find(|ellipsis| text.contains(ellipsis))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_what_stands_for_something_else() {
        let cases = [
            ("https://{host}/mcp", "{host}"),
            ("https://${HOST}/mcp", "${HOST}"),
            ("https://{{ host }}/mcp", "{{ host }}"),
            ("https://<tenant>.example.com", "<tenant>"),
            ("https://$HOST/mcp", "$HOST"),
            ("https://example.com/$REALM_2/x", "$REALM_2"),
            ("https://%HOST%/mcp", "%HOST%"),
            ("https://%DEV_HOST%/mcp", "%DEV_HOST%"),
            ("https://YOUR_DOMAIN/mcp", "YOUR_DOMAIN"),
            ("https://YOUR-TENANT.auth0.com/", "YOUR-TENANT"),
            ("https://your-tenant.auth0.com/", "your-tenant"),
            ("https://login.example.com/TENANT_ID/v2.0", "TENANT_ID"),
            ("https://…", "…"),
            ("https://...", "..."),
        ];
        for (text, expected) in cases {
            assert_eq!(placeholder(text), Some(expected), "{text}");
        }
    }

    #[test]
    fn leaves_what_may_stand_in_an_address() {
        for text in [
            "https://example.com/a%20b%2Fc",
            "https://example.com/%AB%CD",
            "https://example.com/users/$me",
            "https://example.com/$1",
            "https://yours.example.com",
            "https://example.com/your-team",
            "https://example.com/MCP",
            "https://example.com/a..b",
        ] {
            assert_eq!(placeholder(text), None, "{text}");
        }
    }
}
