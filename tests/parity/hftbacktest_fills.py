#!/usr/bin/env python3
"""Every fill as the public peer makes it: the reference maker over the F1 futures captures, in
hftbacktest and in `plimsoll backtest --set compat=hftbacktest`. Time, side, price and size of each
fill must be equal, and trades, position, balance, fee and volume.

usage: tests/parity/hftbacktest_fills.py [--full] [--only TEXT]
  --full       all offsets 0..5 and all queue models on every capture (otherwise a part of them)
  --only TEXT  cases whose name contains TEXT
"""
import csv
import gzip
import json
import os
import pathlib
import subprocess
import sys
import tempfile
from decimal import Decimal

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import peer  # noqa: E402

DATA = pathlib.Path(os.environ.get("PL_DATA", peer.ROOT.parent / "shared/data"))
BIN = os.environ.get("PL_BIN", str(peer.ROOT / "build/release/plimsoll"))
OFFSETS = range(6)
MODELS = [("risk", None), ("power2", None), ("power", 3), ("power_total", 2), ("power_ratio", 3),
          ("log", None), ("log_total", None)]
# The peer adds doubles up, our ledger is exact: equal to the last digit that either prints.
TOLERANCE = dict(trades=0, position=5e-10, balance=5e-7, fee=5e-10, volume=5e-10)
USDM, COINM = "tick/binance-usdm", "tick/binance-coinm"
CAPTURES = {
    "btcusdt 2024-08-08": dict(files=[f"{USDM}/btcusdt_20240808.gz"], settings={}),
    "ethusdt 2024-07-18..19": dict(
        files=[f"{USDM}/ethusdt_20240718.gz", f"{USDM}/ethusdt_20240719.gz"],
        settings=dict(tick=0.01, lot=0.001)),
    "btcusd_perp 2024-08-08..09": dict(
        files=[f"{COINM}/btcusd_perp_20240808.gz", f"{COINM}/btcusd_perp_20240809.gz"],
        settings=dict(tick=0.1, lot=1, size=1, max=20), ours={"asset": "linear"}),
    "btcusdt 2023-04-04..05": dict(
        files=[f"{USDM}/btcusdt_20230404.dat.gz", f"{USDM}/btcusdt_20230405.dat.gz"],
        settings={}, microseconds=True),
}


def in_nanoseconds(source, folder):
    """The peer's converter reads 19 digits of receive time: a copy with microseconds as such."""
    out = pathlib.Path(folder) / (source.name.removesuffix(".dat.gz") + "_ns.gz")
    if not out.exists():
        with gzip.open(source, "rb") as text, gzip.open(out, "wb", compresslevel=1) as to:
            for line in text:
                stamp, rest = line.split(b" ", 1)
                to.write(stamp + b"000 " + rest)
        os.utime(out, ns=(0, source.stat().st_mtime_ns))  # the same copy converts to the same data
    return out


def cases(full):
    for name, capture in CAPTURES.items():
        for model in MODELS:
            for offset in OFFSETS:
                main = name.startswith("btcusdt 2024")
                if full or (main and offset in (0, 2)) or (model[0] == "power2" and offset == 0):
                    yield name, capture, model, offset


def run_ours(files, settings, folder):
    fills = pathlib.Path(folder) / "fills.csv"
    command = [BIN, "backtest", "--data", *map(str, files), "--strategy", "reference",
               "--no-report", "--json", "--fills", str(fills), "--set", "compat=hftbacktest"]
    for key, value in settings.items():
        command += ["--set", f"{key}={value}"]
    done = subprocess.run(command, capture_output=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"plimsoll ended with {done.returncode}: {done.stderr.decode().strip()}")
    told = json.loads(done.stdout)
    with open(fills, newline="") as file:
        return {name: told[name] for name in TOLERANCE}, list(csv.DictReader(file))


def steps(text, step):
    count = Decimal(text) / Decimal(str(step))
    if count != int(count):
        raise RuntimeError(f"{text} is not a whole number of {step}")
    return int(count)


def compare(theirs, ours, p):
    """None, or words about the first difference. Fills of one instant have no order of their own."""
    (their_totals, their_fills, _), (our_totals, our_fills) = theirs, ours
    a = sorted(map(tuple, their_fills.tolist()))
    b = sorted((int(f["venue_ns"]), 1 if f["side"] == "buy" else -1, steps(f["px"], p["tick"]),
                steps(f["qty"], p["lot"]), int(f["maker_or_taker"] == "maker")) for f in our_fills)
    for i, (x, y) in enumerate(zip(a, b)):
        if x != y:
            return f"fill {i}: peer {x}, ours {y}"
    if len(a) != len(b):
        return f"{len(a)} fills in the peer, {len(b)} here"
    differs = [k for k, most in TOLERANCE.items() if abs(their_totals[k] - our_totals[k]) > most]
    return f"{differs}: peer {their_totals}, ours {our_totals}" if differs else None


def check(name, capture, model, offset, folder):
    queue, n = model
    files = [DATA / f for f in capture["files"]]
    if capture.get("microseconds"):
        files = [in_nanoseconds(f, folder) for f in files]
    settings = dict(capture["settings"], offset=offset, queue=queue)
    if n is not None:
        settings["queue_n"] = n
    p = {**peer.DEFAULTS, **settings}
    theirs = peer.reference(peer.convert(files), **settings)
    ours = run_ours(files, {**settings, **capture.get("ours", {})}, folder)
    return theirs[0]["trades"], compare(theirs, ours, p)


def main():
    only = sys.argv[sys.argv.index("--only") + 1] if "--only" in sys.argv else ""
    if not peer.enter():
        print("SKIPPED: PARITY WAS NOT TESTED: hftbacktest is not there and could not be installed")
        return 0
    if not DATA.is_dir():
        print(f"SKIPPED: no market data in {DATA} (PL_DATA): parity with hftbacktest was not tested")
        return 0
    print(f"peer: hftbacktest {peer.version()}")
    passed = failed = fills = 0
    with tempfile.TemporaryDirectory() as folder:
        for name, capture, model, offset in cases("--full" in sys.argv):
            title = f"{name}, {model[0]}{'' if model[1] is None else f' n={model[1]}'}, offset {offset}"
            if only not in title:
                continue
            try:
                count, wrong = check(name, capture, model, offset, folder)
            except RuntimeError as error:
                count, wrong = 0, str(error)
            fills += count
            passed, failed = passed + (wrong is None), failed + (wrong is not None)
            print(f"{'ok' if wrong is None else 'FAILED'}: {title}: {count} fills"
                  + (f": {wrong}" if wrong else ""), flush=True)
    print(f"{fills} fills compared")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
