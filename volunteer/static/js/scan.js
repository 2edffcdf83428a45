/* Scanning inside the page, where the browser can (BarcodeDetector): the button stays hidden where it cannot, and WeChat's own scanner or the
   six figures do the work. [data-scan] is the button, [data-scan-frame] holds the <video>. Only codes that lead back to this site are followed; where the
   frame names a field (data-scan-into), the code is put there and its form sent. data-aim and data-wrong on the frame are the words to say. */
(function () {
  "use strict";

  var button = document.querySelector("[data-scan]");
  var frame = document.querySelector("[data-scan-frame]");
  if (!button || !frame || !("BarcodeDetector" in window) || !navigator.mediaDevices) return;

  var video = frame.querySelector("video");
  var words = frame.querySelector("[data-scan-words]");
  var into = document.getElementById(frame.getAttribute("data-scan-into") || "");
  var stream = null;

  function say(attribute, otherwise) {
    words.textContent = frame.getAttribute(attribute) || otherwise;
  }

  function stop() {
    if (stream) stream.getTracks().forEach(function (track) { track.stop(); });
    stream = null;
    frame.hidden = true;
  }

  function follow(text) {
    var target;
    try {
      target = new URL(text, window.location.href);
    } catch (error) {
      target = null;
    }
    var queue = window.volunteer.queue;
    var code = target && target.pathname.indexOf("/c/") === 0 ? target.pathname.slice(3) : "";
    if (code && queue && queue.seen && queue.seen(code)) {
      stop();
    } else if (into && target && /^\/c\/[vc]/.test(target.pathname)) {
      stop();
      into.removeAttribute("maxlength");
      into.value = code;
      var asked = document.createEvent("Event");
      asked.initEvent("submit", true, true);
      if (into.form.dispatchEvent(asked)) into.form.submit();
    } else if (!into && target && target.origin === window.location.origin) {
      stop();
      window.location.assign(target.href);
    } else {
      say("data-wrong", window.volunteer.word("这不是本系统的签到码，请对准带队屏幕上的二维码"));
    }
  }

  async function watch(detector) {
    while (stream) {
      var found = [];
      try {
        found = await detector.detect(video);
      } catch (error) {
        found = [];
      }
      if (found.length && stream) follow(found[0].rawValue);
      await new Promise(function (resume) { window.setTimeout(resume, 200); });
    }
  }

  async function begin() {
    try {
      var detector = new window.BarcodeDetector({ formats: ["qr_code"] });
      stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" }, audio: false });
      video.srcObject = stream;
      frame.hidden = false;
      say("data-aim", window.volunteer.word("对准带队屏幕上的二维码"));
      await video.play();
      await watch(detector);
    } catch (error) {
      stop();
      frame.hidden = false;
      words.textContent = window.volunteer.word("打不开摄像头。请用微信“扫一扫”，或输入屏幕上的六位数字");
    }
  }

  window.BarcodeDetector.getSupportedFormats().then(function (formats) {
    if (formats.indexOf("qr_code") >= 0) button.hidden = false;
  }).catch(function () { button.hidden = true; });
  button.addEventListener("click", begin);
  tidy();

  function tidy() {
    window.addEventListener("pagehide", stop);
    frame.addEventListener("click", function (event) { if (event.target.closest("[data-scan-stop]")) stop(); });
  }
})();
