// Says in words that the program behind the screen is gone: the server was stopped, or this screen's own kernel died. Two checks in a row
// must find that, for a connection that was merely interrupted comes back by itself. What was typed stays where it is, and after
// reconnecting it is filled in again (typed.js).
const EVERY = 2500; // milliseconds

// JupyterLab counts a cell that ran as a change: leaving would ask about it, and the same screen in two tabs would be a conflict. In a
// notebook of which nobody can or did edit a cell there is no change.
const noChange = () => {
  for (const { content, context } of window.jupyterapp ? window.jupyterapp.shell.widgets("main") : []) {
    const cells = content && context && content.widgets;
    const edited = (cell) => cell.model.getMetadata("editable") !== false && cell.model.sharedModel.getSource().trim();
    if (cells && cells.length && cells[0].model && context.model.dirty && !cells.some(edited)) context.model.dirty = false;
  }
};

function render({ model, el }) {
  const config = document.getElementById("jupyter-config-data");
  const address = (config ? JSON.parse(config.textContent).baseUrl : "/") + "api/kernels/" + model.get("kernel");
  const text = (name) => model.get("texts")[name];
  const sentence = document.createElement("p"), button = document.createElement("button"), banner = document.createElement("div");
  banner.className = "at-lost";
  banner.setAttribute("role", "alert");
  banner.hidden = true;
  button.textContent = text("reconnect");
  el.append(banner);
  let screen = null, timer = null, before = "", waiting = true;

  const find = async () => {
    const sent = document.cookie.match("(?:^|; )_xsrf=([^;]*)"); // a JupyterHub's server asks for it, as for any request by a script
    const headers = sent ? { "X-XSRFToken": decodeURIComponent(sent[1]) } : {};
    const answer = await fetch(address, { cache: "no-store", headers }).catch(() => null);
    if (!answer) return "server";
    if (!answer.ok) return "gone";
    return screen.querySelector(".jupyter-widgets-disconnected") ? "kernel" : "";
  };
  const show = (lost, name = lost) => {
    banner.hidden = !lost;
    if (lost) { sentence.textContent = text(name); banner.replaceChildren(sentence, button); } else banner.replaceChildren();
  };
  const check = async () => {
    noChange();
    const lost = await find();
    if (lost === before) show(lost);
    if (lost === before && lost === "gone") clearInterval(timer); // it never comes back, and each question is a line in the server's log
    before = lost;
  };
  button.addEventListener("click", async () => {
    screen.dispatchEvent(new Event("accountools-reconnect", { bubbles: true }));
    const lost = await find();
    if (lost === "server") show(lost, "still");
    else if (lost === "kernel" && !model.get("pages")) show(lost, "again");
    else location.reload();
  });
  const begin = () => {
    screen = waiting && el.closest(".at-screen");
    if (screen) { timer = setInterval(check, EVERY); } else if (waiting) requestAnimationFrame(begin);
  };
  if (model.get("kernel")) begin();
  return () => { waiting = false; clearInterval(timer); };
}
export default { render };
