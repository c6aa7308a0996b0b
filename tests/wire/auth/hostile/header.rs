//! Headers of a JWT, and members that it must not have: RFC 7515 §4, RFC 8725, RFC 9068 §2.1.

use mcp::JwtAlgorithm;
use mcp::testing::TestKey;
use serde_json::{Value, json};

use super::Verdict::{Accepted, Invalid};
use super::{Kit, Vector, nested, vector, with_member};

pub(super) fn vectors(kit: &Kit) -> Vec<Vector> {
    let mut table = algorithms(kit);
    table.extend(confusions(kit));
    table.extend(key_names(kit));
    table.extend(types(kit));
    table.extend(extensions(kit));
    table.extend(texts(kit));
    table
}

fn algorithms(kit: &Kit) -> Vec<Vector> {
    let good = || kit.good();
    let mut table = Vec::new();
    for alg in ["none", "None", "NONE", "nOnE", " none", "none\u{0}", ""] {
        table.push(vector(
            Invalid,
            format!("alg {alg:?} without a signature"),
            good().unsigned().header("alg", alg).mint(),
        ));
    }
    table.push(vector(Invalid, "alg \"none\" with a signature", good().header("alg", "none").mint()));
    for alg in
        [json!(256), json!(true), json!(null), json!(["ES256"]), json!({"ES256": true}), json!(["none", "ES256"])]
    {
        table.push(vector(Invalid, format!("alg {alg}"), good().header("alg", alg).mint()));
    }
    table.push(vector(Invalid, "no alg", good().without_header("alg").mint()));
    for alg in [
        "es256",
        "Es256",
        "ES256 ",
        " ES256",
        "ES256\u{0}",
        "ES256K",
        "ES512",
        "ES521",
        "ES224",
        "ESP256",
        "HS256",
        "HS384",
        "HS512",
        "HMAC",
        "RS1",
        "RS256",
        "PS256",
        "EdDSA",
        "Ed448",
        "dir",
        "RSA-OAEP",
        "A256KW",
        "PBES2-HS256+A128KW",
        "https://example.com/my-algorithm",
    ] {
        table.push(vector(
            Invalid,
            format!("alg {alg:?} over a signature with ES256"),
            good().header("alg", alg).mint(),
        ));
    }
    table.push(
        vector(Accepted, "alg \"Ed25519\"", good().algorithm(JwtAlgorithm::EdDSA).header("alg", "Ed25519").mint())
            .because("RFC 9864 §2.2 names the same algorithm anew"),
    );
    table
}

/// A key that is used for what it is not for.
fn confusions(kit: &Kit) -> Vec<Vector> {
    let mut table = Vec::new();
    for algorithm in [JwtAlgorithm::ES256, JwtAlgorithm::ES384, JwtAlgorithm::EdDSA, JwtAlgorithm::RS256] {
        let token = kit.good().algorithm(algorithm);
        let key = kit.issuer.key_for(algorithm);
        let jwk = key.public_jwk();
        let mut secrets = vec![
            ("PEM", key.public_pem()),
            ("PEM without its last line break", key.public_pem().trim_end().to_owned()),
            ("Base64 of the DER", key.public_pem().lines().filter(|line| !line.starts_with('-')).collect()),
            ("JWK", jwk.to_string()),
            ("JWKS", kit.issuer.jwks().to_string()),
        ];
        for part in ["x", "n"] {
            secrets.extend(jwk[part].as_str().map(|text| (part, text.to_owned())));
        }
        for (form, secret) in secrets {
            let forged = token.clone().header("alg", "HS256").signed_by(&TestKey::shared_secret(secret)).mint();
            table.push(vector(
                Invalid,
                format!("HS256 with the public key for {algorithm:?} as a secret: {form}"),
                forged,
            ));
        }
    }
    table.push(vector(
        Invalid,
        "HS256 with an empty secret",
        kit.good().header("alg", "HS256").signed_by(&TestKey::shared_secret("")).mint(),
    ));
    // Pairs of algorithms for one kind of key, or for the same key under different names.
    for (signed, named) in [
        (JwtAlgorithm::RS256, JwtAlgorithm::PS256),
        (JwtAlgorithm::PS256, JwtAlgorithm::RS256),
        (JwtAlgorithm::RS256, JwtAlgorithm::RS512),
        (JwtAlgorithm::RS512, JwtAlgorithm::RS256),
        (JwtAlgorithm::PS384, JwtAlgorithm::PS512),
        (JwtAlgorithm::ES256, JwtAlgorithm::ES384),
        (JwtAlgorithm::ES384, JwtAlgorithm::ES256),
        (JwtAlgorithm::ES384, JwtAlgorithm::ES512),
        (JwtAlgorithm::ES512, JwtAlgorithm::ES384),
        (JwtAlgorithm::ES256, JwtAlgorithm::EdDSA),
        (JwtAlgorithm::EdDSA, JwtAlgorithm::RS256),
    ] {
        let (signer, other) = (kit.issuer.key_for(signed), kit.issuer.key_for(named));
        let token = kit.good().algorithm(signed);
        table.extend([
            vector(
                Invalid,
                format!("{signed:?} by the name of the key for {named:?}"),
                token.clone().header("kid", other.kid()).mint(),
            )
            .because("a key is for one algorithm, even where the same numbers are published for another"),
            vector(Invalid, format!("{signed:?} that says {named:?}"), token.clone().header("alg", other.alg()).mint()),
            vector(
                Invalid,
                format!("{signed:?} that says {named:?} and names its key"),
                token.header("alg", other.alg()).header("kid", other.kid()).signed_by(&signer).mint(),
            ),
        ]);
    }
    table
}

