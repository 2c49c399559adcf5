/// Where the list was scrolled to: on a phone it makes room for what is chosen, and comes back as it was left.
import { useEffect } from "preact/hooks"

import { chosenId } from "./chosen"

const NARROW = "(width < 56rem)"

let left = 0

window.addEventListener("scroll", () => {
  if (chosenId.peek() === null) left = scrollY
})

/** On a phone, begin at the top of what is chosen and put the focus there; go back to where the list was. */
export function useScrolling(focus: () => void): void {
  const id = chosenId.value
  useEffect(() => {
    if (!matchMedia(NARROW).matches) return
    if (id) focus()
    scrollTo(0, id ? 0 : left)
  }, [id])
}
