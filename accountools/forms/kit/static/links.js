function render({ model, el }) {
  const build = (link, place) => {
    const made = document.createElement(link.href ? "a" : link.acts ? "button" : "b");
    made.textContent = link.label;
    if (link.kind) made.className = link.kind;
    if (link.href) made.href = link.href;
    if (link.href && !model.get("pages")) made.target = "_blank";
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
