{% load static %}// Looks are kept, pages are not: a balance is always today's. Without a network: the offline page.
const CACHE = "than-{{ programme.slug|escapejs }}-1";
const OFFLINE = "{% url "offline" %}";
const SHELL = [
  OFFLINE,
  "{% static "vendor/tabler/tabler.min.css" %}",
  "{% static "css/tokens.css" %}",
  "{% static "css/base.css" %}",
  "{% static "css/components.css" %}",
  "{% static "css/portal.css" %}",
  "{% static "css/entrance.css" %}",
  "{% static "js/theme.js" %}",
  "{% static "vendor/icons/sprite.svg" %}",
];

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(SHELL)).then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  event.waitUntil(
    caches
      .keys()
      .then((names) => Promise.all(names.filter((name) => name !== CACHE).map((name) => caches.delete(name))))
      .then(() => self.clients.claim()),
  );
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET") return;
  if (request.mode === "navigate") {
    event.respondWith(fetch(request).catch(() => caches.match(OFFLINE)));
  } else if (new URL(request.url).pathname.startsWith("{% get_static_prefix %}")) {
    event.respondWith(fetch(request).catch(() => caches.match(request)));
  }
});
