// The grid of the page "Fill a sheet". Cell values reach the page through textContent only.
//
// data: { columns, first, firstRow, height, pageRows, rows, marks, undo, redo, ack, busy,
//   focus: {row, column, turn}, hint: {row, column, text} or null, doubtful: a count, say: what a screen reader hears }
// events, numbered by `id` and repeated until `data.ack` reaches it: see Grid.send.

const grids = new WeakMap();

export default function (component) {
  const { parentElement, data, setStateValue } = component;
  const root = parentElement.querySelector(".grid-root");
  let grid = grids.get(root);
  if (!grid) {
    grid = new Grid(root);
    grids.set(root, grid);
  }
  grid.report = (log) => setStateValue("log", log);
  grid.show(data);
  return () => grids.delete(root);
}

const KINDS = {
  given: { class: "given", say: () => "example" },
  sure: { class: "sure", say: (percent) => `predicted, ${percent} % sure` },
  doubtful: { class: "doubtful", say: (percent) => `predicted, doubtful, ${percent} % sure` },
};

function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === true) made.setAttribute(name, "");
    else if (value !== false && value != null) made.setAttribute(name, value);
  }
  made.append(...children);
  return made;
}

// What the marks mean, and the keys; fingers are told less.
function legend() {
  const keys = [["Enter", "down"], ["Tab", "right"], ["F2", "edit"], ["Delete", "empty"], ["Ctrl+Enter", "accept one cell"], ["Ctrl+Z", "undo"]];
  const marks = [["given", "example"], ["sure", "predicted"], ["doubtful", "doubtful, how sure in %"], ["asked", "worth asking first"]];
  return element("div", { class: "legend" },
    element("p", { class: "marks" }, ...marks.map(([kind, text]) => element("span", {}, element("i", { class: kind }), text))),
    element("p", { class: "keys" }, ...keys.map(([key, text]) => element("span", {}, element("kbd", {}, key), ` ${text}`))),
    element("p", { class: "touch" }, "Tap a cell, and tap it again to type."));
}

class Grid {
  constructor(root) {
    this.root = root;
    this.log = [];
    this.turn = null;
    this.at = { row: 0, column: 0 };
    this.corner = null; // the other end of a selection of several cells
    this.editor = null;
    this.shape = "";
    this.build();
  }

  build() {
    const button = (label, kind, text) => {
      const made = element("button", { type: "button", "aria-label": label, title: label }, text);
      made.addEventListener("click", () => this.press(kind));
      return made;
    };
    this.undo = button("Undo (Ctrl+Z)", "undo", "↶ Undo");
    this.redo = button("Redo (Ctrl+Y)", "redo", "↷ Redo");
    this.add = button("Add a column", "column", "+ Column");
    this.doubt = button("Go to the next doubtful cell (Alt+↓)", "doubt", "Next doubtful");
    this.previous = button("Previous rows (Alt+Page Up)", "previous", "‹");
    this.next = button("Next rows (Alt+Page Down)", "next", "›");
    this.range = element("span", { class: "range" });
    this.bar = element("div", { class: "bar", role: "toolbar", "aria-label": "Sheet" },
      this.undo, this.redo, this.add, this.doubt,
      element("span", { class: "pager" }, this.previous, this.range, this.next));
    this.head = element("thead");
    this.body = element("tbody");
    this.table = element("table", { role: "grid", "aria-label": "Sheet", "aria-multiselectable": "true" }, this.head, this.body);
    this.scroller = element("div", { class: "scroller" }, this.table);
    this.live = element("div", { class: "live", "aria-live": "polite" });
    this.root.replaceChildren(this.bar, this.scroller, legend(), this.live);
    this.table.addEventListener("keydown", (event) => this.key(event));
    this.table.addEventListener("mousedown", (event) => this.mouse(event));
    this.table.addEventListener("dblclick", (event) => this.double(event));
    this.table.addEventListener("focusin", (event) => this.focused(event));
    this.table.addEventListener("copy", (event) => this.copy(event));
    this.table.addEventListener("cut", (event) => { this.copy(event); this.erase(); });
    this.table.addEventListener("paste", (event) => this.paste(event));
  }

