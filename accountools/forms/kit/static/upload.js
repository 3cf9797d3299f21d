const PIECE = 2 * 1024 * 1024; // well under what the server takes in one message
function render({ model, el }) {
  const chosen = Object.assign(document.createElement("input"), { type: "file", hidden: true, accept: model.get("endings") });
  const button = Object.assign(document.createElement("button"), { type: "button", className: "at-hand-in" });
  const shown = Object.assign(document.createElement("span"), { className: "at-quiet" });
  shown.setAttribute("aria-live", "polite");
  let file = null;
  const draw = () => {
    button.textContent = model.get("label");
    button.disabled = file !== null;
    shown.textContent = model.get("progress") || (file ? "" : model.get("hint"));
  };
  const begin = (one) => {
    if (!one || file) return;
    file = one;
    draw();
    model.send({ begin: one.name, size: one.size });
  };
  const answer = async ({ next }) => {
    if (!file) return;
    if (next === null) { file = null; chosen.value = ""; draw(); return; }
    try {
      const bytes = await file.slice(next, next + PIECE).arrayBuffer();
      model.send({ at: next }, undefined, [bytes]);
    } catch {
      file = null; // it was taken away, or changed
      chosen.value = "";
      model.send({ failed: true });
      draw();
    }
  };
  const over = (event) => { event.preventDefault(); el.classList.add("at-over"); };
  const out = () => el.classList.remove("at-over");
  button.addEventListener("click", () => chosen.click());
  chosen.addEventListener("change", () => begin(chosen.files[0]));
  el.addEventListener("dragover", over);
  el.addEventListener("dragleave", out);
  el.addEventListener("drop", (event) => { event.preventDefault(); out(); begin(event.dataTransfer.files[0]); });
  model.on("msg:custom", answer);
  model.on("change:progress", draw);
  el.classList.add("at-drop");
  el.replaceChildren(chosen, button, shown);
  draw();
  return () => { model.off("msg:custom", answer); model.off("change:progress", draw); };
}
export default { render };
