// Dragging a request that waits onto the time line: leads to where the checker answers (`onto` in the address). Nothing is
// stored by it, and nothing is decided here. By keyboard the same is done by links; so it is without this script.
"use strict";

(() => {
  const FAR = 6;
  const board = () => document.getElementById("board");
  let drag = null;
  let wasDragged = false;

  // What follows a drag is no click on the row from which it began.
  document.addEventListener("click", (event) => {
    if (!wasDragged) return;
    event.preventDefault();
    event.stopPropagation();
  }, true);

  const sourceOf = (event) => {
    const row = event.target.closest?.(".req--open");
    // A finger scrolls the list, but for the grip; a mouse takes hold anywhere.
    return row && (event.pointerType === "mouse" || event.target.closest(".req__grip")) ? row : null;
  };

  document.addEventListener("dragstart", (event) => {
    if (event.target.closest?.(".req--open")) event.preventDefault();
  });

  document.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || drag) return;
    const row = sourceOf(event);
    if (row) drag = { key: row.id.slice(2), id: event.pointerId, x: event.clientX, y: event.clientY, name: row, ghost: null };
  });

  function begin() {
    drag.ghost = document.createElement("div");
    drag.ghost.className = "ghost";
    drag.ghost.textContent = drag.name.querySelector(".req__way").textContent;
    document.body.append(drag.ghost);
    board().classList.add("is-dragging");
  }

  // The duty of the row that is under the pointer, or the nearest one in time.
  function dutyAt(x, y) {
    const lane = document.elementFromPoint(x, y)?.closest(".lane, #time-rows > tr");
    if (!lane) return null;
    if (lane.matches("tr")) return lane.querySelector("td a");
    const away = (duty) => {
      const box = duty.querySelector("rect").getBoundingClientRect();
      return [Math.max(0, box.left - x, x - box.right), Math.max(0, box.top - y, y - box.bottom)];
    };
    const found = [...lane.querySelectorAll("a.duty")].map((duty) => [duty, ...away(duty)]);
    return found.sort((a, b) => a[1] - b[1] || a[2] - b[2])[0]?.[0] ?? null;
  }

  function mark(duty) {
    document.querySelectorAll(".is-target").forEach((each) => each.classList.remove("is-target"));
    duty?.classList.add("is-target");
  }

  document.addEventListener("pointermove", (event) => {
    if (!drag || event.pointerId !== drag.id) return;
    if (!drag.ghost && Math.hypot(event.clientX - drag.x, event.clientY - drag.y) < FAR) return;
    if (!drag.ghost) begin();
    event.preventDefault();
    drag.ghost.style.transform = `translate(${event.clientX + 12}px, ${event.clientY + 12}px)`;
    mark(dutyAt(event.clientX, event.clientY));
  });

  function end() {
    drag?.ghost?.remove();
    mark(null);
    board()?.classList.remove("is-dragging");
    drag = null;
  }

  document.addEventListener("pointerup", (event) => {
    if (!drag || event.pointerId !== drag.id) return;
    const { key, ghost } = drag;
    const duty = ghost && dutyAt(event.clientX, event.clientY);
    end();
    if (!ghost) return;
    wasDragged = true;
    setTimeout(() => { wasDragged = false; });
    if (!duty) return;
    const query = new URLSearchParams(location.search);
    ["chosen", "placing", "onto"].forEach((name) => query.delete(name));
    query.set("chosen", key);
    query.set("onto", duty.closest("[id^=d-]").id.slice(2));
    document.dispatchEvent(new CustomEvent("board:go", { detail: `/board?${query}` }));
  });
  document.addEventListener("pointercancel", (event) => { if (event.pointerId === drag?.id) end(); });
  document.addEventListener("keydown", (event) => { if (event.key === "Escape" && drag?.ghost) end(); });
})();
