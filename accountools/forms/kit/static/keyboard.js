// An Enter that sends a new value does no more than that: its result is to be seen first. Where a list or a new user is open within the
// screen, Enter is theirs and Esc closes them. A new step gets the focus as a whole, not its main button: a second Enter was for the step
// before.
const SETTLE = 250; // milliseconds in which what was typed reaches the program
const DRAWN = 300; // milliseconds after which a screen has its height
const seen = (one) => one && one.offsetParent !== null;
const listen = (screen, model) => {
  const inside = (all) => [...screen.querySelectorAll(all)].filter(seen);
  const changed = new WeakMap();
  const press = (button) => { if (button && !button.disabled) button.click(); };
  const enter = (field) => {
    const began = performance.now(), main = inside(".at-foot .at-main")[0];
    if (!main || main.disabled) return;
    setTimeout(() => { if (!(changed.get(field) >= began) && seen(main)) press(main); }, SETTLE);
  };
  const escape = () => {
    const open = inside(".at-search-list")[0];
    if (open) press(open.querySelector(".at-drops") || open.parentElement.querySelector(".at-search .at-icon"));
    else press(inside(".at-foot .at-cancels")[0]);
  };
  const pressed = (event) => {
    if (event.isComposing || event.ctrlKey || event.altKey || event.metaKey || event.target.closest(".at-itable")) return;
    const field = event.target.matches("input[type=text], input[type=password]") && !event.target.closest(".at-search-list");
    if (event.key === "Enter" && field && !event.repeat) enter(event.target);
    if (event.key === "Escape") { event.stopPropagation(); escape(); }
  };
  const noted = (event) => changed.set(event.target, performance.now());
  const lift = () => { // much stands above a screen in JupyterLab: its buttons are to be seen all the same
    const view = screen.closest(".jp-WindowedPanel-outer"), foot = inside(".at-foot")[0];
    if (view && foot && foot.getBoundingClientRect().bottom > view.getBoundingClientRect().bottom) screen.scrollIntoView({ block: "start" });
  };
  setTimeout(lift, DRAWN);
  const moved = () => requestAnimationFrame(() => {
    setTimeout(lift, DRAWN);
    const here = document.activeElement, body = inside(".at-body")[0];
    if (!body || (here && here !== document.body && seen(here))) return;
    body.tabIndex = -1;
    body.focus({ preventScroll: true });
  });
  const spoken = () => { // what appears in these is read aloud
    for (const one of screen.querySelectorAll(".at-live:not([aria-live])")) one.setAttribute("aria-live", "polite");
  };
  const added = new MutationObserver(spoken);
  spoken();
  added.observe(screen, { childList: true, subtree: true });
  const left = () => {
    const home = model.get("home");
    if (model.get("place") !== "closed" || !home) return;
    if (model.get("pages")) location.assign(home);
    else if (window.jupyterapp) window.accountoolsFollow({ currentTarget: { getAttribute: () => home }, preventDefault() {} });
  };
  screen.addEventListener("keydown", pressed, true); // a field keeps it to itself
  screen.addEventListener("change", noted, true);
  model.on("change:place", moved);
  model.on("change:place", left);
  const page = document.querySelector("#rendered_cells .at-in-" + model.get("language"));
  if (page) { // the words above the screen, and what the page is called
    document.documentElement.lang = model.get("language");
    document.documentElement.dataset.office = model.get("office");
    document.title = page.querySelector("h1").firstChild.textContent + " — accountools";
  }
  return () => {
    screen.removeEventListener("keydown", pressed, true);
    screen.removeEventListener("change", noted, true);
    model.off("change:place", moved);
    model.off("change:place", left);
    added.disconnect();
  };
};
