// The session's pictures. value: [{key, url, title, detail, file, name}], the newest first
const list = element.querySelector("ol");
const empty = element.querySelector(".nothing");
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

function render() {
  const items = props.value || [];
  empty.hidden = items.length > 0;
  if (!items.some((item) => item.key === first)) first = "";
  list.replaceChildren(...items.map((item) => {
    const image = make("img", { src: item.url, alt: item.title });
    const open = make("button", { type: "button", className: "open" }, image);
    open.setAttribute("aria-label", `Show ${item.title}`);
    open.onclick = () => trigger("chosen", { action: "show", key: item.key });
    const link = make("a", { href: item.file, download: item.name, textContent: "Download" });
    link.setAttribute("aria-label", `Download ${item.title}`);
    const compare = button(first === item.key ? "Compare with …" : "Compare", item.title, () => {
      if (!first || first === item.key) {
        first = first === item.key ? "" : item.key;
        render();
      } else {
        trigger("chosen", { action: "compare", key: item.key, other: first });
        first = "";
        render();
      }
    });
    compare.setAttribute("aria-pressed", String(first === item.key));
    const use = button("Use settings", item.title, () =>
      trigger("chosen", { action: "settings", key: item.key }));
    const told = make("div", { className: "told" },
      make("strong", { textContent: item.title }), make("small", { textContent: item.detail }),
      make("div", { className: "acts" }, link, compare, use));
    return make("li", {}, open, told);
  }));
}

watch("value", render);
render();
