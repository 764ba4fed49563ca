/* The till: a sale while it is typed, and a sale that outlives the network.

   A sale is sent with the key its page was born with. Before it is sent it is kept on this device;
   it is forgotten only when the server answered. Whatever broke in between, sending it again with
   the same key counts once. */

const texts = JSON.parse(document.getElementById("till-texts")?.textContent ?? "{}");
const WAIT_MS = 12000;
const RETRY_MS = 5000;

/* --- a sale not confirmed yet -------------------------------------------------------------------- */

const drawer = (programme) => `than-till:${programme}`;
const keep = (programme, sale) => localStorage.setItem(drawer(programme), JSON.stringify(sale));
const forget = (programme) => localStorage.removeItem(drawer(programme));
function kept(programme) {
  try { return JSON.parse(localStorage.getItem(drawer(programme)) ?? "null"); } catch { return null; }
}

const csrf = () => document.querySelector("[name=csrfmiddlewaretoken]")?.value
  ?? JSON.parse(document.body.getAttribute("hx-headers") ?? "{}")["X-CSRFToken"] ?? "";

/* Answers {go}, {errors, key}, {login} or {unconfirmed}. */
async function send(sale) {
  let response;
  try {
    response = await fetch(sale.url, {
      method: "POST",
      body: sale.body,
      headers: { "Content-Type": "application/x-www-form-urlencoded", "X-Till": "1", "X-CSRFToken": csrf() },
      credentials: "same-origin",
      signal: AbortSignal.timeout(WAIT_MS),
    });
  } catch { return { unconfirmed: true }; }
  if (response.redirected) return { login: true };
  if (!(response.headers.get("Content-Type") ?? "").includes("json")) {
    return response.status === 403 || response.status === 404 ? { login: true } : { unconfirmed: true };
  }
  try { return await response.json(); } catch { return { unconfirmed: true }; }
}

class Pending {
  constructor(box) {
    this.box = box;
    this.programme = box.dataset.programme;
    this.problem = box.querySelector("[data-pending-problem]");
    this.button = box.querySelector("[data-pending-send]");
    this.button.addEventListener("click", () => this.retry());
    box.querySelector("[data-pending-drop]").addEventListener("click", () => this.drop());
    window.addEventListener("online", () => this.retry());
    this.show();
  }

  show() {
    const sale = kept(this.programme);
    this.box.hidden = !sale;
    document.documentElement.classList.toggle("has-pending-sale", Boolean(sale));
    if (!sale) return;
    this.box.querySelector("[data-pending-text]").textContent = `${sale.label} · ${sale.amount}`;
    this.say(texts.unconfirmed);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => { if (navigator.onLine) this.retry(); else this.show(); }, RETRY_MS);
  }

  say(text) { this.problem.textContent = text ?? ""; }

  async retry() {
    const sale = kept(this.programme);
    if (!sale || this.busy) return;
    this.busy = true;
    this.button.classList.add("is-busy");
    this.say(texts.sending);
    const answer = await send(sale);
    this.busy = false;
    this.button.classList.remove("is-busy");
    if (answer.go) { forget(this.programme); location.assign(answer.go); return; }
    if (answer.errors) {
      forget(this.programme);
      this.box.hidden = true;
      document.dispatchEvent(new CustomEvent("than:toast", { detail: { text: answer.errors.map((e) => e.text).join(" "), tone: "error" } }));
      document.documentElement.classList.remove("has-pending-sale");
      return;
    }
    if (answer.login) { this.say(texts.login); return; }
    this.show();
  }

  async drop() {
    const dialog = document.getElementById("till-drop");
    dialog.returnValue = "";
    dialog.showModal();
    dialog.addEventListener("close", () => {
      if (dialog.returnValue !== "yes") return;
      forget(this.programme);
      clearTimeout(this.timer);
      this.show();
    }, { once: true });
  }
}

/* --- the sale on the screen ---------------------------------------------------------------------- */

