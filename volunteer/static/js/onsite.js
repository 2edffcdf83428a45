/* The leader's list refreshes by itself, but never under a finger: ticked boxes hold it still. Scanning a person's code from the page. */
(function () {
  "use strict";

  document.addEventListener("htmx:beforeRequest", function (event) {
    var ticked = document.querySelector("#people input[name=people]:checked");
    if (event.detail.elt.id === "people" && ticked) event.preventDefault();
  });

  var button = document.querySelector("[data-scan]");
  var frame = document.querySelector("[data-scan-frame]");
  var field = document.getElementById("scanned");
  if (!button || !frame || !field || !("BarcodeDetector" in window) || !navigator.mediaDevices) return;

  var video = frame.querySelector("video");
  var words = frame.querySelector("[data-scan-words]");
  var stream = null;

  function stop() {
    if (stream) stream.getTracks().forEach(function (track) { track.stop(); });
    stream = null;
    frame.hidden = true;
  }

  function take(text) {
    var last = text.split("/").pop();
    if (text.indexOf(window.location.host + "/c/") < 0 || (last[0] !== "v" && last[0] !== "c")) {
      words.textContent = "这不是志愿者的个人码，请对准对方手机上的“我的二维码”";
      return;
    }
    stop();
    field.removeAttribute("maxlength");
    field.value = last;
    field.form.submit();
  }

  function watch(detector) {
    if (!stream) return;
    detector.detect(video).then(function (found) {
      if (found.length && stream) take(found[0].rawValue);
    }).catch(function () { return null; }).then(function () {
      if (stream) window.setTimeout(function () { watch(detector); }, 200);
    });
  }

  button.addEventListener("click", function () {
    var detector = new window.BarcodeDetector({ formats: ["qr_code"] });
    navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" }, audio: false }).then(function (given) {
      stream = given;
      video.srcObject = stream;
      frame.hidden = false;
      words.textContent = "对准志愿者手机上的“我的二维码”";
      return video.play();
    }).then(function () { watch(detector); }).catch(function () {
      stop();
      frame.hidden = false;
      words.textContent = "打不开摄像头。请输入志愿者手机上的六位数字，或直接点名";
    });
  });
  window.BarcodeDetector.getSupportedFormats().then(function (formats) {
    if (formats.indexOf("qr_code") >= 0) button.hidden = false;
  }).catch(function () { button.hidden = true; });
  frame.addEventListener("click", function (event) { if (event.target.closest("[data-scan-stop]")) stop(); });
  window.addEventListener("pagehide", stop);
})();
