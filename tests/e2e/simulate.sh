#!/usr/bin/env bash
# plimsoll simulate avellaneda: every row within 4 standard errors of its exact value at 100,000
# paths, with the table's printed figures, and the same bytes for any number of threads.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 1
. tests/e2e/lib.sh

simulate() { "$PL_BIN" simulate avellaneda "$@"; }

expect "all rows within 4 standard errors" 0 'largest distance: [0-3]\.[0-9]+' -- \
    "$PL_BIN" simulate avellaneda --paths 100000 --check
for line in 'paper +0\.1 inventory +1\.4918 +64\.8925 +6\.5432 +0\.0000 +2\.9268 +96\.9630' \
    'paper +1 symmetric +3\.0317 +43\.6853 +10\.7332 +0\.0000 +5\.1714 +28\.8195' \
    'variant +0\.01 inventory +0\.0267 +2\.9119 +4\.9931 +0\.0000 +4\.2844 +275\.0145' \
    'fixed +0\.1 symmetric +1\.2908 +68\.6351 +13\.7639 +0\.0000 +8\.8359 +106\.3475'; do
    expect "exact: $line" 0 "^$line$" -- "$PL_BIN" simulate avellaneda --exact
done

simulate --paths 20000 --seed 4 --threads 1 --json >"$scratch/one" 2>"$scratch/err"
simulate --paths 20000 --seed 4 --threads 5 --json >"$scratch/five" 2>>"$scratch/err"
simulate --paths 20000 --seed 5 --threads 1 --json >"$scratch/other" 2>>"$scratch/err"
if [ -s "$scratch/one" ] && cmp -s "$scratch/one" "$scratch/five"; then
    ok "one thread and five give the same bytes"
else
    not_ok "one thread and five give the same bytes"
fi
if cmp -s "$scratch/one" "$scratch/other"; then
    not_ok "another seed gives other figures"
else
    ok "another seed gives other figures"
fi
expect "--json is JSON with 18 rows" 0 '^18$' -- \
    python3 -c 'import json, sys; print(len(json.load(open(sys.argv[1]))["rows"]))' "$scratch/one"

expect "no model" 2 "avellaneda" -- "$PL_BIN" simulate
expect "one path has no spread" 2 "paths is '1'" -- "$PL_BIN" simulate avellaneda --paths 1
expect "a form that is not one" 2 "papier" -- "$PL_BIN" simulate avellaneda --form paper,papier
expect "a gamma that is not one" 2 "1,,2" -- "$PL_BIN" simulate avellaneda --gamma 1,,2
expect "--check of nothing" 2 "exact" -- "$PL_BIN" simulate avellaneda --exact --check

finish
