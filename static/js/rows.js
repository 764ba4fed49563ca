/* Rows one can add to: [data-rows data-most="10"] holds rows [data-row] with fields named list-0-part,
   buttons [data-remove-row] in them, and a button [data-add-row]. Without script the spare rows stand
   open and the buttons stay hidden. The server tells rows by their number, so a removed row is emptied
   and hidden rather than taken out. A value [data-value] offers the names its row's fact knows
   (<datalist id="values-FACT">). */

const controls = (row) => [...row.querySelectorAll("input, select, textarea")];
const isEmpty = (row) => controls(row)[0].value === "" && controls(row).every((one) => one.type !== "text" || one.value === "");

function clear(row) {
  for (const one of controls(row)) {
    if (one.type === "checkbox") one.checked = false;
    else if (one.tagName === "SELECT") one.selectedIndex = 0;
    else one.value = "";
  }
}

/* A fresh row behind the last: numbers in names, ids and labels go up by one, errors stay behind. */
function another(rows) {
  const last = rows.at(-1);
  const row = last.cloneNode(true);
  const number = Number(controls(last)[0].name.split("-")[1]) + 1;
  for (const one of row.querySelectorAll(".than-field-errors")) one.remove();
  for (const one of row.querySelectorAll("*")) {
    one.classList.remove("is-invalid", "has-errors");
    one.removeAttribute("aria-invalid");
    one.removeAttribute("aria-describedby");
    for (const name of ["name", "id", "for"]) {
      if (one.hasAttribute(name)) one.setAttribute(name, one.getAttribute(name).replace(/-\d+-/, `-${number}-`));
    }
  }
  const label = row.querySelector("label");
  label.firstChild.textContent = label.firstChild.textContent.replace(/\d+(\s*)$/, `${number + 1}$1`);
  clear(row);
  last.after(row);
  return row;
}

/* The names a value can be chosen from, by what the row compares. */
function offer(row) {
  const value = row.querySelector("[data-value]");
  const fact = row.querySelector("select")?.value;
  if (!value) return;
  if (fact && document.getElementById(`values-${fact}`)) value.setAttribute("list", `values-${fact}`);
  else value.removeAttribute("list");
}

for (const list of document.querySelectorAll("[data-rows]")) {
  const rows = () => [...list.querySelectorAll("[data-row]")];
  const add = list.querySelector("[data-add-row]");
  const most = Number(list.dataset.most);
  const shown = () => rows().filter((row) => !row.hidden);
  const settle = () => { add.hidden = shown().length >= most; };

  rows().filter(isEmpty).slice(1).forEach((row) => { row.hidden = true; });
  for (const button of list.querySelectorAll("[data-remove-row]")) button.hidden = false;
  settle();
  rows().forEach(offer);

  list.addEventListener("change", (event) => {
    const row = event.target.closest("[data-row]");
    if (row) offer(row);
  });

  list.addEventListener("click", (event) => {
    const gone = event.target.closest("[data-remove-row]")?.closest("[data-row]");
    if (gone) {
      clear(gone);
      gone.hidden = true;
      gone.querySelector("select, input").dispatchEvent(new Event("change", { bubbles: true }));
      settle();
      add.focus();
    }
    if (event.target.closest("[data-add-row]")) {
      const row = rows().find((one) => one.hidden && isEmpty(one)) ?? another(rows());
      row.hidden = false;
      settle();
      controls(row)[0].focus();
    }
  });
}
