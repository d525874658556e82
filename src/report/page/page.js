/* Puts the run into the page: every element with data-key shows that figure of the embedded JSON. */
"use strict";
(() => {
  const { element, format, timeline } = plimsoll;
  const read = (id) => JSON.parse(document.getElementById(id).textContent);
  const run = (plimsoll.run = read("run")),
    series = (plimsoll.series = read("series"));
  const money = format.moneyDecimals(
    Math.max(...["pnl", "captured", "inventory", "fees"].map((key) => Math.abs(run.account[key] || 0))),
  );

  const say = {
    /* data-as */
    text: (v) => (v === null || v === "" ? format.NONE : String(v)),
    count: (v) => format.fixed(v, 0),
    money: (v) => format.fixed(v, money),
    gain: (v) => format.signed(v, money),
    value: (v) => format.fixed(v, 2),
    short: (v) => format.short(v),
    bps: (v) => format.signed(v, 3),
    error: (v) => format.fixed(v, 3),
    percent: (v) => (v === null ? format.NONE : format.significant(v * 100, 4) + "%"),
    figures: (v) => format.significant(v, 5),
    figures3: (v) => format.significant(v, 3),
    fine: (v) => (v > 0 ? "+" : "") + format.significant(v, 3),
    seconds: (v) => format.seconds(v),
    fixed: (v, at) => format.fixed(v, Number(at.dataset.decimals)),
    signed: (v, at) => format.signed(v, Number(at.dataset.decimals)),
  };
  const look = (path) =>
    path.split(".").reduce((value, key) => (value === undefined ? value : value[key]), run);

  function fill(root) {
    for (const at of root.querySelectorAll("[data-key]")) {
      let value = look(at.dataset.key);
      if (value === undefined) throw new Error(`no figure ${at.dataset.key}`);
      if (typeof value === "number" && at.dataset.scale) value *= Number(at.dataset.scale);
      at.textContent = say[at.dataset.as](value, at);
      if ("sign" in at.dataset) {
        at.classList.toggle("up", value > 0);
        at.classList.toggle("down", value < 0);
      }
    }
  }

  const cell = (path, as, more) => element("td", { "data-key": path, "data-as": as, ...more });
  const table = (id, names, rows) =>
    document
      .getElementById(id)
      .replaceChildren(
        element("thead", {}, element("tr", {}, ...names.map((name) => element("th", {}, name)))),
        element("tbody", {}, ...rows),
      );

  function moneyTable() {
    const row = (name, at, counts, kind) =>
      element(
        "tr",
        { class: kind },
        element("td", {}, ...name),
        cell(`${at}.pnl`, "gain", { "data-sign": "" }),
        cell(`${at}.captured`, "gain"),
        cell(`${at}.inventory`, "gain"),
        cell(`${at}.fees`, "gain", { "data-scale": -1 }),
        cell(`${at}.funding`, "gain"),
        cell(`${at}.realised`, "gain"),
        cell(`${at}.unrealised`, "gain"),
        cell(`${at}.value`, "value"),
        cell(`${counts}.fills`, "count"),
      );
    const rows = run.markets.map((m, i) =>
      row(marketName(m), `markets.${i}.money`, `markets.${i}.counts`, ""),
    );
    rows.push(row([`Account, ${run.currency}`], "account", "counts", "total"));
    table(
      "money-table",
      [
        "Money",
        "PnL",
        "Captured",
        "Inventory",
        "Fees",
        "Funding",
        "Realised",
        "Unrealised",
        "Traded value",
        "Fills",
      ],
      rows,
    );
  }
  const marketName = (m) => [
    m.instrument.symbol,
    " ",
    element("small", { class: "muted" }, m.instrument.venue),
  ];

  function quoteTable() {
    const rows = run.markets.map((m, i) => {
      const at = `markets.${i}`,
        lot = { "data-decimals": format.stepDecimals(m.instrument.lot) };
      const px = { "data-decimals": format.stepDecimals(m.instrument.tick) + 1 };
      return element(
        "tr",
        {},
        element("td", {}, ...marketName(m)),
        cell(`${at}.money.position`, "signed", lot),
        cell(`${at}.money.avg_entry`, "fixed", px),
        cell(`${at}.money.max_abs_position`, "fixed", lot),
        cell(`${at}.money.volume`, "fixed", lot),
        cell(`${at}.quoted_share`, "percent"),
        cell(`${at}.at_touch_share`, "percent"),
        cell(`${at}.spread_quoted_mean`, "fixed", px),
        cell(`${at}.spread_market_mean`, "fixed", px),
        cell(`${at}.ratios.requests_per_fill`, "figures"),
      );
    });
    table(
      "quote-table",
      [
        "Quoting",
        "Position",
        "Entry",
        "Largest",
        "Volume",
        "Quoted",
        "At the touch",
        "Our spread",
        "Market spread",
        "Requests/fill",
      ],
      rows,
    );
  }

  /* Buttons of which one is pressed. */
  function tabs(id, names, choose) {
    const box = document.getElementById(id);
    const press = (chosen) =>
      [...box.children].forEach((button, i) => button.setAttribute("aria-pressed", String(i === chosen)));
    box.replaceChildren(
      ...names.map((name, i) => {
        const button = element("button", { type: "button" }, name);
        button.addEventListener("click", () => {
          press(i);
          choose(i);
        });
        return button;
      }),
    );
    press(0);
  }

  /* The fills of one market as plain columns, in time order. */
  const all = series.fills,
    fills = { t: plimsoll.times(all.t), kind: all.kind, markouts: all.markouts.map(plimsoll.column) };
  for (const key of ["px", "qty", "fee", "mid", "position", "queue", "waited_ns"])
    fills[key] = plimsoll.column(all[key]);
  function fillsOf(market) {
    const chosen = [...all.market.keys()]
      .filter((i) => all.market[i] === market)
      .sort((a, b) => fills.t[a] - fills.t[b] || a - b);
    const pick = (column) => chosen.map((i) => column[i]);
    const picked = { markouts: fills.markouts.map(pick) };
    for (const key of Object.keys(fills)) if (key !== "markouts") picked[key] = pick(fills[key]);
    return picked;
  }

  let market = 0,
    unit = "bps";
  function drawMarket() {
    for (const at of document.querySelectorAll(".needs-market")) at.hidden = run.markets.length === 0;
    if (run.markets.length === 0) return;
    timeline.market(series, run, market, fillsOf(market));
    const box = document.getElementById("histograms");
    document.getElementById("execution-market").textContent =
      run.markets.length > 1 ? run.markets[market].instrument.symbol : "";
    plimsoll.bars.histograms(box, run, market);
    fill(box);
  }
  const drawMarkouts = () => plimsoll.markouts.draw(document.getElementById("markouts"), run, unit);
  function drawCharts() {
    timeline.equity(series, run);
    drawMarket();
    drawMarkouts();
  }

  plimsoll.bars.attribution(document.getElementById("attribution"), run);
  plimsoll.markouts.table(document.getElementById("markout-table"), run);
  moneyTable();
  quoteTable();
  const p = run.performance;
  for (const at of document.querySelectorAll('[data-note="annualised"]')) {
    at.textContent = p.annualised ? "annualised, 365 days a year" : "not annualised: run under a day";
  }
  document.getElementById("sharpe-note").textContent =
    `${format.fixed(p.n, 0)} returns, every ${format.seconds(p.interval_s)}; ${p.annualised ? "annualised" : "not annualised"}`;
  for (const at of document.querySelectorAll(".currency")) at.textContent = run.currency;
  document.getElementById("fills-note").textContent =
    all.stride > 1
      ? `Showing one fill in ${all.stride} of ${format.fixed(all.total, 0)}; all figures count every fill.`
      : "";
  fill(document);

  let first = Infinity,
    last = -Infinity; /* everything that is drawn lies in between */
  for (const column of [...series.markets.map((m) => m.t), series.equity.t, all.t]) {
    for (const t of plimsoll.times(column)) {
      first = Math.min(first, t);
      last = Math.max(last, t);
    }
  }
  const largest = (columns) =>
    columns.reduce(
      (most, column) => plimsoll.column(column).reduce((a, v) => Math.max(a, Math.abs(v || 0)), most),
      0,
    );
  const widest = run.markets.map((m, i) =>
    format.fixed(
      largest([series.markets[i].ask, series.markets[i].own_ask]),
      format.stepDecimals(m.instrument.tick),
    ),
  );
  widest.push(format.fixed(-largest([series.equity.equity, series.equity.drawdown]), 1));
  timeline.init(first <= last ? first : 0, first <= last ? last : 1, widest);
  const names = run.markets.map((m) => m.instrument.symbol);
  tabs("market-tabs", names.length > 1 ? names : [], (i) => {
    market = i;
    drawMarket();
  });
  tabs("markout-tabs", ["bps", run.currency], (i) => {
    unit = i ? "money" : "bps";
    drawMarkouts();
  });
  document.getElementById("zoom-in").addEventListener("click", () => timeline.zoom(0.5));
  document.getElementById("zoom-out").addEventListener("click", () => timeline.zoom(2));
  document.getElementById("zoom-all").addEventListener("click", timeline.whole);
  drawCharts();

  let width = document.body.clientWidth;
  new ResizeObserver(() => {
    if (document.body.clientWidth === width) return;
    const crossed = width <= 640 !== document.body.clientWidth <= 640;
    width = document.body.clientWidth;
    if (crossed) drawCharts();
    else {
      timeline.resize();
      drawMarkouts();
    }
  }).observe(document.body);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawCharts);
  document.documentElement.dataset.ready = "1";
})();
