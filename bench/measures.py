"""The measurements of script/bench. Each returns rows of the table; a row says what was measured,
in both engines where there are two, the physical bound and what stands between."""
import json
import pathlib
import statistics
import tempfile
import time

import inputs
from inputs import BIN, OUT, TOOLS, call, peer, told

SWEEPS = {
    "varied": dict(offset="0..9", size="0.001,0.002,0.005,0.01,0.02", max="0.02,0.05,0.1,0.2,0.5",
                   period_ms="50,100,200,400"),
    "touch": dict(size=",".join(f"0.{i:03d}" for i in range(1, 26)),
                  max=",".join(f"{0.025 * i:.3f}" for i in range(1, 41))),
    "quiet": dict(offset="0..9", size=",".join(f"0.{i:03d}" for i in range(1, 11)),
                  max=",".join(f"{0.02 * i:.2f}" for i in range(1, 11))),
}
MIB = 1 << 20


def measured(*command):
    """(stdout, wall, processor seconds, peak bytes) of a command, told by a small parent."""
    with tempfile.NamedTemporaryFile(dir=OUT, suffix=".json") as result:
        out = call(TOOLS / "bench_run", result.name, *command)
        cost = json.loads(pathlib.Path(result.name).read_text())
    return out, cost["wall_s"], cost["cpu_s"], cost["peak_bytes"]


def backtest(tape, *more):
    out, _, cpu, peak = measured(BIN, "backtest", "--data", tape, "--strategy", "reference", "--json",
                                 *more)
    run = json.loads(out)
    run["cpu_s"], run["peak_bytes"] = cpu, peak
    return run


def in_turns(count, *things):
    """Each thing once, `count` times over, so that all meet the same weather."""
    results = [[] for _ in things]
    for _ in range(count):
        for kept, thing in zip(results, things):
            kept.append(thing())
    return results


def middle(values):
    return statistics.median(values)


def row(name, ours, unit, theirs=None, target=None, ratio=None, bound="", between="", ok=None):
    if ratio is None and theirs is not None:
        ratio = theirs / ours if unit == "s" else ours / theirs
    if ok is None and target is not None and ratio is not None:
        ok = ratio >= target
    return dict(name=name, ours=ours, theirs=theirs, unit=unit, ratio=ratio, target=target, ok=ok,
                bound=bound, between=between)


# ---- the machine ---------------------------------------------------------------------------------

def machine():
    return told(TOOLS / "bench_bandwidth")


def decode_rate(tape_path):
    """Rows a second of the reader alone; the verb prints a verdict, then the speed."""
    text = call(BIN, "tape", "verify", "--time", "--json", tape_path)
    _, end = json.JSONDecoder().raw_decode(text)
    return json.loads(text[end:])["rows_per_s_with_hashes"]


# ---- one maker -----------------------------------------------------------------------------------

