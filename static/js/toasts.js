/* Short messages in the corner. From Django messages on the page, from a response header
   `HX-Trigger: {"toast": {"text": "…", "tone": "success"}}`, or `than:toast` events. */

const WAIT_MS = 6000;

function show(text, tone = "info") {
  const box = document.getElementById("toasts");
  const pattern = document.getElementById("toast-pattern");
  if (!box || !pattern || !text) return;
  const toast = pattern.content.firstElementChild.cloneNode(true);
  toast.classList.add(`than-toast--${tone}`);
  toast.querySelector("p").textContent = text;
  const picture = toast.querySelector("use");
  const names = { success: "circle-check", error: "alert-circle", warning: "alert-triangle" };
  picture.setAttribute("href", picture.getAttribute("href").replace(/#.*/, `#${names[tone] || "info-circle"}`));
  box.append(toast);
  watch(toast, tone);
}

function watch(toast, tone) {
  toast.querySelector("[data-toast-close]")?.addEventListener("click", () => toast.remove());
  if (tone === "error" || tone === "warning") return;
  let timer = setTimeout(() => toast.remove(), WAIT_MS);
  const hold = () => clearTimeout(timer);
  const go = () => { timer = setTimeout(() => toast.remove(), WAIT_MS); };
  toast.addEventListener("pointerenter", hold);
  toast.addEventListener("pointerleave", go);
  toast.addEventListener("focusin", hold);
  toast.addEventListener("focusout", go);
}

for (const toast of document.querySelectorAll("#toasts .than-toast")) watch(toast, toast.dataset.tone);
document.addEventListener("than:toast", (event) => show(event.detail.text, event.detail.tone));
document.addEventListener("toast", (event) => show(event.detail.text ?? event.detail.value, event.detail.tone));

const texts = JSON.parse(document.getElementById("than-texts")?.textContent ?? "{}");
document.addEventListener("htmx:sendError", () => show(texts.offline, "error"));
document.addEventListener("htmx:timeout", () => show(texts.offline, "error"));
document.addEventListener("htmx:responseError", (event) => {
  const status = event.detail.xhr?.status;
  show(status === 403 ? texts.forbidden : status === 429 ? texts.slow_down : texts.failed, "error");
});
