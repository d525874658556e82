#!/usr/bin/env python3
"""`plimsoll report` on a real database: what it shows is what was stored.

usage: report_verb.py      (PL_BIN: the binary; default build/dev/plimsoll)
"""
# also under asan
import json
import os
import pty
import shutil
import subprocess
import sys
import tempfile

BINARY = os.path.abspath(os.environ.get("PL_BIN", "build/dev/plimsoll"))
TOOL = os.path.join(os.path.dirname(BINARY), "tests", "write_report")
passed = failed = 0


def check(name, ok, detail=""):
    global passed, failed
    passed, failed = passed + bool(ok), failed + (not ok)
    print(f"{'ok' if ok else 'FAILED'}: {name}{'' if ok or not detail else f': {detail}'}")


def report(folder, *args, **env):
    return subprocess.run([BINARY, "report", *args], capture_output=True, text=True, check=False, cwd=folder,
                          env={**os.environ, "PLIMSOLL_DB": "runs.db", **env})


def on_terminal(folder, **env):
    """What the verb writes when its output is a terminal."""
    leader, follower = pty.openpty()
    process = subprocess.Popen([BINARY, "report", "last"], stdout=follower, cwd=folder,
                               env={**os.environ, "PLIMSOLL_DB": "runs.db", "TERM": "xterm", **env})
    os.close(follower)
    out = b""
    try:
        while chunk := os.read(leader, 65536):
            out += chunk
    except OSError:  # the other end closed
        pass
    os.close(leader)
    process.wait(60)
    return out.decode()


def check_shown(folder, text):
    with open(os.path.join(folder, "run.json"), encoding="utf-8") as f:
        stored = f.read()
    with open(os.path.join(folder, "report.html"), "rb") as f:
        page = f.read()
    run_id = json.loads(stored)["id"]
    check("the text is that of the run", report(folder, run_id).stdout == text)
    for name in ("last", run_id[:9], run_id):
        check(f"JSON of {name} is that of the run", report(folder, name, "--json").stdout == stored)
    done = report(folder, "last", "--html", "again.html", "--json")
    with open(os.path.join(folder, "again.html"), "rb") as f:
        check("the page is that of the run, byte for byte", f.read() == page)
    check("--html leaves JSON alone on stdout", done.stdout == stored and "again.html" in done.stderr)
    check("--db names the file", report(folder, run_id, "--db", "runs.db", PLIMSOLL_DB="").stdout == text)
    os.mkdir(os.path.join(folder, "runs"))
    shutil.copy(os.path.join(folder, "runs.db"), os.path.join(folder, "runs", "runs.db"))
    check("runs/runs.db is where it looks first", report(folder, run_id, PLIMSOLL_DB="").stdout == text)


def check_list(folder, run):
    row = report(folder, "--list").stdout
    check("the list names run, strategy and data", all(run[key] in row for key in ("id", "strategy", "data")), row)
    rows = json.loads(report(folder, "--list", "--json").stdout)
    same = len(rows) == 1 and rows[0]["id"] == run["id"] and rows[0]["pnl"] == run["account"]["pnl"]
    check("the list as JSON has the stored figures", same and rows[0]["started"] == "2026-11-20 13:37:00.000", rows)


def check_refusals(folder):
    rows = [
        (("nosuch",), 4, "no run \"nosuch\""), ((), 2, "--list"), (("a", "b"), 2, "one run"),
        (("--list", "last"), 2, "--list stands alone"), (("--lisst",), 2, "--lisst"), (("--db",), 2, "db"),
        (("last", "--db", "none.db"), 4, "none.db: no runs database"),
        (("last", "--db", "run.json"), 3, "run.json"),
        (("last", "--html", "no/such/folder/x.html"), 4, "no/such/folder/x.html"),
    ]
    for args, code, words in rows:
        done = report(folder, *args)
        ok = done.returncode == code and words in done.stderr and done.stdout == ""
        check(f"report {' '.join(args)}: exit {code}, says why", ok, f"{done.returncode} {done.stderr} {done.stdout[:200]}")
    check("nothing was left behind", not os.path.exists(os.path.join(folder, "none.db")))
    with open("/dev/full", "w", encoding="utf-8") as full:
        done = subprocess.run([BINARY, "report", "last"], stdout=full, stderr=subprocess.PIPE, text=True, check=False,
                              cwd=folder, env={**os.environ, "PLIMSOLL_DB": "runs.db"})
    check("a full disk is an error", done.returncode == 4 and "output" in done.stderr, f"{done.returncode} {done.stderr}")
    done = report(folder, "--help")
    check("--help has an example", done.returncode == 0 and "example: plimsoll report" in done.stdout)


def check_colour(folder, text):
    coloured = on_terminal(folder, NO_COLOR="")
    check("a terminal gets colour", "\033[1m" in coloured and "\033[32m" in coloured)
    plain = on_terminal(folder, NO_COLOR="1").replace("\r\n", "\n")
    check("NO_COLOR is respected", plain == text)
    check("TERM=dumb is respected", "\033" not in on_terminal(folder, TERM="dumb", NO_COLOR=""))


def main():
    for need in (BINARY, TOOL):
        if not os.access(need, os.X_OK):
            print(f"FAILED: no {need}: build first\n0 passed, 1 failed")
            return 1
    folder = tempfile.mkdtemp(prefix="plimsoll-report-")
    try:
        text = subprocess.run([TOOL, folder, "2", "600"], capture_output=True, text=True, check=True).stdout
        with open(os.path.join(folder, "run.json"), encoding="utf-8") as f:
            run = json.load(f)
        check_shown(folder, text)
        check_list(folder, run)
        check_refusals(folder)
        check_colour(folder, text)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
