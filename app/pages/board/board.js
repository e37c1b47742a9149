// Draws the pattern game: the target as a grid to click or to walk with the arrow keys, and a board for each robot.
// `data` is what `scene` in __init__.py returns. The trigger `shown` carries {game, turn, cells}: all cells now shown,
// in their order, so that a reply that is overtaken by the next click loses nothing.

const SIDE = 7;
const UNIT = 10;
const STEPS = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };

function element(tag, properties = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

function drawn(tag, attributes, text = "") {
  const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.textContent = text;
  return made;
}

// A cube is a square, a sphere a circle; the colour stands inside as its first letter.
function symbol(name, x = 0, y = 0, lettered = true) {
  const group = drawn("g", { transform: `translate(${x} ${y})` });
  if (name === "empty") {
    group.append(drawn("circle", { cx: 5, cy: 5, r: 0.7, class: "dot" }));
    return group;
  }
  const [colour, shape] = name.split(" ");
  group.append(
    shape === "cube"
      ? drawn("rect", { x: 1.5, y: 1.5, width: 7, height: 7, rx: 0.6, class: colour })
      : drawn("circle", { cx: 5, cy: 5, r: 3.8, class: colour }),
  );
  if (lettered) group.append(drawn("text", { x: 5, y: 5.2, class: "letter" }, colour[0].toUpperCase()));
  return group;
}

// One cell of a robot's board: its symbol, a cross where it is not the pattern's, a frame where the player showed it.
function tile(name, x, y, { lettered = true, wrong = false, heard = false } = {}) {
  const made = drawn("g", {});
  const kind = wrong ? "tile wrong" : "tile";
  made.append(drawn("rect", { x: x + 0.3, y: y + 0.3, width: 9.4, height: 9.4, rx: 1, class: kind }));
  made.append(symbol(name, x, y, lettered));
  if (wrong) made.append(drawn("path", { d: `M${x + 7.6} ${y + 0.9}l1.5 1.5m0 -1.5l-1.5 1.5`, class: "cross" }));
  if (heard) made.append(drawn("rect", { x: x + 0.8, y: y + 0.8, width: 8.4, height: 8.4, rx: 0.8, class: "heard" }));
  return made;
}

function frame(side, ...children) {
  const made = drawn("svg", { viewBox: `0 0 ${side} ${side}`, "aria-hidden": "true" });
  made.append(...children);
  return made;
}

function picture(data, codes, { target = codes, heard = [], lettered = true } = {}) {
  const cells = codes.map((code, cell) =>
    tile(data.symbols[code], (cell % SIDE) * UNIT, Math.floor(cell / SIDE) * UNIT, {
      lettered,
      wrong: target[cell] !== code,
      heard: heard.includes(cell),
    }),
  );
  return frame(SIDE * UNIT, ...cells);
}

function robotCard(data, robot) {
  const card = element("section", { className: robot.found ? "robot found" : "robot" });
  const guesses = robot.guesses.map(({ codes, chance, share }) => {
    const bar = element("div", { className: "bar" }, element("div"));
    bar.firstChild.style.width = `${100 * chance}%`;
    return element("li", {}, picture(data, codes, { lettered: false }), element("div", {}, share, bar));
  });
  const board = element("div", { className: "guess" }, picture(data, robot.board, robot.answers ? data : {}));
  board.setAttribute("role", "img");
  board.setAttribute("aria-label", robot.sentence);
  card.append(
    element("h2", { textContent: robot.name }),
    element("p", { className: "note", textContent: robot.note }),
    board,
    element("p", { className: "verdict", textContent: robot.verdict }),
    element("p", { className: "left", textContent: robot.left }),
    element("ol", { ariaLabel: `What the ${robot.name.toLowerCase()} believes` }, ...guesses),
  );
  return card;
}

class View {
  constructor(root) {
    this.focused = 0;
    this.turn = -1;
    this.cells = Array.from({ length: SIDE * SIDE }, (_, cell) => this.cell(cell));
    this.field = element("div", { className: "field" });
    this.field.setAttribute("role", "grid");
    this.field.setAttribute("aria-label", "The pattern; arrow keys move, Enter shows a cell to the robots");
    this.field.setAttribute("aria-multiselectable", "true");
    const ruler = (text) => {
      const made = element("span", { className: "ruler", textContent: text });
      made.setAttribute("aria-hidden", "true");
      return made;
    };
    const top = element("div", {}, ruler(""), ...Array.from({ length: SIDE }, (_, column) => ruler(column)));
    top.style.display = "contents";
    top.setAttribute("aria-hidden", "true");
    this.field.append(top);
    for (let row = 0; row < SIDE; row++) {
      const line = element("div", {}, ruler(row), ...this.cells.slice(SIDE * row, SIDE * (row + 1)));
      line.setAttribute("role", "row");
      this.field.append(line);
    }
    this.legend = element("div", { className: "legend" });
    this.robots = element("div", { className: "robots" });
    this.spoken = element("div", { className: "spoken" });
    this.spoken.setAttribute("aria-live", "polite");
    const target = element(
      "section",
      {},
      element("h2", { textContent: "The pattern" }),
      element("p", { className: "note", textContent: "Only you see it. Click a cell to show it to the robots." }),
      this.field,
    );
    this.areas = element("div", { className: "areas" }, target, this.robots, this.legend);
    root.append(element("div", { className: "game" }, this.areas, this.spoken));
    this.field.addEventListener("keydown", (event) => this.pressed(event));
  }

  cell(number) {
    const made = element("div", { className: "cell", tabIndex: number === 0 ? 0 : -1 });
    made.setAttribute("role", "gridcell");
    made.addEventListener("click", () => {
      this.focus(number);
      this.toggle(number);
    });
    return made;
  }

  focus(number) {
    this.cells[this.focused].tabIndex = -1;
    this.focused = number;
    this.cells[number].tabIndex = 0;
    this.cells[number].focus();
  }

  pressed(event) {
    if (event.key === "Enter" || event.key === " ") {
      this.toggle(this.focused);
    } else if (event.key in STEPS) {
      const [down, right] = STEPS[event.key];
      const row = Math.floor(this.focused / SIDE) + down;
      const column = (this.focused % SIDE) + right;
      if (row >= 0 && row < SIDE && column >= 0 && column < SIDE) this.focus(SIDE * row + column);
    } else {
      return;
    }
    event.preventDefault();
  }

  toggle(number) {
    if (this.data.over) return;
    const cells = this.shown.includes(number) ? this.shown.filter((cell) => cell !== number) : [...this.shown, number];
    this.turn += 1;
    this.mark(cells);
    this.tell({ game: this.data.game, turn: this.turn, cells });
  }

  mark(shown) {
    this.shown = shown;
    this.cells.forEach((cell, number) => {
      const place = shown.indexOf(number);
      const name = this.data.symbols[this.data.target[number]];
      const where = `row ${Math.floor(number / SIDE)}, column ${number % SIDE}: ${name}`;
      cell.setAttribute("aria-selected", place >= 0);
      cell.setAttribute("aria-label", place >= 0 ? `${where}, shown as number ${place + 1}` : where);
      cell.replaceChildren(frame(UNIT, symbol(name)));
      if (place >= 0) cell.append(element("span", { className: "turn", textContent: place + 1 }));
    });
  }

  update(data, tell) {
    this.tell = tell;
    if (this.data && data.game === this.data.game && data.turn < this.turn) return; // overtaken by a later click
    this.data = data;
    this.turn = data.turn;
    this.field.setAttribute("aria-disabled", data.over);
    this.mark(data.heard);
    const told = [
      ...data.symbols.map((name) => [name, symbol(name)]),
      ["shown to the robots", tile("empty", 0, 0, { heard: true })],
      ["guessed wrong", tile("empty", 0, 0, { wrong: true })],
    ];
    this.legend.replaceChildren(...told.map(([text, drawing]) => element("div", {}, frame(UNIT, drawing), text)));
    this.areas.dataset.turn = data.turn;
    this.robots.replaceChildren(...data.robots.map((robot) => robotCard(data, robot)));
    this.spoken.textContent = data.robots.map((robot) => `${robot.name}: ${robot.verdict}. ${robot.left}.`).join(" ");
  }
}

const views = new WeakMap();

export default function ({ parentElement, data, setTriggerValue }) {
  if (!views.has(parentElement)) views.set(parentElement, new View(parentElement));
  views.get(parentElement).update(data, (said) => setTriggerValue("shown", said));
}
