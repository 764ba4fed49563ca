/* Forms: one submission per press, a warning before losing changes, money typed with group
   separators and sent as plain integers, focus on what went wrong, loading line for htmx. */

const language = document.documentElement.lang || "en";
const group = new Intl.NumberFormat(language).formatToParts(1234567).find((p) => p.type === "group")?.value ?? ",";
const decimal = new Intl.NumberFormat(language).formatToParts(1.5).find((p) => p.type === "decimal")?.value ?? ".";

/* --- money: <input data-money data-precision="0"> shows 125.000 and submits 125000 ------------- */

function plain(text, precision) {
  const cleaned = text.replaceAll(group, "").replaceAll(/[^\d,.-]/g, "").replace(decimal, ".");
  if (precision === 0) return cleaned.replaceAll(/[^\d-]/g, "");
  const [whole, part = ""] = cleaned.split(".");
  const minor = (whole + part.slice(0, precision).padEnd(precision, "0")).replaceAll(/[^\d-]/g, "");
  return minor.replace(/^(-?)0+(?=\d)/, "$1");
}

function pretty(minor, precision) {
  if (!/^-?\d+$/.test(minor)) return minor;
  const sign = minor.startsWith("-") ? "-" : "";
  const digits = minor.replace("-", "").padStart(precision + 1, "0");
  const whole = digits.slice(0, digits.length - precision).replaceAll(/\B(?=(\d{3})+$)/g, group);
  return sign + whole + (precision ? decimal + digits.slice(-precision) : "");
}

function dressMoney(input) {
  if (input.dataset.dressed) return;
  input.dataset.dressed = "1";
  const precision = Number(input.dataset.precision ?? 0);
  const carrier = document.createElement("input");
  carrier.type = "hidden";
  carrier.name = input.name;
  carrier.value = plain(input.value, 0);
  input.removeAttribute("name");
  input.type = "text";
  input.inputMode = precision ? "decimal" : "numeric";
  input.autocomplete = "off";
  input.value = carrier.value === "" ? "" : pretty(carrier.value, precision);
  input.after(carrier);
  input.addEventListener("input", () => {
    const back = input.value.length - input.selectionEnd;
    carrier.value = plain(input.value, precision);
    if (precision === 0) {
      input.value = pretty(carrier.value, 0);
      const at = Math.max(0, input.value.length - back);
      input.setSelectionRange(at, at);
    }
    carrier.dispatchEvent(new Event("input", { bubbles: true }));
  });
  input.addEventListener("blur", () => { if (carrier.value !== "") input.value = pretty(carrier.value, precision); });
  input.addEventListener("than:set", (event) => {
    carrier.value = String(event.detail);
    input.value = carrier.value === "" ? "" : pretty(carrier.value, precision);
  });
}

/* --- one submission per press, and no silent loss of changes ----------------------------------- */

const changed = new Set();

document.addEventListener("submit", (event) => {
  const form = event.target;
  changed.delete(form);
  if (event.defaultPrevented || form.method === "dialog" || form.matches("[data-repeatable], [hx-get], [hx-post]")) return;
  if (form.dataset.sending) { event.preventDefault(); return; }
  if ((form.getAttribute("method") || "get").toLowerCase() !== "post") return;
  form.dataset.sending = "1";
  event.submitter?.classList.add("is-busy");
  event.submitter?.setAttribute("aria-disabled", "true");
});
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sending]")) delete form.dataset.sending;
  for (const button of document.querySelectorAll(".btn.is-busy")) {
    button.classList.remove("is-busy");
    button.removeAttribute("aria-disabled");
  }
});
document.addEventListener("change", (event) => {
  const form = event.target.closest?.("form[data-guard]");
  if (form) changed.add(form);
  if (event.target.matches?.("[data-autosubmit]")) event.target.form?.requestSubmit();
});
window.addEventListener("beforeunload", (event) => {
  if ([...changed].some((form) => form.isConnected)) event.preventDefault();
});

/* --- number pads: <div data-pad="input-id"> with buttons data-key="7", "000", "back", "clear" -- */

document.addEventListener("click", (event) => {
  const key = event.target.closest("[data-key]");
  const input = key && document.getElementById(key.closest("[data-pad]")?.dataset.pad);
  if (!input) return;
  const precision = Number(input.dataset.precision ?? 0);
  const now = plain(input.value, precision);
  const name = key.dataset.key;
  const next = name === "clear" ? "" : name === "back" ? now.slice(0, -1) : (now + name).replace(/^0+(?=\d)/, "").slice(0, 15);
  input.value = next === "" ? "" : pretty(next, precision);
  input.dispatchEvent(new Event("input", { bubbles: true }));
});

/* --- start, also for parts that arrive later --------------------------------------------------- */

function dress(root) {
  for (const input of root.querySelectorAll("input[data-money]")) dressMoney(input);
  root.querySelector("[data-focus]")?.focus({ preventScroll: false });
}

const line = document.getElementById("loading");
let open = 0;
const mark = (step) => { open = Math.max(0, open + step); line?.classList.toggle("is-on", open > 0); };
document.addEventListener("htmx:beforeRequest", () => mark(1));
document.addEventListener("htmx:afterRequest", () => mark(-1));
document.addEventListener("htmx:load", (event) => dress(event.detail.elt));
const online = () => document.documentElement.classList.toggle("is-offline", !navigator.onLine);
window.addEventListener("online", online);
window.addEventListener("offline", online);
online();
dress(document);
