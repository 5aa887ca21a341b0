// Keeps what has been judged in this browser, and saves it as the CSV that a suite reads.
"use strict";

const items = [...document.querySelectorAll("fieldset.item")];
const columns = document.getElementById("tools").dataset.columns.split(",");
const reviewer = document.getElementById("reviewer");
const place = `harness-review:${document.title}:${items.length}`;
const KEYS = { y: "yes", n: "no", u: "unsure" };

const verdict = (item) => item.querySelector("input:checked")?.value ?? "";

const told = () => {
  const judged = items.filter(verdict).length;
  document.getElementById("progress").textContent = `${judged} of ${items.length} judged`;
  try {
    localStorage.setItem(place, JSON.stringify({ reviewer: reviewer.value, verdicts: items.map(verdict) }));
  } catch { /* a browser may keep nothing for files; saving as CSV still works */ }
};

const answer = (item, value) => {
  const choice = [...item.querySelectorAll("input")].find((input) => input.value === value);
  if (choice) choice.checked = true;
};

const text = (item, without) => {
  const copy = item.querySelector(".text").cloneNode(true);
  for (const part of copy.querySelectorAll(without)) part.remove();
  return copy.textContent;
};

const cell = (value) => `"${String(value).replaceAll('"', '""')}"`;

const row = (item) => {
  const known = {
    ...item.dataset,
    clean: text(item, "ins"),
    perturbed: text(item, "del"),
    gold: item.querySelector(".gold b").textContent,
    verdict: verdict(item),
    reviewer: reviewer.value.trim(),
  };
  return columns.map((column) => cell(known[column])).join(",");
};

document.getElementById("tools").addEventListener("submit", (event) => {
  event.preventDefault();
  const lines = [columns.join(","), ...items.map(row), ""].join("\n");
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([lines], { type: "text/csv" }));
  link.download = `review-${reviewer.value.trim().replace(/[^A-Za-z0-9]+/g, "-") || "anonymous"}.csv`;
  link.click();
  URL.revokeObjectURL(link.href);
});

document.addEventListener("keydown", (event) => {
  const value = KEYS[event.key];
  if (!value || event.ctrlKey || event.metaKey || event.altKey || event.target === reviewer) return;
  const here = document.activeElement?.closest("fieldset.item") ?? items.find((item) => !verdict(item));
  if (!here) return;
  answer(here, value);
  told();
  const next = items[items.indexOf(here) + 1];
  next?.querySelector("input").focus();
});

document.addEventListener("change", told);

try {
  const kept = JSON.parse(localStorage.getItem(place) ?? "null");
  if (kept) {
    reviewer.value = kept.reviewer;
    kept.verdicts.forEach((value, at) => answer(items[at], value));
  }
} catch { /* nothing kept, or nothing that can be read */ }
told();
