// A place to drop pictures on. value: {items: [{key, name, url}], examples: [{name, words, url}]}
const input = element.querySelector("input");
const zone = element.querySelector(".drop-zone");
const hint = element.querySelector(".drop-label span");
const said = element.querySelector(".said");
const list = element.querySelector(".drop-items");
const offers = element.querySelector(".drop-examples");
const blend = element.querySelector(".blend");
const blends = () => Boolean(blend?.querySelector("input").checked);
if (blend) blend.onchange = () => render();

const make = (tag, more = {}, ...inside) => {
  const made = Object.assign(document.createElement(tag), more);
  made.append(...inside);
  return made;
};

function render() {
  const value = props.value || {};
  const items = value.items || [];
  // What is made again below has the keyboard where it was.
  const focused = element.contains(document.activeElement)
    && document.activeElement.getAttribute("aria-label");
  zone.classList.toggle("filled", items.length > 0);
  document.dispatchEvent(
    new CustomEvent("impasto:chosen", { detail: { [props.noun]: items.length } }));
  const tried = props.most > 1 && items.every((item) => item.example) && !blends();
  hint.textContent = !items.length ? props.hint
    : tried ? "Drop your own instead"
    : items.length < props.most || props.most === 1 ? props.another : "No more fit into a blend";
  list.replaceChildren(...items.map((item) => {
    const image = make("img", { src: item.url, alt: item.name });
    const remove = make("button", { type: "button", className: "remove", textContent: "×" });
    remove.setAttribute("aria-label", `Remove ${item.name}`);
    remove.onclick = () => trigger("removed", { key: item.key });
    return make("li", {}, image, remove);
  }));
  offers.replaceChildren(...(value.examples || []).map((example) => {
    const image = make("img", { src: example.url, alt: "" });
    const pick = make("button", { type: "button" }, image, make("span", { textContent: example.words }));
    pick.setAttribute("aria-label", `${props.noun}: ${example.words} (example)`);
    pick.setAttribute("aria-pressed", String(example.chosen));
    pick.onclick = () =>
      trigger("example", { name: example.name, blend: blends() });
    return make("li", {}, pick);
  }));
  if (blend) blend.hidden = !items.length;
  if (focused) {
    const same = [...element.querySelectorAll("[aria-label]")]
      .find((each) => each.getAttribute("aria-label") === focused);
    (same || input).focus({ preventScroll: true });
  }
  say(value.said || "", value.wrong);
}

function say(text, wrong = false) {
  // What is dropped anywhere is answered beside Paint, which is always seen.
  if (props.anywhere)
    document.dispatchEvent(new CustomEvent("impasto:said", { detail: { text, wrong } }));
  else said.textContent = text;
  said.classList.toggle("wrong", wrong);
}

async function send(files, anywhere = false) {
  const brought = [];
  for (const file of files) {
    say(`Reading ${file.name} …`);
    const form = new FormData();
    form.append("files", file);
    let answer;
    try {
      answer = await fetch("gradio_api/upload", { method: "POST", body: form });
    } catch {
      say("The picture didn't arrive: it may be too large, or the studio is closed.", true);
      return;
    }
    if (!answer.ok) {
      say(await answer.text(), true);
      return;
    }
    brought.push((await answer.json())[0]);
  }
  input.value = "";
  if (brought.length) trigger("brought", { paths: brought, anywhere, blend: blends() });
}

input.onchange = () => send([...input.files]);
const over = (on) => (event) => {
  event.preventDefault();
  event.stopPropagation();
  zone.classList.toggle("over", on);
};
zone.addEventListener("dragover", over(true));
zone.addEventListener("dragleave", over(false));
zone.addEventListener("drop", (event) => {
  over(false)(event);
  const files = [...event.dataTransfer.files];
  send(props.most > 1 ? files : files.slice(0, 1));
});
if (props.anywhere) {
  // What is dropped beside all other places lands here, and doesn't replace the page.
  const stage = (on) => document.querySelector("#stage .frame")?.classList.toggle("over", on);
  document.addEventListener("dragover", (event) => {
    event.preventDefault();
    stage(true);
  });
  document.addEventListener("dragleave", () => stage(false));
  document.addEventListener("drop", (event) => {
    event.preventDefault();
    stage(false);
    if (event.dataTransfer.files.length) send([...event.dataTransfer.files].slice(0, 1), true);
  });
}
watch("value", render);
render();
