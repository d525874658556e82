#!/usr/bin/env bash
# plimsoll import and export: files in, tape, files out; bad rows and damaged files are told.
# also under asan
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 1
. tests/e2e/lib.sh

capture=$scratch/btcusdt.txt
{
    echo '1680652700000001 {"lastUpdateId": 100, "E": 1680652700000, "T": 1680652699990, "bids": [["28145.10", "3.818"]], "asks": [["28145.20", "6.887"]]}'
    for i in 1 2 3 4 5 6 7 8; do
        echo "168065270$i""000001 {\"stream\":\"btcusdt@depth@0ms\",\"data\":{\"e\":\"depthUpdate\",\"E\":168065270$i""000,\"T\":168065270$i""000,\"s\":\"BTCUSDT\",\"U\":$((100 + i)),\"u\":$((100 + i)),\"pu\":$((99 + i)),\"b\":[[\"28144.$i""0\",\"1.00$i\"]],\"a\":[]}}"
        echo "168065270$i""000002 {\"stream\":\"btcusdt@trade\",\"data\":{\"e\":\"trade\",\"E\":168065270$i""000,\"T\":168065270$i""000,\"s\":\"BTCUSDT\",\"t\":$i,\"p\":\"28145.20\",\"q\":\"0.010\",\"X\":\"MARKET\",\"m\":false}}"
    done
} >"$capture"

expect "a capture" 0 'binance-usdm BTCUSDT linear, tick 0.1 .inferred., lot 0.001' -- \
    "$PL_BIN" import -o "$scratch/a.tape" "$capture"
gzip -k "$capture"
expect "the same packed" 0 '17 with 18 rows' -- "$PL_BIN" import -o "$scratch/b.tape" "$capture.gz"
if cmp -s "$scratch/a.tape" "$scratch/b.tape"; then
    ok "plain and packed give the same tape"
else
    not_ok "plain and packed give the same tape"
fi
expect "from standard input" 0 '17 with 18 rows' -- \
    bash -c '"$1" import -o "$2" - <"$3"' _ "$PL_BIN" "$scratch/c.tape" "$capture.gz"
expect "the report is JSON" 0 '^17 0 0.1$' -- bash -c '"$1" import --json -o "$2" "$3" |
    python3 -c "import json, sys; d = json.load(sys.stdin); print(d[\"messages\"], d[\"bad\"], d[\"markets\"][0][\"tick\"])"' \
    _ "$PL_BIN" "$scratch/c.tape" "$capture"

sed '4s/28144/28x44/; 5s/"t":2/"t":/' "$capture" >"$scratch/bad.txt"
expect "bad rows are located" 0 'bad\.txt:5: byte [0-9]+: .*damaged' -- \
    "$PL_BIN" import -o "$scratch/c.tape" "$scratch/bad.txt"
expect "and counted, and the loss of a depth message is a gap" 0 '^gaps +1$' -- \
    "$PL_BIN" import -o "$scratch/c.tape" "$scratch/bad.txt"
expect "--strict stops" 3 'bad\.txt:[45]' -- \
    "$PL_BIN" import --strict -o "$scratch/d.tape" "$scratch/bad.txt"
if [ -e "$scratch/d.tape" ] || [ -e "$scratch/d.tape.part" ]; then
    not_ok "a stopped import leaves no tape"
else
    ok "a stopped import leaves no tape"
fi
expect "a tick of the user's is kept to" 0 'tick 0\.5, ' -- \
    "$PL_BIN" import --tick 0.5 --lot 0.001 -o "$scratch/c.tape" "$capture"
head -c 300 "$capture.gz" >"$scratch/cut.gz"
expect "a file cut in the middle" 3 'ends in the middle' -- \
    "$PL_BIN" import -o "$scratch/c.tape" "$scratch/cut.gz"
expect "no such file" 4 'no-such-file' -- "$PL_BIN" import -o "$scratch/c.tape" no-such-file
expect "no such format" 2 'no such format' -- \
    "$PL_BIN" import --format f99 -o "$scratch/c.tape" "$capture"
expect "no output named" 2 'plimsoll import -o' -- "$PL_BIN" import "$capture"
echo hello >"$scratch/hello"
expect "no market data" 3 'no format' -- "$PL_BIN" import -o "$scratch/c.tape" "$scratch/hello"
expect "a folder" 2 'is a directory' -- "$PL_BIN" import -o "$scratch/c.tape" "$scratch"
expect "the tape cannot be written" 4 'nowhere' -- \
    "$PL_BIN" import -o "$scratch/nowhere/c.tape" "$capture"

expect "csv" 0 '^1680652699990000000,[0-9]+,BTCUSDT,snapshot,bid,28145.1,3.818,100,0,0$' -- \
    "$PL_BIN" export -o - "$scratch/a.tape"
expect "npz" 0 '20 rows' -- "$PL_BIN" export -o "$scratch/a.npz" "$scratch/a.tape"
expect "npz back in" 0 '17 with 18 rows' -- "$PL_BIN" import -o "$scratch/e.tape" "$scratch/a.npz"
expect "an npz is a zip of one array" 0 '^data.npy$' -- \
    python3 -c 'import sys, zipfile; print(*zipfile.ZipFile(sys.argv[1]).namelist())' "$scratch/a.npz"
expect "no form named" 2 '--to' -- "$PL_BIN" export -o "$scratch/a.xyz" "$scratch/a.tape"
expect "no such market" 4 'ETHUSDT' -- \
    "$PL_BIN" export --symbol ETHUSDT -o "$scratch/x.npz" "$scratch/a.tape"
finish