fn key_names(kit: &Kit) -> Vec<Vector> {
    let good = || kit.good();
    let kid = kit.key.kid().to_owned();
    let mut table = vec![
        vector(Accepted, "no kid", good().without_header("kid").mint())
            .because("RFC 7515 §4.1.4 makes it optional: every key of the algorithm is tried"),
        vector(
            Invalid,
            "no kid, and a stranger's signature",
            good().without_header("kid").signed_by(&kit.stranger).mint(),
        ),
        vector(
            Invalid,
            "a stranger's kid and signature",
            good().header("kid", kit.stranger.kid()).signed_by(&kit.stranger).mint(),
        ),
        vector(Invalid, "a stranger's kid", good().header("kid", kit.stranger.kid()).mint()),
    ];
    for (name, value) in [
        ("a number", json!(1)),
        ("null", json!(null)),
        ("a list of it", json!([kid])),
        ("an object", json!({"kid": kid})),
        ("true", json!(true)),
        ("empty", json!("")),
        ("a space", json!(" ")),
        ("with a space", json!(format!("{kid} "))),
        ("with a NUL", json!(format!("{kid}\u{0}"))),
        ("in another case", json!(swap_case(&kid))),
        ("long", json!("k".repeat(8000))),
        ("a path", json!("../../../../../../dev/null")),
        ("a URL of a file", json!("file:///dev/null")),
        ("a URL of the attacker", json!(kit.attacker.jwks_url())),
        ("SQL", json!("' UNION SELECT 'secret' --")),
        ("a command", json!("|touch /tmp/owned")),
        ("a pattern", json!(".*")),
        ("a format", json!("%s%n{}{0}${jndi:ldap://x}")),
        ("of another script", json!("клавиша")),
    ] {
        table.push(vector(Invalid, format!("kid: {name}"), good().header("kid", value).mint()));
    }
    table
}

fn types(kit: &Kit) -> Vec<Vector> {
    let mut table = Vec::new();
    for typ in ["at+jwt", "AT+JWT", "At+Jwt", "application/at+jwt", "Application/AT+JWT"] {
        table.push(
            vector(Accepted, format!("typ {typ:?}"), kit.good().header("typ", typ).mint())
                .because("RFC 7515 §4.1.9: a media type, which has no case, and may have its prefix"),
        );
    }
    for typ in [
        json!("JWT"),
        json!("jwt"),
        json!("JOSE"),
        json!(""),
        json!("at"),
        json!("at+jwt "),
        json!("at+jwt; charset=utf-8"),
        json!("application/application/at+jwt"),
        json!("text/at+jwt"),
        json!("application/"),
        json!("at+jwt\u{0}"),
        json!("at\u{ff0b}jwt"),
        json!("id+jwt"),
        json!("logout+jwt"),
        json!("dpop+jwt"),
        json!("oauth-authz-req+jwt"),
        json!("token-introspection+jwt"),
        json!("application/json"),
        json!(7),
        json!(null),
        json!(true),
        json!(["at+jwt"]),
        json!({"at+jwt": true}),
    ] {
        table.push(
            vector(Invalid, format!("typ {typ}"), kit.good().header("typ", typ).mint())
                .because("RFC 9068 §4: otherwise an ID token for the same audience would do"),
        );
    }
    table.push(vector(Invalid, "no typ", kit.good().without_header("typ").mint()));
    table.push(
        vector(Accepted, "cty \"JWT\"", kit.good().header("cty", "JWT").mint())
            .because("it is about what the payload is, and the payload is claims"),
    );
    table
}

