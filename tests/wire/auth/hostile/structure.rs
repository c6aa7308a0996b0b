//! Texts that are no token: RFC 6750 §2.1 for the header, RFC 7515 §7.1 for its parts.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};

use super::Verdict::{Accepted, Invalid, Malformed, Unsendable};
use super::{Kit, Vector, vector};

pub(super) fn vectors(kit: &Kit) -> Vec<Vector> {
    let [h, p, s] = kit.parts();
    let good = format!("{h}.{p}.{s}");
    let bytes = |parts: &[&[u8]]| parts.concat();
    let mut table = vec![
        vector(Accepted, "a good token", &*good),
        vector(Malformed, "empty", ""),
        vector(Invalid, "one character", "a"),
        vector(Invalid, "one part", &*h),
        vector(Invalid, "two parts", format!("{h}.{p}")),
        vector(Invalid, "four parts", format!("{good}.{s}")),
        vector(Invalid, "five parts, as in JWE", format!("{h}.{p}.{s}.{p}.{s}")),
        vector(Invalid, "an empty header", format!(".{p}.{s}")),
        vector(Invalid, "an empty payload (detached)", format!("{h}..{s}")),
        vector(Invalid, "an empty signature", format!("{h}.{p}.")),
        vector(Invalid, "only dots", ".."),
        vector(Invalid, "more dots", "...."),
        vector(Invalid, "a dot in front", format!(".{good}")),
        vector(Invalid, "a dot behind", format!("{good}.")),
        vector(Invalid, "the parts in another order", format!("{p}.{h}.{s}")),
        vector(Accepted, "more spaces in front", format!("  {good}"))
            .because("RFC 9110 §11.4 has `1*SP` behind the scheme"),
        vector(Malformed, "a space behind", format!("{good} ")),
        vector(Malformed, "a space inside", format!("{h}. {p}.{s}")),
        vector(Malformed, "a tab inside", format!("{h}.\t{p}.{s}")),
        vector(Malformed, "a comma behind", format!("{good},")),
        vector(Malformed, "two tokens", format!("{good} {good}")),
        vector(Malformed, "the scheme twice", format!("Bearer {good}")),
        vector(Malformed, "in quotes", format!("\"{good}\"")),
        vector(Malformed, "as a parameter", format!("token=\"{good}\"")),
        vector(Malformed, "percent-encoded dots", good.replace('.', "%2E")),
        vector(
            Malformed,
            "the JSON serialisation",
            format!(r#"{{"payload":"{p}","protected":"{h}","signature":"{s}"}}"#),
        ),
        vector(Unsendable, "a line break inside", format!("{h}.\n{p}.{s}")),
        vector(Unsendable, "a line break behind", format!("{good}\r\n")),
        vector(Unsendable, "a NUL behind", format!("{good}\0")),
        vector(Malformed, "invalid UTF-8 behind", bytes(&[good.as_bytes(), b"\xff"])),
        vector(Malformed, "a BOM in front", bytes(&[b"\xef\xbb\xbf", good.as_bytes()])),
        vector(Malformed, "a full stop of another script", good.replacen('.', "\u{ff0e}", 1)),
        vector(Malformed, "a padded header", format!("{h}=.{p}.{s}")),
        vector(Invalid, "a padded signature", format!("{good}=")),
        vector(Invalid, "a signature with two paddings", format!("{good}=="))
            .because("RFC 6750 allows padding, RFC 7515 §2 does not"),
        vector(Invalid, "a tilde inside", format!("{h}.{p}.~{s}"))
            .because("a bearer token may have one, base64url none"),
        vector(Invalid, "in lower case", good.to_lowercase()),
        vector(Invalid, "encoded once more", URL_SAFE_NO_PAD.encode(&good)),
        vector(Invalid, "a character behind", format!("{good}A")),
        vector(Invalid, "three bytes behind", format!("{good}AAAA")),
        vector(Invalid, "the signature in hex", format!("{h}.{p}.{}", hex(&s))),
        vector(Invalid, "the signature in the standard alphabet", standard_signature(kit)),
    ];

    // Correctly signed over a text that others read in the same way.
    let header = |length| kit.good().header("x", "?".repeat(length)).header_json();
    let claims = |length| kit.good().claim("x", "?".repeat(length)).claims_json();
    let sign = |input: String| format!("{input}.{}", URL_SAFE_NO_PAD.encode(kit.key.sign(input.as_bytes())));
    table.extend([
        vector(
            Invalid,
            "a payload in the standard alphabet",
            sign(format!("{h}.{}", slashed(STANDARD_NO_PAD.encode(claims(9))))),
        ),
        vector(
            Invalid,
            "a header in the standard alphabet",
            sign(format!("{}.{p}", slashed(STANDARD_NO_PAD.encode(header(9))))),
        ),
        vector(Invalid, "a payload with bits behind its end", sign(format!("{h}.{}", with_loose_bits(&claims)))),
        vector(Invalid, "a header with bits behind its end", sign(format!("{}.{p}", with_loose_bits(&header)))),
        vector(Invalid, "a signature with bits behind its end", format!("{h}.{p}.{}", next_last(&s)))
            .because("two texts of one token would be two entries of every cache and list of revoked tokens"),
    ]);

    // 16 KiB is the default limit.
    for (length, verdict) in
        [(16 * 1024 - 1, Accepted), (16 * 1024, Accepted), (16 * 1024 + 1, Invalid), (1024 * 1024, Invalid)]
    {
        let token = of_length(kit, length);
        assert_eq!(token.len(), length);
        table.push(
            vector(verdict, format!("{length} bytes"), token).because("no issuer needs more for an access token"),
        );
    }
    table.push(vector(Invalid, "a megabyte of dots", ".".repeat(1024 * 1024)));
    table.push(vector(Malformed, "a megabyte of padding", "=".repeat(1024 * 1024)));
    table
}

fn hex(text: &str) -> String {
    text.bytes().map(|byte| format!("{byte:02x}")).collect()
}

/// A text that has something to tell the alphabets apart.
fn slashed(base64: String) -> String {
    assert!(base64.contains(['+', '/']), "{base64}");
    base64
}

fn standard_signature(kit: &Kit) -> String {
    loop {
        let [h, p, s] = kit.parts();
        if s.contains(['-', '_']) {
            return format!("{h}.{p}.{}", s.replace('-', "+").replace('_', "/"));
        }
    }
}

/// Base64url of a text that does not fill its last character, which then says something in the bits that nobody reads.
fn with_loose_bits(text: &dyn Fn(usize) -> String) -> String {
    let encoded = (0..).map(|length| URL_SAFE_NO_PAD.encode(text(length))).find(|encoded| encoded.len() % 4 != 0);
    next_last(&encoded.expect("there is one"))
}

fn next_last(base64: &str) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let (rest, last) = base64.split_at(base64.len() - 1);
    let index = ALPHABET.iter().position(|byte| last.as_bytes() == [*byte]).expect("base64url");
    assert_eq!(index % 4, 0, "{base64} leaves no bits");
    format!("{rest}{}", char::from(ALPHABET[index + 1]))
}

/// A good token of so many bytes.
fn of_length(kit: &Kit, length: usize) -> String {
    for filler in 0..4 {
        let token = kit.good().header("x", "x".repeat(filler)).claim("x", "");
        let minted = token.mint();
        let (signed, signature) = minted.rsplit_once('.').expect("a token");
        let (header, _) = signed.split_once('.').expect("a token");
        let payload = length - header.len() - signature.len() - 2;
        // No text has this length in Base64.
        if payload % 4 != 1 {
            let filler = payload * 3 / 4 - token.claims_json().len();
            return token.claim("x", "x".repeat(filler)).mint();
        }
    }
    panic!("no token has {length} bytes")
}
