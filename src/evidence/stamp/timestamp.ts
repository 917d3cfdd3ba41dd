/** What came of asking for a time stamp: when it is of, or why there is none. null where none was asked for. */
export type Timestamp = { stampedAt: string } | { notStamped: string } | null;
