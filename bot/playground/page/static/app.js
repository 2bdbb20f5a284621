// The whole page: who sits where, what is unread, the clock, the faults, and the stream from the demo.

import { newestCode, Pane } from "./chat.js";
import { Window } from "./modal.js";
import { act, button, clock, day, el, notice, speak, spoken, t } from "./tools.js";
import { Trace } from "./trace.js";

const narrow = matchMedia("(max-width: 900px)");
const TROUBLES = ["none", "slow", "lost", "busy", "broken", "away"];
const FIRST = { telegram: "alva-telegram", slack: "siv-slack" };

class Town {
  constructor() {
    this.cast = [];
    this.views = new Map();
    this.seen = new Map();
    this.troubles = {};
    this.zone = "Europe/Stockholm";
    this.name = "";
    this.ahead = 0;
    this.shown = "telegram";
  }

  code() { return newestCode(this.views.values()); }

  unread(key) {
    const seen = this.seen.get(key);
    if (!seen) return 0;
    return botMessages(this.views.get(key)).filter((id) => !seen.has(id)).length;
  }

  read(key) {
    const view = this.views.get(key);
    if (view) this.seen.set(key, new Set(botMessages(view)));
  }
}

function botMessages(view) {
  return view.chats.flatMap((chat) => chat.messages.filter((one) => one.bot).map((one) => `${chat.id} ${one.id}`));
}

const town = new Town();
const panes = Object.fromEntries(["telegram", "slack"].map((platform) => [platform, new Pane(document.getElementById(`pane-${platform}`), town)]));
const trace = new Trace(document.getElementById("trace"), town);
const dialog = new Window(document.getElementById("modal"));

// Words

function setLanguage(texts, language) {
  speak(texts, language);
  document.documentElement.lang = language;
  for (const node of document.querySelectorAll("[data-text]")) node.textContent = t(node.dataset.text);
  for (const node of document.querySelectorAll("[data-label]")) node.setAttribute("aria-label", t(node.dataset.label));
  for (const node of document.querySelectorAll("[data-language]")) node.setAttribute("aria-pressed", String(node.dataset.language === language));
  document.title = t("demo.title");
  drawTools();
  drawTabs();
  trace.redraw();
  if (town.cast.length) {
    drawTown();
    drawPeople();
    for (const pane of Object.values(panes)) if (pane.seat && pane.view) pane.sit(pane.seat, pane.chat);
  }
}

function drawTown() {
  document.getElementById("sub").textContent = t("demo.sub", { name: town.name });
  tick();
}

// People

function drawPeople() {
  const list = document.getElementById("people");
  const focused = document.activeElement?.dataset?.seat;
  const persons = [...new Set(town.cast.map((one) => one.person))];
  list.replaceChildren(...persons.map((person) => {
    const seats = town.cast.filter((one) => one.person === person);
    const { name, role, party } = seats[0];
    return el("li", {}, el("p", { class: "name" }, name), el("p", { class: "about" }, t(`demo.role.${role || "stranger"}`), el("br"), party || "\u00a0"), el("div", { class: "row" }, ...seats.map(seatButton)));
  }));
  if (focused) list.querySelector(`[data-seat="${focused}"]`)?.focus({ preventScroll: true });
}

function seatButton(one) {
  const platform = t(`platform.${one.platform}`);
  const unread = town.unread(one.key);
  const said = unread ? t(unread === 1 ? "demo.unread_one" : "demo.unread_many", { count: unread }) : "";
  const label = [platform, one.name, said].filter(Boolean).join(", ");
  const pressed = String(panes[one.platform].seat === one.key);
  const made = button(platform, () => { sit(one.key); if (narrow.matches) show(one.platform); },
    { "aria-pressed": pressed, "aria-label": label, "data-seat": one.key });
  if (unread) made.append(el("span", { class: "unread", "aria-hidden": "true" }, String(unread)));
  return made;
}

function sit(key) {
  const platform = town.cast.find((one) => one.key === key).platform;
  panes[platform].sit(key);
  markRead();
  drawPeople();
  if (platform === "slack") dialog.update(panes.slack.view);
}

function markRead() {
  for (const [platform, pane] of Object.entries(panes)) if (pane.seat && (!narrow.matches || town.shown === platform)) town.read(pane.seat);
}

// Tools

