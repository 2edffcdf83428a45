/* What a page does with the queue: shows what waits (待确认), and lets its forms go into the queue where there is no signal.
   form[data-queue] is own, roll or scan; [data-answered] names a tap that the server has answered; [data-roll] is a shift whose roll is kept. */
(function () {
  "use strict";

  var tools = window.volunteer;
  var queue = tools.queue;
  var word = tools.word;
  var FRESH = 20000;
  var SEEN = 180000;
  var loaded = Date.now();
  var pressed = null;
  var box = null;

  /* ---- the box that says what waits ---- */
  function clock(at) {
    var then = new Date(at);
    return ("0" + then.getHours()).slice(-2) + ":" + ("0" + then.getMinutes()).slice(-2);
  }

  function place() {
    if (box) return box;
    var main = document.getElementById("content");
    if (!main) return null;
    box = tools.make("section", "card stack queue-box");
    box.setAttribute("aria-live", "polite");
    box.setAttribute("aria-label", word("待确认的记录"));
    box.hidden = true;
    var after = main.querySelector(".flashes");
    main.insertBefore(box, after ? after.nextSibling : main.firstChild);
    return box;
  }

  function button(text, act, className) {
    var node = tools.make("button", className || "button", text);
    node.type = "button";
    node.addEventListener("click", act);
    return node;
  }

  function line(row) {
    var item = tools.make("li", "list-row");
    var body = tools.make("span", "grow");
    body.appendChild(tools.make("b", "", row.words));
    body.appendChild(tools.make("small", "", row.answer ? row.answer.words : word("{} 点按，已存在这台手机", clock(row.at))));
    item.appendChild(body);
    if (row.answer) {
      item.appendChild(button(word("知道了"), function () { queue.answered(row.item.nonce); }, "button button-small"));
    } else {
      item.appendChild(tools.make("span", "pill pill-wait", word("待确认")));
    }
    return item;
  }

  function why(state) {
    if (state.signedOut) return word("登录已过期。记录没有丢，请重新登录后自动上传。");
    if (state.other) return word("有几条是另一个账号登记的，请用那个账号登录后上传。");
    if (!state.signal) return word("网络不通。有网后自动上传，请不要清除浏览器数据。");
    return word("正在上传，请稍候。");
  }

  function paint(found, state) {
    var room = place();
    if (!room) return;
    var open = queue.waiting(found);
    var isShell = !!document.querySelector("[data-shell]");
    document.documentElement.classList.toggle("no-signal", !state.signal);
    room.hidden = !found.length && (state.signal || isShell);
    while (room.firstChild) room.removeChild(room.firstChild);
    if (room.hidden) return;
    var head = tools.make("div", "notice notice-wait");
    var words = tools.make("div");
    words.appendChild(tools.make("b", "", open.length ? word("待确认 {} 条", open.length) : state.signal ? word("离线记录的结果") : word("网络不通")));
    if (open.length) {
      words.appendChild(document.createElement("br"));
      words.appendChild(document.createTextNode(why(state)));
    } else if (!state.signal) {
      words.appendChild(document.createElement("br"));
      words.appendChild(document.createTextNode(word("签到、签退和点名照常点按，会先存在这台手机里。")));
    }
    head.appendChild(words);
    room.appendChild(head);
    if (!found.length) return;
    var rows = tools.make("ul", "list");
    found.slice(0, 30).forEach(function (row) { rows.appendChild(line(row)); });
    room.appendChild(rows);
    if (!open.length) return;
    if (state.signedOut) {
      var link = tools.make("a", "button button-main button-wide", word("去登录"));
      link.href = "/sign-in?next=" + encodeURIComponent(window.location.pathname);
      room.appendChild(link);
    } else {
      room.appendChild(button(word("现在上传"), queue.flush, "button button-wide"));
    }
  }

  /* ---- forms ---- */
  function value(form, name) {
    var field = form.elements[name];
    return field && field.value ? field.value : "";
  }

  function fix(form) {
    if (!value(form, "lat") || !value(form, "lon") || !value(form, "accuracy")) return null;
    return { lat: Number(value(form, "lat")), lon: Number(value(form, "lon")), accuracy: Number(value(form, "accuracy")), datum: value(form, "datum") || null };
  }

  function told(act) {
    return act === "out" ? word("签退") : act === "absent" ? word("未到") : word("签到");
  }

  /* What a form would have said, as items of the queue. */
  function itemsOf(form) {
    var kind = form.getAttribute("data-queue");
    var shift = Number(form.getAttribute("data-shift")) || null;
    var act = (pressed && pressed.name === "kind" ? pressed.value : value(form, "kind")) || form.getAttribute("data-act") || "in";
    var code = form.getAttribute("data-code") || "";
    if (kind === "own") {
      var digits = value(form, "digits").replace(/\D/g, "").slice(0, 6);
      var seen = code && Date.now() - loaded < SEEN ? loaded : Date.now();  /* a code counts when it was seen */
      return [{ item: { device_at: seen, nonce: value(form, "nonce"), source: "own", act: act, shift: shift, code: code, digits: digits.length === 6 ? digits : "", fix: fix(form) }, words: told(act) }];
    }
    if (kind === "scan") {
      var text = value(form, "scanned").trim();
      var figures = text.replace(/[\s-]/g, "");
      var isFigures = /^\d{6}$/.test(figures);
      return [{ item: { source: "scan", act: act, shift: shift, code: isFigures ? "" : text.split("/").pop(), digits: isFigures ? figures : "" }, words: word("扫个人码") + told(act) }];
    }
    return tools.all("input[name=people]:checked", form).map(function (tick) {
      return { item: { source: "roll", act: act, shift: shift, person: Number(tick.value) }, words: (tick.getAttribute("data-name") || "") + " " + word("点名") + told(act) };
    });
  }

  function intoQueue(form, items, sent) {
    return Promise.all(items.map(function (one) { return queue.add(one.item, one.words, sent); })).then(function (rows) {
      if (!sent) {
        tools.all("input[name=people]:checked", form).forEach(function (tick) { tick.checked = false; });
        tools.toast({ text: word("已存在手机里，待确认 {} 条", rows.length) });
        window.scrollTo(0, 0);
      }
      return rows;
    });
  }

  function submitAsEver(form) {
    if (pressed && pressed.form === form && pressed.name) {
      var field = tools.make("input");
      field.type = "hidden";
      field.name = pressed.name;
      field.value = pressed.value;
      form.appendChild(field);
    }
    form.submit();
  }

  document.addEventListener("click", function (event) {
    var found = event.target.closest("button[type=submit], button:not([type])");
    if (found) pressed = found;
  }, true);

  function onSubmit(event) {
    var form = event.currentTarget;
    var items = itemsOf(form);
    if (!items.length) {
      if (queue.state.signal && navigator.onLine !== false) return;
      event.preventDefault();
      tools.toast({ text: word("还没有勾选人员") });
      return;
    }
    event.preventDefault();
    var isOwn = form.getAttribute("data-queue") === "own";
    var sure = queue.state.signal && navigator.onLine !== false && Date.now() - loaded < FRESH;
    var reached = sure ? Promise.resolve(true) : queue.contact(4).then(function (done) { return done || queue.state.signedOut; });
    reached.then(function (there) {
      if (!there) return intoQueue(form, items, false);
      var noted = isOwn ? intoQueue(form, items, true) : Promise.resolve();
      return noted.then(function () { submitAsEver(form); }, function () { submitAsEver(form); });
    });
  }

  tools.all("form[data-queue]").forEach(function (form) { form.addEventListener("submit", onSubmit); });
  document.addEventListener("htmx:afterSettle", function (event) {
    tools.all("form[data-queue]", event.target).forEach(function (form) {
      if (form.hasAttribute("data-heard")) return;
      form.setAttribute("data-heard", "");
      form.addEventListener("submit", onSubmit);
    });
  });

  /* A code that the camera found while there is no signal goes straight into the queue. Returns whether it was taken. */
  queue.seen = function (code) {
    if (queue.state.signal && navigator.onLine !== false) return false;
    if (!/^[iop][0-9a-z]/.test(code)) return false;
    var act = code.charAt(0) === "o" ? "out" : "in";
    queue.kept("duty:").then(function (duties) {
      var next = duties.filter(function (duty) { return duty.ends > Date.now() - 7200000; }).sort(function (a, b) { return a.starts - b.starts; })[0];
      if (code.charAt(0) === "p" && next) act = next.next;
      queue.add({ source: "own", act: act, shift: next ? next.shift : null, code: code }, told(act)).then(function () {
        tools.toast({ text: word("已存在手机里，待确认 {} 条", 1) });
        window.scrollTo(0, 0);
      });
    });
    return true;
  };

  /* ---- on each page ---- */
  tools.all("[data-answered]").forEach(function (node) {
    if (node.getAttribute("data-answered")) queue.answered(node.getAttribute("data-answered"));
  });

  function keepRoll() {
    var node = document.querySelector("[data-roll]");
    if (!node) return Promise.resolve();
    var shift = node.getAttribute("data-roll");
    return queue.ask("/offline/roll/" + shift, {}, 8).then(function (answer) {
      if (!answer.ok) throw new Error(String(answer.status));
      return answer.json();
    }).then(function (roll) { return queue.keep("roll:" + shift, roll); }).catch(function () { return null; });
  }

  document.addEventListener("queue:sent", function () {
    var people = document.getElementById("people");
    if (people && window.htmx) window.htmx.trigger(people, "refresh");
  });

  queue.listen(paint);
  queue.tidy().then(function () {
    if (document.querySelector("[data-shell]")) return queue.contact(4).then(queue.flush);
    keepRoll();
    return queue.begin().then(queue.flush);
  });

  if ("serviceWorker" in navigator) {
    navigator.serviceWorker.register("/service-worker.js").then(function () { return navigator.serviceWorker.ready; }).then(function (worker) {
      if (worker.active) worker.active.postMessage("keep");
    }).catch(function () { return null; });
  }
})();
