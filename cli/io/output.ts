export interface Options {
  json?: boolean;
}

/** The output of a command: results go to stdout, everything else to stderr. */
export interface Output {
  json: boolean;
  out: NodeJS.WriteStream;
  err: NodeJS.WriteStream;
  /** Prints the value as JSON with `--json`, otherwise the text. */
  print(value: unknown, text: () => string): void;
  /** Prints progress and hints, which `--json` suppresses. */
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
