#!/usr/bin/env bash
# Makes the secrets of docker-compose.yml in the folder `secrets` beside this file. What is there already stays.
set -euo pipefail

here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
folder="$here/secrets"
umask 077
mkdir -p "$folder"
# Compose shows each container the file as it is, and a container that runs as its own user, without the right
# to read what is another's, must be able to read it. So the folder keeps everybody else out.
chmod 700 "$folder"

# secret NAME MODE COMMAND...: keeps what the command prints, if there is nothing yet.
secret() {
  local file="$folder/$1" mode="$2"
  shift 2
  if [[ ! -s "$file" ]]; then
    "$@" >"$file.new"
    chmod "$mode" "$file.new"
    mv "$file.new" "$file"
    echo "made $file"
  fi
}

secret postgres-password 444 openssl rand -hex 32
secret database-password 444 openssl rand -hex 32
secret database-url 444 printf 'postgres://waymark:%s@postgres:5432/waymark\n' "$(<"$folder/database-password")"
secret cursor-secret 444 openssl rand 32
# Opens what is sealed in the database: keep a copy where its backups are not.
secret master-key 444 openssl rand -base64 32
# No container needs the private key: it signs tokens for trying out, and stays with its owner.
secret issuer-private-key.pem 600 openssl genpkey -algorithm ed25519
secret issuer-public-key.pem 444 openssl pkey -in "$folder/issuer-private-key.pem" -pubout

cat <<END
The secrets are in $folder.
For trying out, deploy/compose/token.sh prints a token of an administrator, valid for an hour. In production the
organisation's own OIDC provider signs the tokens: name it in deploy/compose/waymark.toml ([[auth.issuers]], without
public_key_file), and delete issuer-private-key.pem.
END
