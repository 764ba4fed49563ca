/* Buttons with data-copy="text" put the text on the clipboard and say so. */

const texts = JSON.parse(document.getElementById("than-texts")?.textContent ?? "{}");

async function put(text) {
  if (navigator.clipboard && window.isSecureContext) return navigator.clipboard.writeText(text);
  const area = document.createElement("textarea");
  area.value = text;
  area.className = "visually-hidden";
  document.body.append(area);
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  if (!done) throw new Error("copy refused");
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  try {
    await put(button.dataset.copy);
    button.classList.add("is-copied");
    setTimeout(() => button.classList.remove("is-copied"), 1600);
    document.dispatchEvent(new CustomEvent("than:toast", { detail: { text: texts.copied, tone: "success" } }));
  } catch {
    document.dispatchEvent(new CustomEvent("than:toast", { detail: { text: texts.copy_failed, tone: "error" } }));
  }
});
