/* Fields that only matter for some choices: <input data-when="kind=amount_off percent_off">.
   Hidden fields are still sent; the server decides what counts. A field with a fault is always shown. */

function chosen(form, name) {
  const checked = form.querySelector(`[name="${name}"]:checked`);
  return checked ? checked.value : form.elements.namedItem(name)?.value;
}

function arrange(form) {
  for (const input of form.querySelectorAll("[data-when]")) {
    const [name, values] = input.dataset.when.split("=");
    const wanted = values.split(" ").includes(chosen(form, name));
    const box = input.closest(".than-field") ?? input.parentElement;
    // What was refused stays in sight, so that no fault hides.
    box.hidden = !wanted && input.getAttribute("aria-invalid") !== "true";
  }
}

for (const form of document.querySelectorAll("form[data-arranged]")) {
  arrange(form);
  form.addEventListener("change", () => arrange(form));
}
