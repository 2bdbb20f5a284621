// One pane: a person's conversation on one platform, with all that can be done in it.

import { Looking } from "./looking.js";
import { act, attach, button, clock, el, spoken, t } from "./tools.js";

const STAY = 5000; // milliseconds that a toast stays
const CODE = /\b[A-Z2-9]{4}-[A-Z2-9]{4}-[A-Z2-9]{4}\b/;

export class Pane {
  constructor(section, town) {
    this.section = section;
    this.platform = section.dataset.platform;
    this.town = town;
    this.seat = null;
    this.chat = "";
    this.drawn = new Map();
    this.reply = null;
    this.drafts = new Map();
  }

  get view() { return this.town.views.get(this.seat); }
  get member() { return this.town.cast.find((one) => one.key === this.seat); }
  get looksHere() { return this.platform === "telegram" && Boolean(this.room.title); } // where the bot itself is not
  get room() { return this.view.chats.find((one) => one.id === this.chat) ?? this.view.chats[0]; }

  // Somebody else takes the seat, or another language: everything is drawn anew.
  sit(seat, chat = "") {
    if (this.field && this.seat) this.drafts.set(this.seat, this.field.value);
    [this.seat, this.chat, this.reply] = [seat, chat, null];
    this.drawn.clear();
    this.toasted = this.view?.toast?.id;
    this.late = this.view?.late;
    this.frame();
    this.update();
  }

  frame() {
    const id = `${this.platform}-title`;
    this.section.setAttribute("aria-labelledby", id);
    const name = t(`platform.${this.platform}`);
    this.heading = el("h2", { id }, el("span", {}, name), " ", el("small", {}, t("demo.pane.as", { name: this.member.name })));
    this.trouble = el("p", { class: "trouble", hidden: true });
    this.rooms = el("div", { class: "rooms", role: "group", "aria-label": t("demo.rooms"), hidden: true });
    this.pin = el("div", { class: "pin", hidden: true });
    this.log = el("div", { class: "log scroll", role: "log", "aria-live": "off", tabindex: "0", "aria-label": t("demo.log", { platform: name }) });
    this.toast = el("p", { class: "toast", role: "status" });
    this.foot = el("div", { class: "foot" });
    this.section.replaceChildren(el("header", {}, this.heading, this.trouble, this.rooms), this.pin, this.log, this.toast, this.foot);
    this.footed = "";
    setTimeout(() => this.log.setAttribute("aria-live", "polite"), 400); // what stood there already is not news
  }

  update() {
    if (!this.view) return;
    if (this.view.language) this.log.lang = this.view.language;
    this.drawTrouble();
    this.drawRooms();
    this.drawPin();
    this.drawLog();
    this.drawFoot();
    this.looking?.update();
    this.showToast();
  }

  drawTrouble() {
    const trouble = this.town.troubles[this.platform] ?? "none";
    this.trouble.hidden = trouble === "none";
    this.trouble.textContent = trouble === "none" ? "" : t(`demo.trouble.${trouble}`);
  }

  drawRooms() {
    const rooms = this.view.chats;
    this.rooms.hidden = rooms.length < 2;
    if (rooms.length < 2 || this.rooms.dataset.now === this.room.id) return;
    this.rooms.dataset.now = this.room.id;
    this.rooms.replaceChildren(...rooms.map((room) => {
      const label = room.title ? `${this.platform === "slack" ? "# " : ""}${room.title}` : t("demo.direct");
      return button(label, () => { this.sit(this.seat, room.id); this.rooms.querySelector("[aria-pressed=true]").focus(); },
        { "aria-pressed": String(room === this.room) });
    }));
  }

  drawPin() {
    const pinned = this.room.messages.filter((one) => one.pinned).at(-1);
    this.pin.hidden = !pinned;
    if (!pinned || this.pin.dataset.now === pinned.id) return;
    this.pin.dataset.now = pinned.id;
    const text = firstLine(pinned);
    this.pin.replaceChildren(button(`${t("demo.pinned")}: ${text}`, () => {
      const node = this.drawn.get(pinned.id)?.node;
      node?.scrollIntoView({ block: "start" });
      node?.focus();
    }));
  }

  drawLog() {
    const atEnd = this.log.scrollHeight - this.log.scrollTop - this.log.clientHeight < 80;
    const messages = this.room.messages;
    const wanted = new Set(messages.map((one) => one.id));
    for (const [id, { node }] of this.drawn) if (!wanted.has(id)) { node.remove(); this.drawn.delete(id); }
    let grown = false;
    let before = null;
    for (const message of messages) {
      const text = JSON.stringify(message);
      const earlier = this.drawn.get(message.id);
      if (earlier?.text === text) { before = earlier.node; continue; }
      const node = this.message(message);
      if (earlier) this.replace(earlier.node, node);
      else if (before) before.after(node);
      else this.log.prepend(node);
      grown = true;
      this.drawn.set(message.id, { text, node });
      before = node;
    }
    const empty = this.looksHere ? t("demo.look.empty", { bot: this.view.bot }) : t("demo.pane.empty");
    if (!messages.length && this.view.open && !this.log.firstChild) this.log.append(el("p", { class: "empty" }, empty));
    else if (messages.length) this.log.querySelector(".empty")?.remove();
    if (grown && atEnd) this.log.scrollTop = this.log.scrollHeight;
  }

