#!/usr/bin/env bash
# also under asan
# also under tsan
# plimsoll backtest --log: both formats, levels, the same bytes again, and what is refused.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 1
. tests/e2e/lib.sh

"$PL_BIN" synth --duration 70s -o "$scratch/m.tape" >/dev/null || exit 1
run() {
    "$PL_BIN" backtest --data "$scratch/m.tape" --strategy reference --no-report "$@"
}

expect "logfmt" 0 -- run --log "$scratch/a.log" --log-level debug
expect "has its start, a minute and its end" 0 '^3$' -- \
    grep -cE '^time=2026-[^ ]+Z level=(info|debug) event=(run.start|run.end|minute) ' "$scratch/a.log"
expect "the same run, the same bytes" 0 -- run --log "$scratch/b.log" --log-level debug
expect "they are equal" 0 -- cmp "$scratch/a.log" "$scratch/b.log"
expect "JSON lines" 0 -- run --log "$scratch/a.jsonl"
expect "each line is an object with time, level and event" 0 -- python3 -c '
import json, sys
lines = [json.loads(line) for line in open(sys.argv[1])]
assert all({"time", "level", "event"} <= set(line) for line in lines)
assert [lines[0]["event"], lines[-1]["event"]] == ["run.start", "run.end"]' "$scratch/a.jsonl"
expect "a file is appended to" 0 -- run --log "$scratch/b.log"
expect "two runs are in it" 0 '^2$' -- grep -c 'event=run.end ' "$scratch/b.log"
expect "to stderr" 0 'event=run.end' -- run --log -
expect "only errors" 0 -- run --log "$scratch/quiet.log" --log-level error
expect "there were none" 0 -- test ! -s "$scratch/quiet.log"
expect "a run that fails says so in its log" 4 'event=run.failed code=IO' -- \
    "$PL_BIN" backtest --data "$scratch/none.tape" --strategy reference --log -
expect "a level that is none" 2 'debug, info, warn or error' -- run --log - --log-level loud
expect "a log of a sweep" 2 'one run' -- run --log - --sweep offset=0..2
expect "a folder that is not there" 4 'No such file' -- run --log "$scratch/no/such/log"
if [ -e /dev/full ]; then
    expect "a full disk is told, the run counts" 0 'lines could not be written: No space' -- \
        run --log /dev/full
fi
expect "the log is no part of the command" 0 -- sh -c \
    '"$0" backtest --data "$1/m.tape" --strategy reference --json --log "$1/c.log" --out "$1/o" \
        --db "$1/r.db" | grep -q "\"command\":\"plimsoll backtest --data m.tape --strategy reference\""' \
    "$PL_BIN" "$scratch"

finish
