// The calendar: pop-up, drag, keyboard moves, booking in an empty slot. Layout and rules live on the server.

const peek = document.getElementById("peek");
const book = document.getElementById("book");
const board = () => document.getElementById("board");
const grid = () => document.querySelector(".day");
const STEP = 3; // quarter hours, on rows of five minutes
const ROW_MINUTES = 5;

const link = (id) => document.querySelector(`a[data-id="${id}"]`);
const opens = () => Number(board()?.dataset.opens ?? 0);
const rowsOf = (column) => column.querySelector(".slots-ul");

/* ---------- the pop-up stands beside its appointment, and is never modal ---------- */

let openerId = null;
let suppress = false; // the click that ends a drag opens nothing

async function openPeek(anchor) {
  openerId = anchor.dataset.id;
  await htmx.ajax("GET", anchor.href, { target: "#peek", swap: "innerHTML" });
  if (!peek.open) peek.show();
  mark();
  place();
  peek.querySelector("[autofocus]")?.focus({ preventScroll: true });
}

function mark() {
  for (const other of document.querySelectorAll(".ev.is-open")) other.classList.remove("is-open");
  if (peek.open) link(openerId)?.classList.add("is-open");
}

const toastBox = document.getElementById("toasts");

// A toast hides none of its buttons: the pop-up ends where the toasts begin, and scrolls if it is longer than that.
function fit() {
  const toasts = toastBox.getBoundingClientRect();
  const narrow = matchMedia("(max-width: 40rem)").matches; // there they stand above it
  const floor = (toasts.height && !narrow ? toasts.top : innerHeight) - 12;
  const room = narrow ? innerHeight - toasts.bottom - 12 : floor - 12;
  peek.style.maxHeight = toasts.height ? `min(${room}px, ${narrow ? "82dvh" : "100dvh"})` : "";
  return { narrow, floor };
}

function place() {
  const anchor = link(openerId);
  if (!peek.open) return;
  const { narrow, floor } = fit();
  if (!anchor || narrow) return;
  const from = anchor.getBoundingClientRect();
  const size = peek.getBoundingClientRect();
  const gap = 10;
  let left = from.right + gap;
  if (left + size.width > innerWidth - 12) left = from.left - size.width - gap;
  if (left < 12) left = Math.max(12, innerWidth - size.width - 12);
  const top = Math.max(12, Math.min(from.top - 8, floor - size.height));
  peek.style.left = `${left}px`;
  peek.style.top = `${top}px`;
}

function closePeek() {
  if (peek.open) peek.close();
}

