//! The mutations of tokens, each with a label that names it.

use mcp::testing::TestKey;
use serde_json::Value;

use crate::draft::{Draft, Object};
use crate::edits;
use crate::issuer::{AUDIENCE, ISSUER, Issuer};
use crate::random::Random;

/// A change of a token. It returns the detail of its label.
type Mutation = fn(&mut Draft, &Issuer, &mut Random) -> String;

/// The mutations by name.
const MUTATIONS: &[(&str, Mutation)] = &[
    ("alg", alg),
    ("other key", other_key),
    ("kid", kid),
    ("typ", typ),
    ("extension", extension),
    ("header member", |draft, _, random| add_member(&mut draft.header, random)),
    ("repeated header member", |draft, _, random| repeat_member(&mut draft.header, random)),
    ("header text", |draft, _, random| damage(&mut draft.header, random)),
    ("iss", iss),
    ("aud", aud),
    ("exp", |draft, issuer, random| date(draft, issuer, random, "exp")),
    ("nbf", |draft, issuer, random| date(draft, issuer, random, "nbf")),
    ("iat", |draft, issuer, random| date(draft, issuer, random, "iat")),
    ("sub", |draft, _, random| claim(draft, random, "sub")),
    ("client_id", |draft, _, random| claim(draft, random, "client_id")),
    ("scope", |draft, _, random| claim(draft, random, "scope")),
    ("jti", |draft, _, random| claim(draft, random, "jti")),
    ("cnf", |draft, _, random| claim(draft, random, "cnf")),
    ("claim", |draft, _, random| add_member(&mut draft.claims, random)),
    ("repeated claim", |draft, _, random| repeat_member(&mut draft.claims, random)),
    ("claims text", |draft, _, random| damage(&mut draft.claims, random)),
    ("base64", |draft, _, random| edits::base64(draft, random)),
    ("parts", |draft, _, random| edits::parts(draft, random)),
    ("signature", |draft, _, random| edits::signature(draft, random)),
];

/// Values that parsers read differently, or not at all.
const VALUES: &[&str] = &[
    "null",
    "true",
    "0",
    "-1",
    "1.5",
    "\"x\"",
    "\"\"",
    "\" \"",
    "[]",
    "{}",
    "[1]",
    "[\"x\"]",
    "{\"a\":1}",
    "{\"a\":1,\"a\":2}",
    "[{\"a\":1,\"a\":2}]",
    "1e400",
    "-1e400",
    "1e-400",
    "123456789012345678901234567890",
    "-0",
    "\"\\u0000\"",
    "\"\\ud800\"",
    "\"\\ud83d\\ude00\"",
    "\"\u{1f600}\"",
    "NaN",
    "-Infinity",
    "01",
    "0x1",
    "'x'",
    "\"\t\"",
    "[1,]",
    "1_000",
    ".5",
    "5.",
    "+1",
    "undefined",
    "nul",
    "\"\\x41\"",
    "\"\\/\"",
];

/// Applies a mutation that `random` chooses, and returns its label.
pub(crate) fn mutate(draft: &mut Draft, issuer: &Issuer, random: &mut Random) -> String {
    let (name, mutation) = *random.one_of(MUTATIONS);
    let detail = mutation(draft, issuer, random);
    format!("{name}: {}", detail.chars().take(60).collect::<String>())
}

fn alg(draft: &mut Draft, _: &Issuer, random: &mut Random) -> String {
    let value = random.one_of(&[
        None,
        Some("\"none\""),
        Some("\"None\""),
        Some("\"\""),
        Some("\"HS256\""),
        Some("\"RS256\""),
        Some("\"RS384\""),
        Some("\"PS256\""),
        Some("\"ES256\""),
        Some("\"es256\""),
        Some("\"ES256K\""),
        Some("\"ES384\""),
        Some("\"EdDSA\""),
        Some("\"Ed25519\""),
        Some("\"ES256 \""),
        Some("\"\\u0045S256\""),
        Some("[\"ES256\"]"),
        Some("null"),
        Some("1"),
    ]);
    draft.header.set("alg", *value);
    value.unwrap_or("missing").to_owned()
}

/// Signs with another key than the token names.
fn other_key(draft: &mut Draft, issuer: &Issuer, random: &mut Random) -> String {
    let named = draft.key.alg();
    let (key, detail) = match random.below(3) {
        0 => (random.one_of(&issuer.keys).clone(), "of the issuer"),
        1 => (random.one_of(&issuer.strangers).clone(), "of a stranger"),
        _ => {
            let public = random.one_of(&issuer.keys);
            let secret = if random.below(2) == 0 { public.public_pem() } else { public.public_jwk().to_string() };
            draft.header.set("alg", Some("\"HS256\""));
            (TestKey::shared_secret(secret), "the public key as a secret")
        }
    };
    if random.below(2) == 0 {
        draft.header.set("alg", Some(&Value::from(key.alg()).to_string()));
    }
    let detail = format!("{detail}, {} for {named}", key.alg());
    draft.key = key;
    detail
}

