// Slack's window: a real dialog, so that the browser keeps the keyboard in it and the rest of the page out.

import { drawBlock } from "./chat.js";
import { act, button, el, t } from "./tools.js";

export class Window {
  constructor(dialog) {
    this.dialog = dialog;
    this.now = "";
    this.controls = new Map();
    dialog.addEventListener("cancel", (event) => { event.preventDefault(); this.close(); });
  }

  update(view) {
    const modal = view?.modal ?? null;
    if (!modal) {
      if (this.dialog.open) { this.dialog.close(); this.back?.focus?.(); }
      this.now = "";
      return;
    }
    this.seat = view.key;
    const now = `${modal.id} ${modal.hash}`;
    if (now !== this.now) {
      if (!this.dialog.open) this.back = document.activeElement;
      this.draw(modal, view.language);
      this.now = now;
    }
    this.showErrors(modal);
    if (!this.dialog.open) this.dialog.showModal();
    if (this.fresh) { this.fresh = false; (this.dialog.querySelector("select, input, textarea") ?? this.dialog.querySelector("button"))?.focus(); }
  }

  draw(modal, language) {
    this.controls.clear();
    this.fresh = true;
    const fields = modal.fields.map((field, number) => this.field(field, `field-${number}`));
    const buttons = el("div", { class: "row end" }, button(modal.close || t("demo.close"), () => this.close()));
    if (modal.submit && fields.length) buttons.append(el("button", { type: "submit", class: "send" }, modal.submit));
    const busy = !fields.length && !modal.blocks.length ? [el("p", {}, t("demo.loading"))] : [];
    const form = el("form", { lang: language, novalidate: true, on: { submit: (event) => { event.preventDefault(); this.submit(); } } },
      el("h2", { id: "modal-title" }, modal.title), ...modal.blocks.map(drawBlock), ...busy, ...fields, buttons);
    this.dialog.replaceChildren(form);
  }

  field(field, id) {
    const described = [field.hint ? `${id}-hint` : "", `${id}-error`].filter(Boolean).join(" ");
    const common = { id, "aria-describedby": described, "aria-required": String(!field.optional) };
    const control = field.options.length ? choice(field, common) : el(field.long ? "textarea" : "input", { ...common, ...(field.long ? { rows: "3" } : { type: "text" }) });
    if (!field.options.length) control.value = field.value;
    const error = el("p", { class: "error", id: `${id}-error` });
    this.controls.set(field.label, { control, error, field });
    const note = field.optional ? el("span", { class: "optional" }, ` (${t("demo.optional")})`) : "";
    return el("div", { class: "field" }, el("label", { for: id }, field.label, note), control, field.hint ? el("p", { class: "hint", id: `${id}-hint` }, field.hint) : "", error);
  }

  showErrors(modal) {
    let first = null;
    for (const field of modal.fields) {
      const { control, error } = this.controls.get(field.label) ?? {};
      if (!control || error.textContent === field.error) continue;
      this.say(control, error, field.error);
      if (field.error) first ??= control;
    }
    first?.focus();
  }

  say(control, error, text) {
    error.textContent = text;
    if (text) control.setAttribute("aria-invalid", "true");
    else control.removeAttribute("aria-invalid");
  }

  async submit() {
    const values = {};
    let first = null;
    for (const [label, { control, error, field }] of this.controls) {
      const empty = !control.value.trim();
      this.say(control, error, empty && !field.optional ? t("demo.needed") : "");
      if (empty && !field.optional) first ??= control;
      if (!field.options.length || control.value) values[label] = control.value;
    }
    if (first) first.focus();
    else await act("submit", { seat: this.seat, values });
  }

  close() {
    act("close", { seat: this.seat });
  }
}

function choice(field, common) {
  const options = field.options.map((option) => el("option", { value: option, selected: option === field.value }, option));
  return el("select", common, el("option", { value: "" }, t("demo.choose")), ...options);
}
