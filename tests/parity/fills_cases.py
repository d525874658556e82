#!/usr/bin/env python3
"""Right money: small markets where the public peer's fills are known to be wrong, in both engines.
Ours must be right; the peer's are shown beside them, as they are (docs/fills.md holds the table).

usage: tests/parity/fills_cases.py [--table]
  --table   print the table of docs/fills.md
A script is a market of one event a second: levels, prints and own orders; sizes are decimals.
"""
import json
import os
import pathlib
import subprocess
import sys
from decimal import Decimal

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import peer  # noqa: E402

BIN = pathlib.Path(os.environ.get("PL_BIN", peer.ROOT / "build/release/plimsoll"))
VENUE = BIN.parent / "tests/scripted_venue"
PAGE = peer.ROOT / "docs/fills.md"
LOT, TICK, SECOND = Decimal("0.001"), Decimal("0.1"), 1_000_000_000
BOOK = ["bid 99 10", "bid 98 10", "ask 101 10", "ask 102 10"]

# name, script, what our position must be, our fills as (order, px, size)
CASES = [
    ("partial fills reach the position: own bid 5.0, prints of 2.0 and 1.0",
     BOOK + ["order 1 buy 100 5 gtc", "seller 100 2", "seller 100 1"],
     "3", [(1, 100, "2"), (1, 100, "1")]),
    ("an IOC of 2.0 over two levels of 1.0",
     ["bid 99 1", "ask 101 1", "ask 102 1", "order 1 buy 102 2 ioc"],
     "2", [(1, 101, "1"), (1, 102, "1")]),
    ("a print equal to what is left, then another print",
     BOOK + ["order 1 buy 100 1 gtc", "seller 100 1", "seller 100 1", "seller 99 0.5"],
     "1", [(1, 100, "1")]),
    ("two own bids of 1.0 at one price, one print of 1.0",
     BOOK + ["order 1 buy 100 1 gtc", "order 2 buy 100 1 gtc", "seller 100 1"],
     "1", [(1, 100, "1")]),
    ("own bid of 1000, a print of 0.001 through it",
     BOOK + ["order 1 buy 100 1000 gtc", "seller 99 0.001"],
     "0.001", [(1, 100, "0.001")]),
    ("two IOCs of 1.0 against 1.0 displayed",
     ["bid 99 1", "ask 101 1", "ask 105 1", "order 1 buy 101 1 ioc", "order 2 buy 101 1 ioc"],
     "1", [(1, 101, "1")]),
    ("a market order of 2.5 over levels of 1.0",
     ["bid 99 1", "ask 101 1", "ask 102 1", "ask 103 1", "order 1 buy 0 2.5 market"],
     "2.5", [(1, 101, "1"), (1, 102, "1"), (1, 103, "0.5")]),
    ("a cancellation ahead larger than the queue ahead, then a print of 0.1",
     ["bid 99 90", "ask 101 10", "order 1 buy 99 10 gtc", "bid 99 100", "bid 99 5",
      "seller 99 0.1"],
     "0.1", [(1, 99, "0.1")]),
    ("own ask of 2.0 at the ask, then a bid row of 0.5 crosses it",
     ["bid 99 1", "ask 101 1", "ask 103 1", "order 1 sell 101 2 gtc", "bid 102 0.5"],
     "-0.5", [(1, 101, "0.5")]),
    ("own ask of 1.0 far above; the market moves 40 % up to bids above it",
     ["bid 99 1", "ask 101 1", "ask 102 1", "order 1 sell 135 1 gtc", "bid 140 5"],
     "-1", [(1, 135, "1")]),
]


def lots(text):
    return int(Decimal(text) / LOT)


# ---- ours ----------------------------------------------------------------------------------------

def ours(script):
    lines = []
    for line in script:
        words = line.split()
        at = 4 if words[0] == "order" else 2
        words[at] = str(lots(words[at]))
        lines.append(" ".join(words))
    done = subprocess.run([VENUE], input="\n".join(lines) + "\n", capture_output=True, text=True,
                          check=True)
    told = json.loads(done.stdout)
    fills = [(f["order"], f["px"], Decimal(f["lots"]) * LOT) for f in told["fills"]]
    return fills, Decimal(told["position"]) * LOT


# ---- the peer ------------------------------------------------------------------------------------

def timeline(script):
    """The script as the peer's events and as orders with their times."""
    import numpy as np
    from hftbacktest import (BUY_EVENT, DEPTH_EVENT, EXCH_EVENT, LOCAL_EVENT, SELL_EVENT, TRADE_EVENT,
                             event_dtype)
    events, orders, now, opened = [], [], SECOND, False
    for line in script:
        words = line.split()
        level = words[0] in ("bid", "ask")
        now += SECOND if opened or not level else 0
        opened = opened or not level
        if words[0] == "order":
            kinds = {"gtc": (0, 0), "ioc": (3, 0), "market": (0, 1)}
            tif, kind = kinds[words[5]]
            orders.append((now, int(words[1]), 1 if words[2] == "buy" else -1, int(words[3]),
                           lots(words[4]), tif, kind))
            continue
        buy = words[0] in ("bid", "buyer")
        flags = EXCH_EVENT | LOCAL_EVENT | (BUY_EVENT if buy else SELL_EVENT)
        flags |= DEPTH_EVENT if level else TRADE_EVENT
        events.append((flags, now, now, float(int(words[1]) * TICK), float(words[2]), 0, 0, 0.0))
    last = now + SECOND  # something to wait for: a level far away
    events.append((EXCH_EVENT | LOCAL_EVENT | DEPTH_EVENT | BUY_EVENT, last, last, 1.0, 1.0, 0, 0, 0.0))
    return np.array(events, event_dtype), np.array(orders, np.int64).reshape(-1, 7), last


