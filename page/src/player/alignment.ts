/// Where the same moment of the sound is in the original and in the prepared audio, whose silent ends were taken off.

/** Seconds: how long both are, and how much of the original's head the prepared audio lacks. */
export interface Alignment {
  original: number
  prepared: number
  head: number
}

/** Where a moment of the original is in the prepared audio. Before its beginning and after its end this leads outside. */
export function inPrepared(at: number, { head }: Alignment): number {
  return at - head
}

/** Where a moment of the prepared audio is in the original. */
export function inOriginal(at: number, { head }: Alignment): number {
  return at + head
}

/** Whether the prepared audio sounds at a moment of the original. */
export function soundsAt(at: number, alignment: Alignment): boolean {
  const there = inPrepared(at, alignment)
  return there >= 0 && there < alignment.prepared
}

/** The time that both together take, in seconds of the original. */
export function whole({ original, prepared, head }: Alignment): number {
  return Math.max(original, head + prepared)
}

/** Where the prepared audio lies on an axis that shows all of it, as parts of its length. */
export function placing(alignment: Alignment): { start: number; width: number } {
  const length = whole(alignment)
  if (length <= 0) return { start: 0, width: 1 }
  return { start: alignment.head / length, width: Math.min(1, alignment.prepared / length) }
}
