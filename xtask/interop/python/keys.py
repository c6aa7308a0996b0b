"""Keys of authorization servers, and certificates."""

import datetime
import ipaddress
import json

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm


def certify(folder):
    """A certificate for 127.0.0.1 that is its own authority, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "interop")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    pem, plain = serialization.Encoding.PEM, serialization.NoEncryption()
    (folder / "certificate.pem").write_bytes(certificate.public_bytes(pem))
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain)
    (folder / "certificate-key.pem").write_bytes(private)
    return folder / "certificate.pem", folder / "certificate-key.pem"


class Keys:
    """The private keys of a server, one of each kind."""

    def __init__(self, name):
        self.name = name
        self.ec = ec.generate_private_key(ec.SECP256R1())
        self.rsa = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.ed = ed25519.Ed25519PrivateKey.generate()

    def jwks(self):
        kinds = {"ec": (ECAlgorithm, self.ec), "rsa": (RSAAlgorithm, self.rsa), "ed": (OKPAlgorithm, self.ed)}
        for kind, (algorithm, key) in kinds.items():
            jwk = algorithm.to_jwk(key, as_dict=True)
            # They name what a private key can do, and are published as they are.
            jwk.pop("key_ops", None)
            yield jwk | {"kid": f"{self.name}-{kind}", "use": "sig"}

    def write(self, file):
        Keys.write_all([self], file)

    @staticmethod
    def write_all(sets, file):
        file.write_text(json.dumps({"keys": [jwk for keys in sets for jwk in keys.jwks()]}))
