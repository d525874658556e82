#!/usr/bin/env python3
"""The same bytes from every build (docs/adr/0003): runs the same commands with each binary given and
compares what they compute. The first binary is also run with parts of the CPU masked away.

usage: tests/digest/run.py BINARY BINARY...
"""
import hashlib
import json
import os
import subprocess
import sys
import tempfile

# What glibc then believes the machine has not got (names of glibc 2.33 and later).
MASKS = ["-AVX512F,-AVX512VL,-AVX512BW,-AVX512DQ", "-AVX2,-AVX,-FMA,-FMA4,-BMI2,-ERMS,-AVX512F"]
MINUTES = "10m"
STRATEGIES = {
    "reference": [],
    "avellaneda": ["order_size=0.01", "max_position=0.1", "order_refresh_rate_s=1"],
    "spread": ["quote_size=0.01", "max_position=0.1", "base_spread_bps=4"],
    "skew": ["account_size=10000", "bybit_symbol=BTCUSDT", "min_order_size=0.002", "max_order_size=0.05",
             "max_position=0.5", "bollinger_band_length=3", "basis_halflife_s=60", "base_spread=1bps"],
}


def run(binary, arguments, mask=None):
    env = dict(os.environ, NO_COLOR="1")
    if mask:
        env["GLIBC_TUNABLES"] = f"glibc.cpu.hwcaps={mask}"
    done = subprocess.run([binary, *arguments], capture_output=True, env=env, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(arguments)}: ended with {done.returncode}: "
                           + done.stderr.decode(errors="replace")[-500:])
    return done.stdout


def simulate(binary, mask, _folder):
    return hashlib.sha256(run(binary, ["simulate", "avellaneda", "--paths", "300", "--json"],
                              mask)).hexdigest()


def synth(binary, mask, folder):
    tape = os.path.join(folder, "market.tape")
    run(binary, ["synth", "--seed", "5", "--duration", MINUTES, "--out", tape], mask)
    with open(tape, "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()


def backtest(strategy, settings):
    def of_strategy(binary, mask, folder):
        arguments = ["backtest", "--data", os.path.join(folder, "market.tape"), "--strategy",
                     strategy, "--json", "--out", os.path.join(folder, "out")]
        for setting in settings:
            arguments += ["--set", setting]
        told = json.loads(run(binary, arguments, mask))
        return told["digest"]
    return of_strategy


def has(binary, verb):
    done = subprocess.run([binary, verb, "--help"], capture_output=True, check=False)
    return done.returncode == 0


def commands(binary):
    """What can be compared with this program: a verb that does not exist yet is not compared."""
    out = []
    if has(binary, "simulate"):
        out.append(("simulate avellaneda", simulate))
    if has(binary, "synth"):
        out.append(("synth: the bytes of the tape", synth))
        if has(binary, "backtest"):
            out += [(f"backtest {name}: digest of all requests", backtest(name, settings))
                    for name, settings in STRATEGIES.items()]
    return out


def main():
    binaries = [os.path.abspath(path) for path in sys.argv[1:]]
    if len(binaries) < 2:
        sys.exit(__doc__)
    passed = failed = 0
    variants = [(binaries[0], mask) for mask in MASKS] + [(binary, None) for binary in binaries[1:]]
    first = {}
    with tempfile.TemporaryDirectory(prefix="plimsoll-digest-") as folder:
        todo = commands(binaries[0])
        for name, command in todo:
            try:
                first[name] = command(binaries[0], None, folder)
                print(f"{name}: {first[name]}")
            except (RuntimeError, KeyError, ValueError) as words:
                print(f"FAILED: {name}: {words}")
                failed += 1
        for binary, mask in variants:
            label = os.path.relpath(binary) + (f" without {mask}" if mask else "")
            for name, command in todo:
                if name not in first:
                    continue
                try:
                    got = command(binary, mask, folder)
                except (RuntimeError, KeyError, ValueError) as words:
                    got = f"nothing: {words}"
                if got == first[name]:
                    passed += 1
                else:
                    failed += 1
                    print(f"FAILED: {label}: {name}: {got}")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