  // ---- what Python sends ----

  show(data) {
    this.data = data;
    this.log = this.log.filter((event) => event.id > data.ack);
    this.number = Math.max(this.number ?? 0, data.ack);
    const shape = [data.columns.length, data.rows.length, data.first].join();
    if (shape !== this.shape) this.lay(data, shape);
    this.fillHead(data);
    this.fillBody(data);
    this.table.setAttribute("aria-busy", data.busy);
    this.undo.disabled = !data.undo;
    this.redo.disabled = !data.redo;
    this.doubt.hidden = !data.doubtful;
    this.doubt.textContent = `Next doubtful (${data.doubtful})`;
    const last = data.first + data.rows.length;
    this.range.textContent = `Rows ${(data.first + 1).toLocaleString()}–${last.toLocaleString()} of ${data.height.toLocaleString()}`;
    this.previous.disabled = data.first === 0;
    this.next.disabled = last >= data.height;
    this.previous.hidden = this.next.hidden = data.height <= data.rows.length;
    if (data.say && data.say !== this.said) this.live.textContent = this.said = data.say;
    if (data.focus && data.focus.turn !== this.turn) {
      const first = this.turn === null && data.focus.turn === 0;
      this.turn = data.focus.turn;
      this.select(data.focus.row - data.first, data.focus.column, !first);
      this.reveal(this.cell(this.at.row, this.at.column));
    } else {
      this.select(this.at.row, this.at.column, false);
      const cell = this.cell(this.at.row, this.at.column); // a column may have grown with what was filled in
      if (cell && cell === this.root.getRootNode().activeElement) this.reveal(cell);
    }
  }

  lay(data, shape) {
    this.close(false);
    this.shape = shape;
    const top = element("tr", { role: "row" }, element("th", { class: "corner", role: "columnheader", scope: "col" }, "Row"));
    for (let column = 0; column <= data.columns.length; column++) {
      top.append(element("th", { role: "columnheader", scope: "col", tabindex: "-1", "data-row": -1, "data-column": column }));
    }
    this.head.replaceChildren(top);
    const rows = [];
    for (let row = 0; row < data.rows.length; row++) {
      const line = element("tr", { role: "row" }, element("th", { role: "rowheader", scope: "row" }));
      for (let column = 0; column <= data.columns.length; column++) {
        line.append(element("td", { role: "gridcell", tabindex: "-1", "data-row": row, "data-column": column }));
      }
      rows.push(line);
    }
    this.body.replaceChildren(...rows);
    this.table.setAttribute("aria-rowcount", data.height + 1);
    this.table.setAttribute("aria-colcount", data.columns.length + 1);
    this.at.row = Math.min(this.at.row, data.rows.length - 1);
  }

  fillHead(data) {
    const cells = this.head.rows[0].cells;
    data.columns.forEach((column, index) => {
      const cell = cells[index + 1];
      const name = column.header === column.letters ? column.letters : column.header;
      if (cell.textContent !== name) cell.textContent = name;
      cell.title = column.added ? `${name} – double-click to rename` : name;
      cell.className = column.wanted ? "wanted" : "";
    });
    const ghost = cells[data.columns.length + 1];
    ghost.textContent = "New column";
    ghost.className = "ghost";
  }

  fillBody(data) {
    const marks = new Map(data.marks.map(([row, column, kind, percent]) => [row * 1000 + column, [kind, percent]]));
    const pending = new Map();
    for (const event of this.log) {
      if (event.kind === "cell") pending.set((event.row - data.first) * 1000 + event.column, event.text);
    }
    data.rows.forEach((texts, row) => {
      const line = this.body.rows[row];
      const number = String(data.firstRow + data.first + row);
      if (line.cells[0].textContent !== number) line.cells[0].textContent = number;
      for (let column = 0; column <= texts.length; column++) {
        const place = row * 1000 + column;
        const typed = pending.get(place);
        this.fillCell(line.cells[column + 1], typed ?? texts[column] ?? "", typed === undefined ? marks.get(place) : undefined);
      }
    });
    this.root.classList.toggle("marked", data.marks.length > 0);
    this.hint(data);
  }