fn kid(draft: &mut Draft, issuer: &Issuer, random: &mut Random) -> String {
    let other = Value::from(random.one_of(&issuer.keys).kid()).to_string();
    let strangers = Value::from(issuer.strangers[0].kid()).to_string();
    let (value, detail) = match random.below(8) {
        0 => (None, "missing"),
        1 => (Some(&*other), "of another key"),
        2 => (Some(&*strangers), "of a stranger"),
        _ => {
            let value = *random.one_of(&[
                "null",
                "1",
                "\"\"",
                "\"../../../dev/null\"",
                "\"' OR '1'='1\"",
                "\"\\u0000\"",
                "[\"a\"]",
                "{}",
            ]);
            (Some(value), value)
        }
    };
    draft.header.set("kid", value);
    detail.to_owned()
}

fn typ(draft: &mut Draft, _: &Issuer, random: &mut Random) -> String {
    let value = random.one_of(&[
        None,
        Some("\"JWT\""),
        Some("\"AT+JWT\""),
        Some("\"application/at+jwt\""),
        Some("\"application/AT+jwt\""),
        Some("\"at+jwt \""),
        Some("\"dpop+jwt\""),
        Some("\"logout+jwt\""),
        Some("\"\""),
        Some("\"text/at+jwt\""),
        Some("\"application/application/at+jwt\""),
        Some("\"at+jwt; charset=utf-8\""),
        Some("[\"at+jwt\"]"),
        Some("null"),
        Some("1"),
    ]);
    draft.header.set("typ", *value);
    value.unwrap_or("missing").to_owned()
}

/// Adds a header member that could change the meaning of a token, or the key.
fn extension(draft: &mut Draft, issuer: &Issuer, random: &mut Random) -> String {
    let (name, value) = *random.one_of(&[
        ("crit", "[]"),
        ("crit", "[\"exp\"]"),
        ("crit", "[\"b64\"]"),
        ("crit", "\"exp\""),
        ("crit", "null"),
        ("b64", "true"),
        ("b64", "false"),
        ("zip", "\"DEF\""),
        ("enc", "\"A256GCM\""),
        ("cty", "\"JWT\""),
        ("jku", "\"https://attacker.example/jwks\""),
        ("x5u", "\"https://attacker.example/x5u\""),
        ("x5c", "[\"AAAA\"]"),
        ("x5t", "\"AAAA\""),
        ("jwk", ""),
        ("iss", "\"https://attacker.example\""),
        ("aud", "1"),
        ("nonce", "\"x\""),
    ]);
    draft.header.set(name, Some(value));
    if name == "jwk" {
        let stranger = random.one_of(&issuer.strangers);
        draft.header.set("jwk", Some(&stranger.public_jwk().to_string()));
        draft.header.set("alg", Some(&Value::from(stranger.alg()).to_string()));
        draft.key = stranger.clone();
    }
    format!("{name} {value}")
}

fn iss(draft: &mut Draft, _: &Issuer, random: &mut Random) -> String {
    let value = match random.below(8) {
        0 => None,
        1 => Some(format!("\"{ISSUER}/\"")),
        2 => Some(format!("\"{}\"", ISSUER.to_uppercase())),
        3 => Some(format!("[\"{ISSUER}\"]")),
        4 => Some(format!("[\"https://attacker.example\",\"{ISSUER}\"]")),
        5 => Some("\"https://attacker.example\"".to_owned()),
        6 => Some(format!("\" {ISSUER}\"")),
        _ => Some((*random.one_of(VALUES)).to_owned()),
    };
    draft.claims.set("iss", value.as_deref());
    value.unwrap_or_else(|| "missing".to_owned())
}

fn aud(draft: &mut Draft, _: &Issuer, random: &mut Random) -> String {
    let value = match random.below(12) {
        0 => None,
        1 => Some(format!("[\"{AUDIENCE}\"]")),
        2 => Some(format!("[\"https://other.example/mcp\",\"{AUDIENCE}\"]")),
        3 => Some("[\"https://other.example/mcp\"]".to_owned()),
        4 => Some("\"https://other.example/mcp\"".to_owned()),
        5 => Some(format!("\"{AUDIENCE}/\"")),
        6 => Some(format!("[[\"{AUDIENCE}\"]]")),
        7 => Some(format!("[1,\"{AUDIENCE}\"]")),
        8 => Some(format!("{{\"{AUDIENCE}\":1}}")),
        9 => Some(format!("\"{}\"", AUDIENCE.replace("notes", "NOTES"))),
        10 => Some(format!("\"{AUDIENCE} https://other.example\"")),
        _ => Some((*random.one_of(VALUES)).to_owned()),
    };
    draft.claims.set("aud", value.as_deref());
    value.unwrap_or_else(|| "missing".to_owned())
}