document.addEventListener("click", (event) => {
  const anchor = event.target.closest("a.ev, a.mini, a[data-peek]");
  if (!anchor || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  if (!suppress) openPeek(anchor);
});
peek.addEventListener("toggle", place, true); // a form inside unfolded
addEventListener("resize", place);
// What goes away gives its room back, but moves nothing from under the pointer.
let toastsWere = 0;
new ResizeObserver(() => {
  const { height } = toastBox.getBoundingClientRect();
  if (height > toastsWere) place();
  else fit();
  toastsWere = height;
}).observe(toastBox);
peek.addEventListener("close", () => {
  mark();
  link(openerId)?.focus({ preventScroll: true });
});
addEventListener("keydown", (event) => {
  if (event.key === "Escape" && peek.open && !event.defaultPrevented) closePeek();
});
addEventListener("pointerdown", (event) => {
  if (peek.open && !peek.contains(event.target) && !event.target.closest(".toasts")) closePeek();
});
document.addEventListener("appointment-left", closePeek);
document.addEventListener("htmx:after:swap", () => {
  if (!peek.open) return;
  mark();
  place();
});

/* ---------- booking in a dialog over the calendar ---------- */

async function openBooking(url) {
  if (!book) return location.assign(url);
  closePeek();
  await htmx.ajax("GET", url, { target: "#book", swap: "innerHTML" });
  if (!book.open) book.showModal();
  book.querySelector("[name=patient-q]")?.focus();
}

document.addEventListener("click", (event) => {
  const anchor = event.target.closest("a[href]");
  if (!anchor || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const path = grid()?.dataset.book || document.querySelector("[data-new='a']")?.pathname;
  if (!path || anchor.pathname !== path || anchor.origin !== location.origin) return;
  event.preventDefault();
  openBooking(anchor.href);
});

/* ---------- time and rows ---------- */

const two = (number) => String(number).padStart(2, "0");
const clock = (minutes) => `${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
const minutesOf = (local) => Number(local.slice(11, 13)) * 60 + Number(local.slice(14, 16));

function rowAt(column, y) {
  const list = rowsOf(column);
  const box = list.getBoundingClientRect();
  const rows = getComputedStyle(list).gridTemplateRows.split(" ").length;
  const row = (y - box.top) / (box.height / rows);
  return { row: Math.min(Math.max(0, row), rows - 1), rows };
}

const said = new Intl.DateTimeFormat(document.documentElement.lang || undefined, {
  hour: "numeric",
  minute: "2-digit",
  timeZone: "UTC",
});
const spoken = (minutes) => said.format(new Date(Date.UTC(2000, 0, 1, 0, minutes)));

/* ---------- moves: one at a time, so that quick key presses add up ---------- */

let queue = Promise.resolve();

async function move(anchor, day, minutes, practitioner) {
  const { id, move: url } = anchor.dataset;
  await htmx.ajax("POST", url, {
    values: { date: day, time: clock(minutes), practitioner },
    target: "#toasts",
    swap: "none",
    source: document.body,
  });
  link(id)?.focus({ preventScroll: true });
}

const KEYS = {
  ArrowUp: [-15, 0],
  ArrowDown: [15, 0],
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
};

document.addEventListener("keydown", (event) => {
  const anchor = event.target.closest?.("a.ev[data-move]");
  const step = KEYS[event.key];
  if (!anchor || !event.altKey || !step) return;
  event.preventDefault();
  closePeek();
  const { id } = anchor.dataset;
  queue = queue.then(() => {
    const now = link(id); // where it stands by the time of this press
    if (!now?.dataset.move) return null;
    const columns = [...document.querySelectorAll(".col")];
    const to = columns[columns.indexOf(now.closest(".col")) + step[1]];
    const minutes = minutesOf(now.dataset.start) + step[0];
    if (!to || minutes < 0 || minutes >= 1440) return null;
    return move(now, to.dataset.day, minutes, to.dataset.practitioner);
  });
});

/* ---------- drag: by mouse at once, by touch after a long press ---------- */

let drag = null;

document.addEventListener("dragstart", (event) => {
  if (event.target.closest?.(".ev")) event.preventDefault();
});

document.addEventListener("pointerdown", (event) => {
  const anchor = event.target.closest?.("a.ev[data-move]");
  if (!anchor || event.button) return;
  const box = anchor.getBoundingClientRect();
  drag = {
    anchor,
    box,
    x: event.clientX,
    y: event.clientY,
    dx: event.clientX - box.left,
    dy: event.clientY - box.top,
    touch: event.pointerType === "touch",
    pointer: event.pointerId,
  };
  if (drag.touch) drag.timer = setTimeout(lift, 350);
});

function lift() {
  if (!drag || drag.ghost) return;
  const { anchor, box } = drag;
  drag.ghost = anchor.cloneNode(true);
  drag.ghost.className = "ev ghost";
  drag.ghost.removeAttribute("data-id");
  const look = getComputedStyle(anchor);
  Object.assign(drag.ghost.style, {
    width: `${box.width}px`,
    height: `${box.height}px`,
    left: `${box.left}px`,
    top: `${box.top}px`,
    background: look.backgroundColor,
  });
  document.body.append(drag.ghost);
  drag.item = anchor.closest("li");
  drag.item.classList.add("lifted");
  drag.drop = document.createElement("li");
  drag.drop.setAttribute("aria-hidden", "true");
  document.documentElement.classList.add("dragging");
  grid().setPointerCapture?.(drag.pointer);
}

document.addEventListener("pointermove", (event) => {
  if (!drag) return hover(event);
  if (!drag.ghost) {
    const far = Math.hypot(event.clientX - drag.x, event.clientY - drag.y);
    if (drag.touch && far > 8) {
      clearTimeout(drag.timer);
      drag = null; // the page is scrolled
    }
    if (!drag || drag.touch || far < 5) return undefined;
    lift();
  }
  drag.ghost.style.left = `${event.clientX - drag.dx}px`;
  drag.ghost.style.top = `${event.clientY - drag.dy}px`;
  scrollNear(event.clientX, event.clientY);
  const column = columnAt(event.clientX, event.clientY);
  if (!column) return undefined;
  const { row } = rowAt(column, event.clientY - drag.dy);
  drag.column = column;
  drag.row = Math.round(row / STEP) * STEP;
  drag.drop.className = `drop r${drag.row + 1} s${drag.anchor.dataset.span}`;
  drag.drop.textContent = spoken(opens() + drag.row * ROW_MINUTES);
  rowsOf(column).append(drag.drop);
  return undefined;
});

function columnAt(x, y) {
  return document.elementsFromPoint(x, y).find((one) => one.matches?.(".col"));
}

function scrollNear(x, y) {
  const area = grid();
  const edge = area.getBoundingClientRect();
  if (y > edge.bottom - 40) area.scrollTop += 12;
  if (y < edge.top + 90) area.scrollTop -= 12;
  if (x > edge.right - 30) area.scrollLeft += 12;
  if (x < edge.left + 80) area.scrollLeft -= 12;
}

document.addEventListener(
  "touchmove",
  (event) => {
    if (drag?.ghost) event.preventDefault();
  },
  { passive: false },
);
document.addEventListener("contextmenu", (event) => {
  if (drag?.touch) event.preventDefault();
});

function end(commit) {
  const done = drag;
  drag = null;
  if (!done) return;
  clearTimeout(done.timer);
  if (!done.ghost) return;
  done.ghost.remove();
  done.drop.remove();
  done.item.classList.remove("lifted");
  document.documentElement.classList.remove("dragging");
  suppress = true;
  setTimeout(() => (suppress = false));
  if (!commit || !done.column) return;
  const minutes = opens() + done.row * ROW_MINUTES;
  const { day, practitioner } = done.column.dataset;
  queue = queue.then(() => move(done.anchor, day, minutes, practitioner));
}

document.addEventListener("pointerup", () => end(true));
document.addEventListener("pointercancel", () => end(false));
addEventListener("keydown", (event) => {
  if (event.key === "Escape" && drag?.ghost) end(false);
});

/* ---------- an empty slot: shown under the mouse, booked by a click ---------- */

const slot = document.createElement("li");
slot.setAttribute("aria-hidden", "true");
slot.className = "drop new";

function slotAt(event) {
  if (!grid()?.dataset.book || event.pointerType === "touch") return null;
  const list = event.target.closest?.(".slots-ul");
  if (!list || event.target.closest("a")) return null;
  const column = list.closest(".col");
  const row = Math.floor(rowAt(column, event.clientY).row / STEP) * STEP;
  return { column, list, row };
}

function hover(event) {
  const found = slotAt(event);
  if (!found) return slot.remove();
  slot.className = `drop new r${found.row + 1} s${STEP}`;
  slot.textContent = spoken(opens() + found.row * ROW_MINUTES);
  if (slot.parentElement !== found.list) found.list.append(slot);
  return undefined;
}

document.addEventListener("click", (event) => {
  if (suppress || event.defaultPrevented) return;
  const list = event.target.closest(".slots-ul");
  if (!list || event.target.closest("a") || !grid()?.dataset.book) return;
  const column = list.closest(".col");
  const row = Math.floor(rowAt(column, event.clientY).row / STEP) * STEP;
  const url = new URL(column.querySelector(".col-new").href);
  url.searchParams.set("t", clock(opens() + row * ROW_MINUTES));
  slot.remove();
  openBooking(url.href);
});

/* ---------- small things ---------- */

document.addEventListener("change", (event) => {
  if (event.target.matches("[data-jump]") && event.target.value) event.target.form.requestSubmit();
});

// The line of the present moves on, by the server's clock and the time since the page came.
const began = performance.now();
setInterval(() => {
  const start = Number(board()?.dataset.now ?? 0);
  if (!start) return;
  const minute = start + Math.floor((performance.now() - began) / 60000);
  const row = Math.floor((minute - opens()) / ROW_MINUTES) + 1;
  for (const line of document.querySelectorAll(".now, .now-mark")) {
    line.className = line.className.replace(/\br\d+\b/, `r${row}`);
  }
}, 30000);

// Undo goes after a while; what was refused stays until it is dismissed (app.js).
document.addEventListener("htmx:after:swap", () => {
  for (const toast of document.querySelectorAll(".toast.ok[data-brief]:not([data-timed])")) {
    toast.dataset.timed = "1";
    setTimeout(() => toast.matches(":hover, :focus-within") || toast.remove(), 10000);
  }
});

// A day begins where the booking is that one comes from, or now, or at the first appointment: not at
// the top of an empty morning.
function scrollToUse() {
  const area = grid();
  if (!area) return;
  const asked = link(board().dataset.show);
  const target = asked ?? area.querySelector(".now") ?? area.querySelector(".appt");
  asked?.focus({ preventScroll: true });
  asked?.scrollIntoView({ block: "nearest", inline: "nearest" });
  if (!target || area.scrollHeight <= area.clientHeight) return;
  const top = target.getBoundingClientRect().top - area.getBoundingClientRect().top;
  area.scrollTop = Math.max(0, top - area.clientHeight / 3);
}
scrollToUse();
