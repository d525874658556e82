#!/usr/bin/env bash
# plimsoll synth: a seed gives the same bytes, the tape measures as it was made, bad words are told.
# also under asan
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 1
. tests/e2e/lib.sh

synth() { "$PL_BIN" synth "$@" >>"$scratch/out" 2>>"$scratch/err"; }

expect "a tape of a minute" 0 '1 market, 60 s, [0-9]+ messages' -- \
    "$PL_BIN" synth -o "$scratch/one.tape" --duration 60s
synth -o "$scratch/same.tape" --duration 1m --seed 1 --profile btcusdt --markets 1
synth -o "$scratch/other.tape" --duration 1m --seed 2
if [ -s "$scratch/one.tape" ] && cmp -s "$scratch/one.tape" "$scratch/same.tape"; then
    ok "the same seed gives the same bytes"
else
    not_ok "the same seed gives the same bytes"
fi
if cmp -s "$scratch/one.tape" "$scratch/other.tape"; then
    not_ok "another seed gives another tape"
else
    ok "another seed gives another tape"
fi

expect "three markets of two profiles" 0 '"markets": 3' -- "$PL_BIN" synth --json \
    -o "$scratch/three.tape" --duration 20s --markets 3 --profile btcusdt,ethusdt --symbol LEAD \
    --start 2026-03-01T07:59:50Z --snapshot-every 5s --lag 50ms --common 0.5 --rate 2
expect "their names" 0 'LEAD +ETHUSDT +ETHUSDT-2' -- \
    "$PL_BIN" synth --measure "$scratch/three.tape"
expect "--measure --json is JSON" 0 '^3 20$' -- bash -c '"$1" synth --measure --json "$2" |
    python3 -c "import json, sys; d = json.load(sys.stdin); print(len(d), round(d[0][\"duration\"], 1))"' \
    _ "$PL_BIN" "$scratch/three.tape"

expect "no tape named" 2 "-o OUT.tape" -- "$PL_BIN" synth
expect "no such profile" 2 "dogeusdt" -- "$PL_BIN" synth -o "$scratch/x.tape" --profile dogeusdt
expect "no such option" 2 "--sede" -- "$PL_BIN" synth -o "$scratch/x.tape" --sede 3
expect "a seed that is not one" 2 "whole number" -- "$PL_BIN" synth -o "$scratch/x.tape" --seed -1
expect "a date that is not one" 2 "2026-13-01" -- \
    "$PL_BIN" synth -o "$scratch/x.tape" --start 2026-13-01
expect "no duration" 2 "duration" -- "$PL_BIN" synth -o "$scratch/x.tape" --duration 0s
expect "a unit that is not one" 2 "3 fortnights" -- \
    "$PL_BIN" synth -o "$scratch/x.tape" --duration "3 fortnights"
expect "too many markets" 2 "0 to 16" -- "$PL_BIN" synth -o "$scratch/x.tape" --markets 17
expect "a rate out of range" 2 "0.01 to 100" -- "$PL_BIN" synth -o "$scratch/x.tape" --rate 1e9
expect "a folder that is not there" 4 "cannot create" -- \
    "$PL_BIN" synth -o "$scratch/none/x.tape" --duration 1s
expect "nothing to measure" 2 "which files" -- "$PL_BIN" synth --measure
if [ -e "$scratch/x.tape" ] || [ -e "$scratch/x.tape.part" ]; then
    not_ok "a refused command leaves no file"
else
    ok "a refused command leaves no file"
fi

finish
