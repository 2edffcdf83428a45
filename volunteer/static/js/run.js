/* The run's picture: how the best cost falls and the proven bound rises, drawn from the table beside it.
   [data-run] is the frame; its table has rows of seconds, best, bound (data-value on each cell; bound may be empty). */
(function () {
  "use strict";

  var W = 720;
  var H = 260;
  var LEFT = 8;
  var RIGHT = 96;
  var TOP = 18;
  var FOOT = 26;

  function draw(tag, attributes, text) {
    var node = document.createElementNS("http://www.w3.org/2000/svg", tag);
    Object.keys(attributes).forEach(function (name) { node.setAttribute(name, attributes[name]); });
    if (text) node.textContent = text;
    return node;
  }

  function value(cell) {
    var text = cell ? cell.getAttribute("data-value") : "";
    return text === null || text === "" ? null : Number(text);
  }

  function points(frame) {
    return Array.prototype.map.call(frame.querySelectorAll("tbody tr"), function (row) {
      return { at: value(row.cells[0]), best: value(row.cells[1]), bound: value(row.cells[2]) };
    }).filter(function (point) { return point.at !== null; }).sort(function (a, b) { return a.at - b.at; });
  }

  /* A value holds until the next one is found: steps, not slopes. */
  function steps(list, name, x, y, end) {
    var path = "";
    var last = null;
    list.forEach(function (point) {
      if (point[name] === null) return;
      path += path ? "H" + x(point.at) + "V" + y(point[name]) : "M" + x(point.at) + " " + y(point[name]);
      last = point[name];
    });
    return last === null ? "" : path + "H" + x(end);
  }

  function render(frame) {
    var list = points(frame);
    var old = frame.querySelector("svg.chart-run");
    if (old) old.parentNode.removeChild(old);
    if (list.length < 1) return;
    var end = Math.max(Number(frame.getAttribute("data-seconds")) || 0, list[list.length - 1].at, 1);
    var values = [];
    list.forEach(function (point) {
      if (point.best !== null) values.push(point.best);
      if (point.bound !== null) values.push(point.bound);
    });
    if (!values.length) return;
    var high = Math.max.apply(null, values);
    var low = Math.min.apply(null, values);
    var room = (high - low) * 0.08 || 1;
    high += room;
    low = Math.max(0, low - room);
    var x = function (at) { return (LEFT + (W - LEFT - RIGHT) * at / end).toFixed(1); };
    var y = function (cost) { return (TOP + (H - TOP - FOOT) * (high - cost) / (high - low)).toFixed(1); };
    var svg = draw("svg", { viewBox: "0 0 " + W + " " + H, "class": "chart-run", role: "img", "aria-label": "方案质量随时间变化，数据见表格" });
    for (var line = 0; line <= 4; line += 1) {
      var at = end * line / 4;
      svg.appendChild(draw("line", { x1: x(at), x2: x(at), y1: TOP, y2: H - FOOT, "class": "chart-axis" }));
      svg.appendChild(draw("text", { x: x(at), y: H - 6, "text-anchor": line ? "middle" : "start" }, Math.round(at) + " 秒"));
    }
    svg.appendChild(draw("line", { x1: LEFT, x2: W - RIGHT, y1: H - FOOT, y2: H - FOOT, "class": "chart-axis" }));
    var best = steps(list, "best", x, y, end);
    var bound = steps(list, "bound", x, y, end);
    if (best) svg.appendChild(draw("path", { d: best, "class": "chart-best" }));
    if (bound) svg.appendChild(draw("path", { d: bound, "class": "chart-bound" }));
    label(svg, list, "best", "当前最好", "chart-best-word", y, -7);
    label(svg, list, "bound", "理论下限", "chart-bound-word", y, 16);
    frame.insertBefore(svg, frame.firstChild);
  }

  function label(svg, list, name, word, className, y, shift) {
    var last = null;
    list.forEach(function (point) { if (point[name] !== null) last = point[name]; });
    if (last === null) return;
    svg.appendChild(draw("text", { x: W - RIGHT + 6, y: Number(y(last)) + shift / 2, "class": className }, word));
    svg.appendChild(draw("text", { x: W - RIGHT + 6, y: Number(y(last)) + shift / 2 + (shift < 0 ? -14 : 14), "class": className }, last.toLocaleString("zh-CN")));
  }

  function ready() {
    Array.prototype.forEach.call(document.querySelectorAll("[data-run]"), render);
  }
  ready();
  document.addEventListener("htmx:afterSettle", ready);
})();
