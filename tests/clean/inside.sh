#!/bin/sh
# What run.sh does on the bare machine.
set -eu
seconds() { echo "$(($(date +%s) - began)) seconds: $1"; }

began=$(date +%s)
git clone --quiet /ruggespraak.bundle ~/ruggespraak
cd ~/ruggespraak
git log -1 --format='commit %h, %cs'

for target; do
    case $target in
    demo)
        : >~/demo.log
        make demo >>~/demo.log 2>&1 &
        demo=$!
        until page=$(grep -o 'http://127[0-9.:]*/' ~/demo.log) \
            && python3 -c 'import sys, urllib.request as u; u.urlopen(sys.argv[1])' "$page"; do
            kill -0 "$demo" 2>/dev/null || { cat ~/demo.log; exit 1; }
            sleep 0.2
        done
        seconds "from the clone until make demo served its first page"
        kill "$demo"
        wait "$demo" 2>/dev/null || true
        ;;
    test)
        began=$(date +%s)
        make test || { seconds "make test failed"; exit 1; }
        seconds "make test"
        ;;
    *)
        echo "demo or test, not $target" >&2
        exit 2
        ;;
    esac
done
