// The page works without this script. With it, the filter works without a reload,
// and the page refreshes itself: both fetch the filtered page and apply what
// differs, so that focus, selection and scroll position stay.
"use strict";

// An open page updates every 15 s. It accepts what others made the exporter fetch in
// the last minute, so that next to a scraper it costs no API calls.
const interval = 15_000, scrapeInterval = 60;
// Typing searches what is already known.
const typing = 200, known = 3600;

const form = document.getElementById("filter");
const lost = document.getElementById("lost");
const icon = document.querySelector("link[rel=icon]");
const toggled = new WeakSet(); // what the reader has opened or closed
let fetches = 0; // counts them, so that an outdated response is dropped

function address() {
  const query = new URLSearchParams(new FormData(form));
  for (const [name, value] of [...query]) if (!value) query.delete(name);
  return "./?" + query;
}

async function update(maxAge) {
  const number = ++fetches, at = address();
  let next;
  try {
    const response = await fetch(at, {headers: {"Cache-Control": "max-age=" + maxAge}, signal: AbortSignal.timeout(interval)});
    if (!response.ok) throw new Error(response.status);
    next = new DOMParser().parseFromString(await response.text(), "text/html");
    // Anything but this page, such as the login page of a proxy, is not an update.
    if (!next.getElementById("live")) throw new Error("another page");
  } catch {
    if (number !== fetches) return;
    lost.textContent = lost.dataset.words;
    document.title = lost.dataset.title;
    icon.href = lost.dataset.icon;
    return;
  }
  if (number !== fetches) return;
  lost.textContent = "";
  document.title = next.title;
  for (const part of ["live", "language"]) {
    const to = next.getElementById(part);
    localize(to);
    morph(document.getElementById(part), to);
  }
  icon.href = next.querySelector("link[rel=icon]").href;
}

// morph makes one element like another, and keeps those of its nodes that are
// alike, matched by their key if they have one. What the reader has opened or closed
// stays so.
function morph(from, to) {
  if (from.isEqualNode(to)) return;
  if (from.nodeType !== Node.ELEMENT_NODE || from.nodeName !== to.nodeName) {
    from.replaceWith(to);
    return;
  }
  const kept = (name) => name === "open" && toggled.has(from);
  for (const {name} of [...from.attributes]) if (!kept(name) && !to.hasAttribute(name)) from.removeAttribute(name);
  for (const {name, value} of to.attributes) if (!kept(name) && from.getAttribute(name) !== value) from.setAttribute(name, value);
  const keyed = new Map();
  for (const child of from.children) if (key(child)) keyed.set(key(child), child);
  let at = from.firstChild;
  for (const child of [...to.childNodes]) {
    const same = key(child) ? keyed.get(key(child)) : at && !key(at) && at.nodeName === child.nodeName ? at : null;
    if (!same) {
      from.insertBefore(child, at);
      continue;
    }
    if (same === at) at = at.nextSibling;
    else from.insertBefore(same, at);
    morph(same, child);
  }
  while (at) {
    const rest = at;
    at = at.nextSibling;
    rest.remove();
  }
}

function key(node) {
  return node.id || node.dataset?.key;
}

// localize shows times in the reader's time zone: of today 05:00:15, of another day
// 11-30 05:00.
function localize(part) {
  const local = (time) => time.toLocaleString("sv"); // 2026-11-30 05:00:15
  const today = local(new Date()).slice(0, 10);
  for (const time of part.querySelectorAll("time")) {
    const text = time.title = local(new Date(time.dateTime));
    time.textContent = text.startsWith(today) ? text.slice(11) : text.slice(5, 16);
  }
}

// filter applies the form and puts it into the URL, so that it can be sent to
// someone.
function filter() {
  history.replaceState(null, "", address());
  update(known);
}

// A character that an input method still composes is not searched for.
let pending;
for (const typed of ["input", "compositionend"]) form.addEventListener(typed, (event) => {
  clearTimeout(pending);
  if (!event.isComposing) pending = setTimeout(filter, typing);
});
form.addEventListener("submit", (event) => {
  event.preventDefault();
  clearTimeout(pending);
  filter();
});

// "/" goes to the search, Escape clears it.
document.addEventListener("keydown", (event) => {
  if (event.isComposing) return;
  const search = form.elements.q, within = document.activeElement === search;
  if (event.key === "/" && !within && !event.ctrlKey && !event.metaKey && !event.altKey) {
    event.preventDefault();
    search.focus();
  } else if (event.key === "Escape" && within) {
    search.value = "";
    filter();
  }
});

// A link to another filter of this page sets the form, unless the click opens it
// elsewhere.
document.getElementById("live").addEventListener("click", (event) => {
  const summary = event.target.closest("summary");
  if (summary) toggled.add(summary.parentElement);
  const link = event.target.closest("a[href^='./']");
  if (!link || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  const query = new URL(link.href).searchParams;
  form.elements.q.value = query.get("q") ?? "";
  form.elements.state.value = query.get("state") ?? "";
  filter();
});

// A hidden page updates, too, for its title and icon; the browser decides how often.
setInterval(() => update(scrapeInterval), interval);
document.addEventListener("visibilitychange", () => {
  if (!document.hidden) update(scrapeInterval);
});

localize(document);
