#!/usr/bin/env python3
"""The report page in a real headless Chromium: figures equal the JSON, charts draw and zoom, nothing
asks for the network, phones need no sideways scrolling.

usage: report_page.py [write_report]     (default: tests/write_report beside PL_BIN)
"""
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from browser import Browser  # noqa: E402

passed = failed = 0


def check(name, ok, detail=""):
    global passed, failed
    passed, failed = passed + bool(ok), failed + (not ok)
    print(f"{'ok' if ok else 'FAILED'}: {name}{'' if ok or not detail else f': {detail}'}")


def write(tool, folder, markets, fills):
    os.makedirs(folder)
    done = subprocess.run([tool, folder, str(markets), str(fills)], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise SystemExit(f"{tool}: {done.stderr}")
    with open(os.path.join(folder, "run.json"), encoding="utf-8") as f:
        return json.load(f)


# ---- figures -------------------------------------------------------------------------------------

UNITS = {"k": 1e3, "M": 1e6, "B": 1e9, "T": 1e12, "%": 0.01}


def number_shown(text):
    """(value, half of the last digit shown) of "+1,234.50", "289.90 k", "0.3%", "1.2e-9"."""
    plain = text.replace(",", "").replace("\u2212", "-").strip()
    match = re.fullmatch(r"([+-]?\d+(?:\.(\d+))?(?:e([+-]?\d+))?)\s*([kMBT%]?)", plain)
    if not match:
        raise ValueError(f"not a number: {text!r}")
    unit = UNITS.get(match[4], 1)
    return float(match[1]) * unit, 0.5 * 10 ** (int(match[3] or 0) - len(match[2] or "")) * unit


def seconds_shown(text):
    """(value, tolerance) of "10 s", "250 ms", "59 min 59 s", "2 h 05 min"."""
    size = {"d": 86400, "h": 3600, "min": 60, "s": 1, "ms": 1e-3, "\u00b5s": 1e-6}
    parts = re.findall(r"([\d.,]+)\s*(d|h|min|ms|\u00b5s|s)\b", text)
    value = sum(float(n.replace(",", "")) * size[unit] for n, unit in parts)
    return value, size[parts[-1][1]] * (1 if len(parts) > 1 else 0.51)


def look(run, path):
    for key in path.split("."):
        run = run[int(key)] if isinstance(run, list) else run[key]
    return run


def wrong_figures(browser, run):
    """What the page shows for each data-key against the JSON; also how many were compared."""
    shown = browser.run("""return [...document.querySelectorAll("[data-key]")].map((at) =>
        [at.dataset.key, at.dataset.as, Number(at.dataset.scale || 1), at.textContent]);""")
    faults = []
    for key, kind, scale, text in shown:
        want = look(run, key)
        if want is None or want == "":
            ok = text == "\u2013"
        elif kind == "text":
            ok = text == want
        else:
            value, slack = (seconds_shown if kind == "seconds" else number_shown)(text)
            ok = abs(value - want * scale) <= slack * (1 + 1e-9) + 1e-12 * abs(want * scale)
        if not ok:
            faults.append(f"{key} shows {text!r}, JSON has {want!r} (scale {scale})")
    return faults, len(shown)


# ---- the page at work ----------------------------------------------------------------------------

RANGE = """const c = plimsoll.timeline.charts; return Object.fromEntries(Object.keys(c).map((name) =>
    [name, [c[name].scales.x.min, c[name].scales.x.max]]));"""
PLACE = """const box = plimsoll.timeline.charts[arguments[0]].over; box.scrollIntoView({ block: "center" });
    const r = box.getBoundingClientRect(); return [r.left, r.top, r.width, r.height];"""


def ranges(browser):
    return browser.run("return new Promise((done) => setTimeout(() => done((() => {" + RANGE + "})()), 60));")


def same(all_ranges):
    first = next(iter(all_ranges.values()))
    return all(abs(a - b) < 1 for r in all_ranges.values() for a, b in zip(r, first))


def width(all_ranges, name="price"):
    return all_ranges[name][1] - all_ranges[name][0]


def mouse(*steps):
    return {"type": "pointer", "id": "mouse", "parameters": {"pointerType": "mouse"}, "actions": list(steps)}


def move(x, y, ms=0):
    return {"type": "pointerMove", "duration": ms, "x": round(x), "y": round(y)}


DOWN, UP = {"type": "pointerDown", "button": 0}, {"type": "pointerUp", "button": 0}


def open_page(browser, folder):
    browser.open("about:blank")
    browser.log("performance")  # what the browser itself loaded at its start
    browser.open("file://" + os.path.join(os.path.abspath(folder), "report.html"))
    browser.wait("return document.documentElement.dataset.ready === '1'")
    browser.wait("return Object.keys(plimsoll.timeline.charts).length === 4")
    ranges(browser)


def check_quiet(browser, name):
    said = [entry["message"] for entry in browser.log("browser") if "willReadFrequently" not in entry["message"]]  # ours: COLOUR
    check(f"{name}: nothing on the console", not said, "; ".join(said))
    asked = []
    for entry in browser.log("performance"):
        message = json.loads(entry["message"])["message"]
        if message["method"] == "Network.requestWillBeSent":
            url = message["params"]["request"]["url"]
            if not url.startswith(("file:", "data:")):
                asked.append(url)
    check(f"{name}: no request to any host", not asked, "; ".join(asked))


def check_figures(browser, run, name):
    faults, count = wrong_figures(browser, run)
    check(f"{name}: {count} figures equal the JSON", not faults and count > 100, "; ".join(faults[:5]))


def check_markers(browser, run, name):
    """Counted when the whole run is in view, then looked at: the colour of the canvas at some fills."""
    for market in range(len(run["markets"])):
        if len(run["markets"]) > 1:
            browser.run(f"document.querySelectorAll('#market-tabs button')[{market}].click()")
            ranges(browser)
        drawn = int(browser.run("return plimsoll.timeline.charts.price.root.dataset.markers"))
        want = run["markets"][market]["counts"]["fills"]
        check(f"{name}: {want} markers in market {market}", drawn == want, f"{drawn} were drawn")
        check_figures(browser, run, f"{name}, market {market}")
    if len(run["markets"]) > 1:
        browser.run("document.querySelectorAll('#market-tabs button')[0].click()")
        ranges(browser)


FILLS = """const f = plimsoll.series.fills, t = plimsoll.times(f.t), px = plimsoll.column(f.px), out = [];
    for (let i = 0; i < t.length; i++) if (f.market[i] === 0) out.push([t[i], px[i], f.kind[i]]);
    return out;"""
COLOUR = """const u = plimsoll.timeline.charts.price, [t, px, kind] = arguments[0], r = uPlot.pxRatio;
    const x = u.valToPos(t, "x", true), y = u.valToPos(px, "y", true) + (kind & 1 ? -4 : 4) * r;
    const c = document.createElement("canvas").getContext("2d"); c.fillStyle = plimsoll.css(kind & 1 ? "sell" : "buy");
    c.fillRect(0, 0, 1, 1);
    return [[...u.ctx.getImageData(x, y, 1, 1).data], [...c.getImageData(0, 0, 1, 1).data]];"""


def check_fill_is_drawn(browser, name):
    """Zooms to single fills: the triangle has its colour, and pointing at it tells its price."""
    fills = browser.run(FILLS)
    for want_sold in (0, 1):
        t, px, kind = next(f for f in fills[len(fills) // 3:] if f[2] == want_sold)
        browser.run("plimsoll.timeline.setRange(arguments[0] - 3000, arguments[0] + 3000)", t)
        ranges(browser)
        got, want = browser.run(COLOUR, [t, px, kind])
        what = "sell" if want_sold else "buy"
        check(f"{name}: a {what} is drawn in its colour", got == want, f"{got} instead of {want}")
        left, top, _, _ = browser.run(PLACE, "price")
        x, y = browser.run("const u = plimsoll.timeline.charts.price; return [u.valToPos(arguments[0], 'x'), u.valToPos(arguments[1], 'y')];", t, px)
        browser.actions(mouse(move(left + 5, top + 5), move(left + x, top + y + (-4 if want_sold else 4), 50)))
        tip = browser.run("const tip = document.getElementById('tip'); return tip.hidden ? '' : tip.textContent;")
        check(f"{name}: pointing at the {what} shows it", ("Sold" if want_sold else "Bought") in tip and f"{px:,.1f}" in tip, tip)
    browser.run("plimsoll.timeline.whole()")


def check_mouse_zoom(browser, name):
    before = ranges(browser)
    check(f"{name}: charts start with one range", same(before), str(before))
    left, top, wide, high = browser.run(PLACE, "price")
    y = top + high / 2
    browser.actions(mouse(move(left + wide * 0.4, y), DOWN, move(left + wide * 0.5, y, 80), move(left + wide * 0.6, y, 80), UP))
    after = ranges(browser)
    ratio = width(after) / width(before)
    check(f"{name}: dragging over a fifth of the price chart zooms to it", 0.17 < ratio < 0.23, str(ratio))
    check(f"{name}: all charts follow", same(after), str(after))
    browser.run("document.getElementById('zoom-in').click()")
    closer = ranges(browser)
    check(f"{name}: the button zooms further", abs(width(closer) / width(after) - 0.5) < 0.01 and same(closer), str(closer))
    left, top, wide, high = browser.run(PLACE, "equity")
    middle = move(left + wide / 2, top + high / 2)
    browser.actions(mouse(middle, DOWN, UP, DOWN, UP))
    check(f"{name}: a double click on another chart shows the whole run", ranges(browser) == before, str(ranges(browser)))
    shown = browser.run("return document.getElementById('price-readout').textContent;")
    check(f"{name}: the cursor is shared", "UTC" in shown, shown)


def check_touch_zoom(browser, name):
    before = ranges(browser)
    left, top, wide, high = browser.run(PLACE, "price")

    def touch(kind, *xs):
        browser.cdp("Input.dispatchTouchEvent", type=kind,
                    touchPoints=[{"x": left + x * wide, "y": top + high / 2, "id": i} for i, x in enumerate(xs)])
    touch("touchStart", 0.4, 0.6)
    for step in range(1, 6):
        touch("touchMove", 0.4 - 0.06 * step, 0.6 + 0.06 * step)
    touch("touchEnd")
    pinched = ranges(browser)
    check(f"{name}: a pinch to four times zooms four times", abs(width(pinched) / width(before) - 0.25) < 0.02 and same(pinched), str(pinched))
    touch("touchStart", 0.3)
    for step in range(1, 6):
        touch("touchMove", 0.3 + 0.08 * step)
    touch("touchEnd")
    moved = ranges(browser)
    shift = (pinched["price"][0] - moved["price"][0]) / width(pinched)
    check(f"{name}: a finger moves the chart", 0.3 < shift < 0.45 and abs(width(moved) - width(pinched)) < 1, str(shift))
    browser.run("document.getElementById('zoom-all').click()")
    check(f"{name}: the button shows the whole run", ranges(browser) == before)


def check_tap(browser, name):
    fills = browser.run(FILLS)
    t, px, _ = fills[len(fills) // 2]
    browser.run("plimsoll.timeline.setRange(arguments[0] - 3000, arguments[0] + 3000)", t)
    ranges(browser)
    left, top, _, _ = browser.run(PLACE, "price")
    x, y = browser.run("const u = plimsoll.timeline.charts.price; return [u.valToPos(arguments[0], 'x'), u.valToPos(arguments[1], 'y')];", t, px)
    browser.cdp("Input.dispatchTouchEvent", type="touchStart", touchPoints=[{"x": left + x, "y": top + y}])
    browser.cdp("Input.dispatchTouchEvent", type="touchEnd", touchPoints=[])
    browser.wait("return !document.getElementById('tip').hidden", 5)
    tip = browser.run("const at = document.getElementById('tip'); return [at.textContent, at.getBoundingClientRect().left, at.getBoundingClientRect().right];")
    check(f"{name}: a tap on a fill shows it", f"{px:,.1f}" in tip[0], tip[0])
    check(f"{name}: within the screen", tip[1] >= 0 and tip[2] <= 390, str(tip))
    moved = browser.run(PLACE, "price")[1] - top
    check(f"{name}: and nothing moves under the finger", abs(moved) < 1, str(moved))
    browser.run("plimsoll.timeline.whole()")


def check_layout(browser, name, wide):
    over = browser.run("""return [document.documentElement.scrollWidth, [...document.querySelectorAll("body *")]
        .filter((at) => !at.closest(".scroll, pre, #tip, svg") && at.getBoundingClientRect().right > arguments[0] + 0.5)
        .map((at) => at.tagName + "." + at.className).slice(0, 5)];""", wide)
    check(f"{name}: nothing wider than {wide} px", over[0] <= wide and not over[1], str(over))
    ink = browser.run("""return Object.values(plimsoll.timeline.charts).map((u) => {
        const data = u.ctx.getImageData(0, 0, u.ctx.canvas.width, u.ctx.canvas.height).data;
        let inked = 0; for (let i = 3; i < data.length; i += 4) inked += data[i] > 0;
        return inked / (data.length / 4); });""")
    check(f"{name}: every chart has ink", len(ink) == 4 and all(share > 0.005 for share in ink), str(ink))


def check_axes(browser, name):
    """A label that is rounded away from its line is a lie: 2.5 must not read 3."""
    axes = browser.run("return Object.values(plimsoll.timeline.charts).map((u) => [u.axes[1]._splits, u.axes[1]._values]);")
    wrong = [(at, text) for splits, texts in axes for at, text in zip(splits, texts)
             if abs(number_shown(text)[0] - at) > 1e-9 * max(1, abs(at))]
    check(f"{name}: the labels of all axes are exact", not wrong and all(len(texts) >= 2 for _, texts in axes), str(wrong or axes))


def luminance(browser):
    rgb = browser.run("return getComputedStyle(document.body).backgroundColor;")
    return sum(int(n) for n in re.findall(r"\d+", rgb)[:3]) / 3


def check_desktop(folder, run):
    with Browser() as browser:
        open_page(browser, folder)
        check_figures(browser, run, "desktop")
        check_markers(browser, run, "desktop")
        check_mouse_zoom(browser, "desktop")
        check_fill_is_drawn(browser, "desktop")
        check_layout(browser, "desktop", 1280)
        check_axes(browser, "desktop")
        light = luminance(browser)
        browser.cdp("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": "dark"}])
        ranges(browser)
        check("desktop: follows a change to dark", light > 200 and luminance(browser) < 40, str(luminance(browser)))
        check_layout(browser, "desktop, dark", 1280)
        before = browser.run("return document.querySelector('#markouts svg').textContent;")
        browser.run("document.querySelectorAll('#markout-tabs button')[1].click()")
        after = browser.run("return document.querySelector('#markouts svg').textContent;")
        check("desktop: markouts in money on request", before != after and "USDT per fill" in after, after)
        check_quiet(browser, "desktop")


def check_phone(folder, run):
    with Browser(touch=True, width=390, height=844) as browser:
        open_page(browser, folder)
        check_figures(browser, run, "phone")
        check_layout(browser, "phone", 390)
        check_touch_zoom(browser, "phone")
        check_tap(browser, "phone")
        check_axes(browser, "phone")
        browser.cdp("Emulation.setDeviceMetricsOverride", width=844, height=390, deviceScaleFactor=2, mobile=True)
        ranges(browser)
        check_layout(browser, "phone, turned", 844)
        check_quiet(browser, "phone")


def check_many_fills(folder, run):
    total = run["counts"]["fills"]
    size = os.path.getsize(os.path.join(folder, "report.html"))
    check(f"{total} fills: the page stays under 6 MB", size < 6 << 20, str(size))
    with Browser() as browser:
        open_page(browser, folder)
        drawn = int(browser.run("return plimsoll.timeline.charts.price.root.dataset.markers"))
        check(f"{total} fills: every second is drawn", drawn == (total + 1) // 2, str(drawn))
        note = browser.run("return document.getElementById('fills-note').textContent;")
        check(f"{total} fills: the page says so", f"one fill in 2 of {total:,}" in note, note)
        check_figures(browser, run, f"{total} fills")
        check_quiet(browser, f"{total} fills")


def check_no_fills(folder, run):
    with Browser() as browser:
        open_page(browser, folder)
        check_figures(browser, run, "no fills")
        check_layout(browser, "no fills", 1280)
        check_axes(browser, "no fills")
        check_quiet(browser, "no fills")


def main():
    beside = os.path.join(os.path.dirname(os.environ.get("PL_BIN", "build/dev/plimsoll")), "tests", "write_report")
    tool = sys.argv[1] if len(sys.argv) > 1 else beside
    if shutil.which("chromedriver") is None:
        print("SKIPPED: THE REPORT PAGE WAS NOT TESTED IN A BROWSER: no chromedriver")
        return 0
    if not os.access(tool, os.X_OK):
        print(f"FAILED: no {tool}: build first")
        print("0 passed, 1 failed")
        return 1
    folder = tempfile.mkdtemp(prefix="plimsoll-page-")
    try:
        two = write(tool, os.path.join(folder, "two"), 2, 2500)
        many = write(tool, os.path.join(folder, "many"), 1, 60001)
        none = write(tool, os.path.join(folder, "none"), 1, 0)
        size = os.path.getsize(os.path.join(folder, "two", "report.html"))
        check("2,500 fills, 2 markets of an hour: the page stays under 3 MB", size < 3 << 20, str(size))
        check_desktop(os.path.join(folder, "two"), two)
        check_phone(os.path.join(folder, "two"), two)
        check_no_fills(os.path.join(folder, "none"), none)
        check_many_fills(os.path.join(folder, "many"), many)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