def make_player():
    from numba import njit, uint64
    from hftbacktest import LIMIT, MARKET

    @njit
    def play(hbt, orders, tick, lot, last):
        code = hbt.elapse(1)
        for i in range(len(orders)):
            if code != 0:
                return code
            code = hbt.elapse(orders[i, 0] - hbt.current_timestamp)
            if code != 0:
                return code
            kind = MARKET if orders[i, 6] == 1 else LIMIT
            px, size = orders[i, 3] * tick, orders[i, 4] * lot
            if orders[i, 2] == 1:
                hbt.submit_buy_order(0, uint64(orders[i, 1]), px, size, orders[i, 5], kind, False)
            else:
                hbt.submit_sell_order(0, uint64(orders[i, 1]), px, size, orders[i, 5], kind, False)
        if code == 0:
            code = hbt.elapse(last - hbt.current_timestamp)
        return code
    return play


def run_peer(play, script, model, book):
    import hftbacktest
    import numpy as np
    data, orders, last = timeline(script)
    asset = hftbacktest.BacktestAsset().data(data).linear_asset(1.0).constant_order_latency(1000, 1000)
    asset = asset.power_prob_queue_model(2.0)
    asset = asset.partial_fill_exchange() if model == "partial" else asset.no_partial_fill_exchange()
    asset = asset.trading_value_fee_model(0.0, 0.0).tick_size(float(TICK)).lot_size(float(LOT))
    mid = float(np.median(data["px"][:-1]))  # the range of the reference driver
    asset = asset.roi_lb(mid * 0.7).roi_ub(mid * 1.3)
    hbt = getattr(hftbacktest, book)([asset])
    code = play(hbt, orders, float(TICK), float(LOT), last)
    s = hbt.state_values(0)
    return dict(code=int(code), position=round(s.position, 6), trades=int(s.num_trades),
                value=round(s.trading_value, 6))


def forked(*arguments):
    """The peer may abort the process: each run has its own. None = it did."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(read)
        with open(os.devnull, "w") as nowhere:
            os.dup2(nowhere.fileno(), 2)
        os.write(write, json.dumps(run_peer(*arguments)).encode())
        os._exit(0)
    os.close(write)
    with os.fdopen(read) as pipe:
        text = pipe.read()
    os.waitpid(child, 0)
    return json.loads(text) if text else None


def say_peer(result):
    if result is None:
        return "the process aborts"
    said = f"position {result['position']:g}"
    if result["trades"] > 0:
        said += f", {result['trades']} trade{'s' if result['trades'] > 1 else ''}"
        said += f" for {result['value']:g}"
    return said + (f"; the run stops with error {result['code']}" if result["code"] > 1 else "")


def say_ours(fills, position):
    each = ", ".join(f"{size.normalize():f} at {px * TICK}" for _, px, size in fills)
    return f"position {position.normalize():f}: {each}"


ROI, HASH = "ROIVectorMarketDepthBacktest", "HashMapMarketDepthBacktest"


def main():
    if not VENUE.exists():
        print(f"FAILED: {VENUE} is not there: cmake --build build/release")
        print("0 passed, 1 failed")
        return 1
    have_peer = peer.enter()
    table = "--table" in sys.argv
    play = {}
    if have_peer:
        for book in (ROI, HASH):
            play[book] = make_player()
            run_peer(play[book], BOOK, "whole", book)  # compiles once, before the forks
    passed = failed = 0
    lines = ["| market | plimsoll | peer, partial fills | peer, whole fills |", "|---|---|---|---|"]
    for name, script, position, fills in CASES:
        got, held = ours(script)
        want = [(o, px, Decimal(size)) for o, px, size in fills]
        good = got == want and held == Decimal(position)
        passed, failed = passed + good, failed + (not good)
        row = [name, say_ours(got, held)]
        for model in ("partial", "whole") if have_peer else ():
            said = [say_peer(forked(play[b], script, model, b)) for b in (ROI, HASH)]
            row.append(said[0] if said[0] == said[1] else f"range vector: {said[0]}; hash map: {said[1]}")
        lines.append("| " + " | ".join(row) + " |")
        print(f"{'ok' if good else 'FAILED'}: {name}: {row[1]}"
              + (f" [peer: {row[2]} | {row[3]}]" if have_peer else ""))
    if table:
        print("\n".join(lines))
    elif have_peer:
        missing = [line for line in lines if line not in PAGE.read_text().splitlines()]
        passed, failed = passed + (not missing), failed + bool(missing)
        print(f"{'FAILED' if missing else 'ok'}: docs/fills.md shows these numbers"
              + ("; --table prints them" if missing else ""))
    else:
        print("SKIPPED: the peer's numbers of docs/fills.md were not checked: no hftbacktest")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
