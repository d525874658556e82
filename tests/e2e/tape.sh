#!/usr/bin/env bash
# plimsoll tape: looks, checks, prints, cuts and merges; damage is told and has its exit code.
# also under asan
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 1
. tests/e2e/lib.sh

tape() { "$PL_BIN" tape "$@"; }
a=$scratch/a.tape

"$PL_BIN" synth -o "$a" --duration 60s --start 2026-01-05T00:00:00Z >/dev/null
"$PL_BIN" synth -o "$scratch/b.tape" --duration 60s --start 2026-01-05T00:00:30Z --seed 2 >/dev/null

expect "info" 0 'venue +2026-01-05T00:00' -- tape info "$a"
expect "info of two" 0 'b.tape' -- tape info "$a" "$scratch/b.tape"
expect "info --json is JSON" 0 '^raw|^floor|^moving' -- bash -c '"$1" tape info --json "$2" |
    python3 -c "import json, sys; print(json.load(sys.stdin)[\"clock\"])"' _ "$PL_BIN" "$a"
expect "verify" 0 ': good: ' -- tape verify "$a" "$scratch/b.tape"
expect "verify --time" 0 'without hash checks +[0-9.]+ M rows/s' -- tape verify --time "$a"
expect "head" 0 '^2026-01-05T00:00:00.* (bid|ask|buy|sell) ' -- tape head -n 3 "$a"
expect "head from a time" 0 '^2026-01-05T00:00:3' -- tape head -n 1 --from 2026-01-05T00:00:30 "$a"
expect "head --json: one object a line" 0 '^5$' -- bash -c '"$1" tape head --json -n 5 "$2" |
    python3 -c "import json, sys; print(len([json.loads(l) for l in sys.stdin]))"' _ "$PL_BIN" "$a"

expect "cut in two" 0 -- tape cut --to 2026-01-05T00:00:20 -o "$scratch/1.tape" "$a"
expect "the other part" 0 -- tape cut --from 2026-01-05T00:00:20 -o "$scratch/2.tape" "$a"
expect "and merged again" 0 '1 markets' -- \
    tape merge -o "$scratch/12.tape" "$scratch/2.tape" "$scratch/1.tape"
tape head -n 1000000 --rows 1000 --raw "$a" >"$scratch/whole.txt"
tape head -n 1000000 --rows 1000 --raw "$scratch/12.tape" >"$scratch/joined.txt"
if [ -s "$scratch/whole.txt" ] && cmp -s "$scratch/whole.txt" "$scratch/joined.txt"; then
    ok "the parts merged are the whole"
else
    not_ok "the parts merged are the whole"
fi
tape cut --to 2026-01-05T00:00:10 -o "$scratch/short.tape" "$a" >/dev/null
expect "a reader made from docs/tape.md alone agrees" 0 'rows: equal' -- \
    python3 tests/e2e/tape_reader.py "$PL_BIN" "$scratch/short.tape"
expect "nothing is overwritten" 4 'exists' -- tape merge -o "$a" "$scratch/1.tape" "$scratch/2.tape"

size=$(stat -c %s "$a")
head -c $((size * 2 / 3)) "$a" >"$scratch/cut.tape"
expect "a cut tape says what is lost" 0 'damage +the tape has no end' -- tape info "$scratch/cut.tape"
expect "a cut tape is not good" 5 'fault: 1 cut' -- tape verify "$scratch/cut.tape"
cp "$a" "$scratch/flip.tape"
printf '\377\377\377\377' | dd of="$scratch/flip.tape" bs=1 seek=$((size / 2)) conv=notrunc 2>/dev/null
expect "a damaged tape names the block" 5 'block [0-9]+ at byte [0-9]+' -- \
    tape verify "$scratch/flip.tape"
expect "and cannot be read" 3 'block [0-9]+ at byte [0-9]+ fails its checksum' -- \
    tape info "$scratch/flip.tape"
head -c 10 "$a" >"$scratch/ten.tape"
expect "cut in its header" 3 'cut inside its header' -- tape info "$scratch/ten.tape"
expect "not a tape" 3 'not a tape' -- tape info tests/e2e/tape.sh
expect "no such tape" 4 'cannot open' -- tape verify "$scratch/none.tape"
expect "a folder" 4 'regular file' -- tape verify "$scratch"

expect "help" 0 'example: plimsoll tape' -- tape --help
expect "help of an action" 0 'example: plimsoll tape' -- tape cut --help
expect "no action" 2 'info, verify' -- tape
expect "no such action" 2 "'infos'" -- tape infos "$a"
expect "no tape" 2 'needs a tape' -- tape info
expect "an option of another action" 2 'does not take' -- tape info --time "$a"
expect "a time that is not one" 2 'yesterday' -- tape head --from yesterday "$a"
expect "a count that is not one" 2 "'-3'" -- tape head -n -3 "$a"
expect "a rule that is not one" 2 'raw, floor or moving' -- \
    tape merge --clock none -o "$scratch/x.tape" "$a" "$a"
expect "cut without a range" 2 'from or --to' -- tape cut -o "$scratch/x.tape" "$a"
expect "merge of one" 2 'two tapes' -- tape merge -o "$scratch/x.tape" "$a"
expect "a range that ends before it begins" 2 'ends before it begins' -- \
    tape cut --from 2026-01-06 --to 2026-01-05 -o "$scratch/x.tape" "$a"
if [ -e "$scratch/x.tape" ] || [ -e "$scratch/x.tape.part" ]; then
    not_ok "a refused command leaves no file"
else
    ok "a refused command leaves no file"
fi

finish
