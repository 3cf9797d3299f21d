function render({ model, el }) {
  const heading = document.createElement("h3");
  heading.textContent = model.get("text");
  el.replaceChildren(heading);
  setTimeout(() => heading.scrollIntoView({ block: "center" }), 100);
}
export default { render };