fn extensions(kit: &Kit) -> Vec<Vector> {
    let good = || kit.good();
    let certificate = || json!(["MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8A"]);
    let mut table = Vec::new();
    for crit in [
        json!([]),
        json!(["exp"]),
        json!(["b64"]),
        json!(["http://example.com/x"]),
        json!("exp"),
        json!(null),
        json!({}),
    ] {
        table.push(vector(Invalid, format!("crit {crit}"), good().header("crit", crit).mint()).because(
            "RFC 7515 §4.1.11: there is no extension that is understood here, and an empty list is forbidden",
        ));
    }
    for (name, value) in [
        ("b64", json!(false)),
        ("b64", json!(true)),
        ("b64", json!("false")),
        ("zip", json!("DEF")),
        ("zip", json!("none")),
        ("zip", json!(null)),
        ("jwk", json!(null)),
        ("jwk", json!("")),
        ("jwk", kit.key.public_jwk()),
        ("x5c", certificate()),
        ("x5c", json!([])),
    ] {
        table.push(
            vector(Invalid, format!("{name} {}", shorten(&value)), good().header(name, value).mint()).because(
                "it changes what is signed, or brings a key along; refused before anyone is tempted to use it",
            ),
        );
    }
    table.push(vector(
        Invalid,
        "b64 false, as it should be (RFC 7797)",
        good().header("b64", false).header("crit", json!(["b64"])).mint(),
    ));
    let forged = || good().header("kid", kit.attacker.key().kid()).signed_by(&kit.attacker.key());
    table.push(vector(
        Invalid,
        "jwk of the attacker, who signed",
        forged().header("jwk", kit.attacker.key().public_jwk()).mint(),
    ));
    for name in ["jku", "x5u"] {
        table.push(vector(
            Invalid,
            format!("{name} of the attacker, who signed"),
            forged().header(name, kit.attacker.jwks_url()).mint(),
        ));
        table.push(
            vector(
                Accepted,
                format!("{name} of the attacker, and the issuer signed"),
                good().header(name, kit.attacker.jwks_url()).mint(),
            )
            .because("nobody goes there, so it is harmless"),
        );
    }
    table.push(vector(
        Invalid,
        "jku of the attacker and the kid of the issuer",
        good().signed_by(&kit.attacker.key()).header("jku", kit.attacker.jwks_url()).mint(),
    ));
    for (name, value) in [
        ("x5t", json!("nOo3ZDrODXEK1jKWhXslHR_KXEg")),
        ("x5t#S256", json!("vgkTp1LcNxNlFW1D9Yz8uJqKkmgHsPbXmM4UbYoEdnE")),
        ("jku", json!(7)),
        ("nonce", json!("n-0S6_WzA2Mj")),
        ("apu", json!("x")),
        ("https://example.com/x", json!({"a": [1, 2, {"b": null}]})),
    ] {
        table.push(
            vector(Accepted, format!("{name} {}", shorten(&value)), good().header(name, value).mint())
                .because("RFC 7515 §4: what is not understood is ignored; Entra ID sends `x5t`"),
        );
    }
    table
}

