//! Signatures, and what is almost one: RFC 7518 §3, RFC 8725 §3.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use mcp::JwtAlgorithm;

use super::Verdict::{Accepted, Invalid};
use super::{ALGORITHMS, Kit, Vector, vector};

pub(super) fn vectors(kit: &Kit) -> Vec<Vector> {
    let mut table = Vec::new();
    for algorithm in ALGORITHMS {
        table.extend(of_algorithm(kit, algorithm));
    }
    table.extend(of_ecdsa(kit));
    table.extend(of_eddsa(kit));
    table.extend(of_others(kit));
    table
}

/// Good, and with something wrong in each part.
fn of_algorithm(kit: &Kit, algorithm: JwtAlgorithm) -> Vec<Vector> {
    let token = kit.good().algorithm(algorithm);
    let good = token.mint();
    let (signed, signature) = split(&good);
    let (h, p) = signed.split_once('.').expect("a token");
    let with = |bytes: &[u8]| join(&signed, bytes);
    let flipped = |index: usize| {
        let mut bytes = signature.clone();
        bytes[index] ^= 1;
        with(&bytes)
    };
    let last = signature.len() - 1;
    let name = |what: &str| format!("{algorithm:?}: {what}");
    let other = kit.good().algorithm(algorithm).subject("someone else").mint();
    let (other_signed, other_signature) = split(&other);
    let other_payload = other_signed.split_once('.').expect("a token").1.to_owned();
    vec![
        vector(Accepted, name("good"), &*good),
        vector(Invalid, name("without a signature"), with(&[])),
        vector(Invalid, name("a signature of one byte"), with(&[0])),
        vector(Invalid, name("a signature of zeros"), with(&vec![0; signature.len()])),
        vector(Invalid, name("a signature of ones"), with(&vec![0xff; signature.len()])),
        vector(Invalid, name("a signature without its last byte"), with(&signature[..last])),
        vector(Invalid, name("a signature without its first byte"), with(&signature[1..])),
        vector(Invalid, name("half a signature"), with(&signature[..signature.len() / 2])),
        vector(Invalid, name("a signature and a zero"), with(&[&signature[..], &[0]].concat())),
        vector(Invalid, name("a zero and a signature"), with(&[&[0], &signature[..]].concat())),
        vector(Invalid, name("a signature twice"), with(&signature.repeat(2))),
        vector(Invalid, name("a bit of the first byte"), flipped(0)),
        vector(Invalid, name("a bit in the middle"), flipped(signature.len() / 2)),
        vector(Invalid, name("a bit of the last byte"), flipped(last)),
        vector(Invalid, name("a signature from behind"), with(&signature.iter().rev().copied().collect::<Vec<_>>())),
        vector(Invalid, name("another payload"), format!("{h}.{other_payload}.{}", URL_SAFE_NO_PAD.encode(&signature))),
        vector(Invalid, name("the signature of another token"), with(&other_signature)),
        vector(Invalid, name("another header"), {
            let header = token.clone().header("x", 1).header_json();
            join(&format!("{}.{p}", URL_SAFE_NO_PAD.encode(header)), &signature)
        }),
        vector(Invalid, name("signed by a stranger"), {
            token.clone().signed_by(&mcp::testing::TestKey::generate(algorithm)).mint()
        }),
    ]
}

fn of_ecdsa(kit: &Kit) -> Vec<Vector> {
    let (signed, signature) = split(&kit.good().mint());
    let (r, s) = signature.split_at(32);
    let with = |r: &[u8], s: &[u8]| join(&signed, &[r, s].concat());
    let zero = [0; 32];
    let mut one = zero;
    one[31] = 1;
    vec![
        vector(Invalid, "ECDSA: r is zero", with(&zero, s)),
        vector(Invalid, "ECDSA: s is zero", with(r, &zero)),
        vector(Invalid, "ECDSA: r is the order", with(&P256_ORDER, s)),
        vector(Invalid, "ECDSA: s is the order", with(r, &P256_ORDER)),
        vector(Invalid, "ECDSA: both are one", with(&one, &one)),
        vector(Invalid, "ECDSA: r and s are swapped", with(s, r)),
        vector(Accepted, "ECDSA: the other s", with(r, &subtract(&P256_ORDER, s))).because(
            "both are valid (FIPS 186-5 §6.4.2), and nothing here takes a signature for the identity of a token",
        ),
        vector(Invalid, "ECDSA: in DER", join(&signed, &der(r, s)))
            .because("RFC 7518 §3.4 has r and s one behind the other"),
    ]
}

