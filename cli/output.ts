export interface Options {
  json?: boolean;
}

/** What a command says, and where: results to stdout, all else to stderr. */
export interface Output {
  json: boolean;
  out: NodeJS.WriteStream;
  err: NodeJS.WriteStream;
  /** One JSON value, or the text for people. */
  print(value: unknown, text: () => string): void;
  /** Progress and hints, for people alone. */
  note(text: string): void;
}

export const outputOf = (options: Options): Output => {
  const { stdout: out, stderr: err } = process;
  const json = options.json === true;
  return {
    json,
    out,
    err,
    print: (value, text) => void out.write(json ? `${JSON.stringify(value)}\n` : text()),
    note: (text) => void (json || err.write(`${text}\n`)),
  };
};
