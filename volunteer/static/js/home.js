/* One position, asked for once and only by a tap, into the form that the server rounds to 250 metres. */
(function () {
  "use strict";
  var form = document.querySelector("[data-position]");
  var book = document.querySelector('meta[name="words"]');
  var words = book ? JSON.parse(book.content) : {};

  function word(text) {
    return words[text] || text;
  }

  if (!form || !navigator.geolocation) return;
  form.hidden = false;
  var said = form.querySelector("[data-position-words]");
  form.addEventListener("submit", function (event) {
    if (form.elements.lat.value) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    said.textContent = word("正在取一次位置");
    navigator.geolocation.getCurrentPosition(
      function (found) {
        form.elements.lat.value = found.coords.latitude.toFixed(4);
        form.elements.lon.value = found.coords.longitude.toFixed(4);
        form.submit();
      },
      function () {
        said.textContent = word("没有取到位置，请改为选择社区");
      },
      { enableHighAccuracy: false, timeout: 10000, maximumAge: 0 }
    );
  }, true);
})();
