/// What a screen reader is told while it happens elsewhere on the page.
import { signal } from "@preact/signals"

/** The last sentence that was announced. */
export const announced = signal("")

/** Announce a sentence. The same one again is announced again. */
export function announce(sentence: string): void {
  announced.value = sentence === announced.peek() ? `${sentence}\u00a0` : sentence
}
