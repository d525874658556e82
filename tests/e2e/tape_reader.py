#!/usr/bin/env python3
"""A second reader of tapes, written from docs/tape.md alone, and its comparison with ours.

usage: tape_reader.py PLIMSOLL TAPE     reads TAPE by itself and expects what `tape head` prints
       tape_reader.py --dump TAPE       prints its messages
"""

import ctypes
import ctypes.util
import json
import struct
import subprocess
import sys
from decimal import Decimal

M64 = (1 << 64) - 1
KINDS = ["depth", "snapshot", "bbo", "trade", "candle", "mark", "funding", "inst", "gap"]
zstd = ctypes.CDLL(ctypes.util.find_library("zstd") or "libzstd.so.1")
zstd.ZSTD_decompress.restype = ctypes.c_size_t


def xxh64(data, seed=0):
    p1, p2, p3 = 0x9E3779B185EBCA87, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9
    p4, p5 = 0x85EBCA77C2B2AE63, 0x27D4EB2F165667C5

    def rotl(x, r):
        return ((x << r) | (x >> (64 - r))) & M64

    def step(acc, word):
        return rotl((acc + word * p2) & M64, 31) * p1 & M64

    at, n = 0, len(data)
    h = (seed + p5) & M64
    if n >= 32:
        acc = [(seed + p1 + p2) & M64, (seed + p2) & M64, seed, (seed - p1) & M64]
        while n - at >= 32:
            acc = [step(a, w) for a, w in zip(acc, struct.unpack_from("<4Q", data, at))]
            at += 32
        h = sum(rotl(a, r) for a, r in zip(acc, (1, 7, 12, 18))) & M64
        for a in acc:
            h = ((h ^ step(0, a)) * p1 + p4) & M64
    h = (h + n) & M64
    while n - at >= 8:
        h = (rotl(h ^ step(0, struct.unpack_from("<Q", data, at)[0]), 27) * p1 + p4) & M64
        at += 8
    if n - at >= 4:
        h = (rotl(h ^ (struct.unpack_from("<I", data, at)[0] * p1 & M64), 23) * p2 + p3) & M64
        at += 4
    for byte in data[at:]:
        h = rotl(h ^ (byte * p5 & M64), 11) * p1 & M64
    h = (h ^ h >> 33) * p2 & M64
    h = (h ^ h >> 29) * p3 & M64
    return h ^ h >> 32


def mix(x):
    x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9 & M64
    x = (x ^ x >> 27) * 0x94D049BB133111EB & M64
    return x ^ x >> 31


def add_word(digest, word):
    return mix((digest * 0x9E3779B97F4A7C15 + word + 1) & M64)


def signed(x):
    x &= M64
    return x - (1 << 64) if x >> 63 else x


class Cut:
    def __init__(self, data):
        self.data, self.at = data, 0

    def bytes(self, n):
        assert self.at + n <= len(self.data), "ends too early"
        self.at += n
        return self.data[self.at - n : self.at]

    def get(self, form):
        return struct.unpack("<" + form, self.bytes(struct.calcsize("<" + form)))


def read_bytes(entry, count, planes):
    codec, value, _, size = entry
    if codec == 0:
        return bytes([value]) * count
    raw = planes.bytes(size)
    if codec == 1:
        return raw
    assert codec == 2
    out = ctypes.create_string_buffer(max(count, 1))
    assert zstd.ZSTD_decompress(out, ctypes.c_size_t(count), raw, ctypes.c_size_t(size)) == count
    return out.raw[:count]


def read_plane(directory, dense, count, planes):
    entry = directory.get("BBHI")
    if dense:
        return read_bytes(entry, count, planes)
    gaps_head, gap_entry, byte_entry = (directory.get("BBHI") for _ in range(3))
    gaps = read_bytes(gap_entry, gaps_head[3], planes)
    values = iter(read_bytes(byte_entry, entry[3], planes))
    plane, at = bytearray(count), 0
    for gap in gaps:
        at += gap
        if gap < 255:
            plane[at] = next(values)
            at += 1
    return bytes(plane)


def read_streams(directory, planes, stream_count):
    streams = {}
    for _ in range(stream_count):
        ident, width, dense, zigzag, count, unit = directory.get("BBBBIQ")
        columns = [read_plane(directory, j < dense, count, planes) for j in range(width)]
        values = []
        for i in range(count):
            k = sum(column[i] << 8 * j for j, column in enumerate(columns))
            k = k >> 1 ^ -(k & 1) if zigzag else k
            values.append(k * unit & M64)
        streams[ident] = iter(values)
    assert directory.at == len(directory.data) and planes.at == len(planes.data)
    return streams


