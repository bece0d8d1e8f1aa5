// Behaviour of the frame on every page: theme, menus, shortcuts, toasts, the patient picker, double submits.
// It runs before the page is read, so that no key is lost that is pressed as soon as the page shows; hence it
// listens on the document only. Scripts import nothing from each other (hashed file names); pages talk to this
// one through the DOM: attributes data-*, and the events "toast" and "picker:chosen".

const $ = (selector, root = document) => root.querySelector(selector);
const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];

/* ---------- theme: a cookie, so that the server writes it and nothing flashes ---------- */

function toggleTheme() {
  const root = document.documentElement;
  const dark = root.dataset.theme
    ? root.dataset.theme === "dark"
    : matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = dark ? "light" : "dark";
  const secure = location.protocol === "https:" ? ";secure" : "";
  document.cookie = `theme=${root.dataset.theme};path=/;max-age=31536000;samesite=lax${secure}`;
}

/* ---------- toasts ---------- */

function toast(text, tone = "") {
  const box = $("#toasts");
  if (!box) return;
  const element = document.createElement("div");
  element.className = `toast ${tone}`;
  const words = document.createElement("span");
  words.textContent = text;
  const close = document.createElement("button");
  close.type = "button";
  close.dataset.dismissToast = "";
  close.setAttribute("aria-label", box.dataset.dismiss);
  close.textContent = "×";
  element.append(words, close);
  // The same sentence said again takes the place of the first, so that one click sends it away.
  for (const old of $$(".toast", box)) if (old.firstElementChild?.textContent === text) old.remove();
  box.append(element);
  settle(element);
}

// Good news goes by itself; bad news stays until it is dismissed.
function settle(element) {
  if (element.classList.contains("bad") || element.classList.contains("warn")) return;
  let timer;
  const start = () => (timer = setTimeout(() => element.remove(), 8000));
  const hold = () => clearTimeout(timer);
  for (const event of ["pointerenter", "focusin"]) element.addEventListener(event, hold);
  for (const event of ["pointerleave", "focusout"]) element.addEventListener(event, start);
  start();
}

document.addEventListener("DOMContentLoaded", () => $$(".toast").forEach(settle));
// The server asks for one with the header HX-Trigger: {"toast": {"text": …, "tone": "ok"}}.
document.addEventListener("toast", (event) => toast(event.detail.text, event.detail.tone));
document.addEventListener("htmx:error", () => toast($("#toasts")?.dataset.unreachable, "bad"));
document.addEventListener("htmx:response:error", (event) => {
  if (event.detail?.ctx?.response?.status >= 500) toast($("#toasts")?.dataset.failed, "bad");
});

/* ---------- menus: beside their button, inside the window ---------- */

function place(menu) {
  const opener = $(`[popovertarget="${menu.id}"]`);
  if (!opener) return;
  const from = opener.getBoundingClientRect();
  const { width, height } = menu.getBoundingClientRect();
  const below = from.bottom + 6;
  const top = below + height > innerHeight - 8 ? Math.max(8, from.top - height - 6) : below;
  const left = Math.min(Math.max(8, from.right - width), innerWidth - width - 8);
  Object.assign(menu.style, {
    inset: `${top}px auto auto ${left}px`,
    margin: "0",
  });
}

document.addEventListener(
  "toggle",
  (event) => {
    const menu = event.target;
    if (menu.matches?.("[popover]")) {
      if (event.newState !== "open") return;
      if (menu.hasAttribute("data-place")) place(menu);
      if (lastInputWasKey) $("a, button", menu)?.focus();
    }
  },
  true,
);

let lastInputWasKey = false;
document.addEventListener("pointerdown", () => (lastInputWasKey = false), true);

function moveInMenu(event) {
  const menu = event.target.closest(".menu");
  if (!menu || !["ArrowDown", "ArrowUp", "Home", "End"].includes(event.key)) return false;
  const items = $$("a, button", menu).filter((item) => item.offsetParent !== null);
  const at = items.indexOf(document.activeElement);
  const next = {
    ArrowDown: (at + 1) % items.length,
    ArrowUp: (at - 1 + items.length) % items.length,
    Home: 0,
    End: items.length - 1,
  }[event.key];
  event.preventDefault();
  items[next]?.focus();
  return true;
}

/* ---------- clicks on what is marked ---------- */

