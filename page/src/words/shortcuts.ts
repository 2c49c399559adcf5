/// Whether single keys do something: who speaks to the machine, or hits keys unwillingly, turns them off (WCAG 2.1.4).
import { effect, signal } from "@preact/signals"

const PLACE = "greenroom single keys"

/** Whether letters and signs do something when they are pressed alone. Kept for this browser. */
export const singleKeys = signal(localStorage.getItem(PLACE) !== "off")

effect(() => (singleKeys.value ? localStorage.removeItem(PLACE) : localStorage.setItem(PLACE, "off")))