def read_block(payload):
    cut = Cut(payload)
    messages, rows = cut.get("II")
    venue, _, local, *_ = cut.get("6q")
    (digest,) = cut.get("Q")
    class_count, slot_count, stream_count, minutes, directory_size = cut.get("5I")
    cut.bytes(16 * minutes)
    classes = [cut.get("BBBBBBH") for _ in range(class_count)]
    slots = []
    for _ in range(slot_count):
        seq, px = cut.get("Qq")
        slots.append({"seq": seq, "px": [px, px], "lots": [0, 0]})
    streams = read_streams(Cut(cut.bytes(directory_size)), Cut(payload[cut.at :]), stream_count)

    def take(ident):
        return next(streams[ident])

    out = []
    for _ in range(messages):
        kind, flags, bits, own, touch, _, market = classes[take(0)]
        slot, name = slots[own], KINDS[kind]
        venue = (venue + take(1)) & M64
        local = (local + take(2) + (take(3) if 3 in streams else 0)) & M64
        n, bids = {"bbo": (2, 1), "trade": (1, 0), "candle": (4, 0), "funding": (1, 0)}.get(name, (0, 0))
        if name in ("depth", "snapshot"):
            n, bids = take(4), take(5)
        elif name == "mark":
            n = take(6)
        seq = seq_first = 0
        ids = {"bbo": 9, "trade": 11}.get(name, 7)
        if bits & 2:
            seq_first = slot["seq"] = (slot["seq"] + take(ids + 1)) & M64
        if bits & 1:
            seq = slot["seq"] = (slot["seq"] + take(ids)) & M64
        px, lots = [], []
        if name == "bbo":
            mask = take(16)
            for side in range(2):
                if mask >> 2 * side & 1:
                    slot["px"][side] += take(17)
                if mask >> 2 * side & 2:
                    slot["lots"][side] += take(18)
            px, lots = list(slot["px"]), list(slot["lots"])
        elif name == "trade":
            side = 0 if flags & 1 else 1
            px, lots = [slots[touch]["px"][side] + take(19)], [take(20)]
            slot["px"][side] = px[0]
        for r in range(n if name not in ("bbo", "trade") else 0):
            if r == 0 and bids > 0:
                slot["px"][0] += take(13)
                px.append(slot["px"][0])
            elif r == bids:
                ref = slot["px"][1] if bids == 0 else px[0] if bits & 8 else px[-1]
                slot["px"][1] = ref + take(13)
                px.append(slot["px"][1])
            else:
                step = take(14)
                px.append(px[-1] - step if r < bids and bits & 4 else px[-1] + step)
            lots.append(take(15))
        out.append((kind, flags, market, bids, venue, local, seq, seq_first,
                    [signed(p) for p in px], [signed(q) for q in lots]))
    assert all(next(s, None) is None for s in streams.values()), "values are left over"
    assert sum(len(m[8]) for m in out) == rows
    return out, digest


def content_digest(messages):
    begins = [0]
    for m in messages:
        begins.append(begins[-1] + len(m[8]))

    def column(form, values):
        return xxh64(struct.pack("<%d%s" % (len(values), form), *values))

    digest = add_word(len(messages), begins[-1])
    for form, values in [("B", [m[0] for m in messages]), ("B", [m[1] for m in messages]),
                         ("H", [m[2] for m in messages]), ("I", begins),
                         ("I", [m[3] for m in messages]), ("q", [m[4] for m in messages]),
                         ("q", [m[5] for m in messages]), ("Q", [m[6] for m in messages]),
                         ("Q", [m[7] for m in messages]), ("q", [p for m in messages for p in m[8]]),
                         ("q", [q for m in messages for q in m[9]])]:
        digest = add_word(digest, column(form, values))
    return digest


def read_tape(path):
    with open(path, "rb") as f:
        data = f.read()
    assert data[:8] == b"PLTAPE\r\n" and struct.unpack_from("<HH", data, 8) == (1, 64)
    assert struct.unpack_from("<Q", data, 56)[0] == xxh64(data[:56])
    at, insts, messages, index_at = 64, [], [], None
    while at < len(data) - 24:
        tag, (size, check) = data[at : at + 4], struct.unpack_from("<IQ", data, at + 4)
        payload = data[at + 16 : at + 16 + size]
        assert check == xxh64(payload, size << 32 | struct.unpack("<I", tag)[0]), "hash"
        if tag == b"INST":
            mantissa, scale = struct.unpack_from("<qI", payload, 80)
            lot = struct.unpack_from("<qI", payload, 92)
            symbol = payload[24:56].split(b"\0")[0].decode()
            insts.append((symbol, Decimal(mantissa).scaleb(-scale), Decimal(lot[0]).scaleb(-lot[1])))
        elif tag == b"BLCK":
            block, digest = read_block(payload)
            assert content_digest(block) == digest, "digest"
            messages += block
        else:
            assert tag == b"INDX"
            index_at = at
        at += 16 + size
    assert struct.unpack_from("<QQ", data, at) == (index_at, add_word(0, index_at))
    assert data[at + 16 :] == b"PLTAPEND"
    return insts, messages


def main():
    if sys.argv[1] == "--dump":
        for m in read_tape(sys.argv[2])[1]:
            print(*m)
        return
    insts, messages = read_tape(sys.argv[2])
    theirs = subprocess.run(
        [sys.argv[1], "tape", "head", "--raw", "--json", "-n", "1000000000", "--rows", "1000000", sys.argv[2]],
        check=True, stdout=subprocess.PIPE, text=True).stdout.splitlines()
    assert len(theirs) == len(messages), (len(theirs), len(messages))
    now = {}
    for line, mine in zip(theirs, messages):
        his = json.loads(line)
        kind, flags, market, bids, venue, local, seq, seq_first, px, lots = mine
        if KINDS[kind] == "inst":
            now[market] = seq
        symbol, tick, lot = insts[now.get(market, market)]
        tick = Decimal("1e-9") if KINDS[kind] == "funding" else tick
        assert (his["kind"], his["flags"], his["market"], his["bids"], his["symbol"]) == (
            KINDS[kind], flags, market, bids, symbol), line
        assert (his["venue_ns"], his["local_ns"], int(his["seq"]), int(his["seq_first"])) == (
            venue, local, seq, seq_first), line
        assert [(Decimal(r[1]), Decimal(r[2])) for r in his["row"]] == [
            (p * tick, q * lot) for p, q in zip(px, lots)], line
    print("%d messages, %d rows: equal" % (len(messages), sum(len(m[8]) for m in messages)))


if __name__ == "__main__":
    main()
