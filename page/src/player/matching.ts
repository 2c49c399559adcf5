/// Comparing at equal loudness: the louder of two is turned down, for what is louder seems to be better.
import { signal } from "@preact/signals"

import type { Variant } from "../api/types"

/** Whether both are to seem equally loud, whichever asset is played. */
export const matched = signal(true)

/** Whether this browser lets a page turn sound down: iOS leaves that to the buttons of the machine. */
export function canTurnDown(): boolean {
  const element = document.createElement("audio")
  element.volume = 0.5
  return element.volume === 0.5
}

/** How loud each variant is, in LUFS; null where there is nothing to measure or nobody has. */
export type Loudness = Record<Variant, number | null>

/** The louder variant, and by how many dB it is turned down; null where both are alike, or one can't be measured. */
export function turnedDown({ original, prepared }: Loudness): { variant: Variant; by: number } | null {
  if (original === null || prepared === null || original === prepared) return null
  const by = Math.abs(original - prepared)
  return { variant: original > prepared ? "original" : "prepared", by }
}

/** How loud each is played, from 0 to 1: matched, both seem equally loud. */
export function volumes(loudness: Loudness, matched: boolean): Record<Variant, number> {
  const down = matched ? turnedDown(loudness) : null
  const both = { original: 1, prepared: 1 }
  return down ? { ...both, [down.variant]: 10 ** (-down.by / 20) } : both
}
