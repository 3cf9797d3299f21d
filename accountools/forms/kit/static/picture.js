function render({ model, el }) {
  const draw = () => { el.innerHTML = model.get("html"); };
  model.on("change:html", draw);
  draw();
  model.send({ ready: true });
  return () => model.off("change:html", draw);
}
export default { render };
