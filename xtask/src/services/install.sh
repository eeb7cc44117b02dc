#!/bin/sh
# Installs Debian packages, and keeps the services that they bring from starting meanwhile.
#
# usage: install.sh POLICY PACKAGE…
# POLICY is the path of policy-rc.d, which invoke-rc.d asks before it starts a service. One that the machine has is left as it is.
set -eu
policy=$1
shift

if [ ! -e "$policy" ] && [ ! -L "$policy" ]; then
    # A shell cleans up after a Ctrl-C, too: it hears it together with apt-get.
    trap 'rm -f "$policy"' EXIT
    trap 'exit 1' HUP INT TERM
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod 755 "$policy"
fi
export DEBIAN_FRONTEND=noninteractive
# Without new package lists the old ones may do.
apt-get update || :
apt-get install --yes --no-install-recommends "$@"
