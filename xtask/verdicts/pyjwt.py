"""The verdicts of PyJWT about the tokens of a file, one in each line."""

import json
import sys

import jwt


def verdict(token, settings, keys):
    try:
        kid = jwt.get_unverified_header(token).get("kid")
    except Exception as error:
        return {"refused": refusal(error)}
    refused = "no key"
    for key in keys:
        if kid is not None and kid != key.key_id:
            continue
        try:
            claims = jwt.decode(
                token,
                key,
                algorithms=[key.algorithm_name],
                audience=settings["audience"],
                issuer=settings["issuer"],
                options={"require": ["exp", "iss", "aud", "client_id"]},
            )
        except Exception as error:
            refused = refusal(error)
        else:
            return {"read": [text(claims.get(name)) for name in settings["claims"]]}
    return {"refused": refused}


def text(value):
    # A lone surrogate has no form in UTF-8.
    return value.encode(errors="replace").decode() if isinstance(value, str) else None


def refusal(error):
    return f"{type(error).__name__}: {error}"[:200]


with open(sys.argv[1], encoding="utf-8") as file:
    settings = json.loads(next(file))
    keys = [jwt.PyJWK(jwk) for jwk in settings["jwks"]["keys"]]
    for line in file:
        print(json.dumps(verdict(json.loads(line)["token"], settings, keys)))
