/* The leader's screen: counts down to the next code and fetches it then; says so when the network fails. */
(function () {
  "use strict";

  var tools = window.volunteer;
  var timer = null;
  /* A code is taken for ten seconds after its own: so long a failed look for the next one is no harm. */
  var GRACE = 5;

  function start() {
    var frame = document.querySelector("[data-qr]");
    window.clearInterval(timer);
    if (!frame) return;
    var life = Number(frame.getAttribute("data-seconds")) || 30;
    var born = Date.now();
    var asked = 0;
    var ring = frame.querySelector("[data-ring]");
    var left = frame.querySelector("[data-left]");
    var stale = frame.querySelector("[data-stale]");

    function fetchNext() {
      if (Date.now() - asked < 3000) return;
      asked = Date.now();
      fetch(frame.getAttribute("data-qr"), { credentials: "same-origin", headers: { "HX-Request": "true" }, cache: "no-store" })
        .then(function (answer) {
          if (!answer.ok) throw new Error(String(answer.status));
          return answer.text();
        })
        .then(function (html) {
          var next = new DOMParser().parseFromString(html, "text/html").querySelector("[data-qr]");
          if (!next) throw new Error("no code in the answer");
          frame.parentNode.replaceChild(document.importNode(next, true), frame);
          start();
        })
        .catch(function () {
          if (Date.now() - born > (life + GRACE) * 1000) {
            frame.classList.add("is-stale");
            stale.hidden = false;
          }
        });
    }

    timer = window.setInterval(function () {
      var rest = Math.max(0, life - (Date.now() - born) / 1000);
      left.textContent = String(Math.ceil(rest));
      ring.setAttribute("stroke-dasharray", (100 * rest / life).toFixed(1) + " 100");
      if (rest <= 0 && !document.hidden) fetchNext();
    }, 500);
  }

  /* A screen that goes dark at a crossing helps nobody. */
  function stayAwake() {
    if (!("wakeLock" in navigator) || document.hidden || !document.querySelector("[data-qr]")) return;
    navigator.wakeLock.request("screen").catch(function () { return null; });
  }

  if (tools) start();
  stayAwake();
  document.addEventListener("visibilitychange", stayAwake);
})();
