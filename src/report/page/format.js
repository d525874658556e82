/* Figures as text. The rules are those of report/number.c, so page and terminal agree. */
"use strict";
const plimsoll = { run: null, series: null };

plimsoll.format = (() => {
  const MINUS = "\u2212",
    NONE = "\u2013";

  function fixed(value, decimals) {
    if (value === null || !Number.isFinite(value)) return NONE;
    const text = Math.abs(value).toLocaleString("en-US", {
      minimumFractionDigits: decimals,
      maximumFractionDigits: decimals,
    });
    return (value < 0 && /[1-9]/.test(text) ? MINUS : "") + text;
  }
  function signed(value, decimals) {
    const text = fixed(value, decimals);
    return value > 0 && /[1-9]/.test(text) ? "+" + text : text;
  }
  function significant(value, digits) {
    if (value === null || !Number.isFinite(value)) return NONE;
    const size = Math.abs(value);
    if (size !== 0 && (size < 1e-6 || size >= 1e12))
      return value.toExponential(digits - 1).replace(/-/g, MINUS);
    let decimals = digits - 1;
    for (let edge = 10; size >= edge && decimals > 0; edge *= 10) decimals--;
    for (let edge = 1; size !== 0 && size < edge && decimals < 9; edge /= 10) decimals++;
    const text = fixed(value, Math.min(decimals, 9));
    return text.includes(".") ? text.replace(/0+$/, "").replace(/\.$/, "") : text;
  }
  /* As pl_money_decimals. */
  function moneyDecimals(largest) {
    const size = Math.abs(largest);
    return size >= 1000 ? 2 : size >= 1 ? 4 : size >= 1e-3 ? 6 : size > 0 ? 9 : 2;
  }
  function short(value) {
    if (value === null || !Number.isFinite(value)) return NONE;
    for (const [unit, name] of [
      [1e12, "T"],
      [1e9, "B"],
      [1e6, "M"],
      [1e3, "k"],
    ]) {
      if (Math.abs(value) >= unit) return fixed(value / unit, 2) + " " + name;
    }
    return fixed(value, 2);
  }
  function seconds(value) {
    if (value === null || !Number.isFinite(value)) return NONE;
    const s = Math.floor(value),
      two = (n) => String(n).padStart(2, "0");
    if (s >= 86400) return `${Math.floor(s / 86400)} d ${two(Math.floor((s % 86400) / 3600))} h`;
    if (s >= 3600) return `${Math.floor(s / 3600)} h ${two(Math.floor((s % 3600) / 60))} min`;
    if (s >= 120) return `${Math.floor(s / 60)} min ${two(s % 60)} s`;
    if (value >= 1 || value === 0) return significant(value, 4) + " s";
    if (value >= 1e-3) return significant(value * 1e3, 4) + " ms";
    return significant(value * 1e6, 4) + " \u00b5s";
  }
  /* Milliseconds since 1970 as UTC; `step` = how far apart two neighbours are. */
  function clock(ms, step) {
    const iso = new Date(Math.floor(ms)).toISOString();
    if (step >= 86400e3) return iso.slice(5, 10);
    if (step >= 60e3) return iso.slice(11, 16);
    if (step >= 1e3) return iso.slice(11, 19);
    return iso.slice(11, 23);
  }
  /* Decimals that show every multiple of `step` as it is: 0.25 needs two. */
  function decimalsOf(step) {
    let decimals = 0;
    for (
      let scaled = step;
      decimals < 9 && Math.abs(scaled - Math.round(scaled)) > 1e-6 * scaled;
      scaled *= 10
    )
      decimals++;
    return decimals;
  }
  function stepDecimals(text) {
    /* of a tick or lot as decimal text */
    const clean = text.includes(".") ? text.replace(/0+$/, "") : text;
    return clean.includes(".") ? clean.length - clean.indexOf(".") - 1 : 0;
  }
  return { fixed, signed, significant, moneyDecimals, short, seconds, clock, decimalsOf, stepDecimals, NONE };
})();

/* A column of report/column.h as numbers, null where there is none. */
plimsoll.column = (column) => {
  if (Array.isArray(column)) return column;
  let sum = 0;
  return column.d.map((change) => (change === null ? null : ((sum += change), sum / column.div)));
};
plimsoll.times = (column) => {
  let sum = 0;
  return column.d.map((change) => ((sum += change), column.ms + sum / column.div));
};
plimsoll.css = (name) =>
  getComputedStyle(document.documentElement)
    .getPropertyValue("--" + name)
    .trim();
plimsoll.element = (tag, attributes, ...children) => {
  const made = document.createElement(tag);
  for (const [key, value] of Object.entries(attributes || {})) {
    if (key === "class") made.className = value;
    else made.setAttribute(key, value);
  }
  made.append(...children);
  return made;
};