  fillCell(cell, text, mark) {
    const key = `${mark ? mark.join() : ""}|${text}`;
    if (cell.dataset.key === key) return;
    cell.dataset.key = key;
    const [kind, asked] = mark ? mark[0].split("-") : [];
    if (!this.editor || this.editor.parentElement !== cell) cell.textContent = text;
    cell.className = kind ? KINDS[kind].class + (asked ? " asked" : "") : "";
    if (kind === "doubtful") cell.dataset.percent = `${mark[1]} %`;
    else delete cell.dataset.percent;
    if (kind && kind !== "given") {
      const said = KINDS[kind].say(mark[1]) + (asked ? ", the page asks about this cell" : "");
      cell.setAttribute("aria-label", `${text || "blank"}, ${said}`);
      cell.title = said[0].toUpperCase() + said.slice(1);
    } else if (kind === "given") {
      cell.setAttribute("aria-label", `${text || "blank"}, example`);
      cell.title = "Example";
    } else {
      cell.removeAttribute("aria-label");
      cell.removeAttribute("title");
    }
  }

  hint(data) {
    for (const old of this.body.querySelectorAll(".hint")) {
      old.classList.remove("hint");
      delete old.dataset.hint;
    }
    if (!data.hint) return;
    const cell = this.cell(data.hint.row - data.first, data.hint.column);
    if (cell && !cell.textContent) {
      cell.classList.add("hint");
      cell.dataset.hint = data.hint.text;
    }
  }

  // ---- what the person does ----

  send(event) {
    event.id = ++this.number;
    this.log.push(event);
    this.report([...this.log]);
  }

  press(kind) {
    if (kind === "previous" || kind === "next") {
      const step = kind === "next" ? this.data.pageRows : -this.data.pageRows;
      this.send({ kind: "page", first: Math.max(0, this.data.first + step) });
    } else if (kind === "doubt") {
      this.send({ kind: "doubt", row: this.data.first + this.at.row });
    } else {
      this.send({ kind });
    }
  }

  cell(row, column) {
    const line = row === -1 ? this.head.rows[0] : this.body.rows[row];
    return line?.cells[column + 1];
  }

  select(row, column, focus = true, extend = false) {
    if (!this.data.rows.length) return;
    row = Math.max(-1, Math.min(row, this.data.rows.length - 1));
    column = Math.max(0, Math.min(column, this.data.columns.length));
    const old = this.table.querySelector("[tabindex='0']");
    if (old) old.tabIndex = -1;
    if (extend) this.corner = this.corner ?? { ...this.at };
    else if (focus) this.corner = null;
    this.at = { row, column };
    const cell = this.cell(row, column);
    cell.tabIndex = 0;
    this.paintSelection();
    if (focus && !this.editor) {
      cell.focus({ preventScroll: true });
      this.reveal(cell);
    }
  }

  // Scrolls within the grid alone, past the headers that stay in place.

  reveal(cell) {
    const view = this.scroller, head = this.head.offsetHeight, side = this.body.rows[0]?.cells[0].offsetWidth ?? 0;
    const top = cell.offsetTop, left = cell.offsetLeft;
    if (cell.dataset.row !== "-1") {
      if (top - head < view.scrollTop) view.scrollTop = top - head;
      else if (top + cell.offsetHeight > view.scrollTop + view.clientHeight) view.scrollTop = top + cell.offsetHeight - view.clientHeight;
    }
    if (left - side < view.scrollLeft) view.scrollLeft = left - side;
    else if (left + cell.offsetWidth > view.scrollLeft + view.clientWidth) view.scrollLeft = left + cell.offsetWidth - view.clientWidth;
  }

  area() {
    const other = this.corner ?? this.at;
    return {
      top: Math.max(0, Math.min(this.at.row, other.row)), bottom: Math.max(this.at.row, other.row),
      left: Math.min(this.at.column, other.column), right: Math.max(this.at.column, other.column),
    };
  }