function drawTools() {
  const steps = [["demo.clock.1", { minutes: 1 }], ["demo.clock.5", { minutes: 5 }], ["demo.clock.60", { minutes: 60 }], ["demo.clock.morning", { morning: true }]];
  document.getElementById("steps").replaceChildren(...steps.map(([key, values]) => button(t(key), () => act("clock", values))));
  document.getElementById("troubles").replaceChildren(...["telegram", "slack"].map((platform) => {
    const now = town.troubles[platform] ?? "none";
    const select = el("select", { id: `trouble-${platform}`, on: { change: () => act("trouble", { platform, trouble: select.value }) } },
      ...TROUBLES.map((trouble) => el("option", { value: trouble, selected: trouble === now }, t(`demo.trouble.${trouble}`))));
    return el("div", { class: now === "none" ? "switch" : "switch on" }, el("label", { for: select.id }, t("demo.trouble", { platform: t(`platform.${platform}`) })), select);
  }));
}

function showTroubles() {
  for (const [platform, trouble] of Object.entries(town.troubles)) {
    const select = document.getElementById(`trouble-${platform}`);
    if (!select) continue;
    select.value = trouble;
    select.parentElement.className = trouble === "none" ? "switch" : "switch on";
    if (panes[platform].seat && panes[platform].view) panes[platform].update();
  }
}

function tick() {
  const now = Date.now() / 1000 + town.ahead;
  const place = document.getElementById("clock");
  const said = `${day(now, town.zone)} ${clock(now, town.zone)}`;
  if (place.textContent !== said) place.textContent = said;
}

// One pane at a time on a phone

function drawTabs() {
  const list = document.querySelector(".tabs");
  const names = { telegram: t("platform.telegram"), slack: t("platform.slack"), trace: t("demo.tab.trace"), tools: t("demo.tab.tools") };
  list.replaceChildren(...Object.entries(names).map(([name, label]) =>
    el("button", { type: "button", role: "tab", id: `tab-${name}`, "aria-controls": `pane-${name}`, on: { click: () => show(name), keydown: arrows } }, label)));
  arrange();
}

function arrows(event) {
  const tabs = [...document.querySelectorAll("[role=tab]")];
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  const to = step ? (tabs.indexOf(event.currentTarget) + step + tabs.length) % tabs.length : { Home: 0, End: tabs.length - 1 }[event.key];
  if (to === undefined) return;
  event.preventDefault();
  tabs[to].focus();
  tabs[to].click();
}

function show(name) {
  town.shown = name;
  arrange();
  markRead();
  if (town.cast.length) drawPeople();
  const pane = panes[name];
  if (pane?.log) pane.log.scrollTop = pane.log.scrollHeight;
}

function arrange() {
  document.querySelector(".tabs").hidden = !narrow.matches;
  for (const name of ["telegram", "slack", "trace", "tools"]) {
    const pane = document.getElementById(`pane-${name}`);
    const tab = document.getElementById(`tab-${name}`);
    const chosen = name === town.shown;
    tab?.setAttribute("aria-selected", String(chosen));
    tab?.setAttribute("tabindex", chosen ? "0" : "-1");
    pane.hidden = narrow.matches && !chosen;
    if (narrow.matches) pane.setAttribute("role", "tabpanel");
    else pane.removeAttribute("role");
  }
}

// The stream

function listen(texts) {
  const stream = new EventSource("/events");
  const on = (name, does) => stream.addEventListener(name, (event) => does(JSON.parse(event.data)));
  on("cast", (cast) => {
    if (town.cast.length) notice(t("demo.back"));
    town.cast = cast;
    town.views.clear();
    town.seen.clear();
    trace.groups.clear();
    trace.redraw();
  });
  on("seat", (view) => {
    const first = !town.views.has(view.key);
    town.views.set(view.key, view);
    if (first) town.read(view.key);
    for (const [platform, pane] of Object.entries(panes)) {
      if (!pane.seat && view.key === FIRST[platform]) pane.sit(view.key);
      else if (pane.seat === view.key) pane.update();
      else if (pane.seat && pane.member && !pane.member.role) pane.update();
    }
    if (view.key === panes.slack.seat) dialog.update(view);
    markRead();
    drawPeople();
  });
  on("trace", (group) => trace.told(group));
  on("town", (now) => {
    town.ahead = now.now - Date.now() / 1000;
    [town.zone, town.name, town.troubles] = [now.zone, now.name, now.troubles];
    drawTown();
    showTroubles();
  });
  stream.addEventListener("error", () => notice(t("demo.lost")));
  for (const node of document.querySelectorAll("[data-language]")) {
    node.addEventListener("click", () => {
      setLanguage(texts, node.dataset.language);
      act("language", { language: spoken() });
    });
  }
}

const texts = await (await fetch("/texts.json")).json();
setLanguage(texts, "sv");
narrow.addEventListener("change", () => { arrange(); markRead(); if (town.cast.length) drawPeople(); });
setInterval(tick, 1000);
listen(texts);
