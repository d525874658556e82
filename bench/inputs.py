"""What the measurements read, made once and kept in build/bench."""
import json
import math
import pathlib
import random
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[1]
OUT = ROOT / "build/bench"
BIN = ROOT / "build/release/plimsoll"
TOOLS = ROOT / "build/release/tests"

sys.path.insert(0, str(ROOT / "tests/support"))
import peer  # noqa: E402

NS = 1_000_000_000


def call(*command):
    done = subprocess.run([str(c) for c in command], capture_output=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(map(str, command))}: ended with {done.returncode}: "
                           + done.stderr.decode(errors="replace").strip()[-400:])
    return done.stdout.decode()


def told(*command):
    return json.loads(call(*command))


def keep(name, make):
    """The file `name`, made by make(path) when it is not there."""
    path = OUT / name
    if not path.exists():
        part = path.with_name("part-" + name)
        part.unlink(missing_ok=True)
        make(part)
        part.rename(path)
    return path


def info(tape):
    return told(BIN, "tape", "info", "--json", tape)


def capture_tape(capture):
    return keep("capture.tape", lambda to: call(BIN, "import", "-o", to, capture))


def span_of(tape):
    """Whole seconds, with room to spare: both engines repeat the market at this distance."""
    told_ = info(tape)
    return (math.ceil((told_["venue_last_ns"] - told_["venue_first_ns"]) / NS) + 5) * NS


def tiled_tape(tape, times, span):
    return keep(f"capture_x{times}.tape",
                lambda to: call(TOOLS / "bench_tile", tape, to, times, span))


def tiled_peer(capture, times, span):
    return peer.tile(peer.convert([capture]), times, span)


def quiet_tape(duration):
    return keep(f"quiet_{duration}.tape",
                lambda to: call(BIN, "synth", "-o", to, "--profile", "quiet", "--duration", duration))


def peer_of_tape(tape):
    """A tape as the peer reads it: our export, opened by numpy."""
    import numpy as np
    npz = keep(tape.stem + ".npz", lambda to: call(BIN, "export", "--to", "npz", "--store", "-o", to,
                                                    tape))
    with np.load(npz) as kept:
        return kept["data"]


def _write_tardis(path, rows):
    """A book in Tardis incremental_book_L2 CSV: a snapshot, then updates of 1 to 200 rows."""
    rng = random.Random(1)
    ts, mid, made, lines = 1723161600000000, 618000, 0, []
    with open(path, "w", buffering=1 << 20) as out:
        out.write("exchange,symbol,timestamp,local_timestamp,is_snapshot,side,price,amount\n")
        for i in range(1, 1001):
            for side, sign in (("bid", -1), ("ask", 1)):
                lines.append(f"binance-futures,BTCUSDT,{ts},{ts + 3211},true,{side},"
                             f"{(mid + sign * i) / 10:.1f},{rng.random() * 5:.3f}\n")
        made = len(lines)
        while made < rows:
            ts += rng.randint(2000, 60000)
            local = ts + 2000 + rng.randint(0, 3000)
            mid += rng.choice((-1, 0, 0, 0, 1))
            count = min(1 + int(rng.expovariate(1 / 20)), 200)
            for _ in range(count):
                bid = rng.random() < 0.5
                away = int(rng.expovariate(1 / 60))
                size = 0 if rng.random() < 0.35 else rng.random() * 3
                lines.append(f"binance-futures,BTCUSDT,{ts},{local},false,{'bid' if bid else 'ask'},"
                             f"{(mid - away if bid else mid + 1 + away) / 10:.1f},{size:.3f}\n")
            made += count
            if len(lines) > 100_000:
                out.write("".join(lines))
                lines = []
        out.write("".join(lines))


def tardis_csv(rows):
    return keep(f"incremental_book_L2_{rows}.csv", lambda to: _write_tardis(to, rows))


def tardis_gzip(csv):
    def pack(to):
        with open(to, "wb") as out:
            subprocess.run(["gzip", "-6", "-c", str(csv)], stdout=out, check=True)
    return keep(csv.name + ".gz", pack)
