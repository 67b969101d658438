// What pages need beyond htmx: nothing here decides anything; without it the pages still work.
"use strict";

// No style element and no code in attributes: the content security policy allows neither.
htmx.config.includeIndicatorCSS = false;

// A part that could not be fetched says so, instead of doing nothing.
const messages = () => document.getElementById("messages");
document.addEventListener("htmx:error", () => {
  const place = messages();
  if (place && !place.textContent) {
    place.textContent = document.documentElement.lang === "de"
      ? "Der Dienst antwortet nicht. Es wurde nichts geändert." : "The service does not answer. Nothing was changed.";
  }
});

// A refusal never takes the place of a part that is fetched again and again: it stands above, until an answer comes.
document.addEventListener("htmx:response:error", (event) => {
  const { ctx } = event.detail;
  if (ctx.swap !== "outerMorph" || !messages()) return;
  ctx.target = messages();
  ctx.swap = "innerHTML";
});
document.addEventListener("htmx:after:request", (event) => {
  if (event.detail.ctx.response.status < 400) messages()?.replaceChildren();
});

// What is wrong is called as its field is, and leads there; without this script it bears the name that the API knows.
document.querySelectorAll("[data-path]").forEach((each) => {
  const name = each.dataset.path.slice(1).replaceAll("/", ".");
  const label = name && document.querySelector(`label[for="f-${CSS.escape(name)}"]`);
  if (!label) return;
  const link = document.createElement("a");
  link.className = "kern-link";
  link.href = `#f-${name}`;
  link.textContent = label.firstChild.textContent.trim();
  each.replaceWith(link, ":");
});
