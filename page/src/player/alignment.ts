/// Where the same moment of the sound is in the original and in the prepared audio, whose silent ends were taken off.

import type { Variant } from "../api/types"

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

/** Whether a variant has sound at a moment of the original. A length that nobody knows, 0, has no end. */
export function soundsAt(at: number, variant: Variant, alignment: Alignment): boolean {
  const there = variant === "original" ? at : inPrepared(at, alignment)
  return there >= 0 && there < (alignment[variant] || Infinity)
}

/** Whether a moment of the original was trimmed from the prepared audio. */
export function isTrimmed(at: number, alignment: Alignment): boolean {
  return !soundsAt(at, "prepared", alignment) && at < alignment.original
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
