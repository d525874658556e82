#!/usr/bin/env python3
"""The verbs backtest, strategies and demo on synthetic markets: results, sweeps, roles, errors, memory.

usage: backtest.py      (PL_BIN: the binary; default build/dev/plimsoll)
"""
import csv
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from decimal import Decimal

BINARY = os.path.abspath(os.environ.get("PL_BIN", "build/dev/plimsoll"))
passed = failed = 0


def check(name, good, detail=""):
    global passed, failed
    passed, failed = passed + bool(good), failed + (not good)
    print(f"{'ok' if good else 'FAILED'}: {name}" + ("" if good else f" {detail}"))


def run(*args, folder=None):
    return subprocess.run([BINARY, *args], cwd=folder, capture_output=True, text=True, timeout=300)


def figures(folder, *args):
    done = run("backtest", *args, "--no-report", "--json", folder=folder)
    if done.returncode != 0:
        raise SystemExit(f"backtest {args}: {done.stderr}")
    return json.loads(done.stdout)


def without_clock(result):
    return {k: v for k, v in result.items() if k not in ("seconds", "rows_per_s")}


def test_one_run(folder):
    base = ("--data", "a.tape", "--strategy", "reference")
    one, two = figures(folder, *base), figures(folder, *base)
    check("the reference maker trades", one["trades"] > 100, one["trades"])
    check("names scripts use", all(k in one for k in ("trades", "position", "balance", "fee", "volume")))
    check("the same run gives the same figures", without_clock(one) == without_clock(two))
    off = figures(folder, *base, "--set", "guards=false")
    check("guards change no request", off["digest"] == one["digest"] and off["decisions_guarded"] == 0)
    check("guards do skip decisions", one["decisions_guarded"] > 100, one["decisions_guarded"])
    for key, value in (("queue", "risk"), ("entry_us", "9000"), ("resp_us", "40000"), ("feed_extra_us", "20000"),
                       ("latency", "lognormal"), ("offset", "1"), ("size", "0.05"), ("max", "0.001"),
                       ("period_ms", "150")):
        changed = figures(folder, *base, "--set", f"{key}={value}")
        check(f"{key}={value} changes the requests", changed["digest"] != one["digest"])
    for key, value in (("maker", "0.001"), ("fee_by_qty", "true")):
        changed = figures(folder, *base, "--set", f"{key}={value}")
        check(f"{key}={value} changes the fee alone", changed["fee"] != one["fee"] and
              changed["digest"] == one["digest"])


def read_fills(folder, name):
    with open(os.path.join(folder, name), newline="") as file:
        return list(csv.DictReader(file))


def test_fills(folder):
    base = ("--data", "a.tape", "--strategy", "reference")
    for more in ((), ("--set", "fee_by_qty=true"), ("--set", "asset=inverse", "--set", "size=1", "--set", "max=20")):
        told = figures(folder, *base, *more, "--fills", "fills.csv")
        fills = read_fills(folder, "fills.csv")
        sign = {"buy": 1, "sell": -1}
        position = sum(sign[f["side"]] * Decimal(f["qty"]) for f in fills)
        fee = sum(Decimal(f["fee"]) for f in fills)
        check(f"--fills has every fill {more}", len(fills) == told["trades"] > 100, (len(fills), told["trades"]))
        check(f"and adds up to position and fee {more}", abs(float(position) - told["position"]) < 1e-9 and
              abs(float(fee) - told["fee"]) < 1e-9, (position, fee, told["position"], told["fee"]))
        check(f"in the venue's order, heard of later {more}", all(
            int(a["venue_ns"]) <= int(b["venue_ns"]) for a, b in zip(fills, fills[1:])) and all(
            int(f["local_ns"]) - int(f["venue_ns"]) >= 3_000_000 for f in fills))
    figures(folder, *base, "--fills", "plain.csv")
    done = run("backtest", *base, "--out", "with-report", "--fills", "recorded.csv", folder=folder)
    check("the same fills beside a report", done.returncode == 0 and
          read_fills(folder, "plain.csv") == read_fills(folder, "recorded.csv"), done.stderr)
    done = run("backtest", *base, "--sweep", "offset=0..1", "--fills", "x.csv", folder=folder)
    check("not with a sweep", done.returncode == 2 and "--fills" in done.stderr, done.stderr)
    done = run("backtest", *base, "--no-report", "--fills", "no/such/folder.csv", folder=folder)
    check("a file that cannot be written is an error", done.returncode == 4 and "no/such" in done.stderr, done.stderr)