def single(m, capture, times, reps):
    tape = inputs.capture_tape(capture)
    span = inputs.span_of(tape)
    long_tape = inputs.tiled_tape(tape, times, span)
    data = inputs.tiled_peer(capture, times, span)
    peer.reference(data[:5000].copy(), log_fills=False)  # compiles
    compat = ["--set", "compat=hftbacktest"]

    def ours(*more):
        return lambda: backtest(long_tape, "--no-report", *more)

    theirs, memory, memory_compat, packed, packed_compat = in_turns(
        reps, lambda: peer.reference(data, log_fills=False), ours("--preload"),
        ours("--preload", *compat), ours(), ours(*compat))
    same = theirs[0][0]["trades"] == packed_compat[0]["trades"]
    peer_s = middle([r[2] for r in theirs])
    rows_ours = memory[0]["rows"]
    # What one pass must read: 16 bytes a row and 51 a message of decoded columns; or the tape.
    streamed = rows_ours * 16 + memory[0]["messages"] * 51
    size = long_tape.stat().st_size
    bound = f"{streamed / m['read_bytes_per_s']:.3f} s to read {streamed / 1e6:.0f} MB of columns"
    decode_s = rows_ours / decode_rate(long_tape)
    out = []
    for name, runs, target, limit in [
            ("one maker, from memory", memory, 5, bound),
            ("one maker, from memory, compat", memory_compat, 5, bound),
            ("one maker, from the tape", packed, 4, None),
            ("one maker, from the tape, compat", packed_compat, 4, None)]:
        seconds = middle([r["seconds"] for r in runs])
        text = limit or (f"{size / m['read_bytes_per_s']:.4f} s to read {size / 1e6:.1f} MB, "
                         f"{decode_s:.3f} s to decode it")
        out.append(row(name, seconds, "s", peer_s, target, bound=text))
    out[0]["note"] = (f"{len(data):,} rows of the peer, {rows_ours:,} of ours with best bid/ask; peer "
                      f"{len(data) / peer_s / 1e6:.1f} M rows/s, ours "
                      f"{rows_ours / out[0]['ours'] / 1e6:.0f} M rows/s; compat and peer make "
                      f"{'the same' if same else 'DIFFERENT'} {theirs[0][0]['trades']} trades")
    out[0]["ok"] = bool(out[0]["ok"]) and same
    out.append(row("peak memory, one maker, whole tape",
                   max(r["peak_bytes"] for r in packed) / MIB, "MiB", target=64,
                   ok=max(r["peak_bytes"] for r in packed) <= 64 * MIB))
    return out


# ---- a thousand makers ---------------------------------------------------------------------------

def sweep_arguments(name):
    return [a for key, values in SWEEPS[name].items() for a in ("--sweep", f"{key}={values}")]


def peer_settings(one):
    return {key: (int(float(v)) if key in ("offset", "period_ms") else float(v))
            for key, v in one["set"].items()}


def sample_of(sets, count):
    """Spread over the grid without a pattern: 389 shares no factor with the number of sets."""
    return [(7 + 389 * k) % len(sets) for k in range(count)]