  // Whoever pressed a button with the keyboard goes on from where the button was.
  replace(old, node) {
    const focused = old.contains(document.activeElement) ? document.activeElement : null;
    const label = focused?.textContent;
    old.replaceWith(node);
    if (!focused) return;
    const same = [...node.querySelectorAll("button")].find((one) => one.textContent === label);
    (same ?? node).focus({ preventScroll: true });
  }

  message(message) {
    const mine = message.mine;
    const kind = mine ? "mine" : message.bot ? "bot" : "other";
    const who = mine ? t("demo.you") : message.who || t("demo.bot");
    const body = el("div", { class: "body" });
    if (message.reply) body.append(el("p", { class: "replied" }, message.reply));
    for (const file of message.files.entries()) body.append(this.file(message, ...file));
    for (const block of message.blocks) body.append(drawBlock(block));
    const head = el("p", { class: "who" }, who, message.bot && this.platform === "slack" ? el("span", { class: "badge" }, t("demo.app")) : "");
    const at = el("time", { datetime: new Date(message.at * 1000).toISOString() }, clock(message.at, this.town.zone));
    const notes = [message.edited ? t("demo.edited") : "", message.pinned ? t("demo.pinned").toLowerCase() : "", message.only ? t("demo.only") : "", message.via ? t("demo.look.via", { bot: message.via }) : ""];
    const foot = el("p", { class: "meta" }, at, ...notes.filter(Boolean).map((note) => el("span", {}, note)), ...this.actions(message));
    const node = el("article", { class: `message ${kind}`, tabindex: "-1", "data-id": message.id }, head, body);
    if (message.buttons.length) node.append(this.keyboard(message));
    node.append(foot);
    return node;
  }

  actions(message) {
    const found = [];
    if (!message.only) {
      if (!message.mine) found.push(button(t("demo.reply"), () => this.answer(message), { class: "quiet-button", "aria-label": `${t("demo.reply")}: ${firstLine(message)}` }));
      if (this.platform === "slack") found.push(button(t("demo.flag_this"), () => this.do("shortcut", { message: message.id }), { class: "quiet-button", "aria-label": `${t("demo.flag_this")}: ${firstLine(message)}` }));
    }
    return found;
  }

  keyboard(message) {
    const rows = message.buttons.map((row) => el("div", { class: "keys" }, ...row.map((key) =>
      button(key.label, (event) => this.press(message, key.label, event.currentTarget), { class: key.style === "danger" ? "danger" : null }))));
    return el("div", { class: "keyboard", lang: this.view.language }, ...rows);
  }

  async press(message, label, pressed) {
    pressed.classList.add("pressed");
    await this.do("press", { message: message.id, label });
    setTimeout(() => pressed.classList.remove("pressed"), 1500);
  }

  file(message, number, file) {
    const query = new URLSearchParams({ seat: this.seat, chat: this.room.id, message: message.id, number });
    const address = `/file?${query}`;
    const size = new Intl.NumberFormat(spoken(), { style: "unit", unit: "kilobyte", maximumFractionDigits: 0 }).format(Math.max(1, file.size / 1000));
    const link = el("a", { href: address, download: file.name }, `${file.name} (${size})`);
    return file.media.startsWith("image/") ? el("figure", {}, el("img", { src: address, alt: file.alt ?? file.name }), el("figcaption", {}, link)) : el("p", { class: "file" }, link);
  }

  answer(message) {
    this.reply = message;
    this.footed = "";
    this.drawFoot();
    this.field?.focus();
  }

  // The foot is drawn anew only when something in it changes, so that nobody loses what they are writing.
  drawFoot() {
    const code = this.member.role ? "" : this.town.code();
    const now = JSON.stringify([this.view.open, this.reply?.id, code, this.view.commands, this.room.id]);
    if (now === this.footed) return;
    this.footed = now;
    const kept = this.field?.value ?? this.drafts.get(this.seat) ?? "";
    const parts = [];
    if (code) parts.push(el("p", { class: "code" }, t("demo.paste_why", { code }), " ", button(t("demo.paste"), () => this.do("redeem", { code }))));
    if (!this.view.open) {
      parts.push(el("p", { class: "closed" }, t("demo.pane.closed", { name: this.member.name })), button(t("demo.start"), () => this.do("start"), { class: "send" }));
      [this.field, this.looking] = [null, null];
    } else parts.push(...this.composer(kept));
    this.foot.replaceChildren(...parts);
  }

