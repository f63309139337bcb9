#!/usr/bin/env bash
# Prints an access token for trying out the stack of docker-compose.yml: token.sh [SUBJECT]
# The subject is the external id of a person, or one of the administrators in waymark.toml. Needs OpenSSL 3.
set -euo pipefail

key="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)/secrets/issuer-private-key.pem"
subject="${1:-admin}"
if [[ ! "$subject" =~ ^[A-Za-z0-9._@-]+$ ]]; then
  echo "token.sh: a subject has letters, digits and . _ @ - only" >&2
  exit 2
fi
if [[ ! -r "$key" ]]; then
  echo "token.sh: there is no key $key; run secrets.sh first" >&2
  exit 1
fi

base64url() { openssl base64 -A | tr '+/' '-_' | tr -d '='; }

# As waymark.toml says: who issues, for whom, and for 60 minutes at most.
now="$(date +%s)"
claims="$(printf '{"iss":"urn:waymark:compose","aud":"waymark","sub":"%s","iat":%d,"exp":%d}' \
  "$subject" "$now" "$((now + 3600))")"
signed="$(printf '{"alg":"EdDSA","typ":"at+jwt"}' | base64url).$(printf '%s' "$claims" | base64url)"

# Ed25519 signs the whole text at once, and OpenSSL therefore wants it as a file.
file="$(mktemp)"
trap 'rm -f "$file"' EXIT
printf '%s' "$signed" >"$file"
printf '%s.%s\n' "$signed" "$(openssl pkeyutl -sign -inkey "$key" -rawin -in "$file" | base64url)"