/// Headers as texts that no library writes.
fn texts(kit: &Kit) -> Vec<Vector> {
    let header = kit.good().header_json();
    let with = |name: &str, json: &str| kit.with_header(with_member(&header, name, json));
    let bytes =
        |bytes: &[u8]| kit.with_header([header.strip_suffix('}').expect("an object").as_bytes(), bytes].concat());
    let kid = format!("{:?}", kit.key.kid());
    let mut table = vec![
        vector(Invalid, "alg twice, the same", with("alg", r#""ES256""#)),
        vector(Invalid, "alg twice, none at last", with("alg", r#""none""#)),
        vector(Invalid, "alg twice, none at first", kit.with_header(header.replacen('{', r#"{"alg":"none","#, 1))),
        vector(Invalid, "alg twice, once escaped", with("\\u0061lg", r#""none""#)),
        vector(Invalid, "kid twice", with("kid", &kid)),
        vector(Invalid, "typ twice", with("typ", r#""JWT""#)),
        vector(Invalid, "a member twice that means nothing", with("x\":1,\"x", "1")),
        vector(Invalid, "a member twice inside another", with("x", r#"{"y":{"z":1,"z":1}}"#)),
        vector(Invalid, "a member twice inside a list", with("x", r#"[{"y":1,"y":2}]"#)),
        vector(Accepted, "the same member in two objects", with("x", r#"[{"y":1},{"y":2}]"#)),
        vector(Accepted, "a member in another case", with("ALG", r#""none""#))
            .because("names have a case (RFC 7515 §4)"),
        vector(Invalid, "header []", kit.with_header("[]")),
        vector(Invalid, "header in a list", kit.with_header(format!("[{header}]"))),
        vector(Invalid, "header null", kit.with_header("null")),
        vector(Invalid, "header 1", kit.with_header("1")),
        vector(Invalid, "header in a text", kit.with_header(Value::from(&*header).to_string())),
        vector(Invalid, "header {}", kit.with_header("{}")),
        vector(Invalid, "header without its end", bytes(b"")),
        vector(Invalid, "header with a comma at its end", bytes(b",}")),
        vector(Invalid, "header and something", kit.with_header(format!("{header}x"))),
        vector(Invalid, "header and a NUL", kit.with_header(format!("{header}\0"))),
        vector(Invalid, "header twice", kit.with_header(format!("{header}{header}"))),
        vector(Invalid, "header with a comment", kit.with_header(format!("{header}/* */"))),
        vector(Invalid, "header in single quotes", kit.with_header(header.replace('"', "'"))),
        vector(Invalid, "header with a BOM", kit.with_header(format!("\u{feff}{header}"))),
        vector(Invalid, "header in UTF-16", kit.with_header(utf16(&header))),
        vector(Accepted, "header with white space", kit.with_header(format!(" \t\r\n{header}\n")))
            .because("it is JSON"),
        vector(Invalid, "header with a form feed", kit.with_header(format!("\u{c}{header}"))),
        vector(Invalid, "header with invalid UTF-8", bytes(b",\"x\":\"\xff\"}")),
        vector(Invalid, "header with an overlong slash", bytes(b",\"x\":\"\xc0\xaf\"}")),
        vector(Invalid, "header with a surrogate in UTF-8", bytes(b",\"x\":\"\xed\xa0\x80\"}")),
        vector(Invalid, "header with a lone surrogate", with("x", r#""\ud800""#)),
        vector(Invalid, "header with a lone surrogate as a name", with(r"\udc00", "1")),
        vector(Accepted, "header with a pair of surrogates", with("x", r#""\ud83d\ude00""#)),
        vector(Invalid, "header with a line break in a text", with("x", "\"\n\"")),
        vector(Invalid, "header with NaN", with("x", "NaN")),
        vector(Invalid, "header with Infinity", with("x", "-Infinity")),
        vector(Invalid, "header with 1e400", with("x", "1e400"))
            .because("no number that everyone reads in the same way"),
        vector(Accepted, "header with 1e300", with("x", "1e300")),
        vector(Accepted, "header with 1e-400", with("x", "1e-400")),
        vector(Accepted, "header with a number of 30 digits", with("x", &"9".repeat(30))),
        vector(Invalid, "header with a number of 400 digits", with("x", &"9".repeat(400))),
        vector(Invalid, "header with a leading zero", with("x", "01")),
        vector(Invalid, "header with a hexadecimal number", with("x", "0x1")),
    ];
    for (levels, verdict) in [(10, Accepted), (31, Accepted), (32, Invalid), (1000, Invalid)] {
        table.push(
            vector(verdict, format!("header nested {levels} levels deep"), with("x", &nested(levels)))
                .because("32 levels in all are more than anyone writes, and no stack"),
        );
    }
    table.push(vector(Invalid, "header with 5000 lists in each other", kit.with_header("[".repeat(5000))));
    table
}

fn utf16(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_be_bytes).collect()
}

fn swap_case(text: &str) -> String {
    text.chars().map(|c| if c.is_ascii_lowercase() { c.to_ascii_uppercase() } else { c.to_ascii_lowercase() }).collect()
}

fn shorten(value: &Value) -> String {
    value.to_string().chars().take(20).collect()
}
