/* Fields that only matter for some choices: <input data-when="kind=amount_off percent_off">.
   One whose choice is itself not asked for is not either. data-needed="counts=amount" says for which
   choices the word “optional” does not stand at a field.
   Hidden fields are still sent; the server decides what counts. A field with a fault is always shown. */

function chosen(form, name) {
  const checked = form.querySelector(`[name="${name}"]:checked`);
  return checked ? checked.value : form.elements.namedItem(name)?.value;
}

function says(form, rule) {
  const [name, values] = rule.split("=");
  const above = form.querySelector(`[name="${name}"][data-when]`);
  return values.split(" ").includes(chosen(form, name)) && (!above || says(form, above.dataset.when));
}

function arrange(form) {
  for (const input of form.querySelectorAll("[data-when]")) {
    const box = input.closest(".than-field") ?? input.parentElement;
    // What was refused stays in sight, so that no fault hides.
    box.hidden = !says(form, input.dataset.when) && input.getAttribute("aria-invalid") !== "true";
    const optional = box.querySelector(".than-optional");
    if (optional && input.dataset.needed) optional.hidden = says(form, input.dataset.needed);
  }
}

for (const form of document.querySelectorAll("form[data-arranged]")) {
  arrange(form);
  form.addEventListener("change", () => arrange(form));
}