class Sale {
  constructor(form, pending) {
    this.form = form;
    this.pending = pending;
    this.quote = document.getElementById("quote");
    this.record = document.getElementById("record");
    this.errors = document.getElementById("sale-errors");
    this.basket = new Map();
    form.addEventListener("submit", (event) => { event.preventDefault(); this.send(); });
    form.addEventListener("input", () => this.changed());
    form.addEventListener("change", () => this.changed());
    document.addEventListener("click", (event) => this.pressed(event));
    document.addEventListener("keydown", (event) => this.typed(event));
    this.changed();
  }

  get amount() { return this.form.querySelector("input[type=hidden][name=amount_minor]")?.value ?? this.form.elements.amount_minor?.value ?? ""; }
  get inBasket() { return this.mode === "basket"; }
  get total() { return this.inBasket ? [...this.basket.values()].reduce((sum, one) => sum + one.price * one.quantity, 0) : Number(this.amount || 0); }

  data() {
    const data = new URLSearchParams(new FormData(this.form));
    for (const name of [...data.keys()]) if (data.get(name) === "" && name !== "csrfmiddlewaretoken") data.delete(name);
    if (this.inBasket) data.delete("amount_minor"); else data.delete("basket");
    return data;
  }

  get uses() { return [...this.data().entries()].some(([name, value]) => /^uses?\./.test(name) && value !== "0"); }

