"""The public peer, hftbacktest (MIT), driven by the reference maker's rule: for parity and speed.

The peer lives in .venv/parity (script/setup parity). `enter()` makes sure that the caller runs
there; the other functions need it.
"""
import os
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
VENV_PYTHON = ROOT / ".venv/parity/bin/python"
CACHE = ROOT / "build/parity"

DEFAULTS = dict(offset=0, size=0.001, max=0.02, period_ms=100, entry_us=5000, resp_us=3000,
                queue="power2", queue_n=2.0, tick=0.1, lot=0.001, maker=-0.00005, taker=0.0007)
FILL_COLUMNS = 5  # exchange time, side, price in ticks, size in lots, 1 = maker


def enter():
    """Runs the calling program in the peer's environment. False = there is no peer to be had."""
    CACHE.mkdir(parents=True, exist_ok=True)
    try:
        import hftbacktest  # noqa: F401
        return True
    except ImportError:
        pass
    if sys.executable == str(VENV_PYTHON):
        return False
    if subprocess.run([ROOT / "script/setup", "parity"], check=False).returncode != 0:
        return False
    os.execv(VENV_PYTHON, [str(VENV_PYTHON), *sys.argv])


def version():
    import importlib.metadata
    return importlib.metadata.version("hftbacktest")


# ---- data ----------------------------------------------------------------------------------------

def convert_one(path):
    """One capture as the peer's own converter makes it, kept in build/parity."""
    CACHE.mkdir(parents=True, exist_ok=True)
    import contextlib
    import io
    import numpy as np
    from hftbacktest.data.utils import binancefutures
    path = pathlib.Path(path)
    stat = path.stat()
    kept = CACHE / f"{path.name}-{stat.st_size}-{stat.st_mtime_ns}.npy"
    if kept.exists():
        return np.load(kept)
    with contextlib.redirect_stdout(io.StringIO()):
        data = binancefutures.convert(str(path), combined_stream=True)
    part = kept.with_suffix(f".{os.getpid()}.npy")
    np.save(part, data)
    part.rename(kept)
    return np.load(kept)


def convert(paths):
    """Captures that continue each other: each converted alone, one after the other."""
    import numpy as np
    return np.concatenate([convert_one(p) for p in paths])


def tile(data, times, span):
    """The same market `times` over, each with its clocks moved on by span ns; for timing only."""
    import numpy as np
    out = np.empty(len(data) * times, data.dtype)
    for i in range(times):
        part = out[i * len(data):(i + 1) * len(data)]
        part[:] = data
        part["exch_ts"] += i * span
        part["local_ts"] += i * span
    return out


# ---- the rule ------------------------------------------------------------------------------------

def _make_rules():
    import numpy as np
    from numba import njit, uint64
    from hftbacktest import BUY, FILLED, GTX, LIMIT, SELL

    @njit
    def note_fills(hbt, lot, log, count):
        values = hbt.orders(0).values()
        while values.has_next():
            order = values.get()
            if order.status == FILLED:
                if count < len(log):
                    log[count, 0] = order.exch_timestamp
                    log[count, 1] = order.side
                    log[count, 2] = order.exec_price_tick
                    log[count, 3] = np.int64(np.round(order.exec_qty / lot))
                    log[count, 4] = order.arr[0].maker
                count += 1
        return count

    @njit
    def act(hbt, offset, size, max_pos, tick):
        depth = hbt.depth(0)
        if not (np.isfinite(depth.best_bid) and np.isfinite(depth.best_ask)):
            return
        pos = hbt.position(0)
        bid, ask = depth.best_bid_tick - offset, depth.best_ask_tick + offset
        want_bid, want_ask = pos < max_pos - size / 2, pos > -max_pos + size / 2
        bid_id, ask_id = uint64(2 * bid), uint64(2 * ask + 1)
        orders = hbt.orders(0)
        values = orders.values()
        while values.has_next():
            order = values.get()
            if not order.cancellable:
                continue
            if order.side == BUY:
                keep = want_bid and order.order_id == bid_id
            else:
                keep = want_ask and order.order_id == ask_id
            if not keep:
                hbt.cancel(0, order.order_id, False)
        if want_bid and bid_id not in orders:
            hbt.submit_buy_order(0, bid_id, bid * tick, size, GTX, LIMIT, False)
        if want_ask and ask_id not in orders:
            hbt.submit_sell_order(0, ask_id, ask * tick, size, GTX, LIMIT, False)

    @njit
    def logged(hbt, offset, size, max_pos, period_ns, log):
        count = 0
        tick, lot = hbt.depth(0).tick_size, hbt.depth(0).lot_size
        while hbt.elapse(period_ns) == 0:
            count = note_fills(hbt, lot, log, count)
            hbt.clear_inactive_orders(0)
            act(hbt, offset, size, max_pos, tick)
        return note_fills(hbt, lot, log, count)

    @njit
    def bare(hbt, offset, size, max_pos, period_ns, log):
        tick = hbt.depth(0).tick_size
        while hbt.elapse(period_ns) == 0:
            hbt.clear_inactive_orders(0)
            act(hbt, offset, size, max_pos, tick)
        return 0

    return logged, bare


_rules = []


def _asset(data, p):
    import numpy as np
    from hftbacktest import BacktestAsset
    mid = float(np.median(data["px"][data["px"] > 0]))
    asset = BacktestAsset().data(data).linear_asset(1.0)
    asset = asset.constant_order_latency(p["entry_us"] * 1000, p["resp_us"] * 1000)
    asset = {
        "risk": asset.risk_adverse_queue_model,
        "power2": lambda: asset.power_prob_queue_model(2.0),
        "power": lambda: asset.power_prob_queue_model(p["queue_n"]),
        "power_total": lambda: asset.power_prob_queue_model2(p["queue_n"]),
        "power_ratio": lambda: asset.power_prob_queue_model3(p["queue_n"]),
        "log": asset.log_prob_queue_model,
        "log_total": asset.log_prob_queue_model2,
    }[p["queue"]]()
    asset = asset.no_partial_fill_exchange().trading_value_fee_model(p["maker"], p["taker"])
    return asset.tick_size(p["tick"]).lot_size(p["lot"]).roi_lb(mid * 0.7).roi_ub(mid * 1.3)


def reference(data, log_fills=True, **settings):
    """The reference maker over `data`. Returns (totals, fills, seconds of the run alone)."""
    import time
    import numpy as np
    from hftbacktest import ROIVectorMarketDepthBacktest
    if not _rules:
        _rules.extend(_make_rules())
    p = {**DEFAULTS, **settings}
    hbt = ROIVectorMarketDepthBacktest([_asset(data, p)])
    log = np.zeros((2_000_000 if log_fills else 1, FILL_COLUMNS), np.int64)
    rule = _rules[0] if log_fills else _rules[1]
    start = time.perf_counter()
    count = rule(hbt, p["offset"], p["size"], p["max"], p["period_ms"] * 1_000_000, log)
    seconds = time.perf_counter() - start
    s = hbt.state_values(0)
    totals = dict(trades=int(s.num_trades), position=s.position, balance=s.balance, fee=s.fee,
                  volume=s.trading_volume)
    hbt.close()
    if count > len(log):
        raise RuntimeError(f"{count} fills do not fit the log")
    return totals, log[:count].copy(), seconds
