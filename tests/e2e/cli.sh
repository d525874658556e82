#!/usr/bin/env bash
# also under asan
# The command line as a person meets it: help, versions, mistakes, exit codes (docs/errors.md).
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 1
. tests/e2e/lib.sh

verbs=$(sed -n 's/^\.It Cm \([a-z]*\)$/\1/p' docs/plimsoll.1)
version=$(sed -n 's/^project(plimsoll VERSION \([0-9.]*\) .*/\1/p' CMakeLists.txt)

expect "no arguments is a mistake, and says how to go on" 2 'help' -- "$PL_BIN"
expect "--version" 0 "^plimsoll $version" -- "$PL_BIN" --version
expect "--help" 0 'demo' -- "$PL_BIN" --help
for verb in $verbs; do
    expect "--help names $verb" 0 "(^|[[:space:]])$verb([[:space:]]|$)" -- "$PL_BIN" --help
    expect "$verb --help has an example" 0 "plimsoll $verb" -- "$PL_BIN" "$verb" --help
    expect "$verb refuses an option it does not know" 2 'no-such-option' -- "$PL_BIN" "$verb" --no-such-option
done
expect "an unknown verb" 2 'bactest' -- "$PL_BIN" bactest
expect "an unknown strategy" 2 'no_such_maker' -- "$PL_BIN" backtest --data x.tape --strategy no_such_maker
expect "a file that is not there" 4 'not-there.tape' -- \
    "$PL_BIN" backtest --data "$scratch/not-there.tape" --strategy reference
head -c 4096 /dev/zero >"$scratch/zero.tape"
expect "a file that is no market data" 3 'zero.tape' -- \
    "$PL_BIN" backtest --data "$scratch/zero.tape" --strategy reference
expect "a full disk is told" 4 '' -- sh -c '"$0" strategies >/dev/full' "$PL_BIN"

finish