/// Changes a date, far enough from now that the time of the run does not matter.
fn date(draft: &mut Draft, issuer: &Issuer, random: &mut Random, name: &str) -> String {
    let now = issuer.now;
    let (value, detail) = match random.below(12) {
        0 => (None, "missing"),
        1 => (Some((now - 600).to_string()), "past"),
        2 => (Some((now + 600).to_string()), "future"),
        3 => (Some(format!("{}.5", now - 600)), "past with a fraction"),
        4 => (Some(format!("{}.5", now + 600)), "future with a fraction"),
        5 => (Some(format!("\"{}\"", now - 600)), "past as a text"),
        6 => (Some(format!("\"{}\"", now + 600)), "future as a text"),
        7 => (Some(format!("{}000", now + 600)), "future in milliseconds"),
        8 => (Some("1e308".to_owned()), "1e308"),
        9 => (Some(format!("{}e-1", (now + 600) * 10)), "future with an exponent"),
        10 => (Some("18446744073709551615".to_owned()), "the largest of 64 bits"),
        _ => {
            let value = *random.one_of(VALUES);
            (Some(value.to_owned()), value)
        }
    };
    draft.claims.set(name, value.as_deref());
    detail.to_owned()
}

fn claim(draft: &mut Draft, random: &mut Random, name: &str) -> String {
    let value = if random.below(6) == 0 { None } else { Some(*random.one_of(VALUES)) };
    draft.claims.set(name, value);
    value.unwrap_or("missing").to_owned()
}

/// Adds a member without a meaning.
fn add_member(object: &mut Object, random: &mut Random) -> String {
    let nested = |levels| format!("{}1{}", "[".repeat(levels), "]".repeat(levels));
    let value = match random.below(12) {
        0 => nested(20),
        1 => nested(40),
        2 => nested(150),
        3 => "9".repeat(400),
        _ => (*random.one_of(VALUES)).to_owned(),
    };
    let name =
        *random.one_of(&["\"x\"", "\"__proto__\"", "\"\"", "\"\\ud800\"", "\"ALG\"", "\"Exp\"", "\"x\\u0000\"", "x"]);
    object.members.push((name.to_owned(), value.clone()));
    format!("{name} {value}")
}

/// Adds a member once more, with an equal or another value, or with an escaped name.
fn repeat_member(object: &mut Object, random: &mut Random) -> String {
    let Some((name, value)) = object.members.get(random.below(object.members.len())).cloned() else {
        return String::new();
    };
    let value = if random.below(2) == 0 { value } else { (*random.one_of(VALUES)).to_owned() };
    let first = name.chars().nth(1).filter(char::is_ascii_alphabetic);
    let name = match first.filter(|_| random.below(3) == 0) {
        Some(first) => name.replacen(first, &format!("\\u{:04x}", u32::from(first)), 1),
        None => name,
    };
    let position = random.below(object.members.len() + 1);
    object.members.insert(position, (name.clone(), value.clone()));
    format!("{name} {value}")
}

/// Changes the text of an object.
fn damage(object: &mut Object, random: &mut Random) -> String {
    let text = object.text();
    let (detail, bytes) = match random.below(20) {
        0 => ("white space", put_around(object, [" \t\r\n", " ", "\n"])),
        1 => ("a BOM", put_around(object, ["\u{feff}", "", ""])),
        2 => ("a form feed", put_around(object, ["\u{c}", "", ""])),
        3 => ("something behind", put_around(object, ["", "", "x"])),
        4 => ("a NUL behind", put_around(object, ["", "", "\0"])),
        5 => ("an object behind", put_around(object, ["", "", "{}"])),
        6 => ("a comment", put_around(object, ["", "/**/", ""])),
        7 => ("a comma too many", put_around(object, ["", ",", ""])),
        8 => ("in a list", put_around(object, ["[", "", "]"])),
        9 => ("a non-breaking space", put_around(object, ["", "\u{a0}", ""])),
        10 => ("empty", Some(Vec::new())),
        11 => ("null", Some(b"null".to_vec())),
        12 => ("a text", Some(Value::from(text).to_string().into_bytes())),
        13 => ("UTF-16", Some(text.encode_utf16().flat_map(u16::to_be_bytes).collect())),
        14 => ("invalid UTF-8", Some(with_bytes(&text, b"\xff"))),
        15 => ("a surrogate in UTF-8", Some(with_bytes(&text, b"\xed\xa0\x80"))),
        16 => ("single quotes", Some(text.replace('"', "'").into_bytes())),
        17 => ("no end", Some(text.trim_end_matches('}').as_bytes().to_vec())),
        18 => ("an empty object", Some(b"{}".to_vec())),
        _ => {
            let mut bytes = text.into_bytes();
            let position = random.below(bytes.len());
            let byte = u8::try_from(random.below(256)).unwrap_or_default();
            if let Some(place) = bytes.get_mut(position) {
                *place = byte;
            }
            ("another byte", Some(bytes))
        }
    };
    if bytes.is_some() {
        object.replacement = bytes;
    }
    detail.to_owned()
}

/// Sets the text around an object, which stays one.
fn put_around(object: &mut Object, around: [&'static str; 3]) -> Option<Vec<u8>> {
    object.around = around;
    None
}

/// Adds a member whose text has these bytes, which are not UTF-8.
fn with_bytes(text: &str, bytes: &[u8]) -> Vec<u8> {
    let (before, rest) = text.split_once('{').unwrap_or_default();
    [before.as_bytes(), b"{\"x\":\"", bytes, b"\",", rest.as_bytes()].concat()
}
