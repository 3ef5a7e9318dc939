// A drawing with undo and redo. Drawings are never modified in place, because answers keep the drawing they belong to.

export class DrawingHistory {
  #past = []; // the latest last
  #future = [];

  constructor(drawing = []) {
    this.drawing = drawing;
  }

  get canUndo() {
    return this.#past.length > 0;
  }

  get canRedo() {
    return this.#future.length > 0;
  }

  // Replaces the drawing; undo() restores the previous one. Clears what could be redone.
  change(drawing) {
    this.#past.push(this.drawing);
    this.#future = [];
    this.drawing = drawing;
  }

  // Replaces the drawing as part of the last change, such as a growing stroke.
  amend(drawing) {
    this.drawing = drawing;
  }

  // Returns whether there was anything to undo; likewise redo().
  undo() {
    return this.#move(this.#past, this.#future);
  }

  redo() {
    return this.#move(this.#future, this.#past);
  }

  #move(from, to) {
    if (!from.length) return false;
    to.push(this.drawing);
    this.drawing = from.pop();
    return true;
  }
}
