/* The queue of a phone without a signal: every tap is written down first (IndexedDB, else localStorage), then sent; it leaves the queue only
   when the server has answered. Nothing here says that a check-in succeeded before that. Pages talk to it through window.volunteer.queue. */
(function () {
  "use strict";

  var tools = window.volunteer;
  var CHUNK = 20;
  var UNDER_WAY = 30000;
  var REMEMBERED = 600000;
  var WAITS = [5, 10, 20, 40, 80, 160, 300];
  var listeners = [];
  var state = { signal: navigator.onLine !== false, signedOut: false, other: false, busy: false, met: false, who: "", offset: null };
  var csrf = "";
  var tries = 0;
  var timer = null;

  /* ---- where it is kept ---- */
  var base = null;

  function open() {
    if (base) return base;
    base = new Promise(function (resolve) {
      var asked;
      try {
        asked = window.indexedDB.open("volunteer", 1);
      } catch (error) {
        resolve(null);
        return;
      }
      asked.onupgradeneeded = function () {
        asked.result.createObjectStore("queue");
        asked.result.createObjectStore("kept");
      };
      asked.onsuccess = function () { resolve(asked.result); };
      asked.onerror = asked.onblocked = function () { resolve(null); };
    });
    return base;
  }

  function inBase(store, mode, work) {
    return open().then(function (found) {
      if (!found) return work(null);
      return new Promise(function (resolve, reject) {
        var act = found.transaction(store, mode);
        var asked = work(act.objectStore(store));
        act.oncomplete = function () { resolve(asked.result); };
        act.onerror = act.onabort = function () { reject(act.error); };
      });
    });
  }

  function put(store, key, value) {
    return inBase(store, "readwrite", function (room) {
      if (room) return room.put(value, key);
      window.localStorage.setItem("volunteer." + store + "." + key, JSON.stringify(value));
      return null;
    });
  }

  function drop(store, key) {
    return inBase(store, "readwrite", function (room) {
      if (room) return room.delete(key);
      window.localStorage.removeItem("volunteer." + store + "." + key);
      return null;
    });
  }

  function list(store) {
    return inBase(store, "readonly", function (room) {
      if (room) return room.getAll();
      var found = [];
      for (var i = 0; i < window.localStorage.length; i += 1) {
        var key = window.localStorage.key(i);
        if (key.indexOf("volunteer." + store + ".") === 0) found.push(JSON.parse(window.localStorage.getItem(key)));
      }
      return found;
    });
  }

  function keep(key, value) { return put("kept", key, { key: key, value: value, at: Date.now() }); }

  function kept(start) {
    return list("kept").then(function (rows) {
      return rows.filter(function (row) { return row.key.indexOf(start) === 0; }).map(function (row) { return row.value; });
    });
  }

  /* What was kept of others is forgotten in time; what was tapped is not. */
  function tidy() {
    return list("kept").then(function (rows) {
      return Promise.all(rows.filter(function (row) {
        return row.value && row.value.forget && row.value.forget < Date.now();
      }).map(function (row) { return drop("kept", row.key); }));
    });
  }

  function forgetPeople() {
    return list("kept").then(function (rows) {
      return Promise.all(rows.map(function (row) { return drop("kept", row.key); }));
    });
  }

  /* ---- speaking to the server ---- */
  function ask(address, options, seconds) {
    var left = new Promise(function (resolve, reject) {
      window.setTimeout(function () { reject(new Error("too slow")); }, seconds * 1000);
    });
    var settings = Object.assign({ credentials: "same-origin", cache: "no-store", redirect: "manual" }, options);
    settings.headers = Object.assign({ Accept: "application/json" }, settings.headers);
    return Promise.race([fetch(address, settings), left]);
  }

  function isJson(answer) {
    return (answer.headers.get("Content-Type") || "").indexOf("application/json") === 0;
  }

  /* The server's time, who is signed in, and a fresh token: the one word that tells whether there is a signal. */
  function contact(seconds) {
    var before = Date.now();
    return ask("/offline/contact", {}, seconds || 8).then(function (answer) {
      if (answer.type === "opaqueredirect" || answer.status === 401 || answer.status === 403) {
        state.signal = true;
        state.signedOut = true;
        tell();
        return false;
      }
      if (!answer.ok || !isJson(answer)) throw new Error(String(answer.status));
      return answer.json().then(function (said) {
        state.signal = state.met = true;
        state.signedOut = false;
        state.who = said.who;
        state.offset = Math.round((said.now - (before + Date.now()) / 2) / 1000);
        csrf = said.csrf;
        return Promise.all([
          keep("me", { who: said.who, offset: state.offset, at: Date.now(), forget: Date.now() + 30 * 86400000 }),
          Promise.all(said.duties.map(function (duty) { return keep("duty:" + duty.shift, duty); })),
        ]).then(function () {
          tell();
          return true;
        });
      });
    }).catch(function () {
      state.signal = false;
      tell();
      return false;
    });
  }

  /* A page that has just come from the server need not ask again: a crowd at eight in the morning would ask twice. */
  function begin() {
    return kept("me").then(function (found) {
      var me = found[0];
      if (!me) return contact();
      if (Date.now() - me.at > REMEMBERED) {
        return new Promise(function (resolve) { window.setTimeout(resolve, 300 + Math.random() * 1700); }).then(function () { return contact(); });
      }
      state.who = me.who;
      state.offset = me.offset;
      return true;
    });
  }

  /* ---- the queue ---- */
  function nonce() {
    var bytes = new Uint8Array(16);
    window.crypto.getRandomValues(bytes);
    return Array.prototype.map.call(bytes, function (byte) { return ("0" + byte.toString(16)).slice(-2); }).join("");
  }

  /* Writes a tap down. item: source, act, shift, person, code, digits, fix, nonce; words: what the list shows; sent: an ordinary form carries it too. */
  function add(item, words, sent) {
    return kept("me").then(function (found) {
      var me = found[0] || {};
      var row = {
        item: Object.assign({
          nonce: nonce(),
          device_at: Date.now(),
          offset: state.offset !== null ? state.offset : me.offset === undefined ? null : me.offset,
        }, item),
        who: state.who || me.who || "",
        words: words,
        at: Date.now(),
        sent: sent ? Date.now() : 0,
        answer: null,
      };
      return put("queue", row.item.nonce, row).then(function () {
        return tell().then(function () { return row; });
      });
    });
  }

  function rows() {
    return list("queue").then(function (found) {
      return found.sort(function (one, other) { return one.at - other.at; });
    });
  }

  function waiting(found) {
    return found.filter(function (row) { return !row.answer; });
  }

  function answered(code) { return drop("queue", code).then(tell); }

  function take(row, result) {
    if (result.state === "again") return Promise.resolve();
    if (result.state === "recorded" || result.state === "accepted") {
      tools.toast({ text: row.words + " " + result.words });
      return drop("queue", row.item.nonce);
    }
    row.answer = { state: result.state, words: result.words };
    return put("queue", row.item.nonce, row);
  }

  function sendChunk(part) {
    var body = JSON.stringify({ items: part.map(function (row) { return row.item; }) });
    var options = { method: "POST", body: body, headers: { "Content-Type": "application/json", "X-CSRFToken": csrf } };
    return ask("/offline/items", options, 20).then(function (answer) {
      if (answer.status === 401 || answer.type === "opaqueredirect") state.signedOut = true;
      if (!answer.ok || !isJson(answer)) throw new Error(String(answer.status));
      return answer.json();
    }).then(function (said) {
      return Promise.all(part.map(function (row, place) { return take(row, said.results[place]); }));
    });
  }

  function flush() {
    if (state.busy) return Promise.resolve();
    state.busy = true;
    return rows().then(function (found) {
      var open = waiting(found).filter(function (row) { return Date.now() - row.sent > UNDER_WAY; });
      if (!open.length) return null;
      return contact().then(function (reached) {
        var mine = open.filter(function (row) { return !row.who || row.who === state.who; });
        state.other = reached && mine.length < open.length;
        if (!reached || !mine.length) return null;
        var sending = Promise.resolve();
        for (var start = 0; start < mine.length; start += CHUNK) {
          sending = sending.then(sendChunk.bind(null, mine.slice(start, start + CHUNK)));
        }
        return sending.then(function () {
          tries = 0;
          document.dispatchEvent(new CustomEvent("queue:sent"));
        });
      });
    }).catch(function () {
      return null;
    }).then(function () {
      state.busy = false;
      return tell();
    }).then(later);
  }

  /* Tries again while something waits: after 5 s, 10 s, … 5 minutes, each time a little off, so that a crowd does not come at once. */
  function later() {
    window.clearTimeout(timer);
    return rows().then(function (found) {
      if (!waiting(found).length || state.signedOut) return;
      var wait = WAITS[Math.min(tries, WAITS.length - 1)] * (0.75 + Math.random() / 2);
      tries += 1;
      timer = window.setTimeout(flush, wait * 1000);
    });
  }

  function soon() {
    tries = 0;
    return flush();
  }

  function tell() {
    return rows().then(function (found) {
      listeners.forEach(function (listener) { listener(found, state); });
    }, function () { return null; });
  }

  function listen(listener) {
    listeners.push(listener);
    return tell();
  }

  window.addEventListener("online", soon);
  window.addEventListener("offline", function () {
    state.signal = false;
    tell();
  });
  document.addEventListener("visibilitychange", function () {
    if (!document.hidden) soon();
  });

  tools.queue = {
    add: add, answered: answered, begin: begin, contact: contact, drop: drop, flush: soon, forgetPeople: forgetPeople, keep: keep, kept: kept,
    listen: listen, nonce: nonce, rows: rows, state: state, ask: ask, tidy: tidy, waiting: waiting,
  };
})();
