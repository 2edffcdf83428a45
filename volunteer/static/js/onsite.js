/* The leader's list refreshes by itself, but never under a finger: ticked boxes hold it still. */
(function () {
  "use strict";

  document.addEventListener("htmx:beforeRequest", function (event) {
    var ticked = document.querySelector("#people input[name=people]:checked");
    if (event.detail.elt.id === "people" && ticked) event.preventDefault();
  });
})();
