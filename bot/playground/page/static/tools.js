// Small things that every part of the page needs: elements, words, times, and posts to the demo.

let texts = {};
let language = "sv";

export function speak(all, chosen) {
  texts = all;
  language = chosen;
}

export const spoken = () => language;

export function t(key, values = {}) {
  const text = texts[language][key] ?? key;
  return text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

export function has(key) {
  return key in texts[language];
}

// An element; what is written into it is always text, never markup.
export function el(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "on") for (const [event, does] of Object.entries(value)) made.addEventListener(event, does);
    else if (value === true) made.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) made.setAttribute(name, value);
  }
  made.append(...children.filter((child) => child !== null && child !== ""));
  return made;
}

export function button(label, does, attributes = {}) {
  return el("button", { type: "button", on: { click: does }, ...attributes }, label);
}

const locale = () => (language === "sv" ? "sv-SE" : "en-GB");

export function clock(seconds, zone) {
  const format = new Intl.DateTimeFormat(locale(), { hour: "2-digit", minute: "2-digit", timeZone: zone });
  const said = format.format(new Date(seconds * 1000));
  return language === "sv" ? said.replace(":", ".") : said;
}

export function day(seconds, zone) {
  const style = { weekday: "long", day: "numeric", month: "long", timeZone: zone };
  return new Intl.DateTimeFormat(locale(), style).format(new Date(seconds * 1000));
}

export const decimal = (number) => Number(number).toLocaleString(locale(), { maximumFractionDigits: 1 });

export function notice(text) {
  const place = document.getElementById("notice");
  place.textContent = text;
  clearTimeout(notice.timer);
  notice.timer = setTimeout(() => { place.textContent = ""; }, 8000);
}

async function posted(path, options) {
  const headers = { "x-tryggvag-page": "1", ...options.headers };
  try {
    const answer = await fetch(path, { method: "POST", ...options, headers });
    if (!answer.ok) notice(t("demo.failed", { problem: await answer.text() }));
    return answer.ok;
  } catch {
    notice(t("demo.lost"));
    return false;
  }
}

export function act(what, values = {}) {
  const body = JSON.stringify({ act: what, ...values });
  return posted("/act", { body, headers: { "content-type": "application/json" } });
}

export function attach(seat, file, text) {
  const query = new URLSearchParams({ seat, name: file.name, text });
  return posted(`/attach?${query}`, { body: file, headers: { "content-type": file.type || "application/octet-stream" } });
}
