/** What is to be undone when something ends, whichever of them ends first. */
export class Scope {
  readonly #undo = new Set<() => void>();
  #ended = false;

  /** Answers a function that forgets it again. Undone at once when the scope has ended. */
  add(undo: () => void): () => void {
    if (this.#ended) undo();
    else this.#undo.add(undo);
    return () => void this.#undo.delete(undo);
  }

  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    for (const undo of this.#undo) undo();
    this.#undo.clear();
  }
}
