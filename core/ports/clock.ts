/** The current time. Handed in, so that tests and simulations choose it. */
export type Clock = () => Date;
