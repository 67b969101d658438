// Shows how a run goes on, by the events of the API; without it the page is loaded anew by its link.
"use strict";

document.addEventListener("DOMContentLoaded", () => {
  const place = document.querySelector("[data-run]");
  if (!place) return;
  const say = (name, text) => {
    const found = place.querySelector(`[data-said="${name}"]`);
    if (found && text !== null && text !== undefined) found.textContent = String(text);
  };
  // What the search says is English; the page brings the words of its language, with "#" for numbers.
  const words = JSON.parse(place.dataset.words);
  const number = new Intl.NumberFormat(document.documentElement.lang, { maximumFractionDigits: 1 });
  const shape = (text) => text.replace(/its process .*;/, "its process #;").replace(/\d[\d,.]*/g, "#");
  const known = (text) => words[shape(text)] ?? words[text];
  const filled = (text) => {
    const numbers = text.match(/\d[\d,.]*/g) ?? [];
    return (known(text)?.[0] ?? text).replace(/#/g, () => numbers.shift() ?? "");
  };
  const inWords = (text) => {
    const [, part, rest] = /^(part \d+) (.*)$/.exec(text ?? "") ?? [];
    return part ? `${filled(part)}: ${filled(rest)}` : filled(text ?? "");
  };
  const scaled = (value, phase) =>
    value === null || value === undefined ? value : number.format(value / (known(phase ?? "")?.[1] ?? 1));
  const events = new EventSource(place.dataset.events ?? `/v1/runs/${place.dataset.run}/events`);
  events.addEventListener("phase", (event) => {
    say("phase", inWords(JSON.parse(event.data).phase));
    for (const name of ["step", "value", "bound"]) say(name, "–");
  });
  events.addEventListener("progress", (event) => {
    const told = JSON.parse(event.data);
    say("step", inWords(told.step));
    say("value", scaled(told.value, told.phase));
    say("bound", scaled(told.bound, told.phase));
  });
  // What a simulation knows so far: how many results, and sentences in the language of the page.
  events.addEventListener("statement", (event) => {
    const told = JSON.parse(event.data);
    const counts = JSON.parse(place.dataset.counts);
    say("results", counts.results.replace("{done}", told.results).replace("{most}", told.most));
    const share = place.querySelector("[data-said=share]");
    if (share) share.value = told.results;
    const list = place.querySelector("[data-said=statements]");
    if (list) {
      list.replaceChildren(...told.statements[document.documentElement.lang].map((text) => {
        const item = document.createElement("li");
        item.textContent = text;
        return item;
      }));
    }
  });
  events.addEventListener("finished", () => {
    events.close();
    window.location.reload();
  });
  window.addEventListener("pagehide", () => events.close());
});