document.addEventListener("click", (event) => {
  const hit = (selector) => event.target.closest(selector);
  if (hit("[data-theme-toggle]")) toggleTheme();
  if (hit("[data-shortcut-list]")) openShortcuts();
  if (hit("[data-print]")) print();
  hit("[data-dismiss-toast]")?.closest(".toast").remove();
  hit("[data-close-dialog]")?.closest("dialog").close();
  const opens = hit("[data-open-dialog]");
  if (opens) $(`#${opens.dataset.openDialog}`)?.showModal();
  const details = hit("[data-close-details]")?.closest("details");
  if (details) {
    details.open = false;
    $("summary", details).focus();
  }
  for (const open of $$("details.confirm[open]")) {
    if (!open.contains(event.target)) open.open = false;
  }
});

// What opens with a field to fill in is opened to fill it in.
addEventListener(
  "toggle",
  (event) => {
    if (!event.target.matches?.("details.confirm[open]")) return;
    $("input.in, textarea.in", event.target)?.focus();
  },
  true,
);

function openShortcuts() {
  const list = $("#shortcuts");
  if (!list || list.open) return;
  $("#me-menu")?.hidePopover?.();
  list.showModal();
}

/* ---------- keys ---------- */

const typing = (element) => element.closest?.("input, textarea, select, [contenteditable]");
const lettersOn = () => document.body.dataset.shortcuts === "on";
let prefix = "";
let prefixTimer;

function follow(kind, key) {
  const link = $(`[data-${kind}="${CSS.escape(key)}"]`);
  if (link) location.assign(link.href);
  return Boolean(link);
}

document.addEventListener("keydown", (event) => {
  lastInputWasKey = true;
  if (event.defaultPrevented || event.isComposing) return;
  if ((event.ctrlKey || event.metaKey) && event.key === "Enter") {
    const form = event.target.closest("form") ?? $("form[data-main]");
    if (form) {
      event.preventDefault();
      form.requestSubmit($("button[type=submit]:not([formnovalidate]), button.primary", form));
    }
    return;
  }
  if (event.key === "Escape") {
    const details = event.target.closest?.("details.confirm[open]");
    if (details) {
      details.open = false;
      $("summary", details).focus();
    }
    return;
  }
  if (moveInMenu(event)) return;
  if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
  if (!lettersOn() || $("dialog[open]:modal")) return;
  const key = event.key.toLowerCase();
  if (prefix && follow(prefix === "g" ? "go" : "new", key)) {
    event.preventDefault();
    prefix = "";
  } else if (key === "/") {
    event.preventDefault();
    $("#find")?.focus();
    $("#find")?.select();
  } else if (key === "?") {
    openShortcuts();
  } else {
    prefix = key === "g" || key === "n" ? key : "";
    clearTimeout(prefixTimer);
    prefixTimer = setTimeout(() => (prefix = ""), 1200);
  }
});

/* ---------- amounts are selected when entered, so that typing replaces them ---------- */

document.addEventListener("focusin", (event) => {
  if (event.target.matches?.(".money-in")) event.target.select();
});

/* ---------- what is typed or picked chooses the radio that it belongs to: data-chooses="its id" ---------- */

// In the capturing phase: what is worked out from the form afterwards finds the radio chosen.
function chooseRadioOf(event) {
  const box = event.target.closest?.("[data-chooses]");
  if (!box || (event.type === "input" && !event.target.value)) return;
  const radio = document.getElementById(box.dataset.chooses);
  if (radio) radio.checked = true;
}

for (const type of ["input", "picker:chosen"]) document.addEventListener(type, chooseRadioOf, true);

/* ---------- a form goes once; it may go again when the page comes back ---------- */

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method === "dialog" || form.method === "get") return;
  if (form.hasAttribute("hx-post")) return; // htmx: hx-disable guards it
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "1";
  form.setAttribute("aria-busy", "true");
});
addEventListener("pageshow", () => {
  for (const form of $$("form[data-sent]")) {
    delete form.dataset.sent;
    form.removeAttribute("aria-busy");
  }
});

/* ---------- Back: the form that was saved is that form still ---------- */

