#!/bin/sh
# Makes what docker-compose.yml asks for and what is this machine's: passwords in docker/secrets and settings in .env.
# What is there already stays, so it may be repeated.
set -eu
cd "$(dirname "$0")/.."
umask 077
mkdir -p docker/secrets

# The containers' users read the passwords as members of this group; nobody else enters the folder.
group=$(id -g)
[ "$group" != 0 ] || group=10001
for name in owner worker dashboard; do
    file=docker/secrets/$name
    [ -s "$file" ] || od -An -N24 -tx1 /dev/urandom | tr -d ' \n' > "$file"
    chgrp "$group" "$file"
    chmod 640 "$file"
done

set_default() {
    grep -qs "^$1=" .env || echo "$1=$2" >> .env
}
set_default HPO_SECRETS_GID "$group"
set_default HPO_HOST "$(uname -n)"
echo "passwords are in docker/secrets, settings in .env"
