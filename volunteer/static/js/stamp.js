/* Beside the large button: what the phone's clock says, and - only with consent, only once - where the phone is. Nothing waits for it. */
(function () {
  "use strict";

  function each(list, work) {
    Array.prototype.forEach.call(list, work);
  }

  function say(text) {
    var words = document.querySelector("[data-place-words]");
    if (!words) return;
    words.hidden = false;
    words.textContent = text;
  }

  function locate(form) {
    if (!navigator.geolocation) return;
    say(window.volunteer.word("正在获取定位，不用等待，可以直接点按钮"));
    navigator.geolocation.getCurrentPosition(function (position) {
      var place = position.coords;
      form.elements.lat.value = place.latitude.toFixed(8);
      form.elements.lon.value = place.longitude.toFixed(8);
      form.elements.accuracy.value = place.accuracy.toFixed(2);
      say(window.volunteer.word("已获取定位，精度 ±{} 米", Math.round(place.accuracy)));
    }, function () {
      say(window.volunteer.word("没有定位也可以签到签退"));
    }, { enableHighAccuracy: true, timeout: 8000, maximumAge: 30000 });
  }

  each(document.querySelectorAll("form[data-stamp]"), function (form) {
    if (form.hasAttribute("data-locate")) locate(form);
    form.addEventListener("submit", function () {
      form.elements.phone_clock.value = Math.floor(Date.now() / 1000);
    });
  });
})();
