/// Where the list was scrolled to: on a phone it makes room for what is chosen, and comes back as it was left.
import { useEffect, useRef } from "preact/hooks"

import { chosenId } from "./chosen"
import { hashOf } from "./route"

const NARROW = "(width < 56rem)"

let left = 0

window.addEventListener("scroll", () => {
  if (chosenId.peek() === null) left = scrollY
})

/** On a phone, begin at the top of what is chosen and put the focus there; go back to where the list was, and to the row. */
export function useScrolling(focus: () => void): void {
  const id = chosenId.value
  const before = useRef<string | null>(null)
  useEffect(() => {
    const leftId = before.current
    before.current = id
    if (!matchMedia(NARROW).matches) return
    if (id) focus()
    else if (leftId) rowOf(leftId)?.focus({ preventScroll: true })
    scrollTo(0, id ? 0 : left)
  }, [id])
}

function rowOf(id: string): HTMLElement | null {
  return document.querySelector(`.rows a[href="${CSS.escape(hashOf(id))}"]`)
}