// The page comes anew from the server, with a new key; what was typed comes back from the browser. With the key
// that it had, the server knows that it was saved, and leads to that.
document.addEventListener("DOMContentLoaded", () => {
  const field = $("input[name=key][data-once]");
  if (!field) return;
  const [entry] = performance.getEntriesByType("navigation");
  if (entry?.type === "back_forward" && history.state?.key) field.value = history.state.key;
  else history.replaceState({ ...history.state, key: field.value }, "");
});

/* ---------- typed before the scripts had run, or filled in by the browser: told once more ---------- */

function isTyped(field) {
  if (field.type === "hidden") return false;
  if (["checkbox", "radio"].includes(field.type)) return field.checked !== field.defaultChecked;
  if (!field.options) return field.defaultValue !== undefined && field.value !== field.defaultValue;
  const options = [...field.options];
  if (field.multiple) return options.some((option) => option.selected !== option.defaultSelected);
  return (options.find((option) => option.defaultSelected) ?? options[0])?.selected === false;
}

// The form is told, not the field: what sends or clears something as soon as one field changes (a day to
// jump to, a country) is left alone. A picker is told what was typed here, and nobody else hears it: nothing
// else would ever ask for the list that Enter may be waiting for. htmx begins to listen in a timeout set
// before this one.
function hearTyped() {
  for (const form of document.forms) {
    if ([...form.elements].some(isTyped)) form.dispatchEvent(new Event("input"));
  }
  for (const root of $$("[data-picker]")) {
    const picker = pickerOf(root);
    if (isStale(picker) && !picker.value.value) picker.input.dispatchEvent(new Event("input"));
  }
}

addEventListener("load", () => setTimeout(hearTyped));

// What is typed while an answer is on its way outlives it where it is morphed in; the sums that came with it do
// not know of that yet.
document.addEventListener("htmx:after:swap", (event) => {
  const { swap, target } = event.detail.ctx;
  if (swap !== "outerMorph" || !$$("input, select, textarea", target).some(isTyped)) return;
  target.closest("form")?.dispatchEvent(new Event("input"));
});

/* ---------- after a refused form: the summary gets the focus ---------- */

// On a whole page the attribute autofocus does it; after a swap nobody else would.
document.addEventListener("htmx:after:swap", () => {
  const summary = $("[role=alert][autofocus]");
  if (summary && !summary.dataset.seen) {
    summary.dataset.seen = "1";
    summary.focus();
  }
});

/* ---------- patient picker: a combobox whose list is rendered by the server ---------- */

const pickerOf = (element) => {
  const root = element.closest?.("[data-picker]");
  if (!root) return null;
  return {
    root,
    input: $("[role=combobox]", root),
    value: $("[data-picker-value]", root),
    list: $(".matches", root),
  };
};

function openMatches(picker, open) {
  picker.list.hidden = !open;
  picker.input.setAttribute("aria-expanded", String(open));
  if (!open) mark(picker, null);
}

function mark(picker, option) {
  for (const other of $$("[role=option]", picker.list)) {
    other.setAttribute("aria-selected", String(other === option));
  }
  if (option) {
    picker.input.setAttribute("aria-activedescendant", option.id);
    option.scrollIntoView({ block: "nearest" });
  } else {
    picker.input.removeAttribute("aria-activedescendant");
  }
}

// An option is a patient (data-id, data-name), or a button or link that creates one.
function choose(picker, option) {
  delete picker.root.dataset.waits;
  openMatches(picker, false);
  if (option.dataset.id === undefined) {
    createFor(picker, option);
    return;
  }
  const quick = quickOf(picker);
  if (quick) quick.open = false;
  for (const field of quick ? $$("input", quick) : []) field.value = "";
  take(picker, { ...option.dataset });
  if (!movedOn(picker)) picker.input.focus();
}

// Somebody quick may be in the next field by the time the patient is found; the focus stays there.
const movedOn = ({ root }) => !$(":focus-within", root) && Boolean($(":focus"));

function take(picker, chosen) {
  picker.value.value = chosen.id;
  picker.input.value = chosen.name;
  picker.root.dispatchEvent(new CustomEvent("picker:chosen", { bubbles: true, detail: chosen }));
  picker.value.dispatchEvent(new Event("change", { bubbles: true }));
}

// The fields of a new patient below the picker, where the form has them (<c-patient-quick>).
const quickOf = (picker) => $(`#${CSS.escape(picker.input.id)}-quick`);

