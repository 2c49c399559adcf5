/// How fast an upload goes, and how long it still takes, by what was sent in the last seconds.

/** Milliseconds that count. */
const WINDOW = 6000

/** What was sent by when: bytes, and milliseconds of any one clock. */
export interface Mark {
  at: number
  sent: number
}

/** The marks that count, with a new one. A step back, when a part is lost, begins anew. */
export function marked(marks: Mark[], mark: Mark): Mark[] {
  const last = marks.at(-1)
  if (last && mark.sent < last.sent) return [mark]
  return [...marks.filter(({ at }) => at >= mark.at - WINDOW), mark]
}

/** Bytes a second, null until there is enough to say. */
export function pace(marks: Mark[]): number | null {
  const [first, last] = [marks[0], marks.at(-1)]
  if (!first || !last || last.at - first.at < 500) return null
  return ((last.sent - first.sent) * 1000) / (last.at - first.at)
}

/** Seconds that are left, null where nothing moves. */
export function left(marks: Mark[], size: number): number | null {
  const speed = pace(marks)
  const sent = marks.at(-1)?.sent ?? 0
  return speed ? (size - sent) / speed : null
}
