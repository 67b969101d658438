// What pages need beyond htmx: nothing here decides anything; without it the pages still work.
"use strict";

// No style element and no code in attributes: the content security policy allows neither.
htmx.config.includeIndicatorCSS = false;

// A part that could not be fetched says so, instead of doing nothing.
document.addEventListener("htmx:error", () => {
  const messages = document.getElementById("messages");
  if (messages && !messages.textContent) {
    messages.textContent = document.documentElement.lang === "de"
      ? "Der Dienst antwortet nicht. Es wurde nichts geändert." : "The service does not answer. Nothing was changed.";
  }
});
