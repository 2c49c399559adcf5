/// The API key, where the server wants one: asked for once, and kept for this tab's session alone.
import { signal } from "@preact/signals"

const PLACE = "greenroom key"

/** The key that calls are made with; empty where there is none. */
export const key = signal(sessionStorage.getItem(PLACE) ?? "")

/** Whether the server has refused to answer without a key, or with this one. */
export const keyWanted = signal(false)

/** How often a key was given: what was refused may be asked again then. */
export const keyTurn = signal(0)

/** Keep a key for this session, and make every further call with it. */
export function keepKey(given: string): void {
  sessionStorage.setItem(PLACE, given)
  key.value = given
  keyWanted.value = false
  keyTurn.value += 1
}

/** Forget the key, and begin the page anew: nothing stays of what was read by it. */
export function forgetKey(): void {
  sessionStorage.removeItem(PLACE)
  location.reload()
}