def sweep(m, name, tape, data, target, reps, sample):
    arguments = sweep_arguments(name)
    runs, compat_runs = in_turns(reps, lambda: backtest(tape, *arguments),
                                 lambda: backtest(tape, *arguments, "--set", "compat=hftbacktest"))
    first = runs[0]
    chosen = sample_of(first["sets"], sample)
    peer.reference(data[:5000].copy(), log_fills=False)
    peer_seconds, trades_differ = [], 0
    for i in chosen:
        one = peer_settings(first["sets"][i])
        best = [peer.reference(data, log_fills=False, **one) for _ in range(max(1, reps // 2))]
        peer_seconds.append(middle([b[2] for b in best]))
        trades_differ += best[0][0]["trades"] != compat_runs[0]["sets"][i]["trades"]
    count = first["makers"]
    theirs = statistics.mean(peer_seconds) * count
    requests = sum(s["requests"] for s in first["sets"])
    trades = sum(s["trades"] for s in first["sets"])
    ours = middle([r["seconds"] for r in runs])
    # A request and its answer touch, at the least: both wires (48 + 80 bytes), the order on both
    # sides (64 + 96) and the maker's own state (about 256): all of it read and most written.
    touched = requests * 2 * (48 + 80 + 64 + 96 + 256)
    bound = f"{touched / m['copy_bytes_per_s']:.2f} s for {touched / 1e9:.1f} GB of order state"
    title = f"{count:,} makers, {name}"
    out = [row(title, ours, "s", theirs, target, bound=bound),
           row(title + ", compat", middle([r["seconds"] for r in compat_runs]), "s", theirs, target)]
    out[0]["note"] = (f"{first['rows']:,} rows, {requests:,} requests, {trades:,} trades, "
                      f"{first['decisions_guarded']:,} decisions answered by a guard; peer "
                      f"{statistics.mean(peer_seconds):.2f} s a set, the mean of {sample} sets spread "
                      f"over the grid; trades differ from the peer's in {trades_differ} of them")
    out[1]["ok"] = bool(out[1]["ok"]) and trades_differ == 0
    peak = max(r["peak_bytes"] for r in runs)
    most = 64 * MIB + count * 16 * 1024
    out.append(row(f"peak memory, {title}", peak / MIB, "MiB", target=most / MIB, ok=peak <= most))
    out.append(alone(name, tape, first, chosen))
    return out


def alone(name, tape, first, chosen):
    """Makers of a sweep, each run by itself: the digest of their requests must be the same."""
    differ = 0
    for i in chosen:
        settings = [a for key, v in first["sets"][i]["set"].items() for a in ("--set", f"{key}={v}")]
        run = backtest(tape, "--no-report", *settings)
        differ += run["makers"][0]["digest"] != first["sets"][i]["digest"]
    return row(f"makers of {name} that differ from their run alone", differ, f"of {len(chosen)}",
               ok=differ == 0)


# ---- tape, import, start -------------------------------------------------------------------------

def tape(m, capture, long_tape):
    packed = inputs.capture_tape(capture)
    size, gz = packed.stat().st_size, capture.stat().st_size
    text = told(TOOLS / "bench_inflate", capture)["bytes"]
    rate = decode_rate(long_tape)
    return [
        row("tape size against JSON", text / size, "times smaller", target=14, ratio=text / size,
            bound=f"{text:,} bytes of JSON, {size:,} of tape, ids kept"),
        row("tape size against gzip", gz / size, "times smaller", target=2, ratio=gz / size,
            bound=f"{gz:,} bytes of gzip"),
        row("tape decoding, hashes checked", rate / 1e6, "M rows/s", target=100, ratio=rate / 1e6,
            bound=f"{m['copy_bytes_per_s'] / 24 / 1e6:.0f} M rows/s to write 16 bytes a row")]


def importing(m, rows, reps):
    from hftbacktest.data.utils import tardis
    import contextlib
    import io
    csv = inputs.tardis_csv(rows)
    gz = inputs.tardis_gzip(csv)
    target_tape = OUT / "imported.tape"
    small = inputs.tardis_csv(20_000)

    def ours(path):
        def run():
            _, wall, _, peak = measured(BIN, "import", "-o", target_tape, path)
            target_tape.unlink()
            return wall, peak
        return run

    def theirs(path):
        def run():
            with contextlib.redirect_stdout(io.StringIO()):
                start = time.perf_counter()
                data = tardis.convert([str(path)])
                took = time.perf_counter() - start
            del data
            return took
        return run
    theirs(small)()  # compiles
    plain, peer_plain, packed, peer_packed = in_turns(reps, ours(csv), theirs(csv), ours(gz),
                                                      theirs(gz))
    inflate = told(TOOLS / "bench_inflate", gz)
    lines = rows / 1e6
    out = []
    for name, mine, other, target, bound in [
            ("import, plain CSV", plain, peer_plain, 5,
             f"{csv.stat().st_size / m['read_bytes_per_s']:.2f} s to read {csv.stat().st_size / 1e6:.0f} MB"),
            ("import, gzip CSV", packed, peer_packed, 3, f"{inflate['seconds']:.2f} s to inflate")]:
        seconds = middle([w for w, _ in mine])
        out.append(row(name, seconds, "s", middle(other), target, bound=bound))
        out[-1]["note"] = (f"{rows:,} rows: {lines / seconds:.1f} M rows/s, peer "
                           f"{lines / middle(other):.1f} M rows/s")
    peak = max(p for _, p in plain + packed)
    out.append(row("peak memory, import", peak / MIB, "MiB", target=64, ok=peak <= 64 * MIB))
    return out


def start_up():
    walls = [measured(BIN, "--version")[1] for _ in range(20)]
    nothing = [measured("/bin/true")[1] for _ in range(20)]
    return [row("start-up", 1000 * middle(walls), "ms", target=50, ok=middle(walls) < 0.05,
                bound=f"{1000 * middle(nothing):.1f} ms to start an empty program")]
