/* A button beside every text that is there to be copied. Without scripts the text can be selected by hand. */
(function () {
  "use strict";
  var book = document.querySelector('meta[name="words"]');
  var words = book ? JSON.parse(book.content) : {};

  function word(text) {
    return words[text] || text;
  }

  Array.prototype.forEach.call(document.querySelectorAll("[data-copy]"), function (field) {
    var button = document.createElement("button");
    button.type = "button";
    button.className = "button button-small";
    button.textContent = word("复制");
    button.addEventListener("click", function () {
      field.focus();
      field.select();
      field.setSelectionRange(0, field.value.length);
      var done = document.execCommand("copy");
      if (done) button.textContent = word("已复制");
    });
    field.parentNode.insertBefore(button, field.nextSibling);
  });
})();
