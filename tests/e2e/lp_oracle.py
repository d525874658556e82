#!/usr/bin/env python3
"""Our simplex and the program of the inventory maker against GLPK and lp_solve, where installed
(`script/setup test` installs both).

usage: lp_oracle.py      (PL_BIN: the binary; default build/dev/plimsoll)
"""
import math
import os
import random
import shutil
import subprocess
import sys
import tempfile

BINARY = os.path.abspath(os.environ.get("PL_BIN", "build/dev/plimsoll"))
TOOL = os.path.join(os.path.dirname(BINARY), "tests", "solve_lp")
passed = failed = 0


def check(name, ok, detail=""):
    global passed, failed
    passed, failed = passed + bool(ok), failed + (not ok)
    print(f"{'ok' if ok else 'FAILED'}: {name}{'' if ok or not detail else f': {detail}'}")


def write_mps(path, cost, rows):
    letter = {">=": "G", "<=": "L", "=": "E"}
    with open(path, "w", encoding="ascii") as out:
        out.write("NAME p\nROWS\n N cost\n")
        out.writelines(f" {letter[kind]} r{i}\n" for i, (kind, _, _) in enumerate(rows))
        out.write("COLUMNS\n")
        for j, c in enumerate(cost):
            out.write(f" x{j} cost {c!r}\n")
            out.writelines(f" x{j} r{i} {a[j]!r}\n" for i, (_, a, _) in enumerate(rows) if a[j])
        out.write("RHS\n")
        out.writelines(f" RHS r{i} {b!r}\n" for i, (_, _, b) in enumerate(rows) if b)
        out.write("ENDATA\n")


def glpk(path, folder):
    result = os.path.join(folder, "glpk.sol")
    subprocess.run(["glpsol", "--freemps", path, "--min", "--nopresol", "-w", result], check=True,
                   stdout=subprocess.DEVNULL)
    for line in open(result, encoding="ascii"):
        word = line.split()
        if word[0] == "s":
            if word[4] == "n":
                return "infeasible", math.nan
            return ("unbounded", math.nan) if word[5] == "n" else ("optimal", float(word[6]))
    return "nothing", math.nan


def lp_solve(path, _folder):
    text = subprocess.run(["lp_solve", "-fmps", path, "-S3"], check=False,
                          capture_output=True, text=True).stdout
    for word in ("infeasible", "unbounded"):
        if word in text.lower():
            return word, math.nan
    for line in text.splitlines():
        if line.startswith("Value of objective function:"):
            value = float(line.split(":")[1])  # 1e30 is its infinity
            return ("unbounded", math.nan) if abs(value) > 1e29 else ("optimal", value)
    return text.strip() or "nothing", math.nan


def random_problem(rng):
    n, m = rng.randint(1, 8), rng.randint(1, 12)
    cost = [rng.randint(-2, 6) for _ in range(n)]
    rows = [(rng.choice([">=", "<=", "<=", ">=", "<=", "<=", "="]), [rng.randint(-4, 5) for _ in range(n)],
             rng.randint(-1, 15)) for _ in range(m)]
    if rng.random() < .6:  # a point that keeps all rows
        at, gap = [rng.randint(0, 5) for _ in range(n)], {">=": -1, "<=": 1, "=": 0}
        rows = [(kind, a, sum(map(int.__mul__, a, at)) + gap[kind] * rng.randint(0, 4))
                for kind, a, _ in rows]
    return cost, rows


def inventory_problem(rng):
    """The whole program of the notes, every chord, x as they are: nothing of ours is used."""
    alpha, beta, kappa = rng.uniform(0, 4), rng.uniform(.05, 1.5), rng.uniform(.1, 1.5)
    qh, chord, width = rng.uniform(-1, 1), rng.choice([.1, .2, .25]), rng.choice([1, 1, 1.3])
    least, most = [rng.uniform(0, .9), rng.uniform(0, .9)], rng.uniform(1.5, 3)
    off = [rng.random() < .15, False]
    # x_b x_a t_b t_a t_y; y = qh - kappa (x_b - x_a) / 2
    rows = [(">=", [1, 1, 0, 0, 0], 2 * width)]
    for side in range(2):
        unit = [1 if k == side else 0 for k in range(5)]
        rows.append((">=", unit, most if off[side] else least[side]))
        rows.append(("<=", unit, most))
        for j in range(math.ceil(most / chord)):
            row = [-(2 * j + 1) * chord if k == side else 0 for k in range(5)]
            row[2 + side] = 1
            if not off[side]:
                rows.append((">=", row, -j * (j + 1) * chord ** 2))
    lean = [-kappa / 2, kappa / 2, 0, 0, 0]
    rows += [("<=", lean, 1 - qh), (">=", lean, -1 - qh)]
    for j in range(-math.ceil(1 / chord), math.ceil(1 / chord)):
        slope = (2 * j + 1) * chord
        rows.append((">=", [slope * kappa / 2, -slope * kappa / 2, 0, 0, 1],
                     slope * qh - j * (j + 1) * chord ** 2))
    cost = [0, 0, 0 if off[0] else beta, beta, alpha]
    text = f"inventory {alpha!r} {beta!r} {kappa!r} {qh!r} {chord} {width} " \
           f"{least[0]!r} {least[1]!r} {most!r} {int(off[0])} 0\n"
    return cost, rows, text


def text_of(cost, rows):
    lines = [f"lp {len(cost)} {len(rows)} " + " ".join(map(repr, cost))]
    lines += [f"{kind} {' '.join(map(repr, a))} {b!r}" for kind, a, b in rows]
    return "\n".join(lines) + "\n"


def main():
    solvers = [(name, call) for name, tool, call in
               [("GLPK", "glpsol", glpk), ("lp_solve", "lp_solve", lp_solve)] if shutil.which(tool)]
    if not solvers:
        print("SKIPPED: neither glpsol nor lp_solve is installed (script/setup test)")
        return 0
    rng = random.Random(4)
    problems = [(*p, text_of(*p)) for p in (random_problem(rng) for _ in range(150))]
    problems += [inventory_problem(rng) for _ in range(40)]
    ours = subprocess.run([TOOL], input="".join(p[2] for p in problems), capture_output=True,
                          text=True, check=True).stdout.splitlines()
    check("each program has an answer", len(ours) == len(problems), f"{len(ours)} of {len(problems)}")
    for name, call in solvers:
        seen, wrong = {}, []
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "p.mps")
            for i, ((cost, rows, _), line) in enumerate(zip(problems, ours)):
                write_mps(path, cost, rows)
                status, value = call(path, folder)
                word = line.split()
                # A program may be both: no point, and a cost that would fall without end.
                same = word[0] == status
                # The maker's program breaks ties by skew at 1e-7; lp_solve prints few digits.
                slack = (1e-6 if i >= 150 else 1e-7) * max(1, abs(value))
                if not same or (status == "optimal" and abs(float(word[1]) - value) > slack):
                    wrong.append(f"program {i}: {line}, not {status} {value}")
                seen[status] = seen.get(status, 0) + 1
        check(f"{name} agrees on {len(problems)} programs {seen}", not wrong, "; ".join(wrong[:3]))
        check(f"{name}: every kind of end is there", len(seen) == 3 and min(seen.values()) >= 5)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


sys.exit(main())
