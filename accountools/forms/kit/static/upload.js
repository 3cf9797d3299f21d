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
  const begin = (files) => {
    if (!files.length || file) return;
    if (files.length > 1) {
      shown.textContent = model.get("too_many").replace("{count}", files.length);
      return;
    }
    [file] = files;
    draw();
    model.send({ begin: file.name, size: file.size });
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
  // The field that it stands beneath counts too; a file that misses it doesn't take the page's place.
  const field = () => el.closest(".at-group") ?? el;
  const mark = (on) => field().classList.toggle("at-over", on);
  const over = (event) => {
    if (!el.isConnected || !event.dataTransfer?.types.includes("Files")) return;
    if (el.closest(".at-screen")?.contains(event.target)) event.preventDefault();
    mark(field().contains(event.target));
  };
  const drop = (event) => {
    if (!el.isConnected || !event.dataTransfer?.files.length) return;
    if (el.closest(".at-screen")?.contains(event.target)) event.preventDefault();
    mark(false);
    if (field().contains(event.target)) begin(event.dataTransfer.files);
  };
  const heard = { dragover: over, drop, dragleave: (event) => { if (!event.relatedTarget) mark(false); } };
  button.addEventListener("click", () => chosen.click());
  chosen.addEventListener("change", () => begin(chosen.files));
  for (const [name, listener] of Object.entries(heard)) document.addEventListener(name, listener);
  model.on("msg:custom", answer);
  model.on("change:progress", draw);
  el.classList.add("at-drop");
  el.replaceChildren(chosen, button, shown);
  draw();
  return () => {
    model.off("msg:custom", answer);
    model.off("change:progress", draw);
    for (const [name, listener] of Object.entries(heard)) document.removeEventListener(name, listener);
  };
}
export default { render };
