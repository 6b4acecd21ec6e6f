// The session's pictures. value: [{key, url, title, of, details, file, name}], the newest first
const list = element.querySelector("ol");
const empty = element.querySelector(".nothing");
const asks = element.querySelector(".asks");
let first = "";

const make = (tag, more = {}, ...inside) => {
  const made = Object.assign(document.createElement(tag), more);
  made.append(...inside);
  return made;
};

function button(text, name, does) {
  const made = make("button", { type: "button", textContent: text });
  made.setAttribute("aria-label", `${text}: ${name}`);
  made.onclick = does;
  return made;
}

function choose(what) {
  trigger("chosen", what);
  document.querySelector("#stage")?.scrollIntoView({ behavior: "smooth", block: "nearest" });
}

function render() {
  const items = props.value || [];
  // What is made again below has the keyboard where it was.
  const focused = list.contains(document.activeElement)
    && document.activeElement.getAttribute("aria-label");
  empty.hidden = items.length > 0;
  const from = items.find((item) => item.key === first);
  if (!from) first = "";
  asks.textContent = from ? `Now press Compare on the picture to see beside ${from.title}.` : "";
  list.replaceChildren(...items.map((item) => {
    const name = item.of ? `${item.title}, ${item.of}` : item.title;
    const image = make("img", { src: item.url, alt: name });
    const open = make("button", { type: "button", className: "open" }, image);
    open.setAttribute("aria-label", `Show ${name}`);
    open.onclick = () => choose({ action: "show", key: item.key });
    const link = make("a", { href: item.file, download: item.name, textContent: "Download" });
    link.setAttribute("aria-label", `Download ${name}`);
    const compare = button("Compare", name, () => {
      if (!first || first === item.key) {
        first = first === item.key ? "" : item.key;
        render();
      } else {
        choose({ action: "compare", key: item.key, other: first });
        first = "";
        render();
      }
    });
    compare.setAttribute("aria-pressed", String(first === item.key));
    const use = button("Use again", name, () =>
      trigger("chosen", { action: "settings", key: item.key }));
    // Asked twice, since nothing brings it back.
    const remove = button("Delete", name, () => {
      if (remove.dataset.sure) trigger("chosen", { action: "delete", key: item.key });
      remove.dataset.sure = "yes";
      remove.textContent = "Sure?";
      remove.setAttribute("aria-label", `Sure? Delete ${name} for good`);
    });
    remove.onblur = () => {
      delete remove.dataset.sure;
      remove.textContent = "Delete";
      remove.setAttribute("aria-label", `Delete: ${name}`);
    };
    const told = make("div", { className: "told" },
      make("strong", { textContent: item.title }),
      ...item.details.map((detail) => make("small", { textContent: detail })),
      make("div", { className: "acts" }, link, use, compare, remove));
    return make("li", {}, open, told);
  }));
  if (focused)
    [...list.querySelectorAll("[aria-label]")]
      .find((each) => each.getAttribute("aria-label") === focused)?.focus({ preventScroll: true });
}

watch("value", render);
render();
