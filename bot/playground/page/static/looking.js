// The list over the composer while somebody writes the bot's name and some words, in any chat on Telegram.

import { button, el, t } from "./tools.js";

const PAUSE = 250; // milliseconds without a letter before the bot is asked

export class Looking {
  constructor(pane) {
    this.pane = pane;
    this.said = el("p", { role: "status" });
    this.list = el("ul", { class: "commands", "aria-label": t("demo.look.list"), hidden: true, on: { keydown: (event) => this.moved(event) } });
    this.node = el("div", { class: "looking" }, this.said, this.list);
    this.drawn = "";
  }

  // The words after the bot's name, null when the field does not begin with it.
  get words() {
    const found = this.pane.field.value.match(/^@(\w+)\s+([\s\S]*)$/);
    return found && found[1].toLowerCase() === this.pane.view.bot.toLowerCase() ? found[2].trim().slice(0, 256) : null;
  }

  // What the bot answered to just these words in this chat; null until then, and when the list was closed.
  get answer() {
    const look = this.pane.view.look;
    return look?.answered && look.chat === this.pane.room.id && look.words === this.words && look.id !== this.closed ? look : null;
  }

  typed() {
    clearTimeout(this.timer);
    this.update();
    const words = this.words;
    if (words !== null && !this.answer) this.timer = setTimeout(() => this.pane.do("look", { words }), PAUSE);
  }

  update() {
    const look = this.answer;
    const now = look?.id ?? "";
    if (now === this.drawn) return;
    this.drawn = now;
    const keys = look ? [
      ...look.found.map((one) => el("li", {}, button(one.title, () => this.take("choose", { title: one.title })), one.about ? el("span", {}, one.about) : "")),
      ...(look.button ? [el("li", {}, button(look.button, () => this.take("follow")))] : []),
    ] : [];
    this.list.replaceChildren(...keys);
    this.list.hidden = !keys.length;
    const count = look?.found.length ?? 0;
    this.said.textContent = !look ? "" : count ? t(count === 1 ? "demo.look.one" : "demo.look.many", { count }) : t("demo.look.none");
  }

  async take(what, values = {}) {
    const look = this.pane.view.look.id;
    const written = this.pane.field.value;
    this.close();
    this.pane.field.focus();
    if (await this.pane.do(what, { look, ...values }) && this.pane.field?.value === written) this.pane.clear();
  }

  close() {
    this.closed = this.pane.view.look?.id;
    this.update();
  }

  // A key in the field; true when it was for the list.
  keyed(event) {
    if (this.list.hidden) return false;
    if (event.key === "Escape") this.close();
    else if (event.key === "ArrowUp" || (event.key === "Enter" && !event.shiftKey && !event.isComposing)) this.keys.at(event.key === "Enter" ? 0 : -1).focus();
    else return false;
    event.preventDefault();
    return true;
  }

  get keys() { return [...this.list.querySelectorAll("button")]; }

  moved(event) {
    const place = this.keys.indexOf(document.activeElement);
    if (event.key === "Escape") { this.close(); this.pane.field.focus(); return; }
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    (this.keys[place + step] ?? this.pane.field).focus();
  }
}