function createFor(picker, option) {
  const quick = quickOf(picker);
  if (!quick) {
    if (option.href) location.assign(option.href);
    else option.form.requestSubmit(option);
    return;
  }
  quick.open = true;
  const name = $("[data-quick-name]", quick);
  name.value = option.value;
  picker.input.value = "";
  if (movedOn(picker)) return;
  $("input:not([data-quick-name], [type=radio], [type=checkbox])", quick)?.focus();
}

// The server created one: HX-Trigger {"picker:created": {"picker": …, "id": …, "name": …}}.
document.addEventListener("picker:created", (event) => {
  const input = $(`#${CSS.escape(event.detail.picker)}`);
  if (!input) return;
  take(pickerOf(input), { id: event.detail.id, name: event.detail.name });
  input.focus();
});

// The list belongs to a question: what was typed when it was asked for. While somebody types on, it is stale, and
// Enter waits for the next one, because its first patient may be somebody else.
const isStale = ({ root, list, input }) =>
  "typed" in root.dataset && list.dataset.question !== input.value;

document.addEventListener("htmx:after:swap", (event) => {
  const input = event.target;
  if (!input.matches?.("[data-picker] [role=combobox]")) return;
  const picker = pickerOf(input);
  const { action } = event.detail.ctx.request;
  picker.list.dataset.question = new URL(action, location).searchParams.get(input.name) ?? "";
  if (isStale(picker) || picker.value.value || !picker.list.childElementCount) return;
  if (picker.root.dataset.left) return;
  const first = $("[role=option]", picker.list);
  if (picker.root.dataset.waits && first) {
    choose(picker, first);
  } else if (document.activeElement === input) {
    openMatches(picker, true);
    mark(picker, first);
  }
});

for (const failed of ["htmx:error", "htmx:response:error"]) {
  document.addEventListener(failed, () => {
    for (const root of $$("[data-picker][data-typed]")) {
      delete root.dataset.typed; // no answer will come: Enter sends the form, and the server asks who it is
      delete root.dataset.waits;
    }
  });
}

document.addEventListener("input", (event) => {
  if (!event.target.matches?.("[data-picker] [role=combobox]")) return;
  const picker = pickerOf(event.target);
  picker.value.value = "";
  picker.root.dataset.typed = "1";
  delete picker.root.dataset.waits;
  delete picker.root.dataset.left;
  if (!event.target.value.trim()) openMatches(picker, false);
});

function enterInPicker(picker, marked, event) {
  if (event.ctrlKey || event.metaKey || picker.value.value || !picker.input.value.trim()) return;
  if (isStale(picker)) {
    event.preventDefault();
    picker.root.dataset.waits = "1";
    delete picker.root.dataset.left;
  } else if (!picker.list.hidden && marked) {
    event.preventDefault();
    choose(picker, marked);
  }
}

// The list that is still on its way opens no more, until somebody types on.
function leave(picker, event) {
  delete picker.root.dataset.waits;
  picker.root.dataset.left = "1";
  if (picker.list.hidden) return;
  event.preventDefault();
  openMatches(picker, false);
}

document.addEventListener("keydown", (event) => {
  if (!event.target.matches?.("[data-picker] [role=combobox]") || event.isComposing) return;
  const picker = pickerOf(event.target);
  const options = $$("[role=option]", picker.list);
  const at = options.findIndex((option) => option.getAttribute("aria-selected") === "true");
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    if (!options.length) return;
    event.preventDefault();
    const step = event.key === "ArrowDown" ? 1 : -1;
    if (picker.list.hidden) openMatches(picker, true);
    mark(picker, options[(at + step + options.length) % options.length]);
  } else if (event.key === "Enter") {
    enterInPicker(picker, options[at], event);
  } else if (event.key === "Escape") {
    leave(picker, event);
  }
});

// Keep the focus in the field while an option is pressed, else the list closes first.
document.addEventListener("mousedown", (event) => {
  if (event.target.closest?.("[data-picker] [role=option]")) event.preventDefault();
});
document.addEventListener("click", (event) => {
  const option = event.target.closest?.("[data-picker] [role=option]");
  if (!option || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  choose(pickerOf(option), option);
});
document.addEventListener("focusout", (event) => {
  if (!event.target.matches?.("[data-picker] [role=combobox]")) return;
  const picker = pickerOf(event.target);
  if (!picker.root.contains(event.relatedTarget)) openMatches(picker, false);
});