  changed() {
    this.record.disabled = this.total <= 0;
    const identity = document.getElementById("identity");
    if (identity) identity.hidden = !this.uses || Boolean(document.querySelector("[data-present]"));
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.ask(), 220);
  }

  async ask() {
    const data = this.data().toString();
    if (data === this.asked) return;
    this.asked = data;
    this.asking?.abort();
    if (this.total <= 0) { this.quote.replaceChildren(); return; }
    this.asking = new AbortController();
    try {
      const response = await fetch(this.form.dataset.quote, {
        method: "POST", body: data, credentials: "same-origin", signal: this.asking.signal,
        headers: { "Content-Type": "application/x-www-form-urlencoded", "X-CSRFToken": csrf() },
      });
      if (!response.ok || response.redirected) throw new Error("quote");
      const page = new DOMParser().parseFromString(await response.text(), "text/html");
      this.quote.replaceChildren(...page.body.childNodes);
    } catch (error) {
      if (error.name === "AbortError") return;
      this.asked = undefined;
      const note = document.createElement("p");
      note.className = "till-problem";
      note.textContent = texts.quote_off;
      this.quote.replaceChildren(note);
    }
  }

  async send() {
    if (this.busy || this.total <= 0) return;
    if (kept(this.form.dataset.programme)) { this.pending?.retry(); return; }
    this.busy = true;
    this.record.classList.add("is-busy");
    this.errors.hidden = true;
    const shown = this.quote.querySelector(".till-to-pay strong")?.textContent ?? String(this.total);
    const data = this.data();
    data.delete("csrfmiddlewaretoken");
    const sale = { url: this.form.action, body: data.toString(), label: this.form.dataset.label, amount: shown, at: Date.now() };
    keep(this.form.dataset.programme, sale);
    const answer = await send(sale);
    if (answer.go) { forget(this.form.dataset.programme); location.assign(answer.go); return; }
    this.busy = false;
    this.record.classList.remove("is-busy");
    if (answer.errors) this.refused(answer);
    else { this.pending?.show(); this.pending?.box.scrollIntoView({ block: "nearest" }); if (answer.login) this.pending?.say(texts.login); }
  }

  refused({ errors, key }) {
    forget(this.form.dataset.programme);
    this.form.elements.idempotency_key.value = key;
    const list = this.errors.querySelector("ul");
    list.replaceChildren(...errors.map((one) => { const item = document.createElement("li"); item.textContent = one.text; return item; }));
    this.errors.hidden = false;
    this.errors.focus();
    if (errors.some((one) => one.field === "checked")) document.getElementById("identity").hidden = false;
    this.asked = undefined;
    this.changed();
  }

  /* Digits go to the amount even where no field has the focus; Enter records. */
  typed(event) {
    const busyWith = event.target.closest?.("input, select, textarea, dialog, summary, a, button");
    if (busyWith || event.ctrlKey || event.metaKey || event.altKey || this.inBasket) return;
    if (/^\d$/.test(event.key)) document.querySelector(`[data-key="${event.key}"]`)?.click();
    else if (event.key === "Backspace") document.querySelector("[data-key=back]")?.click();
    else if (event.key === "Enter") this.form.requestSubmit();
  }

  pressed(event) {
    const mode = event.target.closest("[data-mode]");
    if (mode) this.turn(mode.dataset.mode);
    const product = event.target.closest("[data-sku]");
    if (product) this.put(product.dataset.sku, 1, product.dataset);
    const step = event.target.closest("[data-step-of]");
    if (step) this.step(step);
  }

  turn(mode) {
    this.mode = mode;
    for (const button of document.querySelectorAll("[data-mode]")) button.setAttribute("aria-pressed", String(button.dataset.mode === mode));
    for (const part of document.querySelectorAll("[data-shows]")) part.hidden = part.dataset.shows !== mode;
    if (mode === "basket") { document.body.dispatchEvent(new CustomEvent("than:basket")); this.draw(); }
    this.changed();
  }

  put(sku, by, { name, price } = {}) {
    const one = this.basket.get(sku) ?? { name, price: Number(price), quantity: 0 };
    one.quantity += by;
    if (one.quantity > 0) this.basket.set(sku, one); else this.basket.delete(sku);
    this.draw();
    this.changed();
  }

  draw() {
    const list = document.getElementById("basket-lines");
    const field = document.getElementById("basket");
    field.value = this.basket.size ? JSON.stringify([...this.basket].map(([sku, one]) => ({ sku, quantity: one.quantity }))) : "";
    if (!this.basket.size) {
      const empty = document.createElement("li");
      empty.className = "than-quiet";
      empty.textContent = list.dataset.empty;
      list.replaceChildren(empty);
      return;
    }
    list.replaceChildren(...[...this.basket].map(([sku, one]) => {
      const item = document.createElement("li");
      const name = document.createElement("span");
      name.textContent = one.name;
      const count = document.createElement("output");
      count.textContent = `× ${one.quantity}`;
      item.append(name, this.button("−", `${list.dataset.less}: ${one.name}`, () => this.put(sku, -1)), count,
        this.button("+", `${list.dataset.more}: ${one.name}`, () => this.put(sku, 1)));
      return item;
    }));
  }

  button(sign, label, act) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "btn btn-icon";
    button.textContent = sign;
    button.setAttribute("aria-label", label);
    button.addEventListener("click", (event) => { event.stopPropagation(); act(); });
    return button;
  }

  /* <button data-step-of="field-id" data-by="100|-100|max|0">: a stepper beside a number field. It steps
     on whole steps, also from a number typed between two of them. */
  step(button) {
    const field = document.getElementById(button.dataset.stepOf);
    const most = Number(field.dataset.most ?? field.max);
    const least = Number(field.dataset.least ?? field.min);
    const carrier = field.matches("[data-money]") ? field.nextElementSibling : field;
    const now = Math.max(Number(carrier.value || 0), 0);
    const by = Number(button.dataset.by);
    let next = 0;
    if (button.dataset.by === "max") next = most;
    else if (by > 0) next = Math.floor(now / by) * by + by;
    else if (by < 0) next = Math.ceil(now / -by) * -by + by;
    if (next > 0 && next < least) next = by > 0 ? least : 0;
    next = Math.min(Math.max(next, 0), most);
    if (carrier === field) field.value = String(next);
    else field.dispatchEvent(new CustomEvent("than:set", { detail: next }));
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }
}

const box = document.getElementById("till-pending");
const pending = box ? new Pending(box) : undefined;
const form = document.querySelector("[data-till-sale]");
if (form) new Sale(form, pending);
/* A page brought back by the browser's history has an old key: take a fresh one. */
window.addEventListener("pageshow", (event) => { if (event.persisted && form) location.reload(); });