  paintSelection() {
    for (const cell of this.table.querySelectorAll("[aria-selected]")) cell.removeAttribute("aria-selected");
    if (!this.corner) return;
    const { top, bottom, left, right } = this.area();
    for (let row = top; row <= bottom; row++) {
      for (let column = left; column <= right; column++) this.cell(row, column)?.setAttribute("aria-selected", "true");
    }
  }

  focused(event) {
    const cell = event.target.closest("td, th");
    if (cell?.dataset.column !== undefined && event.target === cell) {
      const row = Number(cell.dataset.row), column = Number(cell.dataset.column);
      if (row !== this.at.row || column !== this.at.column) this.select(row, column);
    }
  }

  mouse(event) {
    const cell = event.target.closest("td, th");
    if (!cell || cell.dataset.column === undefined || event.target.closest("textarea")) return;
    const row = Number(cell.dataset.row), column = Number(cell.dataset.column);
    this.close(true);
    const again = row === this.at.row && column === this.at.column && cell === this.root.getRootNode().activeElement;
    if (event.shiftKey) event.preventDefault();
    this.select(row, column, true, event.shiftKey);
    if (again && matchMedia("(pointer: coarse)").matches) {
      event.preventDefault();
      this.edit();
    }
  }

  double(event) {
    if (event.target.closest("td, th")?.dataset.column !== undefined && !this.editor) this.edit();
  }

  key(event) {
    if (event.isComposing) return;
    const control = event.ctrlKey || event.metaKey;
    if (this.editor) return this.editorKey(event);
    const moves = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
    const { row, column } = this.at;
    const done = () => { event.preventDefault(); event.stopPropagation(); };
    if (event.altKey && event.key === "ArrowDown") { done(); this.press("doubt"); }
    else if (event.altKey && event.key === "PageDown") { done(); if (!this.next.disabled) this.press("next"); }
    else if (event.altKey && event.key === "PageUp") { done(); if (!this.previous.disabled) this.press("previous"); }
    else if (moves[event.key] && !event.altKey) {
      done();
      const [down, right] = moves[event.key];
      if (control) this.select(down ? (down > 0 ? 1e6 : 0) : row, right ? (right > 0 ? this.data.columns.length - 1 : 0) : column, true, event.shiftKey);
      else this.move(row + down, column + right, event.shiftKey);
    }
    else if (event.key === "Home") { done(); this.select(control ? 0 : row, 0, true, event.shiftKey); }
    else if (event.key === "End") { done(); this.select(control ? 1e6 : row, this.data.columns.length - 1, true, event.shiftKey); }
    else if (event.key === "PageDown") { done(); this.select(row + 12, column, true, event.shiftKey); }
    else if (event.key === "PageUp") { done(); this.select(Math.max(0, row - 12), column, true, event.shiftKey); }
    else if (event.key === "Enter" && control) { done(); this.accept(); }
    else if (event.key === "Enter") { done(); if (row === -1) this.edit(); else this.move(row + (event.shiftKey ? -1 : 1), column); }
    else if (event.key === "Tab") {
      const end = event.shiftKey ? column === 0 : column === this.data.columns.length;
      if (!end) { done(); this.select(row, column + (event.shiftKey ? -1 : 1)); }
    }
    else if (event.key === "F2") { done(); this.edit(); }
    else if (event.key === "Escape" && this.corner) { done(); this.corner = null; this.paintSelection(); }
    else if (event.key === "Delete" || event.key === "Backspace") { done(); this.erase(); }
    else if (control && event.key.toLowerCase() === "z") { done(); this.press(event.shiftKey ? "redo" : "undo"); }
    else if (control && event.key.toLowerCase() === "y") { done(); this.press("redo"); }
    else if (event.key.length === 1 && !control && !event.altKey) { this.edit(""); event.stopPropagation(); }
    else if (event.key === "Process" && !control) this.edit("");
  }