def test_sweep(folder):
    base = ("--data", "a.tape", "--strategy", "reference")
    axes = ("--sweep", "offset=0..4", "--sweep", "size=0.001,0.003", "--sweep", "period_ms=100,250")
    sweep = json.loads(run("backtest", *base, *axes, "--json", folder=folder).stdout)
    halves = json.loads(run("backtest", *base, *axes, "--json", "--workers", "2", folder=folder).stdout)
    check("twenty sets in one pass", sweep["makers"] == 20 and len(sweep["sets"]) == 20)
    check("two workers give the same", sweep["sets"] == halves["sets"] and sweep["digest"] == halves["digest"])
    for i in (0, 7, 19):
        entry = sweep["sets"][i]
        settings = [x for k, v in entry["set"].items() for x in ("--set", f"{k}={v}")]
        alone = figures(folder, *base, *settings)["makers"][0]
        same = all(alone[k] == entry[k] for k in ("digest", "trades", "position", "balance", "fee", "equity"))
        check(f"set {i} alone is the same maker", same, (alone, entry))


def test_roles(folder):
    spread = ("--strategy", "spread", "--set", "quote_size=0.01", "--set", "max_position=0.1",
              "--set", "base_spread_bps=1")
    plain = figures(folder, "--data", "a.tape", *spread)
    lead = figures(folder, "--data", "a.tape", "--lead", "b.tape", *spread, "--set", "lead_weight=1",
                   "--set", "lead_halflife_s=20")
    check("a maker that reads a leading market quotes otherwise", lead["digest"] != plain["digest"])
    check("and trades one market only", len(lead["makers"]) == 1)
    skew = [x for s in ("account_size=10000", "bybit_symbol=BTCUSDT", "min_order_size=0.002", "max_order_size=0.05",
                        "max_position=0.5", "bollinger_band_length=2", "trade_window=100", "basis_halflife_s=30",
                        "base_spread=1bps") for x in ("--set", s)]
    alone = figures(folder, "--data", "a.tape", "--strategy", "skew", *skew)
    ignored = figures(folder, "--data", "a.tape", "--lead", "b.tape", "--strategy", "skew", *skew)
    led = figures(folder, "--data", "a.tape", "--lead", "b.tape", "--strategy", "skew", *skew,
                  "--set", "primary_data_feed=Binance", "--set", "binance_symbol=ETHUSDT")
    check("skew reads a lead market only when told to", alone["digest"] == ignored["digest"] != led["digest"])
    check("and trades", alone["trades"] > 0 and led["trades"] > 0, (alone["trades"], led["trades"]))
    both = figures(folder, "--data", "a.tape", "--data", "b.tape", "--trade-all", *spread)
    second = figures(folder, "--data", "b.tape", *spread)
    check("two markets on one account", [m["symbol"] for m in both["makers"]] ==
          [plain["makers"][0]["symbol"], second["makers"][0]["symbol"]])
    check("the account is the sum of its markets",
          abs(both["equity"] - sum(m["equity"] for m in both["makers"])) < 1e-9)
    done = run("backtest", "--data", "a.tape", "--data", "b.tape", "--trade-all", *spread, "--out", "two",
               "--db", "two.db", folder=folder)
    check("the report has a line a market and the account", done.returncode == 0 and
          "account" in done.stdout and os.path.exists(os.path.join(folder, "two/report.html")), done.stderr)


def test_errors(folder):
    with open(os.path.join(folder, "candles.csv"), "w", encoding="ascii") as out:
        out.write("open_time_ms,open,high,low,close,volume\n")
        for i in range(10):
            out.write(f"{1700000000000 + 60000 * i},100,101,99,100.5,7\n")
    for args, code, words in (
            (("--strategy", "reference"), 2, "--data"),
            (("--data", "a.tape"), 2, "--strategy"),
            (("--data", "a.tape", "--strategy", "nosuch"), 2, "plimsoll strategies"),
            (("--data", "none.tape", "--strategy", "reference"), 4, "none.tape"),
            (("--data", "candles.csv", "--strategy", "reference", "--set", "size=1", "--set", "max=5"), 2, "no order book"),
            (("--data", "a.tape", "--strategy", "reference", "--set", "offest=1"), 2, "offset"),
            (("--data", "a.tape", "--strategy", "reference", "--set", "size=0.00015"), 2, "lots"),
            (("--data", "a.tape", "--strategy", "reference", "--set", "tick=0.5"), 2, "tick"),
            (("--data", "a.tape", "--strategy", "spread"), 2, "quote_size"),
            (("--data", "a.tape", "--strategy", "reference", "--sweep", "queue=risk,log"), 2, "section backtest"),
            (("--bogus",), 2, "--bogus")):
        done = run("backtest", *args, folder=folder)
        check(f"backtest {' '.join(args)}: exit {code}", done.returncode == code and words in done.stderr,
              (done.returncode, done.stderr))
    cut = os.path.join(folder, "cut.tape")
    with open(os.path.join(folder, "a.tape"), "rb") as whole, open(cut, "wb") as part:
        part.write(whole.read()[:200000])
    done = run("backtest", "--data", "cut.tape", "--strategy", "reference", "--no-report", folder=folder)
    check("a tape cut in the middle runs to its last whole block", done.returncode == 0 and "trades" in done.stdout,
          done.stderr)


