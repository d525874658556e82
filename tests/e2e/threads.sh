#!/usr/bin/env bash
# also under asan
# also under tsan
# Verbs that use several threads, small enough for the sanitizers.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 1
. tests/e2e/lib.sh

"$PL_BIN" simulate avellaneda --paths 300 --form paper --threads 1 --json >"$scratch/one"
for threads in 2 3 7; do
    expect "simulate: $threads threads give what one gives" 0 -- sh -c \
        '"$0" simulate avellaneda --paths 300 --form paper --threads "$1" --json | cmp - "$2"' \
        "$PL_BIN" "$threads" "$scratch/one"
done

finish
