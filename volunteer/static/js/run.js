/* The run's picture: how the best cost falls and the proven bound rises, drawn from the table beside it.
   [data-run] is the frame; its table has rows of seconds, best, bound (data-value on each cell; bound may be empty).
   [data-run=burden] has no bound: how the burden of people falls, 100 being the start. */
(function () {
  "use strict";

  var word = window.volunteer.word;
  var H = 260;
  var LEFT = 4;
  var RIGHT = 88;
  var TOP = 16;
  var FOOT = 28;

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

  /* A value holds until the next one is found: steps, not slopes. Returns the corners. */
  function corners(list, name, x, y, now) {
    var found = [];
    list.forEach(function (point) {
      if (point[name] === null) return;
      if (found.length) found.push([x(point.at), found[found.length - 1][1]]);
      found.push([x(point.at), y(point[name])]);
    });
    if (found.length) found.push([x(now), found[found.length - 1][1]]);
    return found;
  }

  function path(list) {
    return "M" + list.map(function (corner) { return corner[0].toFixed(1) + " " + corner[1].toFixed(1); }).join("L");
  }

  function last(list, name) {
    return list.reduce(function (value, point) { return point[name] === null ? value : point[name]; }, null);
  }

  function grid(svg, x, end, width) {
    var count = width < 480 ? 2 : 4;
    for (var line = 0; line <= count; line += 1) {
      var at = end * line / count;
      svg.appendChild(draw("line", { x1: x(at), x2: x(at), y1: TOP, y2: H - FOOT, "class": "chart-axis" }));
      svg.appendChild(draw("text", { x: x(at), y: H - 8, "text-anchor": line ? "middle" : "start" }, word("{} 秒", Math.round(at))));
    }
    svg.appendChild(draw("line", { x1: x(0), x2: x(end), y1: H - FOOT, y2: H - FOOT, "class": "chart-axis" }));
  }

  function render(frame) {
    var list = points(frame);
    var old = frame.querySelector("svg.chart-run");
    if (old) old.parentNode.removeChild(old);
    var values = [];
    list.forEach(function (point) {
      if (point.best !== null) values.push(point.best);
      if (point.bound !== null) values.push(point.bound);
    });
    if (!values.length) return;
    var inset = window.getComputedStyle(frame);
    var width = Math.max(300, frame.clientWidth - parseFloat(inset.paddingLeft) - parseFloat(inset.paddingRight));
    var now = list[list.length - 1].at;
    var end = Math.max(Number(frame.getAttribute("data-seconds")) || 0, now, 1);
    var high = Math.max.apply(null, values);
    var low = Math.min.apply(null, values);
    var room = (high - low) * 0.08 || 1;
    high += room;
    low = Math.max(0, low - room);
    var x = function (at) { return LEFT + (width - LEFT - RIGHT) * at / end; };
    var y = function (cost) { return TOP + (H - TOP - FOOT) * (high - cost) / (high - low); };
    var burden = frame.getAttribute("data-run") === "burden";
    var told = burden ? word("负担、路程与意愿的代价随时间的变化，数据见下表") : word("方案代价与已证明的下限随时间的变化，数据见下表");
    var svg = draw("svg", { viewBox: "0 0 " + width + " " + H, "class": "chart-run", role: "img", "aria-label": told });
    grid(svg, x, end, width);
    var best = corners(list, "best", x, y, now);
    var bound = corners(list, "bound", x, y, now);
    if (best.length && bound.length) {
      var from = bound[0][0];
      var upper = best.filter(function (corner) { return corner[0] >= from; });
      svg.appendChild(draw("path", { d: path(upper.concat(bound.slice().reverse())) + "Z", "class": "chart-gap" }));
    }
    if (best.length) svg.appendChild(draw("path", { d: path(best), "class": "chart-best" }));
    if (bound.length) svg.appendChild(draw("path", { d: path(bound), "class": "chart-bound" }));
    words(svg, x(now) + 8, last(list, "best"), last(list, "bound"), y, burden);
    frame.insertBefore(svg, frame.firstChild);
  }

  /* The two figures stand at the ends of their lines and never on each other. */
  function words(svg, left, best, bound, y, burden) {
    var above = best === null ? null : Math.max(TOP + 14, y(best) - 14);
    var below = bound === null ? null : Math.min(H - FOOT - 18, y(bound) + 16);
    if (above !== null && below !== null && below - above < 34) above = below - 34;
    if (above !== null) {
      svg.appendChild(draw("text", { x: left, y: above, "class": "chart-best-word" }, burden ? word("现在 {}", best.toLocaleString("zh-CN")) : word("最好 {}", best.toLocaleString("zh-CN"))));
    }
    if (below !== null) {
      svg.appendChild(draw("text", { x: left, y: below, "class": "chart-bound-word" }, word("下限 {}", bound.toLocaleString("zh-CN"))));
    }
  }

  function ready() {
    Array.prototype.forEach.call(document.querySelectorAll("[data-run]"), render);
  }
  ready();
  document.addEventListener("htmx:afterSettle", ready);
  window.addEventListener("resize", ready);
})();