  composer(kept) {
    const label = this.room.title ? t("demo.write_in", { room: this.room.title }) : t("demo.write");
    const id = `${this.platform}-field`;
    this.field = el("textarea", { id, rows: "1", placeholder: label, maxlength: "4000", on: { keydown: (event) => this.keyed(event), input: () => { this.grow(); this.looking?.typed(); } } });
    this.field.value = kept;
    this.looking = this.platform === "telegram" ? new Looking(this) : null;
    const commands = el("ul", { class: "commands", id: `${this.platform}-commands`, hidden: true }, ...this.view.commands.map((command) =>
      el("li", {}, button(`/${command.name}`, () => { this.toggle(menu, commands, false); this.do("command", { name: command.name }); this.field.focus(); }), command.about ? el("span", {}, command.about) : "")));
    const menu = button("/", () => this.toggle(menu, commands, commands.hidden), { class: "tool", "aria-label": t("demo.menu"), title: t("demo.menu"), "aria-expanded": "false", "aria-controls": commands.id });
    commands.addEventListener("keydown", (event) => { if (event.key === "Escape") { this.toggle(menu, commands, false); menu.focus(); } });
    const tools = el("div", { class: "doing" }, this.view.commands.length && !this.looksHere ? menu : "", ...this.files(), el("label", { for: id, class: "hidden" }, label), this.field, el("button", { type: "submit", class: "send" }, t("demo.send")));
    const form = el("form", { on: { submit: (event) => { event.preventDefault(); this.send(); } } }, commands, this.looking?.node ?? "", tools);
    if (!this.reply) return [form];
    const drop = button("×", () => { this.reply = null; this.footed = ""; this.drawFoot(); this.field.focus(); }, { class: "tool", "aria-label": t("demo.reply_drop") });
    return [el("p", { class: "replying" }, t("demo.reply_to", { text: firstLine(this.reply) }), drop), form];
  }

  toggle(menu, commands, open) {
    commands.hidden = !open;
    menu.setAttribute("aria-expanded", String(open));
    if (open) commands.querySelector("button")?.focus();
  }

  files() {
    const made = [];
    if (!this.room.title) {
      const input = el("input", { type: "file", class: "hidden", tabindex: "-1", "aria-label": t("demo.attach"), on: { change: async () => {
        if (input.files[0] && (await attach(this.seat, input.files[0], this.field.value))) this.clear();
        input.value = "";
      } } });
      made.push(input, button("+", () => input.click(), { class: "tool", "aria-label": t("demo.attach"), title: t("demo.attach") }));
    }
    if (this.platform === "telegram" && !this.room.title) made.push(button("◎", () => this.do("location"), { class: "tool", "aria-label": t("demo.place"), title: t("demo.place") }));
    return made;
  }

  keyed(event) {
    if (this.looking?.keyed(event)) return;
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) { event.preventDefault(); this.send(); }
    if (event.key === "Escape" && this.reply) { this.reply = null; this.footed = ""; this.drawFoot(); this.field.focus(); }
  }

  grow() {
    this.field.style.height = "auto";
    this.field.style.height = `${Math.min(this.field.scrollHeight + 2, 140)}px`;
  }

  async send() {
    const text = this.field.value.trim();
    if (!text) return;
    const command = this.platform === "slack" ? text.match(/^\/([a-z0-9_]+)\s*([\s\S]*)$/) : null;
    const done = command ? await this.do("command", { name: command[1], text: command[2] })
      : await this.do("write", { text, reply: this.reply?.id ?? "", chat: this.room.id });
    if (done) this.clear();
  }

  clear() {
    this.field.value = "";
    this.grow();
    this.looking?.typed();
    this.drafts.delete(this.seat);
    if (this.reply) { this.reply = null; this.footed = ""; this.drawFoot(); this.field.focus(); }
    this.log.scrollTop = this.log.scrollHeight;
  }

  do(what, values = {}) {
    return act(what, { seat: this.seat, chat: this.room.id, ...values });
  }

  showToast() {
    const toast = this.view.toast;
    if (toast && toast.id !== this.toasted) { this.toasted = toast.id; this.say(toast.text); }
    if (this.view.late > (this.late ?? 0)) { this.late = this.view.late; this.say(t("demo.no_answer")); }
  }

  say(text) {
    this.toast.textContent = text;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => { this.toast.textContent = ""; }, STAY);
  }
}

export function firstLine(message) {
  const text = message.blocks[0]?.spans.map((span) => span.text).join("") ?? message.files[0]?.name ?? "";
  return text.trim().split("\n")[0];
}

export function newestCode(views) {
  let newest = { at: 0, code: "" };
  for (const view of views) for (const message of view.chats[0].messages) {
    const text = message.blocks.flatMap((block) => block.spans.map((span) => span.text)).join(" ");
    const found = text.match(CODE);
    if (found && !message.mine && message.at > newest.at) newest = { at: message.at, code: found[0] };
  }
  return newest.code;
}

export function drawBlock(block) {
  const spans = block.spans.map((span) => span.style === "bold" ? el("strong", {}, span.text) : span.style === "link" ? el("span", { class: "link" }, span.text) : span.text);
  return el(block.kind === "quote" ? "blockquote" : "p", {}, ...spans);
}
