// What is said beside a button. value: {said, wrong, hint}
// It goes once something is done about it; then the hint, of what the buttons do, is there again.
const line = element.querySelector(".notice");

function say(text, wrong) {
  line.textContent = text;
  line.classList.toggle("wrong", Boolean(text && wrong));
}

function render() {
  const value = props.value || {};
  if (value.said) say(value.said, value.wrong);
  else say(value.hint || "", false);
}

const done = () => say((props.value || {}).hint || "", false);
for (const kind of ["input", "change", "drop"]) document.addEventListener(kind, done, true);
document.addEventListener("click", (event) => {
  if (event.target.closest?.(".drop-examples button, .remove, [role=option]")) done();
}, true);
if (element.closest("#notice"))
  document.addEventListener("impasto:said", (event) => say(event.detail.text, event.detail.wrong));
watch("value", render);
render();
