/* What every page shares: htmx and its token, menus and sheets, the search key, toasts, questions. Pages work without it. */
(function () {
  "use strict";

  var token = document.querySelector('meta[name="csrf-token"]');
  var root = document.documentElement;
  root.classList.add("has-script");

  function all(selector, within) {
    return Array.prototype.slice.call((within || document).querySelectorAll(selector));
  }

  /* The words of scripts are Chinese; layouts/words.html carries their translation where another language is asked for. */
  var book = document.querySelector('meta[name="words"]');
  var words = book ? JSON.parse(book.content) : {};

  function word(text, value) {
    var said = words[text] || text;
    return value === undefined ? said : said.replace("{}", value);
  }

  function make(tag, className, text) {
    var node = document.createElement(tag);
    if (className) node.className = className;
    if (text) node.textContent = text;
    return node;
  }

  /* ---- htmx ---- */
  document.addEventListener("htmx:configRequest", function (event) {
    if (token && event.detail.verb !== "get") event.detail.headers["X-CSRFToken"] = token.content;
  });
  document.addEventListener("htmx:responseError", function (event) {
    var status = event.detail.xhr.status;
    var said = event.detail.xhr.getResponseHeader("HX-Trigger");
    if (said && said.indexOf("toast") >= 0) return;
    if (status === 401) toast({ text: word("登录已过期，请重新登录后再试") });
    else if (status === 429) toast({ text: word("操作太频繁，请稍等一分钟再试") });
    else toast({ text: word("没有办成，内容未改动，请稍后再试") });
  });
  document.addEventListener("htmx:sendError", function () {
    toast({ text: word("网络不通，内容未改动，请检查网络后再试") });
  });
  document.addEventListener("htmx:timeout", function () {
    toast({ text: word("等待时间过长，请稍后再试") });
  });

  /* ---- toasts: the server says HX-Trigger: {"toast": {"text": …, "undo": {"url": …, "label": …}}} (header values in ASCII escapes) ---- */
  var lastUndo = null;

  function post(url) {
    if (window.htmx) {
      window.htmx.ajax("POST", url, { target: "body", swap: "none" });
      return;
    }
    var form = make("form");
    form.method = "post";
    form.action = url;
    var field = make("input");
    field.type = "hidden";
    field.name = "csrf_token";
    field.value = token ? token.content : "";
    form.appendChild(field);
    document.body.appendChild(form);
    form.submit();
  }

  function toast(message) {
    var place = document.getElementById("toasts");
    if (!place || !message || !message.text) return;
    var box = make("div", "toast");
    box.appendChild(make("span", "grow", message.text));
    function close() {
      if (box.parentNode) box.parentNode.removeChild(box);
      if (lastUndo === undo) lastUndo = null;
    }
    function undo() {
      close();
      post(message.undo.url);
    }
    if (message.undo) {
      var button = make("button", "", message.undo.label || word("撤销"));
      button.type = "button";
      button.addEventListener("click", undo);
      box.appendChild(button);
      lastUndo = undo;
    }
    while (place.children.length > 2) place.removeChild(place.firstChild);
    place.appendChild(box);
    var timer = window.setTimeout(close, message.undo ? 12000 : 6000);
    box.addEventListener("mouseenter", function () { window.clearTimeout(timer); });
    box.addEventListener("mouseleave", function () { timer = window.setTimeout(close, 4000); });
  }
  document.addEventListener("toast", function (event) {
    toast(typeof event.detail.value === "string" ? { text: event.detail.value } : event.detail);
  });

  /* ---- a question before a small act: hx-confirm, or data-ask on a form or link ---- */
  function ask(question, yes) {
    var sheet = make("dialog", "sheet");
    if (!sheet.showModal) {
      if (window.confirm(question)) yes();
      return;
    }
    sheet.setAttribute("aria-label", question);
    sheet.appendChild(make("h2", "", question));
    var foot = make("div", "form-foot");
    var no = make("button", "button", word("先不"));
    var go = make("button", "button button-main", word("确定"));
    no.type = go.type = "button";
    foot.appendChild(no);
    foot.appendChild(go);
    sheet.appendChild(foot);
    document.body.appendChild(sheet);
    function close() {
      sheet.close();
      document.body.removeChild(sheet);
    }
    no.addEventListener("click", close);
    go.addEventListener("click", function () { close(); yes(); });
    sheet.addEventListener("cancel", function (event) { event.preventDefault(); close(); });
    sheet.showModal();
    go.focus();
  }
  document.addEventListener("htmx:confirm", function (event) {
    if (!event.detail.question) return;
    event.preventDefault();
    ask(event.detail.question, function () { event.detail.issueRequest(true); });
  });
  document.addEventListener("submit", function (event) {
    var form = event.target;
    var question = form.getAttribute("data-ask");
    if (question && !form.hasAttribute("data-asked")) {
      event.preventDefault();
      ask(question, function () { form.setAttribute("data-asked", ""); form.submit(); });
      return;
    }
    /* An ordinary form is sent once: a second tap in bad reception does nothing. */
    if (form.method === "post" && !form.hasAttribute("hx-post") && !event.defaultPrevented) {
      if (form.hasAttribute("data-sent")) event.preventDefault();
      form.setAttribute("data-sent", "");
      window.setTimeout(function () { form.removeAttribute("data-sent"); }, 8000);
    }
  });
  window.addEventListener("pageshow", function () {
    all("form[data-sent]").forEach(function (form) { form.removeAttribute("data-sent"); });
  });

  /* ---- menus and sheets (<details>) ---- */
  function closeDetails(node) {
    if (!node.open) return;
    node.open = false;
    var summary = node.querySelector("summary");
    if (summary) summary.focus();
  }
  document.addEventListener("click", function (event) {
    all("details[data-menu][open]").forEach(function (menu) {
      if (!menu.contains(event.target)) menu.open = false;
    });
    var close = event.target.closest("[data-close]");
    if (close) {
      var sheet = close.closest("details, dialog");
      if (sheet && sheet.tagName === "DIALOG") sheet.close();
      else if (sheet) closeDetails(sheet);
    }
    if (event.target.closest("[data-print]")) window.print();
    if (event.target.closest("[data-reload]")) window.location.reload();
    var navigation = event.target.closest("[data-nav]");
    if (navigation) {
      event.preventDefault();
      var rail = document.getElementById(navigation.getAttribute("data-nav"));
      var open = rail.classList.toggle("is-open");
      navigation.setAttribute("aria-expanded", open ? "true" : "false");
    }
  });
  document.addEventListener("toggle", function (event) {
    var node = event.target;
    if (!node.open || !node.hasAttribute || !node.hasAttribute("data-confirm-sheet")) return;
    var first = node.querySelector(".sheet input:not([type=hidden]), .sheet select, .sheet textarea, .sheet button");
    if (first) first.focus();
  }, true);
  document.addEventListener("keydown", function (event) {
    var typing = /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName) || event.target.isContentEditable;
    if (event.key === "Escape") {
      all("details[data-menu][open], details[data-confirm-sheet][open]").forEach(closeDetails);
      all(".rail.is-open").forEach(function (rail) { rail.classList.remove("is-open"); });
    }
    if (event.key === "Tab") keepInside(event);
    if (typing || event.altKey) return;
    if (event.key === "/" && !event.ctrlKey && !event.metaKey) {
      var searches = all("[data-search]").filter(function (node) { return node.offsetParent !== null; });
      var search = searches[searches.length - 1];
      if (search) {
        event.preventDefault();
        search.focus();
        search.select();
      }
    }
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "z" && lastUndo) {
      event.preventDefault();
      lastUndo();
    }
  });
  function keepInside(event) {
    var open = document.querySelector("details[data-confirm-sheet][open] .sheet");
    if (!open) return;
    var stops = all("a[href], button:not([disabled]), input:not([type=hidden]), select, textarea", open);
    if (!stops.length) return;
    var first = stops[0];
    var last = stops[stops.length - 1];
    if (event.shiftKey && document.activeElement === first) {
      event.preventDefault();
      last.focus();
    } else if (!event.shiftKey && document.activeElement === last) {
      event.preventDefault();
      first.focus();
    }
  }

  /* ---- choices show what is chosen; the chosen day comes into view; errors take the focus; filters act at once ---- */
  function paintChoices(within) {
    all(".choice:not(.choice-plain) input", within).forEach(function (input) {
      input.closest(".choice").classList.toggle("choice-on", input.checked);
    });
  }
  document.addEventListener("change", function (event) {
    if (event.target.closest(".choice")) paintChoices(event.target.closest(".choices") || document);
    var filters = event.target.closest("form[data-filters]");
    if (filters && event.target.tagName === "SELECT") filters.submit();
  });
  function settle(within) {
    paintChoices(within);
    all(".days [aria-current], .tabs [aria-current]", within).forEach(function (node) {
      var strip = node.closest("ul");
      strip.scrollLeft = node.offsetLeft - strip.offsetLeft - strip.clientWidth / 2 + node.clientWidth / 2;
    });
    var error = (within || document).querySelector("[data-focus]");
    if (error) error.focus();
  }
  settle();
  document.addEventListener("htmx:afterSettle", function (event) { settle(event.target); });

  /* ---- signing out: what this phone kept of duties and rolls is forgotten; what was tapped and not sent yet stays (queue.js) ---- */
  function forgetKept() {
    try {
      Object.keys(window.localStorage).forEach(function (key) {
        if (key.indexOf("volunteer.kept.") === 0) window.localStorage.removeItem(key);
      });
      if ("serviceWorker" in navigator && navigator.serviceWorker.controller) navigator.serviceWorker.controller.postMessage("forget");
      var asked = window.indexedDB.open("volunteer");
      asked.onupgradeneeded = function () { asked.transaction.abort(); };
      asked.onsuccess = function () {
        if (asked.result.objectStoreNames.contains("kept")) asked.result.transaction("kept", "readwrite").objectStore("kept").clear();
      };
    } catch (error) {
      return;
    }
  }
  document.addEventListener("submit", function (event) {
    if (event.target.hasAttribute("data-sign-out")) forgetKept();
  });
  if (document.querySelector("[data-signed-out]")) forgetKept();

  window.volunteer = { toast: toast, ask: ask, all: all, make: make, word: word };
})();
