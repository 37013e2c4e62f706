declare module 'asl-validator' {
  /** Checks an Amazon States Language definition. The package ships no types. */
  export default function aslValidator(definition: unknown): {
    isValid: boolean;
    errorsText: (separator?: string) => string;
  };
}
