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
