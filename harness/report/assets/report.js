// Comfort only: the page is complete without it. Texts are read, never written as markup.
"use strict";

const folds = () => document.querySelectorAll("details");

const control = (tag, label, attributes, event, act) => {
  const element = Object.assign(document.createElement(tag), attributes);
  element.setAttribute("aria-label", label);
  element.addEventListener(event, () => act(element));
  return element;
};

const sift = (table, wanted) => {
  for (const row of table.tBodies[0].rows) row.hidden = !row.textContent.toLowerCase().includes(wanted);
};

const MANY = 8; // rows from which on a table is worth filtering

const figureIn = (cell) => {
  const text = cell.textContent.trim().replace("\u2212", "-").replaceAll(",", "");
  const number = Number.parseFloat(text);
  return Number.isNaN(number) ? text : number;
};

const order = (head, column, table) => {
  const descending = head.getAttribute("aria-sort") === "ascending";
  for (const other of head.parentNode.cells) other.removeAttribute("aria-sort");
  head.setAttribute("aria-sort", descending ? "descending" : "ascending");
  const keyed = [...table.tBodies[0].rows].map((row) => [figureIn(row.cells[column]), row]);
  keyed.sort(([a], [b]) => (typeof a === typeof b ? (a < b ? -1 : a > b ? 1 : 0) : typeof a === "number" ? -1 : 1));
  if (descending) keyed.reverse();
  table.tBodies[0].append(...keyed.map(([, row]) => row));
};

for (const table of document.querySelectorAll("table[data-sift]")) {
  if (table.tBodies[0].rows.length >= MANY) {
    const tools = document.createElement("div");
    tools.className = "tools";
    const label = `Filter: ${table.caption.textContent}`;
    tools.append(control("input", label, { type: "search", placeholder: "Filter rows" }, "input", (field) => sift(table, field.value.toLowerCase())));
    table.parentNode.before(tools);
  }
  [...table.tHead.rows[0].cells].forEach((head, column) => {
    const name = head.textContent;
    const button = control("button", `Sort by ${name}`, { type: "button", textContent: name }, "click", () => order(head, column, table));
    head.replaceChildren(button);
  });
}

const unfold = control("button", "Unfold or fold everything", { type: "button", textContent: "Unfold all" }, "click", (button) => {
  const open = button.textContent === "Unfold all";
  for (const fold of folds()) fold.open = open;
  button.textContent = open ? "Fold all" : "Unfold all";
});
const tools = document.createElement("div");
tools.className = "tools";
tools.append(unfold);
document.querySelector("nav").after(tools);

addEventListener("beforeprint", () => { for (const fold of folds()) fold.open = true; });
