/// What keys do in the player, as long as they are not wanted elsewhere.
import { singleKeys } from "../words/shortcuts"
import { matched } from "./matching"
import type { Pair } from "./pair"

const STEP = 5
const SMALL_STEP = 1

/** What each key does, for those who look it up. */
export const KEYS: [keys: string, does: string][] = [
  ["Space", "play or pause"],
  ["X", "change between original and prepared"],
  ["M", "match the loudness, or not"],
  ["← →", `${STEP} seconds back or on; with Shift ${SMALL_STEP}`],
  ["Home, End", "to the beginning, to the end"],
]

/** Do what a key is for, and say whether it is for anything. */
export function press(event: KeyboardEvent, pair: Pair): boolean {
  const step = event.shiftKey ? SMALL_STEP : STEP
  switch (event.key) {
    case " ":
      pair.toggle()
      return true
    case "x":
    case "X":
      pair.swap()
      return true
    case "m":
    case "M":
      matched.value = !matched.peek()
      return true
    case "ArrowLeft":
      pair.seek(pair.time.peek() - step)
      return true
    case "ArrowRight":
      pair.seek(pair.time.peek() + step)
      return true
    case "Home":
      pair.seek(0)
      return true
    case "End":
      pair.seek(pair.length)
      return true
    default:
      return false
  }
}

const LIBRARY = ".side"
const WRITTEN_IN = "input:not([type=range], [type=radio], [type=checkbox]), select, textarea, [contenteditable]"
const SLIDER = "[type=range]"
const PRESSED = `button, summary, label, input:not(${SLIDER})`
const GONE_THROUGH = "[type=radio], [role=listbox], [role=list]"

/** Whether a key belongs to what it was pressed on: a field, an open dialog, or, where it is no letter, a control. */
export function isTaken(event: KeyboardEvent): boolean {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return true
  const there = event.target instanceof Element ? event.target : null
  if (document.querySelector("dialog[open]") || there?.closest(WRITTEN_IN)) return true
  if (event.key.length === 1 && event.key !== " ") return !singleKeys.value
  if (event.key !== " " && there?.closest(LIBRARY)) return true
  return there?.closest(event.key === " " ? PRESSED : GONE_THROUGH) != null
}
