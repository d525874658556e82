/* Markouts: means with two standard errors either side, buys and sells apart, at each horizon. */
"use strict";
plimsoll.markouts = (() => {
  const { element, format } = plimsoll;
  const SIDES = [
    ["buy", "Buys"],
    ["sell", "Sells"],
    ["all", "All"],
  ];

  function svg(tag, attributes, text) {
    const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    if (text !== undefined) made.textContent = text;
    return made;
  }
  /* 1, 2 or 5 times a power of ten: about `count` steps over `span`. */
  function niceStep(span, count) {
    const raw = span / count,
      power = 10 ** Math.floor(Math.log10(raw));
    return [1, 2, 5, 10].map((k) => k * power).find((step) => step >= raw);
  }
  function symbol(side, x, y, colour) {
    const r = 5.5;
    if (side === "all") return svg("circle", { cx: x, cy: y, r: 4.5, fill: colour });
    const s = side === "buy" ? -1 : 1;
    return svg("path", {
      d: `M${x} ${y + s * r}L${x - r} ${y - s * r * 0.8}L${x + r} ${y - s * r * 0.8}Z`,
      fill: colour,
    });
  }

  function draw(into, run, unit) {
    const width = Math.max(into.clientWidth, 280),
      height = width < 500 ? 230 : 270;
    const left = 62,
      right = 10,
      top = 28,
      bottom = 30;
    const colours = { buy: plimsoll.css("buy"), sell: plimsoll.css("sell"), all: plimsoll.css("ink") };
    const cells = run.markouts.map((row) =>
      SIDES.map(([side]) => {
        const mean = row[side][`mean_${unit}`],
          se = row[side][`se_${unit}`];
        return mean === null ? null : { side, mean, low: mean - 2 * (se || 0), high: mean + 2 * (se || 0) };
      }),
    );
    const known = cells.flat().filter(Boolean);
    if (!known.length) {
      into.replaceChildren(element("p", { class: "hint" }, "No fill had a mid to be measured against."));
      return;
    }
    let low = Math.min(0, ...known.map((c) => c.low)),
      high = Math.max(0, ...known.map((c) => c.high));
    const step = niceStep(high - low || 1, 7);
    low = Math.floor(low / step) * step;
    high = Math.ceil(high / step) * step;
    if (high === low) high += step;
    const y = (value) => top + ((high - value) / (high - low)) * (height - top - bottom);
    const slot = (width - left - right) / run.markouts.length;
    const chart = svg("svg", {
      width,
      height,
      viewBox: `0 0 ${width} ${height}`,
      role: "img",
      "aria-label": "Markouts by horizon",
    });
    const decimals = format.decimalsOf(step);
    for (let i = 0; i <= Math.round((high - low) / step); i++) {
      const value = low + i * step,
        zero = Math.abs(value) < step / 1e6;
      chart.append(
        svg("line", {
          x1: left,
          x2: width - right,
          y1: y(value),
          y2: y(value),
          stroke: plimsoll.css(zero ? "touch" : "line"),
          "stroke-width": zero ? 1.4 : 1,
        }),
      );
      chart.append(
        svg(
          "text",
          { x: left - 8, y: y(value) + 4, "text-anchor": "end" },
          format.fixed(zero ? 0 : value, decimals),
        ),
      );
    }
    run.markouts.forEach((row, k) => {
      const middle = left + slot * (k + 0.5),
        apart = Math.min(26, slot / 4.2);
      chart.append(
        svg("text", { x: middle, y: height - 8, "text-anchor": "middle" }, format.seconds(row.tau_s)),
      );
      SIDES.forEach(([side], i) => {
        const cell = cells[k][i];
        if (!cell) return;
        const x = middle + (i - 1) * apart,
          colour = colours[side];
        chart.append(
          svg("path", {
            d: `M${x} ${y(cell.low)}V${y(cell.high)}M${x - 4} ${y(cell.low)}h8M${x - 4} ${y(cell.high)}h8`,
            stroke: colour,
            "stroke-width": 1.6,
            fill: "none",
          }),
        );
        chart.append(symbol(side, x, y(cell.mean), colour));
      });
    });
    let legend = left;
    for (const [side, name] of SIDES) {
      chart.append(symbol(side, legend + 6, 11, colours[side]), svg("text", { x: legend + 16, y: 15 }, name));
      legend += 70;
    }
    chart.append(
      svg(
        "text",
        { x: width - right, y: 15, "text-anchor": "end" },
        unit === "bps" ? "bps of price" : `${run.currency} per fill`,
      ),
    );
    into.replaceChildren(chart);
  }

  function table(into, run) {
    const cell = (path, as) => element("span", { "data-key": path, "data-as": as });
    const head = element(
      "tr",
      {},
      ...[
        "After",
        "Fills",
        "Buys, bps",
        "Sells, bps",
        "All, bps",
        `All, ${run.currency} per fill`,
        `All, ${run.currency}`,
      ].map((name) => element("th", {}, name)),
    );
    const rows = run.markouts.map((row, k) => {
      const at = `markouts.${k}`;
      const mean = (side, unit, as, error) =>
        element(
          "td",
          {},
          cell(`${at}.${side}.mean_${unit}`, as),
          row[side][`se_${unit}`] === null
            ? ""
            : element(
                "small",
                { class: "muted" },
                " \u00b1",
                element("span", {
                  "data-key": `${at}.${side}.se_${unit}`,
                  "data-as": error,
                  "data-scale": 2,
                }),
              ),
        );
      return element(
        "tr",
        {},
        element("td", {}, format.seconds(row.tau_s)),
        element("td", {}, cell(`${at}.all.n`, "count")),
        mean("buy", "bps", "bps", "error"),
        mean("sell", "bps", "bps", "error"),
        mean("all", "bps", "bps", "error"),
        mean("all", "money", "fine", "figures3"),
        element("td", {}, cell(`${at}.all.sum_money`, "gain")),
      );
    });
    into.replaceChildren(element("thead", {}, head), element("tbody", {}, ...rows));
  }
  return { draw, table };
})();
