/// What the server's events tell, read from their text as it comes.
import { createParser } from "eventsource-parser"

import type { Job } from "./types"

/** What the server tells: `snapshot`, then the live jobs, then `live`, and from there on what changes. */
export type Told = { event: "snapshot" | "live" } | { event: "job"; job: Job } | { event: "removed"; id: string }

/** Called with what the server tells, and the number to go on from, where there is one. */
export type Listener = (told: Told, number: string | undefined) => void

/** What an event tells; null for one that this page does not know. */
export function told(event: string | undefined, data: string): Told | null {
  switch (event) {
    case "snapshot":
    case "live":
      return { event }
    case "job":
      return { event, job: JSON.parse(data) as Job }
    case "removed":
      return { event, id: (JSON.parse(data) as { id: string }).id }
    default:
      return null
  }
}

/** Returns a function that takes the text of events as it comes, in pieces of any size. */
export function reader(listen: Listener): (text: string) => void {
  const parser = createParser({
    onEvent: ({ event, data, id }) => {
      const what = told(event, data)
      if (what) listen(what, id)
    },
  })
  return (text) => parser.feed(text)
}
