/// Searching the library by how names begin.
import { useRef } from "preact/hooks"

import { search, startOver } from "./assets"

/** The id of the field. */
export const SEARCH = "search"

/** Milliseconds without a key after which is searched. */
const STILL = 250

/** The field to search by. Escape empties it. */
export function Search() {
  const timer = useRef(0)
  function typed(words: string): void {
    clearTimeout(timer.current)
    timer.current = window.setTimeout(() => words !== search.value && void startOver(words), STILL)
  }
  return (
    <form class="search" role="search" onSubmit={(event) => event.preventDefault()}>
      <label class="unseen" for={SEARCH}>
        Search by name
      </label>
      <input
        id={SEARCH}
        type="search"
        autocomplete="off"
        spellcheck={false}
        placeholder="Search by name"
        aria-keyshortcuts="/"
        onInput={({ currentTarget }) => typed(currentTarget.value.trim())}
      />
    </form>
  )
}
