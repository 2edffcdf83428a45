/* Keeps two empty pages and the files of the look on this phone, so that check-in and roll-call open without a signal.
   No page of a person is ever kept: whatever else is asked for goes to the network as always. */
"use strict";

var EDITION = {{ ("offline-" ~ edition)|tojson }};
var FILES = {{ files|tojson }};
var DUTY = {{ url_for("offline.duty_shell")|tojson }};
var SITE = {{ url_for("offline.site_shell")|tojson }};

function keep() {
  return caches.open(EDITION).then(function (kept) { return kept.addAll(FILES.concat([DUTY, SITE])); });
}

function forget(all) {
  return caches.keys().then(function (names) {
    return Promise.all(names.filter(function (name) {
      return name.indexOf("offline-") === 0 && (all || name !== EDITION);
    }).map(function (name) { return caches.delete(name); }));
  });
}

self.addEventListener("install", function (event) {
  event.waitUntil(keep().then(function () { return self.skipWaiting(); }));
});

self.addEventListener("activate", function (event) {
  event.waitUntil(forget(false).then(function () { return self.clients.claim(); }));
});

self.addEventListener("message", function (event) {
  if (event.data === "forget") event.waitUntil(forget(true));
  if (event.data === "keep") {
    event.waitUntil(caches.match(DUTY).then(function (found) { return found ? null : keep(); }));
  }
});

function instead(path) {
  if (/^\/onsite\/\d+$/.test(path) || path === SITE) return SITE;
  if (/^\/(c\/|scan$|scan\/digits$|me$|me\/duties\/)/.test(path) || path === DUTY) return DUTY;
  return null;
}

self.addEventListener("fetch", function (event) {
  var asked = event.request;
  var place = new URL(asked.url);
  if (place.origin !== self.location.origin) return;
  if (asked.mode === "navigate") {
    var page = instead(place.pathname);
    if (!page) return;
    event.respondWith(fetch(asked).catch(function (error) {
      return caches.match(page).then(function (kept) {
        if (kept) return kept;
        throw error;
      });
    }));
  } else if (asked.method === "GET" && FILES.indexOf(place.pathname + place.search) >= 0) {
    event.respondWith(caches.match(asked).then(function (kept) { return kept || fetch(asked); }));
  }
});
