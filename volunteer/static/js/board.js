/* Moving a person from one shift to another: by dragging (SortableJS), or picked up with a button or the keyboard and put down with
   arrows and Enter. What each target would break is asked from the server when a person is picked up, so hand and solver obey one rule.

   [data-board]    data-move-url (POST seat, from, to), data-review-url (GET ?seat=…), data-target (selector swapped with the answer)
   [data-drop]     a shift that can take people; its value is the shift
   [data-drag]     a person on it; its value is the seat; data-name is said aloud
   The review answers {"targets": {"<shift>": {"level": "ok|nice|wanted|hard", "words": "…"}}}. */
(function () {
  "use strict";

  var tools = window.volunteer;
  var word = tools.word;
  var held = null;

  function board() { return document.querySelector("[data-board]"); }
  function drops() { return tools.all("[data-drop]", board()); }

  function say(text) {
    var ear = document.getElementById("board-says");
    if (!ear) {
      ear = tools.make("p", "hush");
      ear.id = "board-says";
      ear.setAttribute("aria-live", "assertive");
      document.body.appendChild(ear);
    }
    ear.textContent = text;
  }

  function clearMarks() {
    drops().forEach(function (drop) {
      drop.classList.remove("may-ok", "may-nice", "may-wanted", "may-hard", "is-aim");
      drop.removeAttribute("data-words");
      tools.all(".drop-words", drop).forEach(function (node) { node.parentNode.removeChild(node); });
    });
  }

  function review(seat) {
    var url = board().getAttribute("data-review-url");
    if (!url) return;
    fetch(url + (url.indexOf("?") < 0 ? "?" : "&") + "seat=" + encodeURIComponent(seat), {
      credentials: "same-origin", headers: { Accept: "application/json" },
    }).then(function (answer) { return answer.ok ? answer.json() : { targets: {} }; }).then(function (verdict) {
      if (!held || held.seat !== seat) return;
      drops().forEach(function (drop) {
        var found = verdict.targets[drop.getAttribute("data-drop")];
        if (!found) return;
        drop.classList.add("may-" + found.level);
        if (found.words) {
          drop.setAttribute("data-words", found.words);
          drop.appendChild(tools.make("span", "drop-words", found.words));
        }
      });
    }).catch(function () { say(word("暂时查不到移动的影响，放下时会再核对")); });
  }

  function move(seat, from, to) {
    if (from === to) return;
    var here = board();
    window.htmx.ajax("POST", here.getAttribute("data-move-url"), {
      source: here, target: here.getAttribute("data-target") || here, swap: "outerHTML",
      values: { seat: seat, from: from, to: to },
    });
  }

  /* ---- picked up by button or key ---- */
  function pick(node) {
    drop(false);
    held = { node: node, seat: node.getAttribute("data-drag"), from: node.closest("[data-drop]"), aim: node.closest("[data-drop]") };
    node.classList.add("is-held");
    review(held.seat);
    var bar = tools.make("div", "move-bar");
    bar.id = "move-bar";
    var name = node.getAttribute("data-name") || node.textContent.trim();
    bar.appendChild(tools.make("span", "", word("正在移动 {}：点选班次，或用方向键选择后按回车", name)));
    var cancel = tools.make("button", "button button-small", word("取消"));
    cancel.type = "button";
    cancel.addEventListener("click", function () { drop(false); });
    bar.appendChild(cancel);
    document.body.appendChild(bar);
    say(word("已拿起 {}。用方向键选择班次，回车放下，Esc 取消", name));
  }

  function drop(done) {
    if (!held) return;
    var last = held;
    held = null;
    last.node.classList.remove("is-held");
    clearMarks();
    var bar = document.getElementById("move-bar");
    if (bar) bar.parentNode.removeChild(bar);
    if (done && last.aim !== last.from) {
      move(last.seat, last.from.getAttribute("data-drop"), last.aim.getAttribute("data-drop"));
    } else {
      last.node.focus();
      say(done ? word("放回原处") : word("已取消"));
    }
  }

  function aim(next) {
    held.aim.classList.remove("is-aim");
    held.aim = next;
    next.classList.add("is-aim");
    next.scrollIntoView({ block: "nearest", inline: "nearest" });
    say((next.getAttribute("aria-label") || next.textContent.replace(/\s+/g, " ").trim().slice(0, 40)) + "。" + (next.getAttribute("data-words") || ""));
  }

  /* The nearest drop in a direction, by the middle of its box. */
  function neighbour(key) {
    var from = held.aim.getBoundingClientRect();
    var x = from.left + from.width / 2;
    var y = from.top + from.height / 2;
    var best = null;
    drops().forEach(function (drop) {
      if (drop === held.aim) return;
      var box = drop.getBoundingClientRect();
      var right = box.left + box.width / 2 - x;
      var down = box.top + box.height / 2 - y;
      var along = { ArrowRight: right, ArrowLeft: -right, ArrowDown: down, ArrowUp: -down }[key];
      var across = key === "ArrowRight" || key === "ArrowLeft" ? down : right;
      if (along <= 4) return;
      var cost = along + 3 * Math.abs(across);
      if (!best || cost < best.cost) best = { drop: drop, cost: cost };
    });
    return best && best.drop;
  }

  document.addEventListener("keydown", function (event) {
    if (!board()) return;
    if (held) {
      if (event.key === "Escape") { event.preventDefault(); drop(false); return; }
      if (event.key === "Enter") { event.preventDefault(); drop(true); return; }
      if (event.key.indexOf("Arrow") === 0) {
        event.preventDefault();
        var next = neighbour(event.key);
        if (next) aim(next);
      }
      return;
    }
    var node = event.target.closest && event.target.closest("[data-drag]");
    if (node && event.target === node && (event.key === "Enter" || event.key === " ")) {
      event.preventDefault();
      pick(node);
    }
  });

  document.addEventListener("click", function (event) {
    if (!board()) return;
    var button = event.target.closest("[data-pick]");
    if (button) {
      event.preventDefault();
      pick(button.closest("[data-drag]"));
      return;
    }
    var place = held && event.target.closest("[data-drop]");
    if (place) {
      event.preventDefault();
      held.aim = place;
      drop(true);
    }
  }, true);

  /* ---- dragged ---- */
  /* A whole shift takes the person, not only the list of people on it: what counts is what the pointer is over. */
  var over = null;

  function pointed(event) {
    var point = event && (event.changedTouches ? event.changedTouches[0] : event);
    var node = point && (point.clientX || point.clientY) ? document.elementFromPoint(point.clientX, point.clientY) : null;
    return node && node.closest("[data-drop]");
  }

  function watch(event) {
    var drop = event.target.closest ? event.target.closest("[data-drop]") : null;
    if (drop) event.preventDefault();
    if (drop === over) return;
    if (over) over.classList.remove("is-aim");
    over = drop;
    if (over) over.classList.add("is-aim");
  }

  function start(event) {
    held = { seat: event.item.getAttribute("data-drag"), node: event.item };
    over = null;
    document.addEventListener("dragover", watch);
    review(held.seat);
  }

  function end(event) {
    var from = event.from.closest("[data-drop]");
    var to = over || pointed(event.originalEvent);
    held = null;
    over = null;
    document.removeEventListener("dragover", watch);
    clearMarks();
    if (!to || to === from) {
      if (event.to !== event.from) event.from.insertBefore(event.item, event.from.children[event.oldIndex] || null);
      return;
    }
    move(event.item.getAttribute("data-drag"), from.getAttribute("data-drop"), to.getAttribute("data-drop"));
  }

  function ready() {
    if (!board() || !window.Sortable) return;
    tools.all("[data-drag]", board()).forEach(function (node) {
      if (!node.hasAttribute("tabindex")) node.tabIndex = 0;
      node.setAttribute("aria-roledescription", word("可移动的人员"));
    });
    drops().forEach(function (drop) {
      var list = drop.querySelector("[data-people]") || drop;
      if (list.hasAttribute("data-sortable")) return;
      list.setAttribute("data-sortable", "");
      window.Sortable.create(list, {
        group: "people", draggable: "[data-drag]", animation: 120, delay: 180, delayOnTouchOnly: true, sort: false,
        onStart: start, onEnd: end,
      });
    });
  }
  ready();
  document.addEventListener("htmx:afterSettle", ready);
  /* A refused move leaves the server's board as it was: put the person back by fetching it anew. */
  document.addEventListener("htmx:responseError", function (event) {
    if (board() && event.detail.elt === board()) window.setTimeout(function () { window.location.reload(); }, 2500);
  });
})();