fn of_eddsa(kit: &Kit) -> Vec<Vector> {
    let (signed, signature) = split(&kit.good().algorithm(JwtAlgorithm::EdDSA).mint());
    let (r, s) = signature.split_at(32);
    let mut identity = [0; 64];
    identity[0] = 1;
    vec![
        vector(
            Invalid,
            "Ed25519: s and the order",
            join(&signed, &[r, &*add_little_endian(s, &ED25519_ORDER)].concat()),
        )
        .because("RFC 8032 §5.1.7: s is below the order, so that there is one signature only"),
        vector(Invalid, "Ed25519: the identity", join(&signed, &identity)),
    ]
}

fn of_others(kit: &Kit) -> Vec<Vector> {
    let [h, p, _] = kit.parts();
    let sign = |bytes: &str| URL_SAFE_NO_PAD.encode(kit.key.sign(bytes.as_bytes()));
    let theirs = kit.attacker.token(&kit.resource).scopes(["notes:read"]);
    let claims = kit.good().claims_json();
    vec![
        vector(Invalid, "a good token of another issuer", theirs.mint()),
        vector(
            Invalid,
            "a token of another issuer in the name of this one",
            theirs.clone().claim("iss", kit.issuer.url()).mint(),
        ),
        vector(
            Invalid,
            "a token of this issuer in the name of another",
            kit.good().claim("iss", kit.attacker.url()).mint(),
        ),
        vector(Invalid, "a stranger by the name of the issuer's key", kit.good().signed_by(&kit.stranger).mint()),
        vector(Invalid, "the header alone is signed", format!("{h}.{p}.{}", sign(&h))),
        vector(Invalid, "the payload alone is signed", format!("{h}.{p}.{}", sign(&p))),
        vector(Invalid, "the claims are signed before they are encoded", format!("{h}.{p}.{}", sign(&claims))),
        vector(Invalid, "signed with the parts swapped", format!("{h}.{p}.{}", sign(&format!("{p}.{h}")))),
        vector(Invalid, "signed with a dot at the end", format!("{h}.{p}.{}", sign(&format!("{h}.{p}.")))),
    ]
}

const P256_ORDER: [u8; 32] = *b"\xff\xff\xff\xff\x00\x00\x00\x00\xff\xff\xff\xff\xff\xff\xff\xff\
    \xbc\xe6\xfa\xad\xa7\x17\x9e\x84\xf3\xb9\xca\xc2\xfc\x63\x25\x51";

/// In the order of its bytes in a signature: the least first.
const ED25519_ORDER: [u8; 32] =
    *b"\xed\xd3\xf5\x5c\x1a\x63\x12\x58\xd6\x9c\xf7\xa2\xde\xf9\xde\x14\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x10";

fn subtract(from: &[u8; 32], number: &[u8]) -> Vec<u8> {
    let mut borrow = 0;
    let mut out: Vec<u8> = (from.iter().zip(number).rev())
        .map(|(a, b)| {
            let difference = i16::from(*a) - i16::from(*b) - borrow;
            borrow = i16::from(difference < 0);
            u8::try_from(difference.rem_euclid(256)).expect("a byte")
        })
        .collect();
    out.reverse();
    out
}

fn add_little_endian(a: &[u8], b: &[u8; 32]) -> Vec<u8> {
    let mut carry = 0;
    let add = |(a, b): (&u8, &u8)| {
        let sum = u16::from(*a) + u16::from(*b) + carry;
        carry = sum >> 8;
        u8::try_from(sum & 0xff).expect("a byte")
    };
    a.iter().zip(b).map(add).collect()
}

/// `Ecdsa-Sig-Value` (RFC 3279 §2.2.3).
fn der(r: &[u8], s: &[u8]) -> Vec<u8> {
    let integer = |number: &[u8]| {
        let zeros = number.iter().take_while(|byte| **byte == 0).count();
        let number = &number[zeros..];
        let sign: &[u8] = if number[0] >= 0x80 { &[0] } else { &[] };
        let length = u8::try_from(sign.len() + number.len()).expect("a short number");
        [&[2, length], sign, number].concat()
    };
    let content = [integer(r), integer(s)].concat();
    [&[0x30, u8::try_from(content.len()).expect("a short sequence")], &content[..]].concat()
}

/// Splits a token into the signed text and the bytes of the signature.
fn split(token: &str) -> (String, Vec<u8>) {
    let (signed, signature) = token.rsplit_once('.').expect("a token");
    (signed.to_owned(), URL_SAFE_NO_PAD.decode(signature).expect("base64url"))
}

fn join(signed: &str, signature: &[u8]) -> String {
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
}
