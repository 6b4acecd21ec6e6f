// Drawing over a picture. value: {target, url, drawn, width, height, colours: [[name, css]]}
// A drawing is sent as a PNG of its own, clear where nothing was drawn.
const SIDE = 640;
const canvas = element.querySelector("canvas");
const image = element.querySelector("img");
const board = element.querySelector(".board");
const tools = element.querySelector(".colours");
const size = element.querySelector(".brush-size");
const pen = canvas.getContext("2d");
const cursor = element.querySelector(".cursor");
let colour = "", target = null, last = null, spot = null, drawn = "";
let before = [];  // as it was before each stroke, for Undo

function press(chosen) {
  colour = chosen;
  for (const each of tools.children)
    each.setAttribute("aria-pressed", String(each.dataset.colour === chosen));
}

function render() {
  const value = props.value || {};
  board.hidden = !value.url;
  element.querySelector(".nothing").hidden = Boolean(value.url);
  element.querySelector(".tools").hidden = !value.url;
  if (!value.url) { target = null; return; }
  const there = value.drawn || "";
  if (value.target === target && image.getAttribute("src") === value.url && there === drawn) return;
  drawn = there;
  target = value.target;
  image.src = value.url;
  image.alt = value.alt || "";
  const scale = SIDE / Math.max(value.width, value.height);
  canvas.width = Math.max(8, Math.round(value.width * scale));
  canvas.height = Math.max(8, Math.round(value.height * scale));
  canvas.classList.toggle("white", (value.colours || [])[0]?.[0] === "keep");
  canvas.setAttribute("aria-label", `Draw over ${value.alt}: arrow keys move, space draws`);
  board.style.setProperty("--shape", String(value.width / value.height));
  spot = [canvas.width / 2, canvas.height / 2];
  tools.replaceChildren(...[...(value.colours || []), ["eraser", ""]].map(([name, css]) => {
    const each = document.createElement("button");
    Object.assign(each, { type: "button", title: name, textContent: css ? "" : "⌫" });
    each.style.setProperty("--paint", css || "transparent");
    each.dataset.colour = css || "erase";
    each.setAttribute("aria-label", name);
    each.onclick = () => press(each.dataset.colour);
    return each;
  }));
  press(tools.children[0].dataset.colour);
  pen.clearRect(0, 0, canvas.width, canvas.height);
  before = [];
  if (there) {
    const old = new Image();
    old.onload = () => pen.drawImage(old, 0, 0, canvas.width, canvas.height);
    old.src = there;
  }
}

function at(event) {
  const box = canvas.getBoundingClientRect();
  return [(event.clientX - box.left) * canvas.width / box.width,
    (event.clientY - box.top) * canvas.height / box.height];
}

function remember() {
  before.push(pen.getImageData(0, 0, canvas.width, canvas.height));
  before = before.slice(-20);
}

function stroke(from, to) {
  pen.globalCompositeOperation = colour === "erase" ? "destination-out" : "source-over";
  pen.strokeStyle = colour === "erase" ? "#000" : colour;
  pen.lineWidth = Number(size.value);
  pen.lineCap = pen.lineJoin = "round";
  pen.beginPath();
  pen.moveTo(...from);
  pen.lineTo(to[0] + 0.01, to[1]);
  pen.stroke();
}

function send() {
  drawn = null; // what the studio has is newer than what it gave
  trigger("drawn", { over: target, url: canvas.toDataURL("image/png") });
}

canvas.addEventListener("pointerdown", (event) => {
  if (event.button) return;
  event.preventDefault();
  canvas.setPointerCapture(event.pointerId);
  remember();
  last = at(event);
  stroke(last, last);
});
canvas.addEventListener("pointermove", (event) => {
  if (!last) return;
  const here = at(event);
  stroke(last, here);
  last = here;
});
for (const end of ["pointerup", "pointercancel"])
  canvas.addEventListener(end, () => {
    if (last) send();
    last = null;
  });

// Without a pointer: arrows move, space draws there.
function show() {
  cursor.style.left = `${100 * spot[0] / canvas.width}%`;
  cursor.style.top = `${100 * spot[1] / canvas.height}%`;
}
canvas.addEventListener("keydown", (event) => {
  const way = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  if (way[event.key]) {
    event.preventDefault();
    spot = [spot[0] + 12 * way[event.key][0], spot[1] + 12 * way[event.key][1]];
    spot[0] = Math.min(canvas.width, Math.max(0, spot[0]));
    spot[1] = Math.min(canvas.height, Math.max(0, spot[1]));
    show();
  } else if (event.key === " ") {
    event.preventDefault();
    remember();
    stroke(spot, spot);
    send();
  }
});
element.querySelector(".fill").onclick = () => {
  if (colour === "erase") return;
  remember();
  pen.globalCompositeOperation = "source-over";
  pen.fillStyle = colour;
  pen.fillRect(0, 0, canvas.width, canvas.height);
  send();
};
element.querySelector(".undo").onclick = () => {
  if (!before.length) return;
  pen.putImageData(before.pop(), 0, 0);
  send();
};
element.querySelector(".wipe").onclick = () => {
  remember();
  pen.clearRect(0, 0, canvas.width, canvas.height);
  send();
};
watch("value", render);
render();
