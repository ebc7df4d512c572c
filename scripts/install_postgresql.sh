#!/usr/bin/env bash
# Encrypted connections are tested against a PostgreSQL server built with OpenSSL, which the embedded one is not: use the
# one that is there, or install one.
set -euo pipefail
for postgres in "$(command -v postgres || true)" /usr/lib/postgresql/*/bin/postgres; do
    [ -x "$postgres" ] && exit 0
done
if command -v apt-get >/dev/null && { [ "$(id -u)" = 0 ] || sudo -n true 2>/dev/null; }; then
    echo "installing PostgreSQL for the test of encrypted connections"
    sudo=""
    [ "$(id -u)" = 0 ] || sudo="sudo -n"
    $sudo apt-get update -qq
    DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -qq --no-install-recommends postgresql openssl >/dev/null
else
    echo "no PostgreSQL server with OpenSSL here, and none can be installed without root: tests/acceptance/test_tls.py will fail"
fi
