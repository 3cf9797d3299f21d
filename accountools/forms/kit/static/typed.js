// What was typed stays, in this tab: after F5, Back, or a connection that was lost it is filled in again, as far as the screen is the same.
// Not kept: a passphrase, a confirmation (it is given anew), a file that was handed in, what acts at once, and what `state` has already.
// While the program is at work leaving asks first.
const PAUSE = 200, PATIENCE = 25, LATER = 400; // milliseconds; how often a field that isn't there yet is looked for
const FIELDS = "input[type=text], input[type=checkbox], input[type=radio], textarea, select:not([size])";
const NOT_KEPT = ".at-switch, .at-panel, .at-itable, .at-uploaded, " // what was handed in is gone with the program that got it
  + ".at-tick-list, .at-subject, .at-delivery"; // in `state`: the ticks of all pages, what is above all parts, emails that were changed
const labelOf = (field) => (field.labels && field.labels.length ? field.labels[0].textContent.trim() : field.title);
const fieldsIn = (screen) => [...screen.querySelectorAll(FIELDS)]
  .filter((field) => field.offsetParent !== null && !field.closest(NOT_KEPT) && labelOf(field));
const ticked = (field) => field.type === "checkbox" || field.type === "radio";
const same = (one, other) => one.place === other.place && one.label === other.label && one.type === other.type;
const pause = (time) => new Promise((done) => setTimeout(done, time));
const fill = (field, value) => {
  if (ticked(field)) { if (field.checked !== value) field.click(); return; }
  if (field.value === value) return;
  const kind = { TEXTAREA: HTMLTextAreaElement, SELECT: HTMLSelectElement }[field.tagName] || HTMLInputElement;
  Object.getOwnPropertyDescriptor(kind.prototype, "value").set.call(field, value);
  for (const event of ["input", "change"]) field.dispatchEvent(new Event(event, { bubbles: true }));
};

const listen = (screen, model) => {
  const key = "accountools-typed:" + model.get("key"), arrival = window.accountoolsArrival || performance.getEntriesByType("navigation")[0]?.type;
  const here = (window.accountoolsTyped = window.accountoolsTyped || {}); // by screen, since this page was loaded
  const stored = JSON.parse(sessionStorage.getItem(key) || "null");
  const returned = stored && (stored.again || (!here[key] && ["reload", "back_forward"].includes(arrival)));
  let kept = returned ? stored.fields : here[key] || [], waiting = returned ? [...kept] : [], filling = false, asked = false;
  let state = (returned && stored.state) || model.get("state"); // what is half done that is in no field: the program gets it back
  const store = (again) => sessionStorage.setItem(key, JSON.stringify({ fields: kept, state, again }));

  const keep = (again) => {
    if (model.get("keeps")) {
      const place = model.get("place");
      const all = fieldsIn(screen).map((field) => ({ place, label: labelOf(field), type: field.type,
        value: ticked(field) ? field.checked : field.value })).filter((one) => !waiting.some((other) => same(one, other)));
      kept = [...kept.filter((one) => !all.some((other) => same(one, other))), ...all.filter((one) => one.value || one.type === "checkbox")];
      store(again === true);
    } else {
      kept = waiting = [];
      sessionStorage.removeItem(key);
    }
    here[key] = kept;
  };
  const fillAll = async (patience) => { // in their order, of those that are there: one that was filled in may open others
    if (filling) return;
    filling = true;
    const fieldFor = (one) => one.place === model.get("place") && fieldsIn(screen).find((other) =>
      other.type === one.type && labelOf(other) === one.label && !other.disabled);
    for (let tries = 0; tries < patience;) {
      const one = waiting.find(fieldFor), field = one && fieldFor(one);
      if (field) {
        waiting = waiting.filter((other) => other !== one);
        if (ticked(field) || patience > 1 || !field.value) { fill(field, one.value); await pause(PAUSE); }
        tries = 0;
      } else if (!waiting.length || ++tries === patience) break; // what isn't there may be opened later
      else await pause(PAUSE);
    }
    filling = false;
  };
  const clicked = () => {
    keep();
    if (waiting.length) setTimeout(() => fillAll(1), LATER);
  };
  const pressed = (event) => { if (event.key === "Enter" || event.key === "Escape") clicked(); };
  const leaving = (event) => {
    if (!model.get("working") || asked || !event.cancelable) return;
    event.preventDefault();
    event.returnValue = true;
    if (model.get("pages")) event.stopImmediatePropagation(); // the page would stop the program before the answer is known
  };
  const left = () => {
    keep();
    if (model.get("working") && model.get("pages") && !asked) { asked = true; window.dispatchEvent(new Event("beforeunload")); }
  };
  const forgotten = () => { if (!model.get("keeps")) keep(); };
  const changed = () => { state = model.get("state"); if (model.get("keeps")) store(false); };
  const reconnecting = () => keep(true);
  const moved = () => setTimeout(() => fillAll(PATIENCE), PAUSE);
  screen.addEventListener("click", clicked, true);
  screen.addEventListener("keydown", pressed, true);
  screen.addEventListener("accountools-reconnect", reconnecting);
  if (model.get("pages")) window.accountoolsLeaving = leaving;
  else window.addEventListener("beforeunload", leaving);
  window.addEventListener("pagehide", left);
  model.on("change:keeps", forgotten);
  model.on("change:state", changed);
  model.on("change:place", moved);
  if (returned) {
    here[key] = kept;
    store(false);
    if (Object.keys(state).length) model.send({ returned: state });
    moved();
  } else keep();
  return () => {
    screen.removeEventListener("click", clicked, true);
    screen.removeEventListener("keydown", pressed, true);
    screen.removeEventListener("accountools-reconnect", reconnecting);
    if (window.accountoolsLeaving === leaving) window.accountoolsLeaving = null;
    window.removeEventListener("beforeunload", leaving);
    window.removeEventListener("pagehide", left);
    model.off("change:keeps", forgotten);
    model.off("change:state", changed);
    model.off("change:place", moved);
  };
};
