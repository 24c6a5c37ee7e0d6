/**
 * Quantities of time, so that a declaration says its unit. A compiler takes each for a number: nothing but the reader is
 * helped.
 */

/** Seconds; where it is a time and no duration, since 1970. Bitcoin's own: headers, lock times, addresses of peers. */
export type Seconds = number;

/** Milliseconds; where it is a time and no duration, since 1970. That of our clocks and timers. */
export type Milliseconds = number;
