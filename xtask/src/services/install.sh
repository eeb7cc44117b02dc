#!/bin/sh
# Installs a Debian package, and keeps the service that it brings from starting.
#
# usage: install.sh POLICY PACKAGE, with POLICY the path of policy-rc.d, which invoke-rc.d asks before it starts a service.
# A shell cleans up after a Ctrl-C, too: it hears it together with apt-get.
set -eu
policy=$1
package=$2
mark='# Stands here while `cargo xtask test` installs a package.'
export DEBIAN_FRONTEND=noninteractive

# One that the machine has is left as it is; one of ours was left over by a power cut.
if { [ ! -e "$policy" ] && [ ! -L "$policy" ]; } || grep -qF "$mark" "$policy"; then
    trap 'rm -f "$policy"' EXIT
    trap 'exit 1' HUP INT TERM
    printf '#!/bin/sh\n%s\nexit 101\n' "$mark" >"$policy"
    chmod 755 "$policy"
fi

install() {
    apt-get install --yes --no-install-recommends "$package"
}

# Without package lists, or with old ones, new ones tell where the package is.
if apt-cache show "$package" >/dev/null 2>&1 && install; then
    exit 0
fi
apt-get update
install
