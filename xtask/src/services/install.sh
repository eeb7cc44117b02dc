#!/bin/sh
# Installs a Debian package, and keeps the service that it brings from starting.
#
# usage: install.sh POLICY PACKAGE [FIRST FILE LINE]
# POLICY is the path of policy-rc.d, which invoke-rc.d asks before it starts a service.
# Where PACKAGE looks into a configuration while it is installed, FIRST is the package that brings it, FILE its path, and LINE stands in
# it for that time.
# A shell cleans up after a Ctrl-C, too: it hears it together with apt-get.
set -eu
policy=$1
package=$2
first=${3-}
file=${4-}
line=${5-}
mark='# Stands here while `cargo xtask test` installs a package.'
export DEBIAN_FRONTEND=noninteractive

# Both know what is ours by its mark, whichever run has left it.
clean_up() {
    if [ -f "$policy" ] && grep -qF "$mark" "$policy"; then
        rm -f "$policy"
    fi
    if [ -f "$file" ] && grep -qF "$mark" "$file"; then
        sed -i "/$mark\$/d" "$file"
    fi
}

install() {
    apt-get install --yes --no-install-recommends "$1"
}

# Without package lists, or with old ones, new ones tell where the package is.
provide() {
    if apt-cache show "$1" >/dev/null 2>&1 && install "$1"; then
        return
    fi
    apt-get update
    install "$1"
}

trap clean_up EXIT
trap 'exit 1' HUP INT TERM
clean_up
# One that the machine has is left as it is.
if [ ! -e "$policy" ] && [ ! -L "$policy" ]; then
    printf '#!/bin/sh\n%s\nexit 101\n' "$mark" >"$policy"
    chmod 755 "$policy"
fi
if [ -n "$file" ]; then
    [ -e "$file" ] || provide "$first"
    # Behind all others, where it prevails; the last of them may have no end.
    [ -z "$(tail -c 1 "$file")" ] || echo >>"$file"
    printf '%s %s\n' "$line" "$mark" >>"$file"
fi
provide "$package"
