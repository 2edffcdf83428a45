/* The two pages that open without a signal, filled from what this phone kept: one's own check-in, and the leader's roll. */
(function () {
  "use strict";

  var tools = window.volunteer;
  var queue = tools.queue;
  var word = tools.word;
  var shell = document.querySelector("[data-shell]");
  if (!shell) return;
  var room = shell.querySelector("[data-shell-content]");
  var opened = Date.now();

  function clock(at) {
    var then = new Date(at);
    return ("0" + then.getHours()).slice(-2) + ":" + ("0" + then.getMinutes()).slice(-2);
  }

  function empty() { while (room.firstChild) room.removeChild(room.firstChild); }

  function button(text, className, act) {
    var node = tools.make("button", "button " + className, text);
    node.type = "button";
    node.addEventListener("click", act);
    return node;
  }

  function saved(count) {
    tools.toast({ text: word("已存在手机里，待确认 {} 条", count) });
    window.scrollTo(0, 0);
    queue.flush();
  }

  function title(text, line) {
    var head = tools.make("div");
    head.appendChild(tools.make("b", "", text));
    head.appendChild(document.createElement("br"));
    head.appendChild(tools.make("span", "muted", line));
    return head;
  }

  /* ---- one's own ---- */
  var fix = null;

  /* Once, and only where the person has agreed; nothing waits for it. */
  function locate(duties) {
    if (!duties.length || !duties[0].locate || !navigator.geolocation) return;
    navigator.geolocation.getCurrentPosition(function (position) {
      fix = { lat: position.coords.latitude, lon: position.coords.longitude, accuracy: position.coords.accuracy };
    }, function () { return null; }, { enableHighAccuracy: true, timeout: 8000, maximumAge: 30000 });
  }

  function codeHere() {
    var found = /^\/c\/([iop][0-9a-z.A-Z_-]+)$/.exec(window.location.pathname);
    return found ? found[1] : "";
  }

  function drawCode(code, duties) {
    var out = code.charAt(0) === "o";
    var duty = duties[0];
    var act = code.charAt(0) === "p" && duty ? duty.next : out ? "out" : "in";
    var text = act === "out" ? word("签退") : word("签到");
    if (duty) room.appendChild(title(duty.place, clock(duty.starts) + "—" + clock(duty.ends)));
    room.appendChild(button(text + " " + clock(opened), "button-main button-big button-wide", function () {
      queue.add({ source: "own", act: act, shift: duty ? duty.shift : null, code: code, device_at: opened, fix: fix }, text).then(function () {
        empty();
        room.appendChild(tools.make("p", "", word("已存在手机里。可以离开这一页，有网后自动上传。")));
        saved(1);
      });
    }));
  }

  function drawDuty(duty) {
    var part = tools.make("div", "stack");
    var text = duty.next === "out" ? word("签退") : word("签到");
    part.appendChild(title(duty.place, clock(duty.starts) + "—" + clock(duty.ends)));
    if (Date.now() < duty.opens) {
      part.appendChild(tools.make("p", "muted", word("{} 起可以签到", clock(duty.opens))));
      return part;
    }
    var label = tools.make("label", "field");
    label.appendChild(tools.make("span", "field-label", word("带队屏幕上的六位数字（看不到可以不填）")));
    var field = tools.make("input", "input");
    field.inputMode = "numeric";
    field.maxLength = 7;
    field.autocomplete = "off";
    label.appendChild(field);
    part.appendChild(label);
    part.appendChild(button(text, "button-main button-big button-wide", function () {
      var figures = field.value.replace(/\D/g, "");
      var item = { source: "own", act: duty.next, shift: duty.shift, digits: figures.length === 6 ? figures : "", fix: fix };
      queue.add(item, text).then(function () {
        duty.next = duty.next === "out" ? "in" : "out";
        return queue.keep("duty:" + duty.shift, duty);
      }).then(function () {
        empty();
        room.appendChild(tools.make("p", "", word("已存在手机里，要由带队核实后才记入。可以离开这一页，有网后自动上传。")));
        saved(1);
      });
    }));
    part.appendChild(tools.make("p", "muted small", word("没有扫码的签到要由带队核实。能扫到屏幕上的码就先扫码。")));
    return part;
  }

  function drawOwn() {
    queue.kept("duty:").then(function (duties) {
      var now = Date.now();
      var near = duties.filter(function (duty) { return duty.ends > now - 7200000 && duty.starts < now + 7200000; });
      near.sort(function (one, other) { return one.starts - other.starts; });
      empty();
      locate(near);
      if (codeHere()) drawCode(codeHere(), near);
      else if (near.length) near.slice(0, 2).forEach(function (duty) { room.appendChild(drawDuty(duty)); });
      else room.appendChild(tools.make("p", "", word("这台手机没有存下您现在的班次。请找带队点名登记。")));
    });
  }

  /* ---- the leader's roll ---- */
  var roll = null;

  function shiftHere() {
    var found = /^\/onsite\/(\d+)$/.exec(window.location.pathname);
    return found ? Number(found[1]) : 0;
  }

  function add(one, act) {
    var text = act === "out" ? word("签退") : act === "absent" ? word("未到") : word("签到");
    return queue.add({ source: "roll", act: act, shift: roll.shift, person: one.person }, one.name + " " + word("点名") + text);
  }

  function marks(rows) {
    var made = {};
    rows.forEach(function (row) {
      if (row.item.shift === roll.shift && row.item.person) made[row.item.person] = row;
    });
    return made;
  }

  function person(one, made) {
    var item = tools.make("li", "list-row");
    var label = tools.make("label", "tick");
    var tick = tools.make("input");
    tick.type = "checkbox";
    tick.value = String(one.person);
    label.appendChild(tick);
    label.appendChild(tools.make("span", "hush", word("勾选 {}", one.name)));
    item.appendChild(label);
    var body = tools.make("span", "grow");
    body.appendChild(tools.make("b", "", one.name));
    body.appendChild(tools.make("small", "", made ? made.words.replace(one.name + " ", "") + " " + clock(made.at) : one.unit));
    item.appendChild(body);
    item.appendChild(tools.make("span", made ? "pill pill-wait" : "pill", made ? word("待确认") : one.words));
    return item;
  }

  function ticked() {
    return tools.all("input:checked", room).map(function (tick) {
      return roll.people.filter(function (one) { return one.person === Number(tick.value); })[0];
    });
  }

  function call(act) {
    var chosen = ticked();
    if (!chosen.length) {
      tools.toast({ text: word("还没有勾选人员") });
      return;
    }
    Promise.all(chosen.map(function (one) { return add(one, act); })).then(function () { saved(chosen.length); });
  }

  function drawRoll() {
    return queue.rows().then(function (rows) {
      var made = marks(rows);
      var held = tools.all("input:checked", room).length;
      if (held) return;
      empty();
      room.appendChild(title(roll.place, clock(roll.starts) + "—" + clock(roll.ends) + " · " + word("名单读于 {}", clock(roll.read))));
      var people = tools.make("ul", "list");
      roll.people.forEach(function (one) { people.appendChild(person(one, made[one.person])); });
      room.appendChild(people);
      var foot = tools.make("div", "form-foot");
      foot.appendChild(button(word("勾选的人签到"), "button-main", function () { call("in"); clear(); }));
      foot.appendChild(button(word("签退"), "", function () { call("out"); clear(); }));
      foot.appendChild(button(word("未到"), "", function () { call("absent"); clear(); }));
      room.appendChild(foot);
    });
  }

  function clear() { tools.all("input:checked", room).forEach(function (tick) { tick.checked = false; }); }

  function scanned(text, digits) {
    var act = Date.now() > roll.ends - 300000 ? "out" : "in";
    var told = act === "out" ? word("签退") : word("签到");
    queue.add({ source: "scan", act: act, shift: roll.shift, code: text, digits: digits }, word("扫个人码") + told).then(function () { saved(1); });
  }

  function drawSite() {
    queue.kept("roll:").then(function (rolls) {
      var wanted = shiftHere();
      var now = Date.now();
      rolls.sort(function (one, other) { return Math.abs(one.starts - now) - Math.abs(other.starts - now); });
      roll = rolls.filter(function (one) { return one.shift === wanted; })[0] || (wanted ? null : rolls[0]);
      if (!roll) {
        empty();
        room.appendChild(tools.make("p", "", word("这台手机没有存下这个班次的名单。请先记在纸上，有网后用“事后点名”补登记。")));
        return;
      }
      document.querySelector("[data-shell-scan]").hidden = false;
      queue.listen(drawRoll);
    });
    queue.seen = function (code) {
      if (!roll || !/^[vc][0-9a-z]/.test(code)) return false;
      scanned(code, "");
      return true;
    };
    document.querySelector("[data-figures]").addEventListener("submit", function (event) {
      event.preventDefault();
      var field = document.getElementById("figures");
      var figures = field.value.replace(/\D/g, "");
      if (figures.length !== 6 || !roll) {
        tools.toast({ text: word("请输入六位数字") });
        return;
      }
      field.value = "";
      scanned("", figures);
    });
  }

  queue.listen(function (rows, state) {
    if (!state.met || !state.signal) return;
    shell.querySelector("[data-shell-title]").textContent = word("网络已恢复");
    shell.querySelector("[data-shell-words]").textContent = word("可以用下面的按钮打开完整的页面。");
  });

  if (shell.getAttribute("data-shell") === "site") drawSite();
  else drawOwn();
})();
