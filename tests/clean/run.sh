#!/bin/sh
# What somebody new gets: on a bare Debian with git, make and python3, and nothing else, this repository is cloned, and
# `make demo` and `make test` are run and timed.
#
#   sudo tests/clean/run.sh [--base FOLDER] [demo] [test]
#
# FOLDER is such a Debian that is there already; it is copied. Else debootstrap makes one. Only what is committed is
# tried. What is mounted and started lives in namespaces of its own: however this ends, none of it stays.
set -eu
here=$(cd "$(dirname "$0")" && pwd)

if [ "${1-}" != --inside ]; then
    [ "$(id -u)" = 0 ] || { echo "Only root may make another root folder: sudo $0" >&2; exit 2; }
    folder=$(mktemp -d -t clean.XXXXXX)
    trap 'rm -rf --one-file-system "$folder"' EXIT
    trap 'kill -KILL "$tried"; exit 1' INT TERM # unshare itself heeds nothing less
    unshare --mount --pid --fork --kill-child "$here/run.sh" --inside "$folder" "$@" &
    tried=$!
    wait "$tried"
    exit
fi

root=$2/root
shift 2
if [ "${1-}" = --base ]; then
    cp -a "$2" "$root"
    shift 2
else
    mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' | head -n 1)
    debootstrap --include=git,make,python3,ca-certificates bookworm "$root" "$mirror" >"$root.log" \
        || { tail -n 20 "$root.log" >&2; exit 1; }
fi
[ $# != 0 ] || set -- demo test

# How this machine reaches the network.
for setting in /etc/resolv.conf /etc/hosts /etc/ssl/certs/ca-certificates.crt /etc/pip.conf /etc/uv /etc/apt/apt.conf.d
do
    [ ! -e "$setting" ] || cp -rLT "$setting" "$root$setting"
done
proxies=$(env | grep -iE '^(http|https|no)_proxy=' || true)

git -c safe.directory='*' -C "$here" bundle create --quiet "$root/ruggespraak.bundle" HEAD --branches
cp "$here/inside.sh" "$root"
mount -t proc proc "$root/proc"
mount --rbind /sys "$root/sys"
mount --rbind /dev "$root/dev"
exec chroot "$root" env -i $proxies HOME=/root LANG=C.UTF-8 PATH=/usr/sbin:/usr/bin:/sbin:/bin /inside.sh "$@"
