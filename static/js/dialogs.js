/* Dialogs: [data-dialog="id"] opens, [data-dialog-close] closes, a click outside closes.
   <form data-confirm="Title" data-confirm-text="…" data-confirm-label="Delete" data-confirm-tone="danger">
   asks first, on a button named like the one pressed unless a label is given; hx-confirm uses the same dialog. Without script the form simply submits. */

const sure = document.getElementById("confirm-dialog");
const agreed = new WeakSet();

function ask({ title, text, label, tone }) {
  sure.querySelector("h2").textContent = title;
  const body = sure.querySelector("p");
  body.textContent = text || "";
  body.hidden = !text;
  const yes = sure.querySelector("[data-confirm-yes]");
  yes.textContent = label || yes.dataset.label;
  yes.className = tone === "danger" ? "btn btn-danger" : "btn btn-primary";
  sure.returnValue = "";
  sure.showModal();
  return new Promise((resolve) => {
    sure.addEventListener("close", () => resolve(sure.returnValue === "yes"), { once: true });
  });
}

document.addEventListener("submit", async (event) => {
  const form = event.target;
  const source = event.submitter?.dataset.confirm ? event.submitter : form;
  if (!source.dataset.confirm || agreed.has(form) || !sure) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  const data = source.dataset;
  const submitter = event.submitter;
  if (await ask({ title: data.confirm, text: data.confirmText, label: data.confirmLabel || submitter?.textContent.trim(), tone: data.confirmTone })) {
    agreed.add(form);
    form.requestSubmit(submitter ?? undefined);
    agreed.delete(form);
  }
}, true);

document.addEventListener("htmx:confirm", async (event) => {
  if (!event.detail.question || !sure) return;
  event.preventDefault();
  const data = event.detail.elt.dataset;
  if (await ask({ title: event.detail.question, text: data.confirmText, label: data.confirmLabel, tone: data.confirmTone })) {
    event.detail.issueRequest(true);
  }
});

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-dialog]");
  if (opener) document.getElementById(opener.dataset.dialog)?.showModal();
  const closer = event.target.closest("[data-dialog-close]");
  if (closer) closer.closest("dialog")?.close();
  if (event.target instanceof HTMLDialogElement && !event.target.matches("[data-keep-open]")) {
    const box = event.target.getBoundingClientRect();
    const inside = event.clientX >= box.left && event.clientX <= box.right && event.clientY >= box.top && event.clientY <= box.bottom;
    if (!inside && event.clientX + event.clientY > 0) event.target.close();
  }
});

/* an open <details data-menu> closes on a click elsewhere and on Escape */
function closeMenus(except) {
  for (const menu of document.querySelectorAll("details[data-menu][open]")) if (menu !== except) menu.open = false;
}
document.addEventListener("click", (event) => closeMenus(event.target.closest("details[data-menu]")));
document.addEventListener("keydown", (event) => { if (event.key === "Escape") closeMenus(); });