def test_memory(folder):
    """64 MiB and 16 KiB a maker, whatever the length of the tape."""
    def peak(*args):
        pid = os.fork()
        if pid == 0:
            with open(os.devnull, "w", encoding="ascii") as null:
                os.dup2(null.fileno(), 1)
            os.chdir(folder)
            os.execv(BINARY, [BINARY, "backtest", *args])
        _, status, usage = os.wait4(pid, 0)
        return usage.ru_maxrss / 1024 if status == 0 else float("inf")
    if "asan" in BINARY or "tsan" in BINARY:
        return
    one = peak("--data", "long.tape", "--strategy", "reference", "--out", "long", "--db", "long.db")
    check("a recorded run stays below 64 MiB", one < 64, f"{one:.1f} MiB")
    many = peak("--data", "long.tape", "--strategy", "reference", "--sweep", "offset=0..9", "--sweep",
                "period_ms=100,200,300,400,500,600,700,800,900,1000", "--sweep", "max=0.01,0.02", "--json")
    check("200 makers stay below 64 MiB and 16 KiB each", many < 64 + 200 / 64, f"{many:.1f} MiB")


def test_demo(folder):
    done = run("demo", folder=folder)
    pages = [os.path.join(folder, "demo", f"{s}.html") for s in ("avellaneda", "spread")]
    check("the demo ends by itself and leaves two reports", done.returncode == 0 and all(map(os.path.exists, pages)),
          done.stderr)
    given = run("demo", "--data", "a.tape", "--out", "mine", folder=folder)
    check("the demo runs on given data", given.returncode == 0 and
          os.path.exists(os.path.join(folder, "mine/spread.html")), given.stderr)
    serving = subprocess.Popen([BINARY, "demo", "--serve"], cwd=folder, stdout=subprocess.PIPE, text=True,
                               env={k: v for k, v in os.environ.items() if k not in ("DISPLAY", "WAYLAND_DISPLAY")})
    address = ""
    for line in serving.stdout:
        if line.startswith("serving "):
            address = line.split()[1]
            break
    with urllib.request.urlopen(address, timeout=10) as page:
        body = page.read().decode()
    check("--serve shows the report on a loopback address", address.startswith("http://127.0.0.1:") and
          "avellaneda" in body)
    try:
        urllib.request.urlopen(address + "../market.tape", timeout=10)
        outside = True
    except urllib.error.HTTPError as e:
        outside = e.code != 404
    check("and nothing else", not outside)
    serving.send_signal(signal.SIGINT)
    began = time.monotonic()
    check("until interrupted", serving.wait(timeout=10) == 0 and time.monotonic() - began < 5)


def test_strategies():
    names = [s["name"] for s in json.loads(run("strategies", "--json").stdout)]
    check("strategies lists them", {"reference", "spread", "avellaneda", "skew"} <= set(names), names)
    for name in names:
        text = run("strategies", name).stdout
        check(f"strategies {name} explains every setting", f"{name} (--set" in text, text[:200])


def main():
    with tempfile.TemporaryDirectory() as folder:
        for name, args in (("a", ("--duration", "3m")), ("b", ("--duration", "3m", "--seed", "2", "--profile", "ethusdt")),
                           ("long", ("--duration", "40m"))):
            done = run("synth", "-o", f"{name}.tape", *args, folder=folder)
            if done.returncode != 0:
                raise SystemExit(done.stderr)
        test_one_run(folder)
        test_fills(folder)
        test_sweep(folder)
        test_roles(folder)
        test_errors(folder)
        test_memory(folder)
        test_demo(folder)
        test_strategies()
    print(f"{passed} passed, {failed} failed")
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
