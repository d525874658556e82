#!/usr/bin/env python3
"""plimsoll export against hftbacktest's own converter, row by row: event, exchange time, price, size.

Local times differ by one constant: both shift them so that the smallest latency is zero, but the peer
looks at depth and trades only, and a tape also holds the faster bookTicker.

usage: export_npz.py      (PL_BIN: the binary; PL_DATA: market data; needs hftbacktest)
"""
import contextlib
import io
import os
import subprocess
import sys
import tempfile

import numpy as np
from hftbacktest.data.utils import binancefutures

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BINARY = os.environ.get("PL_BIN", os.path.join(ROOT, "build", "release", "plimsoll"))
DATA = os.environ.get("PL_DATA", os.path.join(ROOT, "..", "shared", "data"))
FILES = [
    "tick/binance-usdm/btcusdt_20240808.gz",
    "tick/binance-usdm/ethusdt_20240718.gz",
    "tick/binance-coinm/btcusd_perp_20240808.gz",
]


def ours(path, folder):
    out = os.path.join(folder, "ours.npz")
    subprocess.run([BINARY, "export", "-o", out, path], check=True, stdout=subprocess.DEVNULL)
    return np.load(out)["data"]


def theirs(path):
    with contextlib.redirect_stdout(io.StringIO()):
        return binancefutures.convert(path, combined_stream=True)


def differences(a, b):
    if len(a) != len(b):
        return f"{len(a)} rows against {len(b)}"
    for name in ("ev", "exch_ts", "px", "qty"):
        rows = np.nonzero(a[name] != b[name])[0]
        if len(rows):
            return f"{len(rows)} rows differ in {name}, first {rows[0]}: {a[rows[0]]} {b[rows[0]]}"
    shift = np.unique(a["local_ts"] - b["local_ts"])
    return "" if len(shift) == 1 else f"local times differ by {len(shift)} different amounts"


def main():
    passed = failed = 0
    with tempfile.TemporaryDirectory() as folder:
        for name in FILES:
            path = os.path.join(DATA, name)
            if not os.path.exists(path):
                print(f"SKIPPED: no market data at {name}")
                continue
            words = differences(ours(path, folder), theirs(path))
            print(f"{'FAILED' if words else 'ok'}: {name} {words}")
            passed, failed = passed + (not words), failed + bool(words)
    print(f"{passed} passed, {failed} failed")
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
