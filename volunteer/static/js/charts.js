/* Statistics drawn from the table beside them (ECharts, SVG): [data-chart="bar|line|calendar"] data-table="#id".
   bar and line: first column the names, each further column with data-series in its head one series (cells may carry data-value).
   calendar: rows of day (data-value "2026-11-23") and figure. Colours: data-hue of the head, else the product's own. */
(function () {
  "use strict";

  var HUES = ["#b91c1c", "#1a5fc4", "#27753a", "#806000", "#6440bf", "#0b706f", "#a62d78", "#44546a"];
  var word = window.volunteer.word;
  var INK = "#57514a";
  var LINE = "#e6e3dd";
  var FONT = window.getComputedStyle(document.body).fontFamily;

  function number(cell) {
    var text = cell.getAttribute("data-value");
    return Number(text === null ? cell.textContent.replace(/[^\d.-]/g, "") : text);
  }

  function read(table) {
    var heads = Array.prototype.slice.call(table.tHead.rows[0].cells);
    var rows = Array.prototype.slice.call(table.tBodies[0].rows);
    return {
      names: rows.map(function (row) { return row.cells[0].getAttribute("data-value") || row.cells[0].textContent.trim(); }),
      series: heads.map(function (head, column) {
        if (!head.hasAttribute("data-series")) return null;
        return { name: head.textContent.trim(), hue: head.getAttribute("data-hue"), values: rows.map(function (row) { return number(row.cells[column]); }) };
      }).filter(Boolean),
    };
  }

  function safe(text) {
    return String(text).replace(/[&<>"']/g, function (sign) { return "&#" + sign.charCodeAt(0) + ";"; });
  }

  function words(unit) {
    return function (found) {
      var list = Array.isArray(found) ? found : [found];
      return [safe(list[0].name)].concat(list.map(function (point) {
        var figure = Array.isArray(point.value) ? point.value[1] : point.value;
        return safe(point.seriesName + "：" + figure + " " + unit);
      })).join("<br>");
    };
  }

  function axes(table, lying) {
    var names = { type: "category", data: table.names, inverse: lying, axisTick: { show: false }, axisLine: { lineStyle: { color: LINE } }, axisLabel: { color: INK } };
    var figures = { type: "value", splitLine: { lineStyle: { color: LINE } }, axisLabel: { color: INK }};
    return { xAxis: lying ? figures : names, yAxis: lying ? names : figures };
  }

  function plain(kind, table, unit, node) {
    var lying = node.hasAttribute("data-lying");
    var stack = node.hasAttribute("data-stack") ? "all" : undefined;
    var option = axes(table, lying);
    option.grid = { left: 8, right: 24, top: table.series.length > 1 ? 40 : 12, bottom: 8, containLabel: true };
    option.legend = table.series.length > 1 ? { top: 0, left: 0, itemWidth: 12, itemHeight: 12, textStyle: { color: INK } } : undefined;
    option.tooltip = { trigger: "axis", formatter: words(unit), axisPointer: { type: kind === "bar" ? "shadow" : "line" } };
    option.series = table.series.map(function (entry, index) {
      var hue = entry.hue || HUES[index % HUES.length];
      return { type: kind, name: entry.name, data: entry.values, stack: stack, barMaxWidth: 26, itemStyle: { color: hue, borderRadius: stack ? 0 : 3 }, lineStyle: { color: hue, width: 2.5 }, symbolSize: 6 };
    });
    return option;
  }

  function calendar(table, unit) {
    var days = table.names;
    var values = table.series[0].values;
    return {
      tooltip: { formatter: function (found) { return safe(found.value[0]) + "<br>" + safe(found.value[1] + " " + unit); } },
      visualMap: { min: 0, max: Math.max.apply(null, values.concat([1])), orient: "horizontal", right: 8, bottom: 0, itemHeight: 90, text: [word("多"), word("少")], textStyle: { color: INK }, inRange: { color: ["#fbeeea", "#e39a8b", "#b91c1c", "#7f1212"] } },
      calendar: { top: 28, left: 36, right: 8, cellSize: ["auto", 16], range: [days[0], days[days.length - 1]], splitLine: { lineStyle: { color: "#cbc6bd" } }, itemStyle: { color: "#f6f5f2", borderColor: "#fff", borderWidth: 2 }, dayLabel: { firstDay: 1, nameMap: word("日,一,二,三,四,五,六").split(","), color: INK }, monthLabel: { nameMap: word("1月,2月,3月,4月,5月,6月,7月,8月,9月,10月,11月,12月").split(","), color: INK }, yearLabel: { show: false } },
      series: [{ type: "heatmap", coordinateSystem: "calendar", data: days.map(function (day, index) { return [day, values[index]]; }) }],
    };
  }

  function ready() {
    if (!window.echarts) return;
    Array.prototype.forEach.call(document.querySelectorAll("[data-chart]"), function (node) {
      var source = document.querySelector(node.getAttribute("data-table"));
      if (!source || node.hasAttribute("data-drawn")) return;
      var table = source.tagName === "TABLE" ? source : source.querySelector("table");
      if (!table || !table.tBodies[0] || !table.tBodies[0].rows.length) return;
      node.setAttribute("data-drawn", "");
      var kind = node.getAttribute("data-chart");
      var data = read(table);
      var unit = node.getAttribute("data-unit") || "";
      if (node.hasAttribute("data-lying") && data.names.length > 12) node.classList.add(data.names.length > 24 ? "chart-taller" : "chart-tall");
      if (kind === "calendar") node.classList.add("chart-calendar");
      var chart = window.echarts.init(node, null, { renderer: "svg" });
      var option = kind === "calendar" ? calendar(data, unit) : plain(kind, data, unit, node);
      option.textStyle = { fontFamily: FONT };
      option.animation = false;
      chart.setOption(option);
      window.addEventListener("resize", function () { chart.resize(); });
    });
  }
  ready();
  document.addEventListener("htmx:afterSettle", ready);
})();
