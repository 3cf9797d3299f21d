// In our JupyterLab a link opens the next notebook beside this one and runs its screen; in another one it opens a browser tab. A notebook
// that is open already keeps what was filled in, unless the link asks something of it: that is in the query of its address.
window.accountoolsFollow = (event) => {
  const href = event.currentTarget.getAttribute("href"), lab = window.jupyterapp;
  if (!lab || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  const [path, query] = href.split("?");
  if (query) window.accountoolsAsked = { ...window.accountoolsAsked, [path]: href }; // address.js hands it to the screen
  lab.commands.execute("docmanager:open", { path }).then(async (opened) => {
    await opened.context.ready;
    await opened.sessionContext.ready;
    const book = opened.content; // its screen is in the first cell of code; one that was inserted by a slip of the keyboard is empty
    const at = book.widgets.findIndex((cell) => cell.model.type === "code" && cell.model.sharedModel.getSource().trim());
    if (at < 0 || (!query && opened.node.querySelector(".at-screen"))) return;
    book.deselectAll();
    book.activeCellIndex = at;
    await lab.commands.execute("notebook:run-cell");
  });
};
function render({ model, el }) {
  const build = (link, place) => {
    const made = document.createElement(link.href ? "a" : link.acts ? "button" : "b");
    made.textContent = link.label;
    if (link.kind) made.className = link.kind;
    if (link.href) made.href = link.href;
    if (link.opens === "file") made.download = "";
    else if (link.href && !link.href.startsWith("mailto:") && (link.opens === "apart" || !model.get("pages"))) {
      made.target = "_blank";
      if (link.opens !== "apart") made.addEventListener("click", window.accountoolsFollow);
    }
    if (link.acts) made.addEventListener("click", () => model.send({ pressed: place }));
    return made;
  };
  const draw = () => {
    const links = model.get("links");
    const list = document.createElement(model.get("shape") === "path" ? "nav" : "ul");
    list.className = "at-links at-" + model.get("shape");
    links.forEach((link, place) => {
      if (list.tagName === "NAV") {
        if (place) list.append(" \u25b8 ");
        list.append(build(link, place));
        return;
      }
      const item = document.createElement("li");
      item.append(build(link, place));
      if (link.note) item.append(Object.assign(document.createElement("span"), { textContent: link.note, className: "at-quiet" }));
      list.append(item);
    });
    el.replaceChildren(list);
  };
  model.on("change:links", draw);
  draw();
}
export default { render };
