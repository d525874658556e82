#!/usr/bin/env python3
"""Measures what docs/performance.md states; script/bench calls it in the peer's environment."""
import argparse
import datetime
import json
import os
import pathlib
import sys

import inputs
from inputs import OUT, ROOT, peer

ITEMS = ["start", "tape", "single", "varied", "touch", "quiet", "import"]
PAGE = ROOT / "docs/performance.md"
BEGIN, END = "<!-- figures: written by script/bench --update -->", "<!-- end of figures -->"


def parse():
    ap = argparse.ArgumentParser(prog="script/bench", description=__doc__)
    ap.add_argument("--only", default=",".join(ITEMS), help="of: " + ", ".join(ITEMS))
    ap.add_argument("--reps", type=int, default=5, help="repetitions of each run (5)")
    ap.add_argument("--sample", type=int, default=12, help="parameter sets that the peer runs (12)")
    ap.add_argument("--quick", action="store_true", help="small data and few repetitions: a check "
                    "that everything runs, not a measurement")
    ap.add_argument("--update", action="store_true", help="write the table into docs/performance.md")
    a = ap.parse_args()
    a.only = a.only.split(",")
    for item in a.only:
        if item not in ITEMS:
            ap.error(f"unknown item {item}")
    if a.quick and a.update:
        ap.error("--quick measures nothing that should be written down")
    return a


def collect(a, capture):
    import measures
    times, quiet, rows = (2, "1h", 200_000) if a.quick else (21, "24h", 5_000_000)
    reps, sample = (1, 2) if a.quick else (a.reps, a.sample)
    m = measures.machine()
    long_tape = data = None
    if {"tape", "varied", "touch"} & set(a.only):
        tape = inputs.capture_tape(capture)
        span = inputs.span_of(tape)
        long_tape = inputs.tiled_tape(tape, times, span)
        data = inputs.tiled_peer(capture, times, span) if {"varied", "touch"} & set(a.only) else None

    def quiet_sweep():
        tape = inputs.quiet_tape(quiet)
        return measures.sweep(m, "quiet", tape, inputs.peer_of_tape(tape), 100, reps, sample)
    work = {
        "start": measures.start_up,
        "tape": lambda: measures.tape(m, capture, long_tape),
        "single": lambda: measures.single(m, capture, times, reps),
        "varied": lambda: measures.sweep(m, "varied", long_tape, data, 200, reps, sample),
        "touch": lambda: measures.sweep(m, "touch", long_tape, data, 120, reps, sample),
        "quiet": quiet_sweep,
        "import": lambda: measures.importing(m, rows, reps),
    }
    out = []
    for item in a.only:
        print(f"bench: {item} (load average {os.getloadavg()[0]:.1f})", file=sys.stderr, flush=True)
        out += work[item]()
    return m, out


# ---- printing ------------------------------------------------------------------------------------

def figure(value, unit):
    if value is None:
        return ""
    if unit == "s":
        return f"{value:.3f} s" if value < 10 else f"{value:,.1f} s"
    if isinstance(value, int) or unit.startswith("of "):
        return f"{value} {unit}"
    return f"{value:.1f} {unit}"


def cells(r):
    ratio = "" if r["ratio"] is None or r["theirs"] is None else f"{r['ratio']:.1f}x"
    target = "" if r["target"] is None else (f"{r['target']:g}x" if r["theirs"] is not None
                                             else f"{r['target']:g}")
    return [r["name"], figure(r["ours"], r["unit"]), figure(r["theirs"], r["unit"]), ratio, target,
            {True: "yes", False: "NO", None: ""}[r["ok"]], r["bound"]]


HEAD = ["what", "plimsoll", "hftbacktest", "ratio", "wanted", "met", "physical bound"]


def plain(rows):
    table = [HEAD] + [cells(r) for r in rows]
    width = [max(len(line[i]) for line in table) for i in range(len(HEAD))]
    return "\n".join("  ".join(c.ljust(w) for c, w in zip(line, width)).rstrip() for line in table)


def markdown(rows, m, when):
    lines = [f"Measured {when} on one core of {os.cpu_count()}, {cpu_name()}, load average "
             f"{os.getloadavg()[0]:.1f}; hftbacktest {peer.version()}; one core reads "
             f"{m['read_bytes_per_s'] / 1e9:.1f} GB/s and copies {m['copy_bytes_per_s'] / 1e9:.1f} GB/s.",
             "", "| " + " | ".join(HEAD) + " |", "|" + "---|" * len(HEAD)]
    lines += ["| " + " | ".join(cells(r)) + " |" for r in rows]
    lines += [""] + [f"- {r['name']}: {r['note']}." for r in rows if "note" in r]
    return "\n".join(lines)


def cpu_name():
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return "unknown processor"


def update(text):
    page = PAGE.read_text()
    if BEGIN not in page or END not in page:
        raise SystemExit(f"{PAGE}: the marks of the table are missing")
    before, rest = page.split(BEGIN, 1)
    PAGE.write_text(before + BEGIN + "\n" + text + "\n" + END + rest.split(END, 1)[1])


def main():
    a = parse()
    capture = pathlib.Path(os.environ["PL_DATA"]) / "tick/binance-usdm/btcusdt_20240808.gz"
    OUT.mkdir(parents=True, exist_ok=True)
    m, rows = collect(a, capture)
    when = datetime.date.today().isoformat()
    results = dict(date=when, cpu=cpu_name(), cores=os.cpu_count(), load_average=os.getloadavg(),
                   peer=peer.version(), machine=m, repetitions=a.reps, quick=a.quick, rows=rows)
    (OUT / "results.json").write_text(json.dumps(results, indent=2) + "\n")
    print(plain(rows))
    for r in rows:
        if "note" in r:
            print(f"- {r['name']}: {r['note']}")
    print(f"\nload average {os.getloadavg()[0]:.1f}; written to build/bench/results.json")
    if a.update:
        update(markdown(rows, m, when))
        print("docs/performance.md: the table is new")


if __name__ == "__main__":
    main()
