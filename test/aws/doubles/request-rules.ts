import type { AutoScalingClient } from '@aws-sdk/client-auto-scaling';
import type { EC2Client } from '@aws-sdk/client-ec2';

type Input = Record<string, unknown>;
type Output = Record<string, unknown>;
/** Responds to an operation as AWS does; `pass` forwards the request to moto, with another input if given. */
export type Rule = (input: Input, pass: (input?: Input) => Promise<Output>) => Promise<Output>;

/** An error as the SDK throws it for a response of AWS. */
export const awsError = (name: string, message = name, httpStatusCode = 400): Error =>
  Object.assign(new Error(message), { name, $fault: 'client', $metadata: { httpStatusCode } });

export interface Intercepted {
  /** Every request so far, by operation. */
  seen: { operation: string; input: Input }[];
  count(operation: string): number;
  /** Adds a rule before the existing ones. Returns a function that removes it. */
  rule(operation: string, rule: Rule): () => void;
  /** Adds a rule for a number of calls, one by default. */
  once(operation: string, rule: Rule, times?: number): void;
  /** Operations whose `once` rule has calls left. */
  unspent(): string[];
  /** Called after each operation that may have changed a machine. */
  changed(listener: (operation: string) => Promise<void>): void;
}

/**
 * Adds rules to real SDK clients of moto, outside of their retries, where moto differs from AWS: idempotency tokens,
 * refusals, slow states, and the errors that remain when the SDK stops retrying.
 */
export const intercept = (clients: readonly (EC2Client | AutoScalingClient)[]): Intercepted => {
  const rules: { operation: string; rule: Rule; left: number }[] = [];
  const seen: Intercepted['seen'] = [];
  const listeners: ((operation: string) => Promise<void>)[] = [];

  const run = async (operation: string, input: Input, send: (input: Input) => Promise<Output>): Promise<Output> => {
    const waiting = rules.filter((rule) => rule.operation === operation && rule.left > 0);
    const through = (at: number, given: Input): Promise<Output> => {
      const found = waiting[at];
      if (found === undefined) return send(given);
      found.left -= 1;
      return found.rule(given, (other) => through(at + 1, other ?? given));
    };
    return through(0, input);
  };

  for (const { middlewareStack } of clients as readonly EC2Client[]) {
    middlewareStack.add(
      (nextStep, context) => async (args) => {
        const operation = (context.commandName ?? '').replace(/Command$/, '');
        seen.push({ operation, input: args.input as Input });
        let sent: Awaited<ReturnType<typeof nextStep>> | undefined;
        const output = await run(operation, args.input as Input, async (input) => {
          sent = await nextStep({ ...args, input: input as never });
          return sent.output as unknown as Output;
        });
        if (!operation.startsWith('Describe')) for (const listener of listeners) await listener(operation);
        return { response: sent?.response, ...sent, output: output as never };
      },
      { step: 'initialize', name: 'berth-test-rules' },
    );
  }

  const add = (operation: string, rule: Rule, left: number) => {
    const entry = { operation, rule, left };
    rules.unshift(entry);
    return () => void rules.splice(rules.indexOf(entry), 1);
  };
  return {
    seen,
    count: (operation) => seen.filter((request) => request.operation === operation).length,
    rule: (operation, rule) => add(operation, rule, Number.POSITIVE_INFINITY),
    once: (operation, rule, times = 1) => void add(operation, rule, times),
    unspent: () => rules.filter(({ left }) => Number.isFinite(left) && left > 0).map(({ operation }) => operation),
    changed: (listener) => void listeners.push(listener),
  };
};
