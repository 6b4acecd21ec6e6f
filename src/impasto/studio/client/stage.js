// The picture: growing, done, or two of them under a slider.
// value: {phase, picture, before, names: [left, right], progress, words, notes, error, file, name}
const find = (name) => element.querySelector(`.${name}`);
const [frame, picture, before, slider] = ["frame", "picture", "before", "slider"].map(find);
const [bar, fill, words, notes, error] = ["bar", "fill", "words", "notes", "error"].map(find);
const names = element.querySelectorAll(".names span");
const state = find("state");
const save = find("save");
let phase = "", shown = "";

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

function render() {
  const value = props.value || {};
  const busy = value.phase === "painting" || value.phase === "waiting";
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
    if (shown !== value.before + value.picture) slider.value = 50;
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
  error.textContent = value.error || "";
  notes.replaceChildren(...(value.notes || []).map((text) =>
    Object.assign(document.createElement("li"), { textContent: text })));
  if (value.phase !== phase) {
    phase = value.phase;
    state.textContent = { waiting: "Waiting in the queue", painting: "Painting",
      done: "The picture is done",
      stopped: value.kept ? "Stopped; the picture is kept" : "Stopped before it began",
      failed: "Painting failed" }[phase] || "";
    if (busy)
      element.scrollIntoView({ behavior: "smooth",
        block: window.innerWidth < 820 ? "start" : "nearest" });
  }
}

slider.oninput = cut;
watch("value", render);
render();
