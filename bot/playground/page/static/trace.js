// What just happened, newest on top: a line with a stop for each step.

import { clock, decimal, el, has, t } from "./tools.js";

const MOST = 40;

export class Trace {
  constructor(place, town) {
    this.place = place;
    this.town = town;
    this.groups = new Map();
  }

  told(group) {
    this.groups.set(group.number, group);
    for (const number of [...this.groups.keys()].sort((a, b) => b - a).slice(MOST)) this.groups.delete(number);
    const node = this.draw(group);
    const earlier = this.place.querySelector(`[data-number="${group.number}"]`);
    if (earlier) earlier.replaceWith(node);
    else {
      this.place.querySelector(".empty")?.remove();
      const next = [...this.place.children].find((child) => Number(child.dataset.number) < group.number);
      this.place.insertBefore(node, next ?? null);
    }
    while (this.place.children.length > MOST) this.place.lastChild.remove();
  }

  redraw() {
    const groups = [...this.groups.values()].sort((a, b) => b.number - a.number);
    this.place.replaceChildren(...groups.map((group) => this.draw(group)));
    if (!groups.length) this.place.append(el("p", { class: "empty" }, t("demo.trace.none")));
  }

  draw(group) {
    const steps = group.steps.map((step) => this.step(step));
    const at = el("time", { datetime: new Date(group.at * 1000).toISOString() }, clock(group.at, this.town.zone));
    return el("article", { class: "group", "data-number": group.number }, el("p", { class: "at" }, `${group.number}`, " · ", at), el("ol", {}, ...steps));
  }

  step(step) {
    const values = { ...step.values };
    if (values.platform) values.platform = t(`platform.${values.platform}`);
    if (values.ms) values.ms = decimal(values.ms);
    const one = `demo.step.${step.key}.one`;
    const key = values.count === 1 && has(one) ? one : `demo.step.${step.key}`;
    const node = el("li", { class: `stop ${step.kind}${step.well ? "" : " badly"}` },
      el("p", { class: "kind" }, t(`demo.kind.${step.kind}`)), el("p", { class: "said" }, has(key) ? t(key, values) : step.key));
    if (step.rows.length) node.append(el("ul", { class: "rows" }, ...step.rows.map((row) => this.row(row))));
    if (step.code) node.append(el("code", {}, step.code));
    return node;
  }

  row(row) {
    const platform = t(`platform.${row.platform}`);
    const what = has(`demo.act.${row.act}`) ? t(`demo.act.${row.act}`) : row.act;
    const state = el("span", { class: `state ${row.state}` }, t(`demo.state.${row.state}`));
    return el("li", {}, `${t("demo.row", { id: row.id, who: row.who })} (${platform}, ${what}): `, state);
  }
}
