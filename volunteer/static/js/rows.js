/* One more row of a form without a trip to the server: the last row of [data-rows] is copied, emptied and numbered on.
   [data-rows]     holds rows; its value is the most there may be
   [data-row]      one row; its fields end in _<number>
   [data-add-row]  the button; without this script it asks the server for the same. */
(function () {
  "use strict";

  var tools = window.volunteer;

  function numbered(text, number) { return text.replace(/_\d+(-help|-error)?$/, "_" + number + "$1"); }

  function grown(box) {
    var rows = tools.all("[data-row]", box);
    var last = rows[rows.length - 1];
    var row = last.cloneNode(true);
    tools.all(".field-error", row).forEach(function (node) { node.parentNode.removeChild(node); });
    tools.all("[id], [name], [for]", row).forEach(function (node) {
      ["id", "name", "for"].forEach(function (key) {
        if (node.hasAttribute(key)) node.setAttribute(key, numbered(node.getAttribute(key), rows.length + 1));
      });
      node.removeAttribute("aria-invalid");
      node.removeAttribute("aria-describedby");
    });
    tools.all("select", row).forEach(function (node) { node.selectedIndex = 0; });
    tools.all("input", row).forEach(function (node) { node.value = ""; });
    last.parentNode.insertBefore(row, last.nextSibling);
    row.querySelector("select, input").focus();
    return rows.length + 1;
  }

  document.addEventListener("click", function (event) {
    var button = event.target.closest && event.target.closest("[data-add-row]");
    if (!button) return;
    event.preventDefault();
    var box = button.closest("[data-rows]");
    if (grown(box) >= Number(box.getAttribute("data-rows"))) button.hidden = true;
  });
})();
