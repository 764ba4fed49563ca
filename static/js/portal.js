// The members' pages as an app on the phone: the worker keeps looks for moments without a network.
const meta = document.getElementById("than-portal");

if (meta && "serviceWorker" in navigator && window.isSecureContext) {
  navigator.serviceWorker.register(meta.dataset.worker, { scope: meta.dataset.scope }).catch(() => {});
}

// A card shown at the till must not go dark while the cashier reaches for the scanner.
const card = document.querySelector("[data-keep-awake]");
if (card && "wakeLock" in navigator) {
  const hold = () => document.visibilityState === "visible" && navigator.wakeLock.request("screen").catch(() => {});
  hold();
  document.addEventListener("visibilitychange", hold);
}

// A code that was shown while the page lay in the background is old: fetch the present one at once.
document.addEventListener("visibilitychange", () => {
  const face = document.querySelector("[data-card-face]");
  if (face && document.visibilityState === "visible" && window.htmx) {
    window.htmx.ajax("GET", face.dataset.cardFace, { target: face, swap: "outerHTML" });
  }
});
