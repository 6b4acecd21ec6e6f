// The picture: growing, done, or two of them under a slider.
// value: {phase, picture, alt, before, names: [left, right], progress, words, notes, error, kept,
// file, name}
// Events: over, once what it watched is no longer painted; back, to see again what grows; seen, when
// the page is looked at again, for another of the same browser may have done something meanwhile.
const ASK = 300; // milliseconds between looks at what grows
const TWICE = 700; // within which Stop, where Paint was just now, is no wish to stop
const find = (name) => element.querySelector(`.${name}`);
const [frame, picture, before, slider] = ["frame", "picture", "before", "slider"].map(find);
const [bar, fill, words, notes, error] = ["bar", "fill", "words", "notes", "error"].map(find);
const names = element.querySelectorAll(".names span");
const state = find("state");
const save = find("save");
const invite = find("invite");
const back = find("back");
let phase = "", shown = "", watching = false, begun = 0, last = {};
const chosen = {};

picture.onload = () =>
  frame.style.setProperty("--shape", String(picture.naturalWidth / picture.naturalHeight));

function cut() {
  before.style.clipPath = `inset(0 ${100 - slider.value}% 0 0)`;
  frame.style.setProperty("--cut", `${slider.value}%`);
  // A name is there while its side has room for it.
  const left = frame.clientWidth * slider.value / 100;
  names[0].classList.toggle("hidden", left < names[0].offsetWidth + 22);
  names[1].classList.toggle("hidden", frame.clientWidth - left < names[1].offsetWidth + 22);
}

const wait = (time) => new Promise((done) => setTimeout(done, time));
const isBusy = (value) => value.phase === "painting" || value.phase === "waiting";

// Ask how far it is until it is over. Who looks at another picture meanwhile goes on seeing that.
async function follow() {
  if (watching) return;
  watching = true;
  let seen = 0, missed = 0;
  for (;;) {
    await wait(missed ? 2000 : ASK);
    let news;
    try {
      const answer = await fetch(`studio/growing/${seen}`);
      if (!answer.ok) throw new Error(answer.status);
      news = await answer.json();
    } catch {
      if (++missed > 2)
        show({ ...current(), words: "", error: "The studio doesn't answer. Is it still running?" });
      continue;
    }
    missed = 0;
    if (news.over) break;
    seen = news.version;
    last = { picture: last.picture, ...news.shown };
    show(current());
  }
  watching = false;
  trigger("over", {});
}

function render() {
  const value = props.value || {};
  if (isBusy(value) && !watching) last = value;
  show(current());
  if (isBusy(value)) follow();
}

// What is painted, or another picture that somebody looks at meanwhile.
function current() {
  const value = props.value || {};
  if (!watching) return value;
  if (isBusy(value)) return last;
  return { ...value, phase: last.phase, progress: last.progress, aside: last.words };
}

function show(value) {
  const busy = isBusy(value);
  element.dataset.phase = value.phase || "idle";
  // Until there is something of the next picture, the one before stays.
  const stays = busy && !value.picture && picture.hasAttribute("src");
  frame.classList.toggle("empty", !value.picture && !stays);
  if (value.picture && picture.getAttribute("src") !== value.picture) picture.src = value.picture;
  if (!value.picture && !stays) picture.removeAttribute("src");
  picture.alt = value.alt || "";
  const both = Boolean(value.before && value.picture);
  frame.classList.toggle("both", both);
  if (both && before.getAttribute("src") !== value.before) before.src = value.before;
  if (!both) before.removeAttribute("src");
  if (both) {
    names[0].textContent = (value.names || [])[0] || "Before";
    names[1].textContent = (value.names || [])[1] || "After";
    if (shown !== value.before + value.picture) slider.value = value.file ? 8 : 50;
    cut();
  }
  shown = both ? value.before + value.picture : "";
  save.hidden = !value.file;
  if (value.file) {
    save.href = value.file;
    save.download = value.name;
  }
  const share = Math.round(100 * (value.progress || 0));
  bar.hidden = !busy;
  bar.setAttribute("aria-valuenow", share);
  fill.style.width = `${share}%`;
  words.textContent = value.words || "";
  back.hidden = value.aside === undefined;
  back.textContent = `Back to what is being painted (${value.aside || "waiting"})`;
  invite.textContent = busy ? "Getting ready …" : invitation();
  error.textContent = value.error || "";
  notes.replaceChildren(...(value.notes || []).map((text) =>
    Object.assign(document.createElement("li"), { textContent: text })));
  if (value.phase !== phase) {
    const was = isBusy({ phase });
    if (busy && !was) begun = performance.now();
    if (phase && busy !== was) focus(busy);
    phase = value.phase;
    state.textContent = { waiting: "Waiting in the queue", painting: "Painting",
      done: "The picture is done",
      stopped: value.kept ? "Stopped; the picture is kept" : "Stopped before it began",
      failed: "Painting failed" }[phase] || "";
    if (busy && !was)
      element.scrollIntoView({ behavior: "smooth",
        block: window.innerWidth < 820 ? "start" : "nearest" });
  }
}

// The button that was pressed can't be for now: what can be is where the keyboard is.
async function focus(busy) {
  const at = document.activeElement;
  const lost = () => [null, document.body].includes(document.activeElement);
  if (!lost() && !at.matches("#paint, #continue, #sheet, #stop")) return;
  await wait(120);
  if (lost() || at === document.activeElement)
    document.querySelector(busy ? "#stop" : "#paint")?.focus({ preventScroll: true });
}

function invitation() {
  return !chosen.Photograph ? "Your picture appears here.\nDrop a photograph on it to begin."
    : !chosen.Painting ? "Now choose a painting for it." : "Now press Paint.";
}

document.addEventListener("impasto:chosen", (event) => {
  Object.assign(chosen, event.detail);
  if (!isBusy({ phase })) invite.textContent = invitation();
});
document.addEventListener("click", (event) => {
  if (event.target.closest?.("#stop") && performance.now() - begun < TWICE) {
    event.stopPropagation();
    event.preventDefault();
  }
}, true);
window.addEventListener("focus", () => trigger("seen", {}));
back.onclick = () => trigger("back", {});
slider.oninput = cut;
watch("value", render);
render();
