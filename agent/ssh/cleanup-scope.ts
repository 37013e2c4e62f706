/** Cleanup functions that run when a connection ends, unless they are removed before. */
export class CleanupScope {
  readonly #undo = new Set<() => void>();
  #ended = false;

  /** Adds a cleanup, and runs it immediately if the scope has ended. Returns a function that removes it. */
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
