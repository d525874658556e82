/* Attribution bars and histograms: plain elements, so that they scale and print by themselves. */
"use strict";
plimsoll.bars = (() => {
  const { element, format } = plimsoll;

  /* Rows of a waterfall: each bar starts where the one above ended. */
  function attribution(into, run) {
    const m = run.account,
      back = -m.adverse_5s;
    const rows = [];
    let at = 0;
    const step = (name, key, value, scale) => {
      rows.push({ name, key, scale, from: at, to: at + value, kind: value < 0 ? "loss" : "gain" });
      at += value;
    };
    step("Spread captured", "account.captured", m.captured, 1);
    rows.push({
      name: "kept after 5 s",
      key: "ratios.kept_5s",
      scale: 1,
      from: 0,
      to: run.ratios.kept_5s,
      kind: "kept",
      sub: true,
    });
    rows.push({
      name: "taken back within 5 s",
      key: "account.adverse_5s",
      scale: -1,
      from: m.captured,
      to: m.captured + back,
      kind: "back",
      sub: true,
    });
    step("Inventory", "account.inventory", m.inventory, 1);
    step("Fees", "account.fees", -m.fees, -1);
    step("Funding", "account.funding", m.funding, 1);
    rows.push({ name: "PnL", key: "account.pnl", scale: 1, from: 0, to: m.pnl, kind: "total", final: true });

    const ends = rows.flatMap((row) => [row.from, row.to]).concat(0);
    const low = Math.min(...ends),
      high = Math.max(...ends),
      span = high - low || 1;
    const percent = (value) => `${(((value - low) / span) * 100).toFixed(3)}%`;
    const table = element("div", { class: "bars", style: `--zero: ${percent(0)}` });
    table.append(
      element(
        "div",
        { class: "row" },
        element("span"),
        element("span"),
        element("span", { class: "bar-head" }, run.currency),
        element("span", { class: "bar-head share" }, "bps of value"),
      ),
    );
    for (const row of rows) {
      const kind = row.kind === "kept" && row.to < 0 ? "kept lost" : row.from === row.to ? "none" : row.kind;
      if (row.final) table.append(element("div", { class: "rule" }));
      const bar = element("div", {
        class: `bar ${kind}`,
        style: `left: ${percent(Math.min(row.from, row.to))}; width: ${((Math.abs(row.to - row.from) / span) * 100).toFixed(3)}%`,
      });
      const value = row.to - row.from;
      const share = m.value ? (value / m.value) * 1e4 : null;
      table.append(
        element(
          "div",
          { class: row.final ? "row final" : "row" },
          element("span", { class: row.sub ? "bar-name sub" : "bar-name" }, row.name),
          element("div", { class: "bar-track" }, bar),
          element("span", {
            class: "bar-value",
            "data-key": row.key,
            "data-as": "gain",
            "data-scale": row.scale,
            "data-sign": "",
          }),
          element("span", { class: "bar-value share" }, format.signed(share, 3)),
        ),
      );
    }
    into.replaceChildren(table);
  }

  const EDGE = (hist, i) => hist.lo * 2 ** (i / 4);
  /* Which buckets to draw: from the first to the last that holds anything. Of whole numbers, only
   * buckets that can hold one. */
  function buckets(hist, whole) {
    const used = [];
    hist.count.forEach((count, i) => {
      if (count > 0) used.push(i);
    });
    const shown = [];
    for (let i = used[0]; i <= used[used.length - 1]; i++) {
      let from = EDGE(hist, i),
        to = EDGE(hist, i + 1);
      if (i === 0) from = Math.min(hist.min, from);
      if (i === 63) to = Math.max(hist.max, to);
      if (whole) {
        const first = Math.ceil(from - 1e-9),
          last = Math.ceil(to - 1e-9) - 1;
        if (last < first) continue;
        shown.push({ from: first, to: last, count: hist.count[i] });
      } else {
        shown.push({ from, to, count: hist.count[i] });
      }
    }
    return shown;
  }

  /* One histogram. `unit` divides the values and names them; `path` is where it is in the run. */
  function histogram(title, hist, path, { whole = false, divide = 1, unit = "", weight = "" }) {
    const facts = element("div", { class: "facts" });
    const box = element("div", { class: "hist" }, element("h3", {}, title), facts);
    if (!hist.total) {
      facts.append("nothing recorded");
      return box;
    }
    const say = (value) => format.significant(value / divide, 3);
    const fact = (name, key) =>
      element(
        "span",
        {},
        `${name} `,
        element("span", { "data-key": `${path}.${key}`, "data-as": "figures3", "data-scale": 1 / divide }),
      );
    const median = [
      fact("median", "p50"),
      " \u00b7 ",
      fact("90%", "p90"),
      " \u00b7 ",
      fact("99%", "p99"),
      ` ${unit}`,
    ];
    facts.append(...median);
    const bins = buckets(hist, whole),
      most = Math.max(...bins.map((bin) => bin.count));
    const plot = element("div", { class: "plot" });
    for (const bin of bins) {
      const height = bin.count === 0 ? 0 : Math.max((bin.count / most) * 100, 0.8);
      const range = whole && bin.from === bin.to ? say(bin.from) : `${say(bin.from)} to ${say(bin.to)}`;
      const words = `${range} ${unit}: ${format.fixed(bin.count, 0)}${weight} (${format.fixed((bin.count / hist.total) * 100, 1)}%)`;
      const cell = element(
        "div",
        { class: "bin", "aria-label": words },
        element("span", { style: `height: ${height.toFixed(2)}%` }),
      );
      cell.addEventListener("pointerenter", () => facts.replaceChildren(words));
      cell.addEventListener("pointerleave", () => facts.replaceChildren(...median));
      plot.append(cell);
    }
    const axis = element("div", { class: "axis" });
    const ticks = Math.min(5, bins.length);
    for (let k = 0; k < ticks; k++) {
      /* whole numbers are named under their bar, others at edges */
      const i = ticks === 1 ? 0 : Math.round((k * (bins.length - 1)) / (ticks - 1));
      const last = k === ticks - 1 && ticks > 1;
      const value = !whole && last ? bins[i].to : bins[i].from;
      const at = whole ? (i + 0.5) / bins.length : last ? 1 : i / bins.length;
      const edge = last && !whole;
      axis.append(
        element(
          "span",
          {
            class: edge ? "last" : "",
            style: `left: ${(at * 100).toFixed(2)}%${whole ? "; transform: translateX(-50%)" : ""}`,
          },
          say(value),
        ),
      );
    }
    box.append(plot, axis);
    return box;
  }

  function histograms(into, run, market) {
    const m = run.markets[market],
      at = `markets.${market}`;
    into.replaceChildren(
      histogram("Queue ahead of filled orders", m.queue_at_fill_lots, `${at}.queue_at_fill_lots`, {
        whole: true,
        unit: "lots",
      }),
      histogram("Market spread, by time", m.spread_ticks, `${at}.spread_ticks`, {
        whole: true,
        unit: "ticks",
        weight: " ms",
      }),
      histogram("Feed latency", m.latency_feed_ns, `${at}.latency_feed_ns`, { divide: 1e6, unit: "ms" }),
      histogram("Order entry latency", m.latency_entry_ns, `${at}.latency_entry_ns`, {
        divide: 1e6,
        unit: "ms",
      }),
      histogram("Response latency", m.latency_response_ns, `${at}.latency_response_ns`, {
        divide: 1e6,
        unit: "ms",
      }),
    );
  }
  return { attribution, histograms };
})();
