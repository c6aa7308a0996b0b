// The verdicts of jose about the tokens of a file, one in each line.

import { readFileSync } from 'node:fs'
import { createLocalJWKSet, errors, jwtVerify } from 'jose'

const [first, ...lines] = readFileSync(process.argv[2], 'utf8').trimEnd().split('\n')
const settings = JSON.parse(first)
const keys = createLocalJWKSet(settings.jwks)
const options = {
  algorithms: ['ES256', 'ES384', 'EdDSA', 'Ed25519', 'RS256', 'PS256'],
  audience: settings.audience,
  issuer: settings.issuer,
  requiredClaims: ['exp', 'iss', 'aud', 'client_id'],
  typ: 'at+jwt',
}

function read({ payload }) {
  // A lone surrogate has no form in UTF-8.
  const text = (value) => (typeof value === 'string' ? value.toWellFormed() : null)
  return { read: settings.claims.map((name) => text(payload[name])) }
}

async function verdict(token) {
  try {
    return read(await jwtVerify(token, keys, options))
  } catch (error) {
    // A token without a `kid` may be of any key.
    if (error instanceof errors.JWKSMultipleMatchingKeys) {
      for await (const key of error) {
        try {
          return read(await jwtVerify(token, key, options))
        } catch (inner) {
          error = inner
        }
      }
    }
    return { refused: `${error.code ?? error.name}: ${error.message}`.slice(0, 200) }
  }
}

for (const line of lines) {
  console.log(JSON.stringify(await verdict(JSON.parse(line).token)))
}
