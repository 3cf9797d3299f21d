// The end of a module that listens on the screen in which its widget stands, which may appear later.
function render({ model, el }) {
  let stop = null, waiting = true;
  const begin = () => {
    const screen = waiting && el.closest(".at-screen");
    if (screen) stop = listen(screen, model);
    else if (waiting) requestAnimationFrame(begin);
  };
  begin();
  return () => { waiting = false; if (stop) stop(); };
}
export default { render };
