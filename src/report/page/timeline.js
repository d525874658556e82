/* Charts over time (uPlot): equity, drawdown, price with quotes and fills, inventory. They share
 * one time range and one cursor. Times are milliseconds UTC. */
"use strict";
plimsoll.timeline = (() => {
  const { format, element, css } = plimsoll;
  const S = 1e3,
    M = 60 * S,
    H = 60 * M,
    D = 24 * H;
  const STEPS = [
    0.1,
    0.2,
    0.5,
    1,
    2,
    5,
    10,
    20,
    50,
    100,
    200,
    500,
    S,
    2 * S,
    5 * S,
    10 * S,
    15 * S,
    30 * S,
    M,
    2 * M,
    5 * M,
    10 * M,
    15 * M,
    30 * M,
    H,
    2 * H,
    3 * H,
    6 * H,
    12 * H,
    D,
    2 * D,
    5 * D,
    10 * D,
    20 * D,
    50 * D,
    100 * D,
    200 * D,
    500 * D,
  ];
  const SPAN_MIN = 20;
  const FONT = "12px system-ui, 'Segoe UI', Roboto, 'Liberation Sans', sans-serif";
  let side = 60; /* width of the labels at the left */
  const charts = {};
  const range = { min: 0, max: 1, whole: [0, 1] };
  const stepped = uPlot.paths.stepped({ align: 1 });

  function setRange(min, max) {
    const [first, last] = range.whole;
    let span = Math.min(Math.max(max - min, SPAN_MIN), last - first);
    let from = min + (max - min - span) / 2;
    from = Math.min(Math.max(from, first), last - span);
    range.min = from;
    range.max = from + span;
    for (const chart of Object.values(charts)) chart.setScale("x", { min: range.min, max: range.max });
  }
  function zoom(factor, at = (range.min + range.max) / 2) {
    setRange(at - (at - range.min) * factor, at + (range.max - at) * factor);
  }
  const whole = () => setRange(...range.whole);

  /* A range that came from uPlot itself (drag, double click): take it over for all charts. */
  function onScale(u, key) {
    if (key !== "x") return;
    const { min, max } = u.scales.x;
    const near = (a, b) => Math.abs(a - b) < 1e-3;
    if (min != null && !(near(min, range.min) && near(max, range.max))) setRange(min, max);
  }

  /* Fingers: one moves, two zoom about what they hold. The browser keeps vertical scrolling. */
  function touch(u) {
    const fingers = new Map();
    let held = null,
      tapped = null; /* where one finger went down, until it moves */
    const left = (event) => event.clientX - u.over.getBoundingClientRect().left;
    const hold = () => {
      held = [...fingers.values()].map((x) => ({ x, value: u.posToVal(x, "x") }));
    };
    u.over.addEventListener("pointerdown", (event) => {
      if (event.pointerType !== "touch") return;
      fingers.set(event.pointerId, left(event));
      tapped = fingers.size === 1 ? event : null;
      hold();
    });
    u.over.addEventListener("pointermove", (event) => {
      if (!fingers.has(event.pointerId)) return;
      fingers.set(event.pointerId, left(event));
      if (tapped && Math.hypot(event.clientX - tapped.clientX, event.clientY - tapped.clientY) > 8)
        tapped = null;
      const x = [...fingers.values()],
        width = u.over.clientWidth;
      let perPixel = (range.max - range.min) / width;
      if (x.length >= 2 && Math.abs(x[1] - x[0]) > 8)
        perPixel = (held[1].value - held[0].value) / (x[1] - x[0]);
      if (!(perPixel > 0)) return;
      const min = held[0].value - perPixel * x[0];
      setRange(min, min + perPixel * width);
    });
    for (const kind of ["pointerup", "pointercancel"]) {
      u.over.addEventListener(kind, (event) => {
        fingers.delete(event.pointerId);
        hold();
        if (kind === "pointercancel") tapped = null;
        if (!tapped) return;
        u.setCursor({ left: left(event), top: event.clientY - u.over.getBoundingClientRect().top });
        tapped = null;
      });
    }
    u.over.addEventListener(
      "wheel",
      (event) => {
        if (!event.ctrlKey && !event.metaKey) return; /* a plain wheel scrolls the page */
        event.preventDefault();
        zoom(event.deltaY > 0 ? 1.25 : 0.8, u.posToVal(left(event), "x"));
      },
      { passive: false },
    );
  }

  /* "name value" for each line, above the chart: of the cursor, else of the end of the run. Never empty, so
   * that nothing below moves when a finger comes. */
  function readout(id, lines) {
    const box = document.getElementById(id),
      time = element("b", {}, "");
    const values = lines.map((line) => element("b", {}, ""));
    box.replaceChildren(
      ...lines.map((line, i) => {
        const swatch =
          line.marker || element("i", { style: `color: ${line.colour}`, class: line.dash ? "dash" : "" });
        return element("span", {}, swatch, line.name, " ", values[i]);
      }),
      element("span", {}, time),
    );
    return (u) => {
      const idx = u.cursor.idx ?? u.data[0].length - 1;
      if (idx < 0) return;
      lines.forEach((line, i) => {
        if (line.series) values[i].textContent = line.say(u.data[line.series][idx]);
      });
      time.textContent = format.clock(u.data[0][idx], 1) + " UTC";
    };
  }

  function axes(labels) {
    const line = { stroke: css("line"), width: 1 },
      font = FONT;
    return [
      {
        stroke: css("muted"),
        grid: line,
        ticks: { ...line, size: 4 },
        font,
        gap: 5,
        space: window.innerWidth <= 640 ? 62 : 80,
        size: labels ? 30 : 8,
        incrs: STEPS,
        values: (u, splits, axis, space, step) =>
          splits.map((v) => (!labels ? "" : v % D === 0 ? format.clock(v, D) : format.clock(v, step))),
      },
      {
        stroke: css("muted"),
        grid: line,
        ticks: { show: false },
        font,
        gap: 6,
        size: side,
        space: 34,
        values: (u, splits, axis, space, step) => splits.map((v) => format.fixed(v, format.decimalsOf(step))),
      },
    ];
  }

  function make(name, id, height, labels, series, data, more) {
    const into = document.getElementById(id),
      narrow = window.innerWidth <= 640;
    if (charts[name]) charts[name].destroy();
    const options = {
      width: into.clientWidth,
      height,
      legend: { show: false },
      padding: [10, narrow ? 18 : 26, 0, 0],
      axes: axes(labels),
      scales: { x: { time: false, min: range.min, max: range.max }, y: more.scale || {} },
      bands: more.bands,
      cursor: {
        x: true,
        y: false,
        points: { size: 6 },
        drag: { x: true, y: false, dist: 5 },
        sync: { key: "plimsoll", filters: { pub: (type) => type === "mousemove" || type === "mouseleave" } },
      },
      series: [{}, ...series],
      hooks: {
        setScale: [onScale],
        setCursor: [more.cursor],
        draw: more.draw ? [more.draw] : [],
        ready: [touch],
      },
    };
    charts[name] = new uPlot(options, data, into);
    into.dataset.height = height;
    return charts[name];
  }

  const line = (colour, more) => ({ stroke: css(colour), width: 1.6, points: { show: false }, ...more });
  const tall = (desk, phone) => (window.innerWidth <= 640 ? phone : desk);

  function equity(series, run) {
    const e = series.equity,
      t = plimsoll.times(e.t),
      money = format.moneyDecimals(run.account.pnl);
    const say = (v) => format.signed(v, money);
    const cursor = readout("equity-readout", [
      { name: "Equity", colour: css("accent"), series: 1, say },
      { name: "Drawdown", colour: css("sell"), series: 2, say },
    ]);
    const values = plimsoll.column(e.equity),
      fallen = plimsoll.column(e.drawdown);
    make(
      "equity",
      "equity-chart",
      tall(270, 210),
      false,
      [line("accent", { width: 1.8, fill: css("accent-soft"), fillTo: 0 }), { show: false }],
      [t, values, fallen],
      { cursor },
    );
    make(
      "drawdown",
      "drawdown-chart",
      tall(140, 120),
      true,
      [line("sell", { width: 1.4, fill: css("sell-soft"), fillTo: 0 })],
      [t, fallen],
      { cursor: () => {}, scale: { range: (u, low) => [low < 0 ? low * 1.08 : -1, 0] } },
    );
  }

  function triangle(path, x, y, r, up) {
    /* the tip is the price */
    const s = up ? 1 : -1;
    path.moveTo(x, y);
    path.lineTo(x - r, y + s * r * 1.7);
    path.lineTo(x + r, y + s * r * 1.7);
    path.closePath();
  }
  function firstAt(t, value) {
    let low = 0,
      high = t.length;
    while (low < high) {
      const mid = (low + high) >> 1;
      if (t[mid] < value) low = mid + 1;
      else high = mid;
    }
    return low;
  }

  function drawFills(u, fills) {
    const ctx = u.ctx,
      ratio = uPlot.pxRatio,
      { left, top, width, height } = u.bbox;
    const from = firstAt(fills.t, u.scales.x.min),
      to = firstAt(fills.t, u.scales.x.max + 1e-3);
    const many = (to - from) / (width / ratio),
      r = (many > 1 ? 2.4 : many > 0.3 ? 3.4 : 5) * ratio;
    const made = [new Path2D(), new Path2D()],
      took = [new Path2D(), new Path2D()];
    for (let i = from; i < to; i++) {
      const sold = fills.kind[i] & 1;
      triangle(
        (fills.kind[i] & 2 ? took : made)[sold],
        u.valToPos(fills.t[i], "x", true),
        u.valToPos(fills.px[i], "y", true),
        r,
        !sold,
      );
    }
    ctx.save();
    ctx.beginPath();
    ctx.rect(left, top, width, height);
    ctx.clip();
    ctx.lineWidth = ratio;
    [css("buy"), css("sell")].forEach((colour, sold) => {
      ctx.fillStyle = colour;
      ctx.strokeStyle = css("card");
      ctx.fill(made[sold]);
      if (many <= 0.3) ctx.stroke(made[sold]);
      ctx.fillStyle = css("card");
      ctx.strokeStyle = colour;
      ctx.lineWidth = 1.6 * ratio;
      ctx.fill(took[sold]);
      ctx.stroke(took[sold]);
      ctx.lineWidth = ratio;
    });
    ctx.restore();
    u.root.dataset.markers = to - from;
  }

  function nearest(u, fills, x, y, reach) {
    const from = firstAt(fills.t, u.posToVal(x - reach, "x")),
      to = firstAt(fills.t, u.posToVal(x + reach, "x"));
    let best = -1,
      bestAway = reach * reach;
    for (let i = from; i < to; i++) {
      const dx = u.valToPos(fills.t[i], "x") - x,
        dy = u.valToPos(fills.px[i], "y") + (fills.kind[i] & 1 ? -4 : 4) - y;
      if (dx * dx + dy * dy < bestAway) {
        best = i;
        bestAway = dx * dx + dy * dy;
      }
    }
    return best;
  }

  function describe(fills, i, market, run) {
    const inst = market.instrument,
      px = format.stepDecimals(inst.tick),
      lot = format.stepDecimals(inst.lot);
    const money = Math.max(4, format.moneyDecimals(fills.fee[i] || 1));
    const rows = [
      ["Time", format.clock(fills.t[i], 1)],
      ["Price", format.fixed(fills.px[i], px)],
      ["Size", `${format.fixed(fills.qty[i], lot)} ${inst.base}`],
      ["Mid", format.fixed(fills.mid[i], px + 1)],
      ["Fee", format.fixed(fills.fee[i], money)],
      ["Position after", format.signed(fills.position[i], lot)],
      ["Queue ahead on arrival", format.fixed(fills.queue[i], lot)],
      ["Time in the book", format.seconds(fills.waited_ns[i] === null ? null : fills.waited_ns[i] / 1e9)],
    ];
    run.markouts.forEach((row, k) => {
      const value = fills.markouts[k][i];
      rows.push([
        `Markout ${format.seconds(row.tau_s)}`,
        value === null ? format.NONE : `${format.signed((value / fills.px[i]) * 1e4, 2)} bps`,
      ]);
    });
    return [
      element("h4", {}, `${fills.kind[i] & 1 ? "Sold" : "Bought"}${fills.kind[i] & 2 ? ", as taker" : ""}`),
      element(
        "table",
        {},
        ...rows.map(([name, value]) => element("tr", {}, element("th", {}, name), element("td", {}, value))),
      ),
    ];
  }

  function showTip(u, fills, market, run) {
    const tip = document.getElementById("tip"),
      { left, top } = u.cursor;
    const over = u.over.getBoundingClientRect();
    const i =
      u.over.dataset.inside && left >= 0
        ? nearest(u, fills, left, top, matchMedia("(pointer: coarse)").matches ? 26 : 14)
        : -1;
    tip.hidden = i < 0;
    if (i < 0) return;
    if (tip.dataset.fill !== String(i)) {
      tip.replaceChildren(...describe(fills, i, market, run));
      tip.dataset.fill = i;
    }
    const x = over.left + u.valToPos(fills.t[i], "x"),
      y = over.top + u.valToPos(fills.px[i], "y");
    const wide = tip.offsetWidth,
      high = tip.offsetHeight,
      room = document.documentElement.clientWidth;
    /* Beside the marker; where there is no room for that, under it or over it: never on it. */
    const right = x + 16 + wide < room - 8,
      beside = right || x - 16 - wide > 8;
    const under = y + 20 + high < window.innerHeight - 8 || y < window.innerHeight / 2;
    const at = right ? x + 16 : beside ? x - 16 - wide : Math.min(Math.max(8, x - wide / 2), room - 8 - wide);
    const down = beside
      ? Math.min(Math.max(8, y - high / 2), window.innerHeight - high - 8)
      : under
        ? y + 20
        : y - 20 - high;
    tip.style.left = `${at + window.scrollX}px`;
    tip.style.top = `${down + window.scrollY}px`;
  }

  function markerSwatch(up) {
    const box = element("span", {});
    box.innerHTML = `<svg width="12" height="10" aria-hidden="true"><path d="${up ? "M6 0L11 10H1Z" : "M6 10L11 0H1Z"}" fill="${css(up ? "buy" : "sell")}"/></svg>`;
    return box.firstChild;
  }

  function market(series, run, index, fills) {
    const p = series.markets[index],
      m = run.markets[index],
      t = plimsoll.times(p.t);
    const px = format.stepDecimals(m.instrument.tick),
      lot = format.stepDecimals(m.instrument.lot);
    const sayPx = (v) => format.fixed(v, px),
      sayQty = (v) => format.signed(v, lot);
    const column = (name) => plimsoll.column(p[name]);
    const follow = readout("price-readout", [
      { name: "Market ask", colour: css("touch"), series: 1, say: sayPx },
      { name: "Market bid", colour: css("touch"), series: 2, say: sayPx },
      { name: "Our ask", colour: css("sell"), series: 3, say: sayPx },
      { name: "Our bid", colour: css("buy"), series: 4, say: sayPx },
      { name: "Bought", marker: markerSwatch(true) },
      { name: "Sold", marker: markerSwatch(false) },
    ]);
    const cursor = (u) => {
      follow(u);
      showTip(u, fills, m, run);
    };
    const touchLine = line("touch", { width: 1.1, paths: stepped });
    const chart = make(
      "price",
      "price-chart",
      tall(400, 300),
      true,
      [
        touchLine,
        { ...touchLine },
        line("sell", { width: 1.3, paths: stepped }),
        line("buy", { width: 1.3, paths: stepped }),
      ],
      [t, column("ask"), column("bid"), column("own_ask"), column("own_bid")],
      { cursor, bands: [{ series: [1, 2], fill: css("touch-soft") }], draw: (u) => drawFills(u, fills) },
    );
    chart.over.addEventListener("pointerenter", () => {
      chart.over.dataset.inside = "1";
    });
    chart.over.addEventListener("pointerleave", (event) => {
      if (event.pointerType === "touch") return; /* a tap is over before the cursor comes */
      delete chart.over.dataset.inside;
      document.getElementById("tip").hidden = true;
    });
    const mark = column("mark");
    make(
      "inventory",
      "inventory-chart",
      tall(200, 170),
      true,
      [
        line("accent", { paths: stepped, fill: css("accent-soft"), fillTo: 0 }),
        line("mark", { width: 1.2, dash: [6, 5], paths: stepped }),
        line("mark", { width: 1.2, dash: [6, 5], paths: stepped }),
      ],
      [t, column("position"), mark, mark.map((v) => (v === null ? null : -v))],
      {
        cursor: readout("inventory-readout", [
          { name: `Position, ${m.instrument.base}`, colour: css("accent"), series: 1, say: sayQty },
          {
            name: "Mark (largest position allowed)",
            colour: css("mark"),
            dash: true,
            series: 2,
            say: (v) => (v === null ? "" : `\u00b1${format.fixed(v, lot)}`),
          },
        ]),
      },
    );
  }

  function resize() {
    for (const chart of Object.values(charts)) {
      const into = chart.root.parentElement;
      chart.setSize({ width: into.clientWidth, height: Number(into.dataset.height) });
    }
  }
  /* `widest`: the texts that have to fit beside the charts, all of which get the same room. */
  function init(first, last, widest) {
    const ctx = document.createElement("canvas").getContext("2d");
    ctx.font = FONT;
    side = Math.max(44, ...widest.map((text) => Math.ceil(ctx.measureText(text).width) + 12));
    document.addEventListener("pointerdown", (event) => {
      const price = charts.price;
      if (!price || price.over.contains(event.target)) return;
      delete price.over.dataset.inside;
      document.getElementById("tip").hidden = true;
    });
    range.whole = [first, Math.max(last, first + SPAN_MIN)];
    [range.min, range.max] = range.whole;
  }
  return { init, equity, market, zoom, whole, setRange, resize, charts, range };
})();