  move(row, column, extend = false) {
    const last = this.data.rows.length - 1;
    if (!extend && row === last + 1 && this.data.first + last + 1 < this.data.height) {
      this.send({ kind: "go", row: this.data.first + last + 1, column: Math.min(column, this.data.columns.length) });
    } else if (!extend && row === -1 && this.at.row === 0 && this.data.first > 0) {
      this.send({ kind: "go", row: this.data.first - 1, column });
    } else {
      this.select(row, column, true, extend);
    }
  }

  editorKey(event) {
    event.stopPropagation();
    if (event.key === "Escape") {
      event.preventDefault();
      this.close(false);
      this.select(this.at.row, this.at.column);
    } else if (event.key === "Enter" && event.altKey) {
      event.preventDefault();
      this.editor.setRangeText("\n", this.editor.selectionStart, this.editor.selectionEnd, "end");
    } else if (event.key === "Enter" || event.key === "Tab") {
      event.preventDefault();
      const back = event.shiftKey ? -1 : 1, { row, column } = this.at;
      this.close(true);
      if (row === -1) this.select(0, column);
      else if (event.key === "Enter") this.move(row + back, column);
      else this.select(row, column + back);
    }
  }

  edit(text) {
    const { row, column } = this.at;
    if (row === -1 && !this.data.columns[column]?.added) return;
    const cell = this.cell(row, column);
    const before = row === -1 ? cell.textContent : this.fullText(row, column);
    this.corner = null;
    this.paintSelection();
    this.before = before;
    this.editor = element("textarea", { rows: 1, spellcheck: "false", autocapitalize: "off", autocomplete: "off", "aria-label": this.name(row, column) });
    this.editor.value = text ?? before;
    this.editor.addEventListener("blur", () => this.close(true));
    cell.dataset.key = "editing";
    cell.replaceChildren(this.editor);
    this.editor.focus();
    this.editor.select();
    if (text === undefined) this.editor.setSelectionRange(before.length, before.length);
  }

  name(row, column) {
    const header = this.data.columns[column]?.header ?? "New column";
    return row === -1 ? `Name of column ${header}` : `${header}, row ${this.data.firstRow + this.data.first + row}`;
  }

  fullText(row, column) {
    return this.data.whole?.[`${row},${column}`] ?? this.data.rows[row]?.[column] ?? "";
  }

  close(keep) {
    const editor = this.editor;
    if (!editor) return;
    this.editor = null;
    const { row, column } = this.at, text = editor.value, changed = text !== this.before;
    const cell = this.cell(row, column);
    if (row === -1) {
      cell.textContent = keep && text.trim() ? text : this.before;
      if (keep && changed && text.trim()) this.send({ kind: "name", column, text });
      return;
    }
    cell.replaceChildren();
    cell.dataset.key = "";
    if (keep && changed) {
      cell.className = "";
      cell.textContent = text;
      this.send({ kind: "cell", row: this.data.first + row, column, text });
    } else {
      this.fillBody(this.data);
    }
  }

  accept() {
    this.send({ kind: "accept", row: this.data.first + this.at.row, column: this.at.column });
    this.move(this.at.row + 1, this.at.column);
  }

  erase() {
    const { top, bottom, left, right } = this.area();
    this.send({ kind: "erase", row: this.data.first + top, column: left, height: bottom - top + 1, width: right - left + 1 });
  }

  copy(event) {
    if (this.editor) return;
    event.preventDefault();
    const { top, bottom, left, right } = this.area(), lines = [];
    for (let row = top; row <= bottom; row++) {
      const cells = [];
      for (let column = left; column <= right; column++) {
        const text = this.fullText(row, column);
        cells.push(/[\t\r\n"]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
      }
      lines.push(cells.join("\t"));
    }
    event.clipboardData.setData("text/plain", lines.join("\n"));
  }

  paste(event) {
    if (this.editor || this.at.row < 0) return;
    event.preventDefault();
    const text = event.clipboardData.getData("text/plain");
    if (text) this.send({ kind: "paste", row: this.data.first + this.at.row, column: this.at.column, text });
  }
}
