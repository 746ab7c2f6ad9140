/** A value as the driver takes it: booleans are 0 or 1, instants are numbers, JSON is text. */
export type SqlValue = string | number | null;

/** Positional: whoever asks names the columns. */
export type Row = readonly SqlValue[];
