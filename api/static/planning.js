// Shows how a run goes on, by the events of the API; without it the page is loaded anew by its link.
"use strict";

document.addEventListener("DOMContentLoaded", () => {
  const place = document.querySelector("[data-run]");
  if (!place) return;
  const say = (name, text) => {
    const found = place.querySelector(`[data-said="${name}"]`);
    if (found && text !== null && text !== undefined) found.textContent = String(text);
  };
  const events = new EventSource(`/v1/runs/${place.dataset.run}/events`);
  events.addEventListener("phase", (event) => say("phase", JSON.parse(event.data).phase));
  events.addEventListener("progress", (event) => {
    const told = JSON.parse(event.data);
    say("step", told.step);
    say("value", told.value);
    say("bound", told.bound);
  });
  events.addEventListener("finished", () => {
    events.close();
    window.location.reload();
  });
  window.addEventListener("pagehide", () => events.close());
});
