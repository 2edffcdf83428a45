/* Waits a turn at the sign-in page when too many sign in at once, so that nobody has to press again. */
(function () {
  "use strict";
  var form = document.querySelector("form[data-turn]");
  var note = document.querySelector("[data-turn-note]");
  var tries = 0;
  var waiting = false;
  if (!form || !note || !window.fetch) { return; }

  function send() { form.submit(); }

  function ask() {
    fetch(form.getAttribute("data-turn"), { credentials: "same-origin", cache: "no-store" }).then(function (answer) {
      tries += 1;
      if (answer.status !== 503 || tries > 30) { send(); return; }
      note.hidden = false;
      var seconds = Number(answer.headers.get("Retry-After")) || 5;
      window.setTimeout(ask, 1000 * seconds * (0.6 + 0.8 * Math.random()));
    }).catch(send);
  }

  form.addEventListener("submit", function (event) {
    event.preventDefault();
    if (waiting) { return; }
    waiting = true;
    ask();
  });
}());
